# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of the storage network, before the first VM stops. Pure.

A network is not switched off that could not come back: the way back is judged in the state that the change leads to.
This module util is private to the collection.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Mapping, Sequence

from .. import _objects, _storage
from .._plan import Judged, Step, judge
from .._snapshot import Snapshot
from ..rules import Objection
from ..rules.ours._storage_network import IN_PROGRESS, V2_VOLUMES
from ._volumes import attached, detached

ALLOWED = {"allow_v2_volumes": V2_VOLUMES, "allow_in_progress": IN_PROGRESS}
"""Option -> the rule that it passes over."""
BACK = "it could not be enabled again: "


def vms_stopped(snapshot: Snapshot) -> Snapshot:
    """The cluster with every VM stopped, and the volumes detached that go with them. Other volumes stay attached."""
    for volume in attached(snapshot):
        if volume.with_vm:
            item = next(item for item in snapshot.all("volumes") if _objects.name(item) == volume.name)
            snapshot = snapshot.put("volumes", detached(item))
    for vm in snapshot.vms.values():
        item = snapshot.get("vms", vm.name, vm.namespace) or {}
        spec = {key: value for key, value in (item.get("spec") or {}).items() if key != "running"}
        stopped: Mapping[str, Any] = {
            **item,
            "spec": {**spec, "runStrategy": "Halted"},
            "status": {**(item.get("status") or {}), "printableStatus": "Stopped"},
        }
        snapshot = snapshot.put("vms", stopped).without("vmis", vm.name, vm.namespace)
    return snapshot


def settled(snapshot: Snapshot, steps: Sequence[Step]) -> Snapshot:
    """The cluster once the settings are done that the steps leave as they are: those are waited for first."""
    for step in steps:
        if step.kind == "settings" and not step.writes and _storage.in_progress(step.before):
            snapshot = snapshot.put("settings", _objects.with_condition(step.object, "configured", "True", "Completed"))
    return snapshot


def way_back(judged: Judged, steps: Sequence[Step]) -> List[Objection]:
    """What speaks against steps that take a change back, without what speaks against the change itself.

    judged: the change, of which ``steps`` begin at the end.
    """
    known = {(objection.rule, objection.message) for objection in judged.objections}
    return [
        replace(objection, message=BACK + objection.message)
        for objection in judge(judged.end, steps).objections
        if (objection.rule, objection.message) not in known
    ]


def not_allowed(found: Sequence[Objection], options: Mapping[str, Any]) -> List[Objection]:
    """The objections that no option passes over."""
    passed = {rule for option, rule in ALLOWED.items() if options.get(option)}
    return [objection for objection in found if objection.rule not in passed]
