# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reboot has stopped and left off is started by playbook rollback, from the record in the cluster alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from reboot_stage import VMI, Stage, boots, killed, labelled, staged

from lab.apiserver import Client, Object
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]
stage = pytest.fixture(staged)

VM = ("kubevirt.io/v1", "VirtualMachine")
SCHEDULE = ("harvesterhci.io/v1beta1", "ScheduleVMBackup")
STRATEGIES = {"always": "Always", "manual": "Manual", "old": "running", "once": "Once", "rerun": "RerunOnFailure"}
"""VM that its owner wants stopped while its node is away -> its run strategy, or the deprecated field."""
WANT_STOP = sorted(f"default/{name}" for name in STRATEGIES)
Call = Callable[..., dict[str, Any]]


def reboot(stage: Stage, stuck: bool = True, **variables: Any) -> Any:
    """Of node1 alone. stuck: it does not come back, and is not waited for."""
    given = {"cases": {"node1": {"stuck": True}}, "change_reboot_timeout": 2} if stuck else {}
    return stage.run("--limit", "node1", **given, **variables)


def killed_at(stage: Stage, monkeypatch: pytest.MonkeyPatch, task: str) -> Any:
    """Of a run that is killed when it comes to a task of role ordered_reboot."""
    where = f"harvester.network.ordered_reboot : {task}"
    return killed(stage, monkeypatch, where, lambda: reboot(stage, stuck=False))


def until(what: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def on_node1(stage: Stage) -> None:
    """Five VMs on node1 whose owners want them stopped with it, one for each way to say that a VM runs."""
    for name in ("node2", "node3"):
        stage.client.patch("v1", "Node", name, {"spec": {"unschedulable": True}})
    for name, strategy in STRATEGIES.items():
        item = make.vm(name, strategy="Always")
        item.pop("status")
        if strategy == "running":
            item["spec"].pop("runStrategy")
            item["spec"]["running"] = True
        stage.client.create(item)
        labelled(stage.client, name, "ShutdownAndRestartAfterDisable")
    until(lambda: set(STRATEGIES) <= set(stage.running()) & set(stage.vms_on("node1")))
    for name, strategy in STRATEGIES.items():
        if strategy not in ("Always", "running"):
            stage.client.patch(*VM, name, {"spec": {"runStrategy": strategy}}, "default")
    for name in ("node2", "node3"):
        stage.client.patch("v1", "Node", name, {"spec": {"unschedulable": None}})


def schedule(client: Client) -> None:
    """A backup job that is due while the VM is off."""
    source = {"source": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "always"}, "type": "backup"}
    spec = {"cron": "* * * * *", "retain": 8, "maxFailure": 4, "suspend": False, "vmbackup": source}
    client.create(make.named(*SCHEDULE, "often", "default", spec=spec))


def suspended(client: Client) -> bool:
    return bool(client.get(*SCHEDULE, "often", "default")["spec"]["suspend"])


def power(client: Client) -> dict[str, Object]:
    """How each VM says whether it runs."""
    return {
        f"{item['metadata']['namespace']}/{item['metadata']['name']}": {
            field: item["spec"][field] for field in ("running", "runStrategy") if item["spec"].get(field) is not None
        }
        for item in client.list(*VM)
    }


def versions(client: Client) -> dict[str, str]:
    """What changes with every write of a VM's specification."""
    return {item["metadata"]["name"]: str(item["metadata"]["generation"]) for item in client.list(*VM)}


def leases(client: Client) -> list[str]:
    found = client.list("coordination.k8s.io/v1", "Lease", "harvester-system")
    return [item["metadata"]["name"] for item in found if item["metadata"]["name"].startswith("harvester-network")]


