# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subresources of VMs: what each run strategy makes of them (facts, 6.2)."""

from __future__ import annotations

from typing import Any

import pytest
from standin_objects import cluster, vm, vmi

from lab.harvester.objects import Obj
from lab.harvester.vms.subresources import writes
from lab.harvester.webhooks.admission import Refusal

NOW = "2026-01-01T00:00:00Z"
RUNNING = "VM is already running"
NOT_RUNNING = "VM is not running"


def asked(strategy: str, phase: str, verb: str, body: Obj | None = None, plural: str = "virtualmachines") -> Any:
    """The patches that a call writes, or the message of its refusal."""
    there = [vmi("v", [], phase=phase)] if phase else []
    if phase == "Paused":
        there = [vmi("v", [])]
        there[0]["status"]["conditions"] = [{"type": "Paused", "status": "True"}]
    view = cluster(vm("v", strategy=strategy), *there)
    try:
        return [item.patch for item in writes(view, plural, "default", "v", verb, body or {}, NOW)]  # type: ignore[union-attr]
    except Refusal as error:
        return error.message


def requests(*actions: str) -> list[Obj]:
    first = {"action": actions[0], **({"uid": "uid-v"} if actions[0] == "Stop" else {})}
    return [{"status": {"stateChangeRequests": [first, *({"action": item} for item in actions[1:])]}}]


@pytest.mark.parametrize(
    ("strategy", "phase", "verb", "expected"),
    [
        ("Halted", "", "start", [{"spec": {"runStrategy": "Always"}}]),
        ("Manual", "", "start", requests("Start")),
        ("RerunOnFailure", "Succeeded", "start", requests("Start")),
        ("Always", "", "start", "Always does not support manual start requests"),
        ("Manual", "Running", "start", RUNNING),
        ("Always", "Running", "stop", [{"spec": {"runStrategy": "Halted"}}]),
        ("Once", "Running", "stop", [{"spec": {"runStrategy": "Halted"}}]),
        ("Manual", "Running", "stop", requests("Stop")),
        ("RerunOnFailure", "Running", "stop", requests("Stop")),
        ("RerunOnFailure", "Succeeded", "stop", NOT_RUNNING),
        ("Halted", "", "stop", NOT_RUNNING),
        ("Always", "Running", "restart", requests("Stop", "Start")),
        ("Halted", "", "restart", NOT_RUNNING),
    ],
)
def test_a_vm(strategy: str, phase: str, verb: str, expected: Any) -> None:
    assert asked(strategy, phase, verb) == expected


def test_a_forced_stop_of_a_vm_that_is_on_its_way_down() -> None:
    found = asked("Halted", "Running", "stop", {"gracePeriod": 0})
    assert found == [{"spec": {"terminationGracePeriodSeconds": 0}}]


@pytest.mark.parametrize(
    ("phase", "verb", "expected"),
    [
        (
            "Running",
            "pause",
            [
                {
                    "type": "Paused",
                    "status": "True",
                    "reason": "PausedByUser",
                    "lastProbeTime": NOW,
                    "lastTransitionTime": NOW,
                }
            ],
        ),
        ("Paused", "unpause", []),
        ("Paused", "pause", "VMI is already paused"),
        ("Running", "unpause", "VMI is not paused"),
        ("Failed", "pause", NOT_RUNNING),
        ("", "pause", 'virtualmachineinstances.kubevirt.io "v" not found'),
    ],
)
def test_an_instance(phase: str, verb: str, expected: Any) -> None:
    found = asked("Always", phase, verb, plural="virtualmachineinstances")
    assert found == (expected if isinstance(expected, str) else [{"status": {"conditions": expected}}])
