# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks vm_power and reboot in whose waits the runner dies, or the API is away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from reboot_stage import Stage, labelled, staged
from stage import away, killed_in, until
from test_power_playbooks import changes, good, power, strategies
from test_reboot_rollback import leases, reboot
from test_reboot_rollback import power as powers

pytestmark = [pytest.mark.api, pytest.mark.long]
stage = pytest.fixture(staged)

POWER = "harvester.network.vms : Bring the VMs to their state#2"
REBOOT = "harvester.network.ordered_reboot : "
BOOT, GATE = (
    REBOOT + task for task in ("Reboot and wait for a new boot id#1", "Wait until the cluster has the nodes back#1")
)


@pytest.mark.fault("vm_power", "runner killed in a wait", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
def test_killed_while_vms_stop(stage: Stage, way: str) -> None:
    running, before, control = stage.running(), strategies(stage), stage.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    halted = dict.fromkeys(before, "Halted")
    killed_in(stage, POWER, lambda: strategies(stage) == halted, playbook="vm_power", change_all_vms=True)
    assert (stage.running(), changes(stage)) == (running, ["vm_power open"]), "the wait has not ended"
    control.delay(vm_stop=0.0, grace_second=1.0)
    if way == "on":
        good(power(stage, change_all_vms=True, change_takeover=True))
        assert (stage.running(), changes(stage)) == ([], ["vm_power done"])
        good(power(stage, change_restore=True))
    else:
        good(stage.run(playbook="rollback", change_takeover=True))
        assert changes(stage) == ["vm_power rolled-back"]
    assert (stage.running(), strategies(stage), leases(stage.client)) == (running, before, [])


@pytest.mark.fault("vm_power", "runner killed in a wait of the restore", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
def test_killed_while_vms_start(stage: Stage, way: str) -> None:
    """Back is to where the restore has begun: with the VMs stopped."""
    running, before, control = stage.running(), strategies(stage), stage.cluster.harvester.control
    good(power(stage, change_all_vms=True))
    control.delay(vm_start=10000.0)
    killed_in(stage, POWER, lambda: restored(stage, before) != [], playbook="vm_power", change_restore=True)
    assert (stage.running(), changes(stage)) == ([], ["vm_power done", "vm_power open"]), "the wait has not ended"
    control.delay(vm_start=0.0)
    if way == "back":
        good(stage.run(playbook="rollback", change_takeover=True))
        assert (stage.running(), changes(stage)) == ([], ["vm_power done", "vm_power rolled-back"])
        good(power(stage, change_restore=True))
    else:
        good(power(stage, change_restore=True, change_takeover=True))
    assert (stage.running(), strategies(stage), leases(stage.client)) == (running, before, [])


def restored(stage: Stage, before: dict[str, str]) -> list[str]:
    """The VMs that have their run strategy again, of those that were stopped: a canary may come before others."""
    now = strategies(stage)
    return [name for name, strategy in before.items() if strategy != "Halted" and now[name] == strategy]


@pytest.mark.fault("vm_power", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_while_vms_stop(stage: Stage) -> None:
    running, before, control = stage.running(), strategies(stage), stage.cluster.harvester.control
    control.delay(vm_stop=5.0)

    def gone() -> None:
        until(lambda: strategies(stage)["web"] == "Halted", "web is not told to stop")
        away(stage.cluster)

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(gone)
        good(power(stage, change_all_vms=True))
        ended.result()
    assert (stage.running(), changes(stage)) == ([], ["vm_power done"])
    good(power(stage, change_restore=True))
    assert (stage.running(), strategies(stage), leases(stage.client)) == (running, before, [])


def killed_in_wait(stage: Stage, wait: str) -> None:
    """What keeps the wait from ending is over afterwards."""
    control = stage.cluster.harvester.control
    if wait == "boot":
        stuck = {"node1": {"stuck": True}}
        killed_in(stage, BOOT, lambda: "node1 boot" in stage.lines("calls"), limit="node1", cases=stuck)
    else:
        # Before the wait, since the gates before the reboot ask for it too.
        killed_in(
            stage,
            GATE,
            lambda: learns(stage, "node2"),
            lambda: control.fault(etcd_learners=["node2"]),
            limit="node1",
        )
        control.fault(etcd_learners=[])
        until(lambda: not learns(stage, "node2"), "node2 does not vote again")


def learns(stage: Stage, node: str) -> bool:
    """Whether the member of etcd is no voter."""
    found = stage.client.get("v1", "Node", node)["status"]["conditions"]
    return [item["status"] for item in found if item["type"] == "EtcdIsVoter"] == ["False"]


@pytest.mark.fault("reboot", "runner killed in a wait", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("wait", ["boot", "gate"])
def test_killed_while_a_node_is_waited_for(stage: Stage, wait: str, way: str) -> None:
    """shell stops with its node, and starts again. A node that has booted is not rebooted again."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    before, running = powers(stage.client), stage.running()
    killed_in_wait(stage, wait)
    [(change, state)] = stage.changes()
    assert (state, stage.cordons(), "shell" in stage.running()) == ("open", ["node1"], False)
    if way == "on":
        on = good(reboot(stage, stuck=False, change_takeover=True))
        assert [line.split()[0] for line in on.of("boot")] == (["node1"] if wait == "boot" else [])
    else:
        good(stage.run(playbook="rollback", change_takeover=True))
    assert (powers(stage.client), stage.running(), stage.cordons()) == (before, running, [])
    assert (stage.changes(), leases(stage.client)) == ([(change, "done" if way == "on" else "rolled-back")], [])
