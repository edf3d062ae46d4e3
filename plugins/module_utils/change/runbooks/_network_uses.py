# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What uses a cluster network that changes: settings with a network on it, and VLANs that have to be proved.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Set, Tuple

from ...cluster import _nad, _storage
from ...cluster._host_config import HostConfig
from ...cluster._snapshot import Snapshot
from ..phases._configs import UNTAGGED


def settings_on(snapshot: Snapshot, name: str) -> Tuple[str, ...]:
    """The settings whose network is on this cluster network, in the order of their release, whatever the version.

    Harvester 1.9 refuses a change while any of them is there, older versions look at the storage network alone (NC
    pkg/utils/nad.go); the pods lose their network in any case. rwx-network that shares the storage network goes with
    it.
    """
    found = []
    for setting in (_storage.RWX, _storage.MIGRATION, _storage.STORAGE):
        value = _storage.network_of(snapshot, setting)
        if value is not None and value.cluster_network == name:
            found.append(setting)
    if _storage.STORAGE in found and _storage.shares_storage(snapshot):
        found.insert(0, _storage.RWX)
    return tuple(found)


class Carried(NamedTuple):
    """VLAN ids of a cluster network. own: of VM networks. away: of settings and host network configurations, which go
    for the time of a change. hosts: of the latter alone. untagged: whether a VM network is."""

    own: FrozenSet[int]
    away: FrozenSet[int]
    hosts: FrozenSet[int]
    untagged: bool

    @property
    def all(self) -> FrozenSet[int]:
        return self.own | self.away


def carried(snapshot: Snapshot, name: str) -> Carried:
    """What the networks of a cluster network use."""
    values = [_storage.network_of(snapshot, setting) for setting in _storage.SETTINGS]
    settings = {value.vlan for value in values if value is not None and value.cluster_network == name and value.vlan}
    hosts = [HostConfig.read(item) for item in snapshot.all("hostnetworkconfigs")]
    of_hosts = {host.vid for host in hosts if host.cluster_network == name and not host.deleting and host.vid}
    nads = [nad for nad in snapshot.nads_of(name) if nad.type == _nad.BRIDGE and not nad.setting and not nad.deleting]
    own = {vid for nad in nads for vid in nad.vlans if vid > UNTAGGED}
    untagged = any(not nad.vlans for nad in nads)
    return Carried(frozenset(own), frozenset(settings | of_hosts), frozenset(of_hosts), untagged)


def paths(
    snapshot: Snapshot, name: str, nodes: Iterable[str], mtu: int, gateways: Iterable[Mapping[str, Any]] = ()
) -> List[Dict[str, Any]]:
    """The networks that role path_proof proves between these nodes; ``nodes`` are names in the cluster.

    Each VLAN of a VM network, of a setting and of a host network configuration, and untagged frames where a VM network
    is untagged. Of a range of a trunk both ends. The id of a network that is away for the time of the change is not on
    the uplink, so the proof puts it there. mtu: bytes. gateways: ``vlan_id`` and options of role path_proof, see
    _probe_gateways; such a VLAN is proved in any case, the others where two nodes have the cluster network.
    """
    among = sorted(nodes)
    outside = {int(item["vlan_id"]): item for item in gateways} if among else {}
    found = carried(snapshot, name)
    vids = set(outside)
    if len(among) > 1:
        vids.update(_ends(snapshot, name), found.away, [UNTAGGED] if found.untagged else [])
    return [
        {**_path(name, vid, among, mtu, vid in found.away - found.own), **outside.get(vid, {})} for vid in sorted(vids)
    ]


def _path(name: str, vid: int, nodes: List[str], mtu: int, added: bool) -> Dict[str, Any]:
    label = "untagged frames" if vid == UNTAGGED else "VLAN %d" % vid
    found = {"name": "%s of %s" % (label, name), "vlan_id": vid, "bridge": name + "-br", "mtu": mtu, "nodes": nodes}
    return {**found, "uplink": name + "-bo"} if added else found


def _ends(snapshot: Snapshot, name: str) -> Set[int]:
    """Of the VLAN ids of each VM network the first and the last of each contiguous range."""
    found: Set[int] = set()
    for nad in snapshot.nads_of(name):
        if nad.type == _nad.BRIDGE and not nad.setting and not nad.deleting:
            ids = {vid for vid in nad.vlans if vid > UNTAGGED}
            found.update(vid for vid in ids if vid - 1 not in ids or vid + 1 not in ids)
    return found
