# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a VM may run: nodes that fit the affinity which the webhook wrote, as the scheduler would judge (2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kinds import NODE, VMI
from ..objects import Obj, condition, is_witness, label_selected, labels, name, selected, spec, status
from ..view import View

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def fits(pod_spec: Obj, node: Obj) -> bool:
    """True when the node is ready, open, no witness, and fits ``nodeSelector`` and required node affinity."""
    if is_witness(node) or spec(node).get("unschedulable") or (condition(node, "Ready") or {}).get("status") != "True":
        return False
    return selects(pod_spec, node)


def selects(pod_spec: Obj, node: Obj) -> bool:
    """True when the node fits ``nodeSelector`` and required node affinity, whatever state it is in."""
    if not selected(pod_spec.get("nodeSelector"), labels(node)):
        return False
    affinity = (pod_spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get(REQUIRED)
    return required is None or any(_term(term, node) for term in required.get("nodeSelectorTerms") or [])


def _term(term: Mapping[str, Any], node: Obj) -> bool:
    expressions, fields = term.get("matchExpressions") or [], term.get("matchFields") or []
    if not expressions and not fields:
        return False
    return label_selected({"matchExpressions": expressions}, labels(node)) and label_selected(
        {"matchExpressions": fields}, {"metadata.name": name(node)}
    )


def choose(view: View, pod_spec: Obj) -> str:
    """The node with the fewest VMIs among those that fit, '' when none does."""
    loads: dict[str, int] = {}
    for vmi in view.list(VMI):
        place = status(vmi).get("nodeName") or ""
        loads[place] = loads.get(place, 0) + 1
    found = [name(node) for node in view.list(NODE) if fits(pod_spec, node)]
    return min(found, key=lambda node: (loads.get(node, 0), node), default="")
