# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs: that a node is left for each. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from ..._objects import listed
from ..._placement import lost, placement
from ..._vms import Vm
from .._registry import ANY, PUT, Finding, ours
from .._request import Request

NO_NODE = "vm-no-node"


@ours(
    "vm-left-without-node",
    "Every VM keeps a node that can run it",
    ("vlanconfigs", "nodes"),
    ANY,
    "HV VM webhook: required node affinity for each cluster network; what loses its last node stays Pending",
)
def left_without_node(request: Request) -> Iterator[Finding]:
    found = lost(request.snapshot, request.after)
    if found:
        yield Finding(
            "no node could run %s any more" % listed(found), "keep a node that has all cluster networks of each VM"
        )


@ours(
    NO_NODE,
    "A VM has a node that can run it",
    ("vms",),
    PUT,
    "HV VM webhook: required node affinity for each cluster network; a VM without a node stays Pending",
)
def no_node(request: Request) -> Iterator[Finding]:
    vm = Vm.read(request.current)
    old = Vm.read(request.old) if request.old is not None else None
    brought = old is None or (old.networks, old.node_selector, old.affinity, old.halted) != (
        vm.networks,
        vm.node_selector,
        vm.affinity,
        vm.halted,
    )
    if vm.halted or not brought:
        return
    found = placement(request.snapshot, vm)
    if not found.nodes:
        reasons = "; ".join("%s: %s" % (node, why[0]) for node, why in found.reasons.items())
        yield Finding(
            "no node can run it (%s)" % (reasons or "there are no nodes"), "change its networks or its selectors"
        )