def test_exactly_what_was_stopped_starts_again(stage: Stage, call: Call) -> None:
    """In four beats. VM batch was off before, shell and web have moved: they are none of its business."""
    on_node1(stage)
    schedule(stage.client)
    before, running = power(stage.client), stage.running()
    assert before["default/batch"] == {"runStrategy": "Halted"}
    failed = reboot(stage)
    assert (failed.status != 0, boots(failed)) == (True, ["node1"]), failed.output
    [(change, state)] = stage.changes()
    assert state == "open"
    assert f"may be off: {', '.join(WANT_STOP)}." in failed.text()
    assert f"change '{change}' has stopped: " in failed.text()
    [shown] = call("change_info", state="open", full=True)["changes"]
    recorded = shown["phases"][0]["before"]["cluster"]
    assert [f"{vm['namespace']}/{vm['name']}" for vm in recorded["vms"]] == WANT_STOP
    assert [item["name"] for item in recorded["schedules"]] == ["often"]
    off = power(stage.client)
    assert (stage.running(), suspended(stage.client)) == (sorted(set(running) - set(STRATEGIES)), True)

    refused = stage.run("--limit", "node1", playbook="rollback")
    assert (
        "this playbook needs all nodes of harvester_nodes, since a change concerns all of them; not in this run: node2,"
        " node3. Run it without --limit." in refused.text()
    )
    check = stage.run("--check", playbook="rollback")
    assert check.status == 0, check.output
    assert f"Change {change} goes back; to be undone, in this order: reboot-1" in check.text()
    assert (power(stage.client), stage.changes(), suspended(stage.client)) == (off, [(change, "open")], True)

    back = stage.run(playbook="rollback")
    assert back.status == 0, back.output
    assert (power(stage.client), stage.running()) == (before, running)
    assert (stage.changes(), leases(stage.client), suspended(stage.client)) == ([(change, "rolled-back")], [], False)
    assert stage.cordons() == [], "it has never gone down"

    written = versions(stage.client)
    again = stage.run(playbook="rollback")
    assert again.status != 0
    assert (
        "no change is open in namespace 'harvester-system', so there is nothing to roll back; see"
        " harvester.network.change_info" in again.text()
    )
    assert [counts["changed"] for counts in again.recap.values()] == [0, 0, 0]
    assert (versions(stage.client), stage.changes(), leases(stage.client)) == (written, [(change, "rolled-back")], [])


