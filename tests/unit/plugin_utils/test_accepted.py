# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that may come back otherwise than they were: which of them a change has to do with."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils import _accepted

VMS, REBOOTS = "harvester.network.vms", "harvester.network.ordered_reboot"
LINE = (
    "VM '%s': change_accepted_vms=%s: this change has not recorded it, and none of its phases stops it; see its"
    " spelling, namespace/name, or take it off the list"
)


def recorded(name: str, role: str = VMS, begun: bool = True, *vms: str) -> dict[str, Any]:
    image = {"vms": [{"namespace": "default", "name": vm} for vm in vms]}
    return {"id": name, "role": role, "before": {"cluster": image} if begun else None}


def planned(name: str, role: str = VMS, *vms: str) -> dict[str, Any]:
    return {"id": name, "role": role, "input": {"state": "stopped"}, "steps": [{"kind": "vm_power", "vms": list(vms)}]}


BRINGS = {
    "id": "vms-start",
    "role": VMS,
    "input": {"record": {"vms": [{"namespace": "default", "name": "a"}]}},
    "steps": [{"kind": "vm_power"}],
}
OPEN = recorded("vms-stop", VMS, True, "a")

# What is given, the record, the phases, the VMs of the cluster; who is refused.
CASES: dict[str, tuple[Any, list[Any], list[Any], list[str], list[str]]] = {
    "recorded": (["default/a"], [OPEN], [], [], []),
    "recorded, as a text": ("default/a, ", [OPEN], [], [], []),
    "in no record": ("default/b,default/a,b", [OPEN], [], ["default/b"], ["b", "default/b"]),
    "of another role": (["default/a"], [recorded("x", "other", True, "a")], [], [], ["default/a"]),
    "planned, before the first run": (["default/a"], [], [planned("vms-stop", VMS, "default/a")], [], []),
    "not planned": (["default/b"], [], [planned("vms-stop", VMS, "default/a")], ["default/b"], ["default/b"]),
    "of the record that a phase brings back": (["default/a"], [], [BRINGS], [], []),
    "before the reboots": (["default/b", "default/c"], [], [planned("r-1", REBOOTS)], ["default/b"], ["default/c"]),
    "between two turns": (
        ["default/b"],
        [recorded("r-1", REBOOTS), recorded("r-2", REBOOTS, False)],
        [planned("r-1", REBOOTS), planned("r-2", REBOOTS)],
        ["default/b"],
        [],
    ),
    "after the last turn has begun": (
        ["default/a", "default/b"],
        [recorded("r-1", REBOOTS, True, "a"), recorded("r-2", REBOOTS)],
        [planned("r-1", REBOOTS), planned("r-2", REBOOTS)],
        ["default/b"],
        ["default/b"],
    ),
    "nothing recorded": (["default/a"], [{"id": "x", "role": VMS, "before": {"cluster": None}}], [], [], ["default/a"]),
}


@pytest.mark.parametrize("name", CASES)
def test_who_is_refused(name: str) -> None:
    given, record, phases, present, refused = CASES[name]
    assert _accepted.refusals(given, record, phases, present) == [LINE % (vm, vm) for vm in refused]
