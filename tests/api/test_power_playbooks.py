# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks vm_power and storage_network against a real API, alone and one after the other. Links are played."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reboot_stage import NODES, Stage, staged

from lab.apiserver.seed import STORAGE_VALUE

pytestmark = [pytest.mark.api, pytest.mark.long]
stage = pytest.fixture(staged)

VM = ("kubevirt.io/v1", "VirtualMachine")
SETTING = ("harvesterhci.io/v1beta1", "Setting", "storage-network")
PROOF = "storage network (VLAN 50)"
OFF: dict[str, Any] = {"state": "disabled"}
ON: dict[str, Any] = {"state": "recorded", "recorded": [{"setting": "storage-network", "value": STORAGE_VALUE}]}


def power(stage: Stage, *arguments: str, **variables: Any) -> Any:
    return stage.run(*arguments, playbook="vm_power", change_record_file=str(stage.folder / "record"), **variables)


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


def test_vms_and_the_storage_network_go_off_and_come_back(stage: Stage) -> None:
    """Each playbook in four beats; what neither has touched stays as it was."""
    record, running, before = stage.folder / "record", stage.running(), strategies(stage)
    assert before["batch"] == "Halted"
    refused = storage(stage, OFF)
    assert refused.status != 0
    assert "Please stop all VMs before configuring the storage-network setting" in refused.text()
    assert (value(stage), refused.of("probe", "paths")) == (STORAGE_VALUE, [])
    nothing = power(stage, change_restore=True)
    assert nothing.status != 0
    assert "there is no record of VMs to restore" in nothing.text()

    good(power(stage, "--check", change_all_vms=True))
    assert (stage.running(), strategies(stage), record.exists()) == (running, before, False)
    assert changed(good(power(stage, change_all_vms=True))) > 0
    assert stage.running() == []
    stored = json.loads(record.read_text())
    assert sorted(vm["name"] for vm in stored["vms"]) == ["db", "shell", "web"]
    assert changed(good(power(stage, change_all_vms=True))) == 0
    assert json.loads(record.read_text()) == stored

    good(storage(stage, OFF, "--check"))
    assert value(stage) == STORAGE_VALUE
    gone = good(storage(stage, OFF))
    assert value(stage) == ""
    assert {line.split()[0] for line in gone.of("paths") if PROOF in line} == set(NODES)
    assert changed(good(storage(stage, OFF))) == 0
    good(storage(stage, ON))
    assert value(stage) == STORAGE_VALUE

    good(power(stage, change_restore=True))
    assert (stage.running(), strategies(stage), record.exists()) == (running, before, False)
