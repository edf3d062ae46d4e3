# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns of reboots as phases: what each is told, what the plan shows of it, and what is left of them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils import _reboot_phases

NAMES = {"h1": "n1", "h2": "n2", "h3": "n3"}


def vm(node: str, name: str, action: str, start: str = "") -> dict[str, Any]:
    return {"node": node, "reference": "default/" + name, "action": action, "start": start}


def phases(*vms: dict[str, Any]) -> list[dict[str, Any]]:
    return _reboot_phases.phases([["h1", "h2"], ["h3"]], NAMES, vms, 3600, 300)


def test_a_phase_per_turn() -> None:
    first, second = phases()
    assert (first["id"], second["id"]) == ("reboot-1", "reboot-2")
    assert first["role"] == "harvester.network.ordered_reboot"
    assert first["bound"] == 3600
    told = {"turns": 2, "nodes": ["n1", "n2", "n3"], "wait_timeout": 300}
    assert first["input"] == {**told, "turn": 1, "expected": ["n1", "n2"]}
    assert second["input"] == {**told, "turn": 2, "expected": ["n3"]}
    assert first["steps"] == [{"kind": "reboot", "nodes": ["n1", "n2"]}]


def test_vms_that_stop_around_a_turn() -> None:
    first, second = phases(
        vm("n1", "a", "move"),
        vm("n2", "b", "stop", "after_uncordon"),
        vm("n1", "c", "stop", "never"),
        vm("n3", "d", "stop", "after_drain"),
        vm("n3", "e", "refuse"),
    )
    assert first["steps"] == [
        {"kind": "vm_power", "state": "stopped", "vms": ["default/b", "default/c"]},
        {"kind": "reboot", "nodes": ["n1", "n2"]},
        {"kind": "vm_power", "state": "started", "vms": ["default/b"]},
    ]
    assert [step.get("vms") for step in second["steps"]] == [["default/d"], None, ["default/d"]]


def test_what_is_left_of_recorded_turns() -> None:
    """The image of a turn that has begun says whose it is; of one to come, what was expected."""
    known = {"started": "", "ended": ""}
    done, begun, planned = (
        {**phase, **known, "state": state, "before": image}
        for phase, state, image in zip(
            [*phases(), {**phases()[1], "id": "reboot-3"}],
            ("done", "started", "planned"),
            ({"cluster": {"boot_ids": {"n1": "a"}}}, {"cluster": {"boot_ids": {"n2": "b"}}}, None),
            strict=True,
        )
    )
    hosts = {"id": "hosts", "role": "harvester.network.mgmt_network", "bound": 60, "input": {}, **known}
    found = _reboot_phases.recorded([{**hosts, "state": "done", "before": {"cluster": None}}, done, begun, planned])
    assert [phase["steps"] for phase in found] == [
        [],
        [],
        [{"kind": "reboot", "nodes": ["n2"]}],
        [{"kind": "reboot", "nodes": ["n3"]}],
    ]
    assert set(found[2]) == {"id", "role", "bound", "input", "steps"}


def entry(name: str) -> dict[str, Any]:
    return {"namespace": "default", "name": name, "uid": name, "run_strategy": "Always"}


def test_vms_that_an_open_turn_has_stopped_are_named() -> None:
    """Not those that stay off, as their owners want it."""
    plan = [vm("n1", "a", "stop", "after_uncordon"), vm("n1", "b", "stop", "never")]
    image = {"boot_ids": {"n1": "x"}, "vms": [entry("a"), entry("b")], "schedules": [], "plan": plan}
    begun = {**phases()[0], "state": "started", "before": {"cluster": image}}
    (found,) = _reboot_phases.recorded([begun])
    assert found["steps"] == [
        {"kind": "reboot", "nodes": ["n1"]},
        {"kind": "vm_return", "vms": ["default/a"], "run_strategies": {"default/a": "Always"}},
    ]


@pytest.mark.parametrize(("wait", "bound"), [(0, 3600), (300, 3600), (100, 3600), (900, 3600 + 4 * 600)])
def test_a_longer_wait_makes_turns_longer(wait: int, bound: int) -> None:
    planned = [{**phase, "state": "planned", "before": None} for phase in phases()]
    assert [phase["bound"] for phase in _reboot_phases.recorded(planned, wait)] == [bound, bound]
