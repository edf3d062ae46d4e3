# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Harvester's versions differ, as data. Source: the version matrix (facts, chapter 9) and chapters 2 and 3."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """One line of Harvester. Each field is a behaviour that came with some version; the default is that of 1.6."""

    name: str
    release: str
    """What setting ``server-version`` and the nodes' ``osImage`` say."""
    hosts: bool = True
    """The agent's half is played on node VMs. False for 1.6, whose hosts have no NetworkManager."""
    matched_nodes_on_every_update: bool = False
    """``matched-nodes`` is computed anew also when only metadata changed (2.1)."""
    default_miimon: bool = False
    """Without a value, or with -1, miimon is 100 ms; before it was given to the kernel as it is (3.2)."""
    nic_up_after_release: bool = False
    """A released NIC is set up again (#9032)."""
    strips_foreign_vids: bool = False
    """VLAN ids of ``<cn>-bo`` that neither a VM network nor a sub-interface has are removed, on mgmt too (3.7)."""
    vlan_id_set: bool = False
    """Annotations ``vlan-id-set-str`` and ``-hash`` on the ClusterNetwork (1.1)."""
    trunk: bool = False
    """L2VlanTrunkNetwork (1.7)."""
    mtu_ignores_deleting: bool = False
    """The MTU of a ClusterNetwork is not held against configurations that are being deleted (2.3)."""
    mtu_follows_removal: bool = False
    """When the configuration goes from which the MTU was taken, another one's is taken, or none (3.5)."""
    host_network_config: bool = False
    unknown_link_state: bool = False
    """LinkMonitor says ``unknown`` too, not only ``up`` and ``down`` (1.4)."""
    storage_in_progress: bool = False
    """The storage network's value is locked while a change of it is going on (2.6)."""
    rwx_network: bool = False
    absent_matched_nodes_skipped: bool = False
    """A configuration without ``matched-nodes`` counts as none where coverage is judged (2.7); before: an error."""
    system_nads: bool = False
    """Not only the storage network's, but every system NAD blocks (2.2)."""
    label_guard: bool = False
    """The label ``clusternetwork`` of a configuration may not be changed by a user (2.2)."""
    mgmt_vlan_configs: bool = False
    """The agent keeps ``mgmt-vlanconfig-<node>`` (1.10)."""
    exclusive_vlan: bool = False
    """The storage network may have its VLAN for itself (1.8)."""


_SINCE_17 = (
    "hosts matched_nodes_on_every_update default_miimon nic_up_after_release strips_foreign_vids vlan_id_set trunk"
).split()
_SINCE_18 = (
    "mtu_ignores_deleting mtu_follows_removal host_network_config unknown_link_state storage_in_progress rwx_network"
).split()
_SINCE_19 = ("absent_matched_nodes_skipped system_nads label_guard mgmt_vlan_configs exclusive_vlan").split()


def _version(name: str, release: str, features: list[str]) -> Version:
    return Version(name, release, **dict.fromkeys(features, True))


VERSIONS: dict[str, Version] = {
    "1.6": Version("1.6", "v1.6.1", hosts=False),
    "1.7": _version("1.7", "v1.7.3", _SINCE_17),
    "1.8": _version("1.8", "v1.8.2", _SINCE_17 + _SINCE_18),
    "1.9": _version("1.9", "v1.9.0-rc6", _SINCE_17 + _SINCE_18 + _SINCE_19),
}
DEFAULT = "1.8"
