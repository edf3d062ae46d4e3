# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network's MTU: one that goes on."""

from __future__ import annotations

from typing import Any

from cluster_network_mtu_cases import CLUSTER, LOWER, NOW, named, stored, text
from cluster_objects import config, having, lacking, node, status

from ansible_collections.harvester.network.plugins.module_utils.change import _plan, phases
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import (
    Case,
    analyse,
    live_mtus,
)


def record(case: Case, *states: str, **images: Any) -> Record:
    """The change after some of its phases; the last of the states is that of the phase that has begun."""
    found = []
    for place, phase in enumerate(case.phases):
        state = states[place] if place < len(states) else "planned"
        begun = "2026-11-26T00:00:00Z" if state != "planned" else ""
        ended = begun if state == "done" else ""
        image = {"cluster": images.get(phase["id"].replace("-", "_"))} if begun else None
        found.append(Phase(phase["id"], phase["role"], phase["bound"], phase["input"], image, state, begun, ended))
    return Record(
        "20261126t000000z-cluster-network-mtu", "cluster_network_mtu", "2026-11-26T00:00:00Z", phases=tuple(found)
    )


VM1 = {"namespace": "default", "name": "vm1", "uid": "", "run_strategy": "RerunOnFailure"}


def test_a_change_that_goes_on_has_its_recorded_phases_and_does_what_is_left() -> None:
    case = analyse(CLUSTER, LOWER, NOW)
    half = _plan.plan(CLUSTER, case.phases[:2]).end
    images = {"vms_stop": {"vms": [VM1]}, "configs_off": {}}
    found = phases.recorded(record(case, "done", "done", "started", **images), half)
    keys = ("id", "role", "bound", "input", "until")
    same = [[{key: phase.get(key) for key in keys} for phase in some] for some in (found, case.phases)]
    assert same[0] == same[1]
    assert [[step["kind"] for step in phase["steps"]] for phase in found] == [
        [],
        [],
        ["network_config", "interruption", "proof"],
        ["network_config", "interruption", "proof"],
        ["vm_power"],
    ]
    plan = _plan.plan(half, found)
    assert plan.all_objections == []
    assert set(live_mtus(plan.end, "cn1").values()) == {1500}
    assert plan.end.vms["default/vm1"].run_strategy == "RerunOnFailure"


def test_a_removal_that_was_interrupted_removes_the_rest() -> None:
    on = having(
        config("rack-c", selector={"rack": "c"}, matched=["n2"], nics=["eno4"]),
        config("rack-a", selector={"rack": "a"}, matched=["n1"]),
        status("cn1", "rack-c", "n2"),
        node("n2", "cn1", rack="c"),
        on=CLUSTER,
    )
    case = analyse(on, LOWER, NOW)
    assert [entry["name"] for entry in named(case, "configs-off")["input"]["configs"]] == ["rack-b", "rack-c"]
    half = lacking("vlanconfigs/rack-b", on=_plan.plan(on, case.phases[:1]).end)
    found = phases.recorded(record(case, "done", "started", vms_stop={"vms": [VM1]}), half)
    assert found[1]["steps"] == [
        {"kind": "network_config", "name": "rack-c"},
        {"kind": "interruption", "text": "traffic of cluster network 'cn1'"},
    ]


def test_settings_come_back_as_they_were_recorded() -> None:
    on = stored()
    case = analyse(on, LOWER, NOW)
    half = _plan.plan(on, case.phases[:3]).end
    recorded = [{"setting": "storage-network", "value": text()}]
    images = {"vms_stop": {"vms": [VM1]}, "storage_off": {"recorded": recorded}}
    found = phases.recorded(record(case, "done", "done", "done", "started", **images), half)
    (step,) = next(phase["steps"] for phase in found if phase["id"] == "storage-on")
    assert step == {"kind": "storage_network", "setting": "storage-network", "value": text()}