@pytest.mark.fault("reboot", "runner killed", "goes back")
def test_a_reboot_that_was_killed(stage: Stage, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Lease lasts on, and so does its cordon, until the rollback; then the same command brings the node back."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    ended = killed_at(stage, monkeypatch, "Drain the node#1")
    [(change, _)] = stage.changes()
    assert ("shell" in stage.running(), stage.cordons(), boots(ended)) == (False, ["node1"], [])
    [shown] = call("change_info", state="open")["changes"]
    assert shown["commands"] == [
        "go on: ansible-playbook harvester.network.reboot -i INVENTORY, with the same variables",
        "go back: ansible-playbook harvester.network.rollback -i INVENTORY",
    ]
    refused = stage.run(playbook="rollback")
    assert f"the network is being changed by '{change}/" in refused.text()
    assert (stage.changes(), "shell" in stage.running()) == ([(change, "open")], False)
    back = stage.run(playbook="rollback", change_takeover=True)
    assert back.status == 0, back.output
    assert (stage.running(), stage.changes(), leases(stage.client)) == (running, [(change, "rolled-back")], [])
    assert stage.cordons() == []
    again = reboot(stage, stuck=False)
    assert again.status == 0, again.output
    assert (boots(again), stage.cordons(), stage.running()) == (["node1"], [], running)


KILLS = {
    "Plan for the VMs that are on the nodes now#1": 0,
    "Stop the VMs#1": 0,
    "Drain the node#1": 0,
    "Reboot and wait for a new boot id#1": 0,
    "Pass the first gate#1": 1,
    "Wait until the cluster has the nodes back#1": 1,
    "Start VMs that were stopped#2": 1,
}
"""Where a run is killed -> how often the node has booted by then."""


@pytest.mark.fault("reboot", "runner killed", "goes on")
@pytest.mark.parametrize("at", KILLS)
def test_the_next_run_goes_on_where_one_was_killed(stage: Stage, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """A node that has booted is not rebooted again, and every VM has the run strategy that it had."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    before, running = power(stage.client), stage.running()
    ended = killed_at(stage, monkeypatch, at)
    [(change, state)] = stage.changes()
    assert (state, boots(ended)) == ("open", ["node1"] * KILLS[at])
    on = reboot(stage, stuck=False, change_takeover=True)
    assert on.status == 0, on.output
    assert boots(ended) + boots(on) == ["node1"]
    assert (power(stage.client), stage.running(), stage.cordons()) == (before, running, [])
    assert (stage.changes(), leases(stage.client)) == ([(change, "done")], [])


def test_a_rollback_that_fails_on_its_way_goes_on(stage: Stage) -> None:
    """A VM that does not come up keeps the change open, and what has started stays up; the next run does the rest."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    assert reboot(stage, ordered_reboot_vm_timeout=5).status != 0
    [(change, _)] = stage.changes()
    stage.cluster.harvester.control.delay(vm_start=3600.0)
    stuck = stage.run(playbook="rollback")
    assert stuck.status != 0
    assert "VM 'default/shell': its instance is" in stuck.text()
    assert f"change '{change}' has stopped: " in stuck.text()
    assert "still to undo: reboot-1" in stuck.text()
    assert (stage.changes(), "shell" in stage.running()) == ([(change, "open")], False)
    stage.cluster.harvester.control.delay(vm_start=0.0)
    back = stage.run(playbook="rollback")
    assert back.status == 0, back.output
    assert (stage.running(), stage.changes()) == (running, [(change, "rolled-back")])


@pytest.mark.fault("reboot", "a VM is deleted by its owner", "stops, then goes back")
def test_a_vm_that_is_gone_is_told_and_the_others_start(stage: Stage) -> None:
    """It is no skip: the change stays open until somebody has looked, also when another VM has its name by then."""
    for name in ("shell", "web"):
        labelled(stage.client, name, "ShutdownAndRestartAfterDisable")
    old = stage.client.get(*VM, "shell", "default")["metadata"]["uid"]
    assert reboot(stage).status != 0
    [(change, _)] = stage.changes()
    stage.client.delete(*VM, "shell", "default")
    back = stage.run(playbook="rollback")
    assert back.status != 0
    assert "VM 'default/shell' is gone; it was stopped and cannot be started" in back.text()
    assert stage.client.get(*VMI, "web", "default")["status"]["phase"] == "Running"
    assert stage.changes() == [(change, "open")]

    item = make.vm("shell", strategy="Halted")
    item.pop("status")
    anew = stage.client.create(item)["metadata"]["uid"]
    told = stage.run(playbook="rollback")
    assert told.status != 0
    assert f"VM 'default/shell' is another one than was stopped (uid {anew}, not {old}); look at it" in told.text()
    assert stage.changes() == [(change, "open")]
    written = versions(stage.client)
    named = stage.run(playbook="rollback", change_gone_vms="default/shell")
    assert named.status == 0, named.output
    assert "Left out, since they are gone: default/shell." in named.text()
    assert (stage.changes(), versions(stage.client)) == ([(change, "rolled-back")], written)


@pytest.mark.fault("reboot", "a VM is deleted by its owner", "stops, then goes on")
def test_a_run_goes_on_without_a_vm_that_is_gone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("shell", "web"):
        labelled(stage.client, name, "ShutdownAndRestartAfterDisable")
    killed_at(stage, monkeypatch, "Drain the node#1")
    [(change, _)] = stage.changes()
    stage.client.delete(*VM, "shell", "default")
    told = reboot(stage, stuck=False, change_takeover=True)
    assert told.status != 0
    assert "VM 'default/shell' is gone; it was stopped and cannot be started" in told.text()
    assert stage.changes() == [(change, "open")]
    on = reboot(stage, stuck=False, change_gone_vms="default/shell")
    assert on.status == 0, on.output
    assert "Left out, since they are gone: default/shell." in on.text()
    assert stage.client.get(*VMI, "web", "default")["status"]["phase"] == "Running"
    assert (stage.changes(), stage.cordons(), leases(stage.client)) == ([(change, "done")], [], [])
