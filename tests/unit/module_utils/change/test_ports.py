# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch ports on the way back: when somebody has to vouch for them before anything is undone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _ports
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError, Phase, Record

STAMP = "2026-11-26T01:02:03Z"
ID = "20261126t010203z-mgmt-mtu"
ROLE = "harvester.network."
READY = (
    f"change '{ID}': the hosts go back to 9000 bytes, which switches drop whose ports were lowered since. Let every"
    " port pass them, then run harvester.network.rollback with change_switches_ready=true"
)


def phase(name: str, role: str, state: str, **told: Any) -> Phase:
    started, ended = (STAMP if state != "planned" else ""), (STAMP if state in ("done", "undone") else "")
    return Phase(name, ROLE + role, 60, told, None, state, started, ended)


def hosts(state: str, old: int = 9000, new: int = 1500, **told: Any) -> Phase:
    return phase("hosts-upper", "mgmt_mtu", state, mtu_from=old, mtu_to=new, **told)


def switches(state: str) -> Phase:
    return phase("switches", "switches", state, mtu_from=9000, mtu_to=1500)


def record(*phases: Phase, runbook: str = "mgmt_mtu", **inputs: Any) -> Record:
    return Record(ID, runbook, STAMP, inputs=inputs, phases=phases)


def of_configs(state: str, old: str, new: str, runbook: str = "cluster_network_mtu") -> Record:
    change = phase("config-change", "cluster_network", state)
    return record(change, runbook=runbook, change_mtu_from=old, change_mtu_to=new)


@pytest.mark.parametrize(
    ("found", "more"),
    [
        (record(hosts("started")), ""),
        (record(hosts("done")), ""),
        (record(hosts("done"), switches("planned")), ""),
        (record(hosts("done"), switches("started")), "; or give change_switch_tasks, which sets them"),
        (record(hosts("done"), switches("done")), "; or give change_switch_tasks, which sets them"),
        (of_configs("done", "9000", "1500"), ""),
        (of_configs("started", "9000", "0"), ""),
    ],
)
def test_where_somebody_has_to_vouch_for_them(found: Record, more: str) -> None:
    with pytest.raises(ChangeError) as error:
        _ports.require(found, False, False)
    assert str(error.value) == f"{READY}{more}. Nothing was changed"
    _ports.require(found, True, False)
    if more:
        _ports.require(found, False, True)
        return
    with pytest.raises(ChangeError):
        _ports.require(found, False, True)


@pytest.mark.parametrize(
    "found",
    [
        record(hosts("planned")),
        record(hosts("undone")),
        record(hosts("done", 1500, 9000)),
        record(hosts("done", part="proof")),
        record(hosts("done"), switches("undone")),
        record(phase("overlay", "overlay_mtu", "done", mtu_from=8950, mtu=1450)),
        of_configs("planned", "9000", "1500"),
        of_configs("done", "1500", "9000"),
        of_configs("done", "9000", "1500", "cluster_network_change"),
    ],
)
def test_where_nobody_has_to(found: Record) -> None:
    _ports.require(found, False, False)
