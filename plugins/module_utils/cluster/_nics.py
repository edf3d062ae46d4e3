# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which NICs a configuration can use, and per node why not the others. This module util is private to the collection.

LinkMonitor nic lists the physical NICs of every node, with their masters. Harvester's UI offers a NIC when it is on all
nodes, up, and free; the webhook checks none of that, and the agent fails later.
"""

from __future__ import annotations

from typing import Dict, Iterable, Mapping, NamedTuple, Optional, Tuple

from . import _keys
from ._snapshot import Snapshot

MGMT_BOND = "mgmt-bo"
BOND_SUFFIX = "-bo"
BRIDGE_SUFFIX = "-br"
MGMT_CONFIG = "mgmt-vlanconfig-"

UNKNOWN, MISSING, DOWN, PORT, USED, MGMT, DEVICE = "unknown", "missing", "down", "port", "used", "mgmt", "device"


class Obstacle(NamedTuple):
    """Why a NIC cannot be used on a node. code: one of the words above. text: a sentence part about the NIC."""

    code: str
    text: str


class Choice(NamedTuple):
    """What can be chosen. nics: usable on every node, by name. refused: other NIC -> node -> why not there."""

    nics: Tuple[str, ...]
    refused: Mapping[str, Mapping[str, str]]


def obstacle(
    snapshot: Snapshot, node: str, nic: str, cluster_network: str = "", config: str = ""
) -> Optional[Obstacle]:
    """What keeps a configuration of a cluster network from using a NIC of a node; None when nothing does.

    config: the configuration itself, whose own use of the NIC is no obstacle.
    """
    device = _device(snapshot, nic)
    if device:
        return device
    if node not in snapshot.nics:
        return Obstacle(UNKNOWN, "LinkMonitor 'nic' tells nothing of the node")
    link = snapshot.nics[node].get(nic)
    if link is None:
        return Obstacle(MISSING, "the node has no such NIC")
    master = snapshot.links_by_index.get(node, {}).get(link.master, "") if link.master else ""
    if master == MGMT_BOND or nic in _mgmt_nics(snapshot, node):
        return Obstacle(MGMT, "it carries the management network")
    users = [user for user in snapshot.nic_users.get((node, nic), ()) if user.name != config and not user.deleting]
    if users:
        return Obstacle(
            USED,
            "network configuration '%s' of cluster network '%s' uses it" % (users[0].name, users[0].cluster_network),
        )
    if link.master and not _own(snapshot, node, nic, master, cluster_network, config):
        shown = master or "the link with index %d" % link.master
        return Obstacle(PORT, "it is a port of %s" % shown)
    if link.state == "down":
        return Obstacle(DOWN, "it is down")
    return None


def choices(snapshot: Snapshot, nodes: Iterable[str], cluster_network: str = "", config: str = "") -> Choice:
    """The NICs that can be chosen for a selection of nodes, and why the others cannot."""
    wanted = sorted(nodes)
    known = sorted({nic for node in wanted for nic in snapshot.nics.get(node, {})})
    usable = []
    refused: Dict[str, Dict[str, str]] = {}
    for nic in known:
        found = {node: obstacle(snapshot, node, nic, cluster_network, config) for node in wanted}
        against = {node: reason.text for node, reason in found.items() if reason}
        if against:
            refused[nic] = against
        else:
            usable.append(nic)
    return Choice(tuple(usable), refused)


def _device(snapshot: Snapshot, nic: str) -> Optional[Obstacle]:
    """Bonds, bridges and VLAN devices of cluster networks are no NICs."""
    base = nic.split(".")[0]
    for suffix in (BOND_SUFFIX, BRIDGE_SUFFIX):
        network = base[: -len(suffix)] if base.endswith(suffix) else ""
        if network == _keys.MGMT:
            return Obstacle(MGMT, "it is a device of the management network")
        if network and snapshot.get("clusternetworks", network):
            return Obstacle(DEVICE, "it is a device of cluster network '%s'" % network)
    return None


def _mgmt_nics(snapshot: Snapshot, node: str) -> Tuple[str, ...]:
    """The management NICs that the agent's read-only configuration names (1.9 and later)."""
    config = snapshot.configs.get(MGMT_CONFIG + node)
    return (config.nics or ()) if config and config.mgmt else ()


def _own(snapshot: Snapshot, node: str, nic: str, master: str, cluster_network: str, config: str) -> bool:
    """Whether the NIC's master is the bond that the configuration itself has on the node."""
    if master:
        return master == cluster_network + BOND_SUFFIX
    current = snapshot.configs.get(config)
    return current is not None and node in current.nodes and nic in (current.nics or ())
