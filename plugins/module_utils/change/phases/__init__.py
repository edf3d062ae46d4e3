# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of runbooks: what each is told, how long it may take, and what it does to the cluster.

A phase is a mapping as role change takes it. What it does, its ``steps``, follows from its input, from what is recorded
of earlier phases, and from the cluster; so it is the same for a new change and for one that goes on.

This package is private to the collection.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Sequence

from ...cluster._snapshot import Snapshot
from .._record import DONE, Record
from . import _configs, _mgmt, _reboots, _settings, _switches, _vms

Phase = Mapping[str, Any]
Images = Mapping[str, Any]
"""Phase -> what the cluster was before it; only phases that have begun."""

STEPS: Dict[str, Callable[[Phase, Sequence[Phase], Images, Snapshot], List[Dict[str, Any]]]] = {
    _vms.ROLE: _vms.steps,
    _settings.ROLE: _settings.steps,
    _configs.ROLE: _configs.steps,
    _switches.ROLE: _switches.steps,
    _reboots.ROLE: _reboots.steps,
    _mgmt.HOSTS: _mgmt.hosts,
    _mgmt.OVERLAY: _mgmt.overlay,
    _mgmt.ANNOTATION: _mgmt.annotation,
    _mgmt.INSTALLER: _mgmt.installer,
}
"""Role -> the steps of its phases, in the words of module change_plan. Of other roles nothing is known."""


def with_steps(phases: Sequence[Phase], snapshot: Snapshot, images: Images, done: Sequence[str] = ()) -> List[Phase]:
    """The phases with what each still does; done ones do nothing any more."""
    found: List[Phase] = []
    for phase in phases:
        steps = STEPS.get(phase["role"])
        does = steps(phase, phases, images, snapshot) if steps and phase["id"] not in done else []
        found.append({**phase, "steps": does})
    return found


BOUNDS: Dict[str, Callable[[Phase, int], int]] = {_vms.ROLE: _vms.bound, _reboots.ROLE: _reboots.bound}
"""Role -> how long its phases may take with another wait for VMs, in seconds."""


def recorded(record: Record, snapshot: Snapshot, vm_wait: Any = 0) -> List[Phase]:
    """The phases of a change that goes on: as they were planned, with what each still does.

    vm_wait: seconds for which this run waits for VMs, which lengthens bounds; 0 or null for as long as planned.
    """
    taken_back = {
        phase.input["of"]: phase.id
        for phase in record.phases
        if isinstance(phase.input, Mapping) and phase.input.get("of")
    }
    phases: List[Phase] = []
    for phase in record.phases:
        found = {"id": phase.id, "role": phase.role, "bound": phase.bound, "input": phase.input}
        if phase.role in BOUNDS:
            found["bound"] = BOUNDS[phase.role](found, int(vm_wait or 0))
        if phase.id in taken_back:
            found["until"] = taken_back[phase.id]
        phases.append(found)
    images = {phase.id: phase.before.get("cluster") for phase in record.phases if isinstance(phase.before, Mapping)}
    return with_steps(phases, snapshot, images, [phase.id for phase in record.phases if phase.state == DONE])
