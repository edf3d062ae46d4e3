# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook reboot with its runner killed while a node is emptied, and while it is looked at after its boot.

VM shell runs on node1, the only node that reboots. The waits for the boot and for the cluster are in test_power_waits.
"""

from __future__ import annotations

from typing import Any

import pytest
from reboot_stage import VMI, Stage, staged
from stage import killed_in, until
from test_power_playbooks import good
from test_reboot import budget
from test_reboot_rollback import leases
from test_reboot_rollback import power as powers

pytestmark = [pytest.mark.api, pytest.mark.long]
stage = pytest.fixture(staged)

REBOOT = "harvester.network.ordered_reboot : "
OTHERS: dict[str, Any] = {name: {"pending": []} for name in ("node2", "node3")}
"""They look on, and do not reboot."""


def kill(stage: Stage, task: str, **cases: Any) -> None:
    killed_in(stage, f"{REBOOT}{task}#1", cases={**OTHERS, **cases})


def killed(stage: Stage, wait: str) -> None:
    """What keeps the wait from ending is over afterwards."""
    if wait == "drain":
        found = budget(stage.client, "node1")
        kill(stage, "Drain the node")
        stage.client.delete("policy/v1", "PodDisruptionBudget", found["metadata"]["name"], "default")
    else:
        kill(stage, "Wait for the management addresses and a bond port with link", node1={"lost": True})


@pytest.mark.fault("reboot", "runner killed in a wait around the boot", "goes on; goes back")
@pytest.mark.parametrize(("wait", "way"), [("drain", "on"), ("network", "back")])
def test_killed_while_a_node_is_emptied_or_looked_at(stage: Stage, wait: str, way: str) -> None:
    """A node that has booted is not rebooted again, neither on the way forth nor on the way back."""
    before, running = powers(stage.client), stage.running()
    killed(stage, wait)
    [(change, state)] = stage.changes()
    assert (state, "node1 boot" in stage.lines("calls")) == ("open", wait == "network")
    if way == "on":
        on = good(stage.run(cases=OTHERS, change_takeover=True))
        assert [line.split()[0] for line in on.of("boot")] == ["node1"]
    else:
        good(stage.run(playbook="rollback", cases=OTHERS, change_takeover=True))
    until(lambda: stage.running() == running, "not every VM runs that did")
    assert (powers(stage.client), stage.cordons()) == (before, [])
    assert [item for item in stage.client.list(*VMI) if item["status"].get("phase") != "Running"] == []
    assert (stage.changes(), leases(stage.client)) == ([(change, "done" if way == "on" else "rolled-back")], [])
