# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of configurations: one that goes on."""

from __future__ import annotations

from cluster_network_change_cases import CLUSTER, NOW, WISH

from ansible_collections.harvester.network.plugins.module_utils.change import _plan, phases
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import analyse


def test_a_change_that_goes_on_does_what_is_left() -> None:
    case = analyse(CLUSTER, WISH._replace(uplink={"mode": "balance-alb"}, affected_vms="migrate"), NOW)
    half = _plan.plan(CLUSTER, case.phases[:4]).end
    begun = "2026-11-26T00:00:00Z"
    states = ["done", "done", "done", "done", "started", "planned"]
    kept = tuple(
        Phase(
            phase["id"],
            phase["role"],
            phase["bound"],
            phase["input"],
            {"cluster": {}} if state != "planned" else None,
            state,
            begun if state != "planned" else "",
            begun if state == "done" else "",
        )
        for phase, state in zip(case.phases, states, strict=True)
    )
    record = Record("20261126t000000z-cluster-network-change", "cluster_network_change", begun, phases=kept)
    found = phases.recorded(record, half)
    assert [[step["kind"] for step in phase["steps"]] for phase in found] == [
        [],
        [],
        [],
        [],
        ["network_config", "interruption", "proof"],
        [],
    ]
    assert found[0]["until"] == found[2]["id"]
    plan = _plan.plan(half, found)
    assert plan.all_objections == []
    assert {config.mode for config in plan.end.user_configs.values()} == {"balance-alb"}
