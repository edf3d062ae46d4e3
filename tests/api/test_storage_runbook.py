# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network by itself as a change: off, on, another value, killed, resumed, rolled back to the byte."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stage import away, good, killed_in, until
from test_mtu_runbook import Mtu

from lab.apiserver import Cluster
from lab.apiserver.seed import STORAGE_VALUE

pytestmark = [pytest.mark.api, pytest.mark.long]

OFF: dict[str, Any] = {"harvester_storage_network": {"state": "disabled"}, "change_stop_vms": True}
OTHER: dict[str, Any] = {
    "harvester_storage_network": {"range": "192.168.150.0/24", "exclude": ["192.168.150.0/28"]},
    "change_stop_vms": True,
}
BACK: dict[str, Any] = {
    "harvester_storage_network": {
        "state": "recorded",
        "recorded": [{"setting": "storage-network", "value": STORAGE_VALUE}],
    },
    "change_stop_vms": True,
}
POWER = "harvester.network.vms : Bring the VMs to their state"
SETTING = "harvester.network.storage_network : Change the setting and wait for the whole cluster#1"


class Storage(Mtu):
    def value(self) -> str:
        found = self.client.get("harvesterhci.io/v1beta1", "Setting", "storage-network")
        return str(found.get("value") or "")

    def seen(self) -> tuple[Any, ...]:
        return self.strategies(), self.running(), self.value()


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Storage:
    found = Storage(running, tmp_path, "storage")
    found.prepare()
    return found


def test_off_and_as_it_was(stage: Storage) -> None:
    before = stage.seen()
    assert (before[1], before[2]) == ({"web", "db", "shell"}, STORAGE_VALUE)
    refused = stage.run(**{**OFF, "change_stop_vms": False})
    assert refused.status != 0
    assert (
        "Please stop all VMs before configuring the storage-network setting"
        " (running: default/shell, default/web, production/db)"
    ) in refused.text
    assert (stage.seen(), stage.states(), stage.leases()) == (before, [], [])

    check = good(stage.run("", "--check", **OFF))
    for line in ("stops VMs: default/shell, default/web, production/db", "changed setting 'storage-network'"):
        assert line in check.text
    assert (stage.seen(), stage.states(), stage.leases()) == (before, [], [])

    good(stage.run(**OFF))
    assert stage.seen() == (*before[:2], "")
    assert stage.states() == ["done"]
    again = good(stage.run(**OFF))
    assert "Run the phases" not in again.output
    assert stage.states() == ["done"]
    assert stage.leases() == []

    good(stage.run(**BACK))
    assert (stage.seen(), stage.states()) == (before, ["done", "done"])
    assert stage.leases() == []


@pytest.mark.fault("storage_network", "runner killed", "goes on")
@pytest.mark.parametrize("wish", [OFF, OTHER], ids=["off", "another range"])
def test_killed_and_resumed(stage: Storage, wish: dict[str, Any]) -> None:
    before = stage.seen()
    stage.killed(SETTING, **wish)
    assert (stage.running(), stage.value()) == (set(), STORAGE_VALUE)
    other = stage.run(change_takeover=True, **BACK)
    assert other.status != 0
    assert "harvester_storage_network" in other.text
    good(stage.run(change_takeover=True, **wish))
    value = stage.value()
    assert ("192.168.150.0/24" in value) if wish is OTHER else (value == "")
    assert (stage.seen(), stage.states()) == ((*before[:2], value), ["done"])
    assert stage.leases() == []


@pytest.mark.fault("storage_network", "runner killed", "goes back")
@pytest.mark.parametrize("wish", [OFF, OTHER], ids=["off", "another range"])
def test_killed_after_it_was_written_and_rolled_back(stage: Storage, wish: dict[str, Any]) -> None:
    before = stage.seen()
    stage.killed("harvester.network.vms : Bring the VMs to their state#4", **wish)
    assert stage.value() != STORAGE_VALUE
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), stage.states()) == (before, ["rolled-back"])
    assert stage.leases() == []


@pytest.mark.fault("storage_network", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(stage: Storage) -> None:
    before, control = stage.seen(), stage.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = stage.run(try_vm_wait=15, **OFF)
    assert failed.status != 0
    assert "VM 'default/web': its instance is Running on node" in failed.text, failed.output
    assert (stage.value(), stage.states()) == (STORAGE_VALUE, ["open"])
    control.delay(vm_stop=0.0, grace_second=1.0)
    good(stage.run(**OFF))
    assert (stage.seen(), stage.states(), stage.leases()) == ((*before[:2], ""), ["done"], [])


@pytest.mark.fault("storage_network", "a storage network does not finish", "stops, then goes back")
def test_a_storage_network_that_does_not_finish(stage: Storage) -> None:
    before, control = stage.seen(), stage.cluster.harvester.control
    control.fault(storage_network_stops="longhorn")
    failed = stage.run(try_storage_wait=15, **OFF)
    assert failed.status != 0
    assert "setting 'storage-network': condition configured is not True: Update Longhorn setting" in failed.text, (
        failed.output
    )
    assert (stage.running(), stage.value(), stage.states()) == (set(), "", ["open"])
    control.fault(storage_network_stops="")
    good(stage.run("rollback"))
    assert (stage.seen(), stage.states(), stage.leases()) == (before, ["rolled-back"], [])


@pytest.mark.fault("storage_network", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(stage: Storage) -> None:
    """While the whole cluster is waited for."""
    before = stage.seen()
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(stage.run, pause_at=SETTING, **OFF)
        stage.wait_for("tasks", SETTING)
        (stage.folder / "tasks.go").touch()
        until(lambda: stage.value() == "", "the setting is not written")
        away(stage.cluster)
        good(ran.result())
    assert (stage.seen(), stage.states(), stage.leases()) == ((*before[:2], ""), ["done"], [])


@pytest.mark.fault("storage_network", "runner killed in a wait", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("wait", ["vms-stop", "storage-off", "storage-on", "vms-start"])
def test_killed_in_a_wait(stage: Storage, wait: str, way: str) -> None:
    """That of the setting twice: while it lets go of its network, and while it gets it back."""
    wish, text, control = OFF, "", stage.cluster.harvester.control
    if wait == "storage-on":
        good(stage.run(**OFF))
        wish, text = BACK, STORAGE_VALUE
    before, ended = stage.seen(), stage.states()
    if wait == "vms-stop":
        control.delay(vm_stop=10000.0, grace_second=1000.0)
        killed_in(stage, POWER + "#2", lambda: stage.strategies()["web"] == "Halted", **wish)
    elif wait == "vms-start":
        control.delay(vm_start=10000.0)
        # A canary may come before others.
        killed_in(stage, POWER + "#5", lambda: set(stage.strategies().values()) != {"Halted"}, **wish)
        assert (stage.running(), stage.value()) == (set(), ""), "the wait has not ended"
    else:
        control.fault(storage_network_stops="longhorn")
        killed_in(stage, SETTING, lambda: stage.value() == text, **wish)
    control.delay(vm_stop=0.0, grace_second=1.0, vm_start=0.0)
    control.fault(storage_network_stops="")
    if way == "on":
        good(stage.run(change_takeover=True, **wish))
        assert (stage.seen(), stage.states(), stage.leases()) == ((*before[:2], text), [*ended, "done"], [])
    else:
        good(stage.run("rollback", change_takeover=True))
        assert (stage.seen(), stage.states(), stage.leases()) == (before, [*ended, "rolled-back"], [])
