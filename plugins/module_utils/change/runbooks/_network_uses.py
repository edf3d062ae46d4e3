# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What uses a cluster network that changes: settings with a network on it, and VLANs that have to be proved.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Tuple

from ...cluster import _nad, _storage
from ...cluster._host_config import HostConfig
from ...cluster._snapshot import Snapshot

UNTAGGED = 1
"""How role path_proof names untagged frames."""


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


def paths(snapshot: Snapshot, name: str, nodes: Iterable[str], mtu: int, released: bool = True) -> List[Dict[str, Any]]:
    """The networks that role path_proof proves between these nodes; ``nodes`` are names in the cluster.

    Each VLAN of a VM network, of a setting and of a host network configuration, and untagged frames where a VM network
    is untagged. Of a range of a trunk both ends. The id of a network that is away for the time of the change is not on
    the uplink, so the proof puts it there. None where a single node has the cluster network. mtu: bytes.
    """
    among = sorted(nodes)
    if len(among) < 2:
        return []
    away = {
        value.vlan
        for value in (_storage.network_of(snapshot, setting) for setting in _storage.SETTINGS)
        if value is not None and value.cluster_network == name and value.vlan
    }
    for item in snapshot.all("hostnetworkconfigs"):
        host = HostConfig.read(item)
        if host.cluster_network == name and not host.deleting and host.vid:
            away.add(host.vid)
    own: List[int] = []
    untagged = False
    for nad in snapshot.nads_of(name):
        if nad.type != _nad.BRIDGE or nad.setting or nad.deleting:
            continue
        untagged = untagged or not nad.vlans
        own += _ends(nad.vlans)
    found = [_path(name, vid, among, mtu, vid not in own) for vid in sorted({*own, *away})]
    return [_path(name, UNTAGGED, among, mtu, False), *found] if untagged else found


def _path(name: str, vid: int, nodes: List[str], mtu: int, added: bool) -> Dict[str, Any]:
    label = "untagged frames" if vid == UNTAGGED else "VLAN %d" % vid
    found = {"name": "%s of %s" % (label, name), "vlan_id": vid, "bridge": name + "-br", "mtu": mtu, "nodes": nodes}
    return {**found, "uplink": name + "-bo"} if added else found


def _ends(vlans: Iterable[int]) -> List[int]:
    """The first and the last id of each contiguous range."""
    ids = sorted(vid for vid in vlans if vid > UNTAGGED)
    return [vid for vid in ids if vid - 1 not in ids or vid + 1 not in ids]
