# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks vm_power and storage_network against a real API, alone and one after the other. Links are played."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reboot_stage import NODES, Stage, killed, staged

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab.apiserver.seed import STORAGE_VALUE

pytestmark = [pytest.mark.api, pytest.mark.long]
stage = pytest.fixture(staged)

VM = ("kubevirt.io/v1", "VirtualMachine")
SETTING = ("harvesterhci.io/v1beta1", "Setting", "storage-network")
PROOF = "storage network (VLAN 50)"
OFF: dict[str, Any] = {"state": "disabled"}
ON: dict[str, Any] = {"state": "recorded", "recorded": [{"setting": "storage-network", "value": STORAGE_VALUE}]}


def power(stage: Stage, *arguments: str, **variables: Any) -> Any:
    return stage.run(*arguments, playbook="vm_power", **variables)


def storage(stage: Stage, wanted: dict[str, Any], *arguments: str) -> Any:
    """The links on the hosts are not looked at: nobody plays them."""
    given = {"harvester_storage_network": wanted, "change_prove": False, "change_prove_paths": True}
    return stage.run(*arguments, playbook="storage_network", **given)


def value(stage: Stage) -> str:
    return str(stage.client.get(*SETTING).get("value") or "")


def strategies(stage: Stage) -> dict[str, str]:
    return {item["metadata"]["name"]: item["spec"]["runStrategy"] for item in stage.client.list(*VM)}


def changed(found: Any) -> int:
    return sum(counts["changed"] for counts in found.recap.values())


def good(found: Any) -> Any:
    assert found.status == 0, found.output
    return found


def changes(stage: Stage) -> list[str]:
    """Runbook and state of all changes, in their order."""
    found = stage.client.list("v1", "ConfigMap", "harvester-system", labelSelector=_configmap.CHANGE_LABEL)
    found.sort(key=lambda item: str(item["metadata"]["name"]))
    return [
        f"{json.loads(item['data']['record.json'])['runbook']} {item['metadata']['labels'][_configmap.STATE_LABEL]}"
        for item in found
    ]


def test_vms_and_the_storage_network_go_off_and_come_back(stage: Stage) -> None:
    """Each playbook in four beats; what neither has touched stays as it was."""
    running, before = stage.running(), strategies(stage)
    assert before["batch"] == "Halted"
    refused = storage(stage, OFF)
    assert refused.status != 0
    assert "Please stop all VMs before configuring the storage-network setting" in refused.text()
    assert (value(stage), refused.of("probe", "paths"), changes(stage)) == (STORAGE_VALUE, [], [])
    nothing = good(power(stage, change_restore=True))
    assert "No VMs wait to be brought back." in nothing.output
    unknown = power(stage, change_restore=True, change_record="20260101t000000z-vm-power")
    assert unknown.status != 0
    assert "no change of playbook vm_power that is done has this id; VMs wait in: none" in unknown.text()

    check = good(power(stage, "--check", change_all_vms=True))
    assert "stops VMs: default/shell, default/web, production/db" in check.text()
    assert (stage.running(), strategies(stage), changes(stage)) == (running, before, [])
    assert changed(good(power(stage, change_all_vms=True))) > 0
    assert (stage.running(), changes(stage)) == ([], ["vm_power done"])
    again = good(power(stage, change_all_vms=True))
    assert "No such VM runs; nothing is to be done." in again.output
    assert (changed(again), changes(stage)) == (0, ["vm_power done"])

    good(storage(stage, OFF, "--check"))
    assert value(stage) == STORAGE_VALUE
    gone = good(storage(stage, OFF))
    assert value(stage) == ""
    assert {line.split()[0] for line in gone.of("paths") if PROOF in line} == set(NODES)
    assert changed(good(storage(stage, OFF))) == 0
    good(storage(stage, ON))
    assert value(stage) == STORAGE_VALUE

    good(power(stage, change_restore=True))
    assert (stage.running(), strategies(stage)) == (running, before)
    once = good(power(stage, change_restore=True))
    assert ("No VMs wait to be brought back." in once.output, changed(once)) == (True, 0)
    assert changes(stage) == ["vm_power done", *["storage_network done"] * 2, "vm_power done"]


def test_a_vm_that_is_not_as_it_was_is_named_and_may_be_accepted(stage: Stage) -> None:
    """The change stays open until then."""
    running, before = stage.running(), strategies(stage)
    good(power(stage, change_vms=["default/web"]))
    stage.cluster.harvester.control.fault(without_agent=["default/web"])
    failed = power(stage, change_restore=True, change_vm_wait_timeout=5)
    assert failed.status != 0
    assert (
        "VM 'default/web': its guest agent was connected, and is not; look at its console, run again with a longer"
        " wait (change_vm_wait_timeout, option wait_timeout of vm_power), or, where it may stay so,"
        " name it in change_accepted_vms (option accepted of vm_power)"
    ) in failed.text()
    assert changes(stage) == ["vm_power done", "vm_power open"]
    good(power(stage, change_restore=True, change_accepted_vms="default/web"))
    assert (stage.running(), strategies(stage), changes(stage)) == (running, before, ["vm_power done"] * 2)


KILLS = (
    "harvester.network.vms : Bring the VMs to their state#2",
    "harvester.network.change : Record that the phase is done#1",
)
"""Right before the first VM stops or starts, and when all have."""


@pytest.mark.fault("vm_power", "runner killed", "goes back; goes on")
@pytest.mark.parametrize("at", KILLS)
def test_a_stop_that_was_killed_goes_back_or_on(stage: Stage, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    running, before = stage.running(), strategies(stage)
    killed(stage, monkeypatch, at, lambda: power(stage, change_all_vms=True))
    assert changes(stage) == ["vm_power open"]
    good(stage.run(playbook="rollback", change_takeover=True))
    assert (stage.running(), strategies(stage), changes(stage)) == (running, before, ["vm_power rolled-back"])
    assert "No VMs wait to be brought back." in good(power(stage, change_restore=True)).output

    killed(stage, monkeypatch, at, lambda: power(stage, change_all_vms=True))
    good(power(stage, change_all_vms=True, change_takeover=True))
    assert (stage.running(), changes(stage)) == ([], ["vm_power rolled-back", "vm_power done"])


@pytest.mark.fault("vm_power", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(stage: Stage) -> None:
    running, before, control = stage.running(), strategies(stage), stage.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = power(stage, change_all_vms=True, change_vm_wait_timeout=15)
    assert failed.status != 0
    assert "VM 'default/web': its instance is Running on node" in failed.text(), failed.output
    assert changes(stage) == ["vm_power open"]
    control.delay(vm_stop=0.0, grace_second=1.0)
    good(power(stage, change_all_vms=True, change_vm_wait_timeout=15))
    assert (stage.running(), changes(stage)) == ([], ["vm_power done"])
    good(power(stage, change_restore=True))
    assert (stage.running(), strategies(stage)) == (running, before)


@pytest.mark.fault("vm_power", "runner killed in the restore", "goes on")
@pytest.mark.parametrize("at", KILLS)
def test_a_restore_that_was_killed_goes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    running, before = stage.running(), strategies(stage)
    good(power(stage, change_all_vms=True))
    killed(stage, monkeypatch, at, lambda: power(stage, change_restore=True))
    assert changes(stage) == ["vm_power done", "vm_power open"]
    good(power(stage, change_restore=True, change_takeover=True))
    assert (stage.running(), strategies(stage), changes(stage)) == (running, before, ["vm_power done"] * 2)
