# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved on the wire beside the management network itself, and what is not.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Set, Tuple

from ...cluster import _keys, _nad
from ...cluster._snapshot import Snapshot
from ...common import _vlans
from ..phases._configs import UNTAGGED
from . import _network_uses

Path = Dict[str, Any]
KEPT: Tuple[str, ...] = ("vlan_id", "uplink")


def paths(snapshot: Snapshot) -> List[Path]:
    """Untagged frames and VLANs of mgmt as its networks use them, each with ``name``, ``vlan_id`` and, where its id may
    be missing on the uplink meanwhile, ``uplink``; options of role path_proof. Its role knows nodes and size.

    The ids of a trunk are left out: they are the guests' affair, and switches need not carry all of a wide range. A
    change with all VMs stopped must not fail by one that has never passed.
    """
    used = _network_uses.carried(snapshot, _keys.MGMT)
    wanted = _single(snapshot) | used.away | ({UNTAGGED} if used.untagged else set())
    found = _network_uses.paths(snapshot, _keys.MGMT, _nodes(snapshot), 0)
    kept: List[Path] = [{key: path[key] for key in KEPT if key in path} for path in found]
    return [{"name": _name(path["vlan_id"]), **path} for path in kept if path["vlan_id"] in wanted]


def paths_back(snapshot: Snapshot) -> List[Path]:
    """Those that have to pass before VMs start on the way back: VLANs of VM networks that have one.

    All of them go through the same ports. What may never have passed, as untagged frames, must not keep VMs down.
    """
    vids = _single(snapshot)
    return [path for path in paths(snapshot) if path["vlan_id"] in vids]


def told(snapshot: Snapshot) -> List[str]:
    """For the operator: what is proved besides, and what is not."""
    names = ", ".join(path["name"] for path in paths(snapshot))
    found = ["proved between all nodes beside the management network itself: %s" % names] if names else []
    proved = {path["vlan_id"] for path in paths(snapshot)}
    for nad in snapshot.nads_of(_keys.MGMT):
        if nad.type != _nad.BRIDGE and not nad.setting:
            found.append("not proved: VM network %s, which is no bridge of the hosts" % nad.reference)
    for nad in _bridged(snapshot):
        left = sorted(vid for vid in nad.vlans if vid > UNTAGGED and vid not in proved)
        if left:
            words = " ".join(_vlans.compress(left))
            found.append("not proved: VLAN %s of VM network %s" % (words, nad.reference))
        if _nad.UNREADABLE in nad.vlans:
            found.append("not proved: VM network %s, whose VLAN cannot be read" % nad.reference)
    return found


def _nodes(snapshot: Snapshot) -> List[str]:
    """A witness has no VM networks."""
    return [name for name, node in snapshot.nodes.items() if not node.witness]


def _single(snapshot: Snapshot) -> Set[int]:
    """VLAN ids of VM networks that have one."""
    return {nad.vlan for nad in _bridged(snapshot) if not nad.has_trunk and nad.vlan > UNTAGGED}


def _bridged(snapshot: Snapshot) -> List[_nad.Nad]:
    return [
        nad for nad in snapshot.nads_of(_keys.MGMT) if nad.type == _nad.BRIDGE and not nad.setting and not nad.deleting
    ]


def _name(vid: int) -> str:
    return "untagged frames" if vid == UNTAGGED else "VLAN %d" % vid
