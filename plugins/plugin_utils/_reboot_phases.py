# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The turns of ordered reboots as phases of a change. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..module_utils.change.phases import _reboots

ROLE = "harvester.network.ordered_reboot"
NEVER = "never"

Phase = dict[str, Any]


def phases(
    batches: Sequence[Sequence[str]],
    names: Mapping[str, str],
    vms: Iterable[Mapping[str, Any]],
    bound: int,
    wait_timeout: int,
) -> list[Phase]:
    """A phase per turn, as role change takes it.

    batches: hosts, in the order of their turns as it is now; whose turn it really is, is asked right before it. names:
    host -> name of its node. vms: what becomes of them, of module reboot_plan_info. bound: seconds that one turn may
    take. wait_timeout: seconds to wait for VMs, for a rollback.
    """
    nodes = [names[host] for batch in batches for host in batch]
    stopping = [vm for vm in vms if vm["action"] == "stop"]
    found = []
    for number, batch in enumerate(batches, start=1):
        expected = [names[host] for host in batch]
        found.append(
            {
                "id": "reboot-%d" % number,
                "role": ROLE,
                "bound": bound,
                "input": {
                    "turn": number,
                    "turns": len(batches),
                    "nodes": nodes,
                    "expected": expected,
                    "wait_timeout": wait_timeout,
                },
                "steps": _steps(expected, [vm for vm in stopping if vm["node"] in expected]),
            }
        )
    return found


def recorded(phases: Iterable[Mapping[str, Any]], wait_timeout: int = 0) -> list[Phase]:
    """The phases of a change that goes on, with what each of the turns still does.

    phases: of its record, whole. wait_timeout: seconds to wait for VMs, where longer than planned.
    """
    return [
        {
            **{name: phase[name] for name in ("id", "role", "input")},
            "bound": _bound(phase, wait_timeout),
            "steps": [] if phase["role"] != ROLE or phase["state"] == "done" else _left(phase),
        }
        for phase in phases
    ]


def _bound(phase: Mapping[str, Any], wait_timeout: int) -> int:
    return int(_reboots.bound(phase, wait_timeout) if phase["role"] == ROLE else phase["bound"])


def _left(phase: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _reboots.turn(phase["input"], phase["before"]["cluster"] if phase["before"] else None)


def _steps(nodes: Sequence[str], stopping: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    stops = [vm["reference"] for vm in stopping]
    starts = [vm["reference"] for vm in stopping if vm["start"] != NEVER]
    return [
        *([{"kind": "vm_power", "state": "stopped", "vms": stops}] if stops else []),
        {"kind": "reboot", "nodes": list(nodes)},
        *([{"kind": "vm_power", "state": "started", "vms": starts}] if starts else []),
    ]
