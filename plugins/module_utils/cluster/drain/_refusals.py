# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against draining a node. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator, List, Tuple

from ...common._errors import Problem
from .. import _keys
from .._nodes import Node
from .._objects import listed
from .._snapshot import Snapshot

MEMBERS = 3
"""Harvester drains a control-plane node only while exactly so many of them are not in maintenance mode
(HV pkg/util/drainhelper/helper.go, DrainPossible); a witness is one of them (#5248)."""


def refusals(snapshot: Snapshot, node: str, allow_running_vms: bool = False) -> List[Problem]:
    """Everything that speaks against it; empty when nothing does.

    allow_running_vms: whether VMs may be on the node; they are left alone. Raises KeyError for an unknown node.
    """
    found = [*_of_node(snapshot.nodes[node]), *_of_cluster(snapshot, snapshot.nodes[node])]
    vms = () if allow_running_vms else running(snapshot, node)
    if vms:
        found.append(
            (
                "VMs run on it: %s" % listed(vms),
                "move or stop them first (module vm_power), or set allow_running_vms=true: they stay on it",
            )
        )
    return [Problem("node '%s'" % node, "", None, rule, remedy) for rule, remedy in found]


def running(snapshot: Snapshot, node: str) -> Tuple[str, ...]:
    """The VMs on a node that have not ended, by reference."""
    return tuple(sorted(reference for reference, vmi in snapshot.vmis.items() if vmi.node == node and not vmi.final))


def _of_node(node: Node) -> Iterator[Tuple[str, str]]:
    if node.witness:
        yield "it is a witness, which is not drained: it runs etcd and nothing that could go elsewhere", "leave it out"
    if not node.ready:
        yield "it is not Ready, so its pods would never end", "bring it back first"
    if _keys.MAINTAIN_STATUS in node.annotations or _keys.DRAIN_REQUESTED in node.annotations:
        yield "it is in Harvester's maintenance mode", "disable that first, it has a drain of its own"


def _of_cluster(snapshot: Snapshot, node: Node) -> Iterator[Tuple[str, str]]:
    if snapshot.running_upgrade:
        yield (
            "upgrade '%s' is running; it drains nodes itself" % snapshot.running_upgrade,
            "run again when it has ended",
        )
    members = sorted(item.name for item in snapshot.nodes.values() if item.control_plane)
    left = [name for name in members if _keys.MAINTAIN_STATUS not in snapshot.nodes[name].annotations]
    if not node.control_plane:
        return
    if len(members) == 1:
        yield "it is the only control-plane node of the cluster", "reboot it without a drain"
    elif len(left) != MEMBERS:
        yield (
            "it is one of %d control-plane nodes outside maintenance mode (%s), and Harvester lets one be drained only"
            " while there are exactly %d" % (len(left), listed(left), MEMBERS),
            "bring the others back first, or reboot it without a drain",
        )
