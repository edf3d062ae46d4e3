# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reboot has stopped and left off is started by playbook rollback, from the record in the cluster alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from reboot_stage import ROOT, VMI, Stage, boots, labelled, staged

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
    assert f"may be off: {', '.join(WANT_STOP)}. Playbook rollback starts them (change '{change}')." in failed.text()
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
    assert f"Change {change} goes back; to be undone, in this order: vms" in check.text()
    assert (power(stage.client), stage.changes(), suspended(stage.client)) == (off, [(change, "open")], True)

    back = stage.run(playbook="rollback")
    assert back.status == 0, back.output
    assert (power(stage.client), stage.running()) == (before, running)
    assert (stage.changes(), leases(stage.client), suspended(stage.client)) == ([(change, "rolled-back")], [], False)
    assert stage.cordons() == ["node1"]

    written = versions(stage.client)
    again = stage.run(playbook="rollback")
    assert again.status != 0
    assert (
        "no change is open in namespace 'harvester-system', so there is nothing to roll back; see"
        " harvester.network.change_info" in again.text()
    )
    assert [counts["changed"] for counts in again.recap.values()] == [0, 0, 0]
    assert (versions(stage.client), stage.changes(), leases(stage.client)) == (written, [(change, "rolled-back")], [])


def test_a_reboot_that_was_killed(stage: Stage, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its Lease lasts on, and so does its cordon: VMs come back first, and the same command brings the node back."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    with monkeypatch.context() as killing:
        killing.setenv("ANSIBLE_CALLBACK_PLUGINS", str(ROOT / "tests/api/runbook/callback"))
        killing.setenv("ANSIBLE_CALLBACKS_ENABLED", "kill_at")
        killing.setenv("KILL_LOG", str(stage.folder / "tasks"))
        killing.setenv("KILL_AT", "harvester.network.ordered_reboot : Drain the node#1")
        killed = reboot(stage)
    assert killed.status == -9, killed.output
    [(change, _)] = stage.changes()
    assert ("shell" in stage.running(), stage.cordons(), boots(killed)) == (False, ["node1"], [])
    [shown] = call("change_info", state="open")["changes"]
    assert shown["commands"] == ["go back: ansible-playbook harvester.network.rollback -i INVENTORY"]
    refused = stage.run(playbook="rollback")
    assert f"the network is being changed by '{change}/" in refused.text()
    assert (stage.changes(), "shell" in stage.running()) == ([(change, "open")], False)
    back = stage.run(playbook="rollback", change_takeover=True)
    assert back.status == 0, back.output
    assert (stage.running(), stage.changes(), leases(stage.client)) == (running, [(change, "rolled-back")], [])
    again = reboot(stage, stuck=False)
    assert again.status == 0, again.output
    assert (boots(again), stage.cordons(), stage.running()) == (["node1"], [], running)


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
    assert "still to undo: vms" in stuck.text()
    assert (stage.changes(), "shell" in stage.running()) == ([(change, "open")], False)
    stage.cluster.harvester.control.delay(vm_start=0.0)
    back = stage.run(playbook="rollback")
    assert back.status == 0, back.output
    assert (stage.running(), stage.changes()) == (running, [(change, "rolled-back")])


def test_a_vm_that_is_gone_is_told_and_the_others_start(stage: Stage) -> None:
    """It is no skip: the change stays open until somebody has looked."""
    for name in ("shell", "web"):
        labelled(stage.client, name, "ShutdownAndRestartAfterDisable")
    assert reboot(stage).status != 0
    [(change, _)] = stage.changes()
    stage.client.delete(*VM, "shell", "default")
    back = stage.run(playbook="rollback")
    assert back.status != 0
    assert "VM 'default/shell' is gone; it was stopped and cannot be started" in back.text()
    assert stage.client.get(*VMI, "web", "default")["status"]["phase"] == "Running"
    assert stage.changes() == [(change, "open")]
