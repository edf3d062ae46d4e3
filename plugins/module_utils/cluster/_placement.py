# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes can run a VM, and why the others cannot. This module util is private to the collection.

A VM is scheduled where every cluster network of its VM networks is active: Harvester's VM webhook requires the label
network.harvesterhci.io/<cluster network>=true for each (HV pkg/webhook/resources/virtualmachine/mutator.go).
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from . import _keys, _selectors
from ._attachments import guests
from ._nodes import Node
from ._objects import listed
from ._snapshot import Snapshot
from ._vms import Guest


class Placement(NamedTuple):
    """Where one VM can run.

    guest: "namespace/name". nodes: by name. reasons: each other node -> why it cannot run there, as sentence parts.
    """

    guest: str
    nodes: Tuple[str, ...]
    reasons: Mapping[str, Tuple[str, ...]]


def placement(snapshot: Snapshot, guest: Guest) -> Placement:
    """Where a VM can run; resources (CPU, memory, volumes) are not looked at."""
    wanted = {name: snapshot.nads.get(name) for name in guest.networks}
    missing = sorted(name for name, nad in wanted.items() if nad is None)
    by_network: Dict[str, List[str]] = {}
    for name, nad in wanted.items():
        if nad is not None and nad.cluster_network:
            by_network.setdefault(nad.cluster_network, []).append(name)
    reasons = {
        node.name: tuple(_reasons(node, guest, missing, by_network))
        for node in sorted(snapshot.nodes.values(), key=lambda node: node.name)
    }
    possible = tuple(name for name, why in reasons.items() if not why)
    return Placement(guest.reference, possible, {name: why for name, why in reasons.items() if why})


def placements(snapshot: Snapshot) -> Tuple[Placement, ...]:
    """Where each VM can run, by reference."""
    return tuple(placement(snapshot, guest) for guest in guests(snapshot))


def lost(before: Snapshot, after: Snapshot) -> Tuple[str, ...]:
    """The VMs that have a node before and none after, by reference."""
    found = []
    for guest in guests(after):
        old = before.vms.get(guest.reference) or before.vmis.get(guest.reference)
        if old and not placement(after, guest).nodes and placement(before, old).nodes:
            found.append(guest.reference)
    return tuple(found)


def _reasons(node: Node, guest: Guest, missing: Sequence[str], by_network: Mapping[str, Sequence[str]]) -> List[str]:
    found: List[str] = []
    if node.witness:
        return ["it is a witness node, which runs no VMs"]
    if not node.ready:
        found.append("it is not Ready")
    if node.cordoned:
        found.append("it is cordoned")
    if _keys.MAINTAIN_STATUS in node.annotations:
        found.append("it is in maintenance mode")
    if missing:
        found.append("VM network %s does not exist" % listed(missing))
    for network in sorted(by_network):
        if not node.active(network):
            found.append(
                "cluster network '%s' (VM network %s) is not active on it" % (network, listed(by_network[network]))
            )
    if not _selectors.matches(guest.node_selector, node.labels):
        found.append("it lacks the labels of the VM's node selector (%s)" % _selectors.shown(guest.node_selector))
    if guest.affinity and not any(_satisfied(term, node) for term in guest.affinity):
        found.append("it does not satisfy the VM's required node affinity")
    for taint in node.taints:
        if taint.get("effect") in ("NoSchedule", "NoExecute") and not _tolerated(taint, guest.tolerations):
            found.append("the VM does not tolerate its taint %s" % taint.get("key"))
    return found


def _satisfied(term: Mapping[str, Any], node: Node) -> bool:
    """One term of a required node affinity; network keys are judged by the VM networks instead."""
    expressions = [
        expression
        for expression in term.get("matchExpressions") or ()
        if not str(expression.get("key")).startswith(_keys.PREFIX)
    ]
    fields = term.get("matchFields") or ()
    return all(_selectors.matches_expression(expression, node.labels) for expression in expressions) and all(
        _selectors.matches_expression(field, {"metadata.name": node.name}) for field in fields
    )


def _tolerated(taint: Mapping[str, Any], tolerations: Sequence[Mapping[str, Any]]) -> bool:
    for toleration in tolerations:
        if toleration.get("effect") not in (None, "", taint.get("effect")):
            continue
        if toleration.get("operator") == "Exists":
            if toleration.get("key") in (None, "", taint.get("key")):
                return True
        elif toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (
            taint.get("value") or ""
        ):
            return True
    return False
