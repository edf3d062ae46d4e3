# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters about the VMs of nodes that are rebooted: what becomes of them in words, and which start when."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.filter.vm_plan_lines import vm_plan_lines
from ansible_collections.harvester.network.plugins.filter.vms_to_start import vms_to_start


def planned(name: str, action: str, start: str = "", *reasons: str, namespace: str = "default") -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "action": action, "start": start, "reasons": list(reasons)}


@pytest.mark.parametrize(
    ("vm", "line"),
    [
        (planned("a", "move"), "default/a moves"),
        (planned("a", "refuse", "", "no GPU", "paused"), "default/a stands in the way (no GPU; paused)"),
        (planned("a", "stop", "after_drain", "label"), "default/a stops, and starts again on another node (label)"),
        (planned("a", "stop", "after_uncordon"), "default/a stops, and starts again with its node"),
        (planned("a", "stop", "never"), "default/a stops, and stays off"),
    ],
)
def test_lines(vm: dict[str, Any], line: str) -> None:
    assert vm_plan_lines([vm]) == [line]


PLAN = [
    planned("a", "stop", "after_drain"),
    planned("b", "stop", "after_uncordon"),
    planned("b", "stop", "never", namespace="other"),
    planned("c", "move"),
]
RECORD = [
    {"namespace": namespace, "name": name, "uid": "u"}
    for namespace, name in (("other", "b"), ("default", "b"), ("default", "a"), ("default", "x"))
]


@pytest.mark.parametrize(
    ("starts", "names"),
    [
        (["after_drain"], ["default/a"]),
        (["after_uncordon"], ["default/b"]),
        (["after_drain", "after_uncordon"], ["default/b", "default/a"]),
        ([], []),
    ],
)
def test_starts(starts: list[str], names: list[str]) -> None:
    assert [f"{vm['namespace']}/{vm['name']}" for vm in vms_to_start(RECORD, PLAN, starts)] == names
