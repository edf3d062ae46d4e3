# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases that runbooks share, driven through: VMs and storage network are afterwards as they were, to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from stage import HOSTS, Ran, Stage, good

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]

HARVESTER, KUBEVIRT = "harvesterhci.io/v1beta1", "kubevirt.io/v1"
OLD_FILES = {host: f"old file of {host}" for host in HOSTS}
NEW_FILES = {host: f"new on {host}" for host in HOSTS}


class Shared(Stage):
    def prepare(self) -> None:
        super().prepare()
        for host in HOSTS:
            (self.folder / host).write_text(OLD_FILES[host], encoding="utf-8")

    def files(self) -> dict[str, str]:
        return {host: (self.folder / host).read_text(encoding="utf-8") for host in HOSTS}

    def strategies(self) -> dict[str, str]:
        """Run strategy by VM."""
        found = self.client.list(KUBEVIRT, "VirtualMachine")
        return {f"{vm['metadata']['namespace']}/{vm['metadata']['name']}": vm["spec"]["runStrategy"] for vm in found}

    def running(self) -> set[str]:
        found = self.client.list(KUBEVIRT, "VirtualMachineInstance")
        return {vmi["metadata"]["name"] for vmi in found if vmi["status"]["phase"] == "Running"}

    def value(self) -> str:
        return str(self.client.get(HARVESTER, "Setting", "storage-network").get("value") or "")

    def seen(self) -> tuple[Any, ...]:
        return self.strategies(), self.running(), self.value()


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Shared:
    found = Shared(running, tmp_path, "shared")
    found.prepare()
    return found


def stopped_in(stage: Shared, ran: Ran) -> None:
    """The run has ended on the hosts, with everything off."""
    assert ran.status != 0, ran.output
    assert set(stage.strategies().values()) == {"Halted"}, ran.output
    assert (stage.running(), stage.value()) == (set(), "")
    assert stage.states() == ["open"]


def test_off_and_on_again(stage: Shared) -> None:
    before = stage.seen()
    assert (before[1], bool(before[2])) == ({"web", "db", "shell"}, True)
    failed = stage.run(try_failing="node2")
    stopped_in(stage, failed)
    assert "done: vms-stop, storage-off" in failed.text
    good(stage.run())
    assert stage.seen() == before
    assert (stage.files(), stage.states(), stage.leases()) == (NEW_FILES, ["done"], [])


AT = (
    "harvester.network.vms : Bring the VMs to their state#2",
    "harvester.network.storage_network : Change the setting and wait for the whole cluster#1",
    "host_file : Write the file#1",
    "harvester.network.storage_network : Change the setting and wait for the whole cluster#3",
    "harvester.network.vms : Bring the VMs to their state#5",
    "harvester.network.change : Close the change#1",
)
"""Tasks right before which a run is killed: the write of each phase, and the end."""


@pytest.mark.fault("shared phases", "runner killed", "goes on")
@pytest.mark.parametrize("at", AT)
def test_killed_and_resumed(stage: Shared, at: str) -> None:
    before = stage.seen()
    stage.killed(at)
    good(stage.run(change_takeover=True))
    assert stage.seen() == before
    assert (stage.files(), stage.states()) == (NEW_FILES, ["done"])


@pytest.mark.fault("shared phases", "runner killed", "goes back")
@pytest.mark.parametrize("at", AT)
def test_killed_and_rolled_back(stage: Shared, at: str) -> None:
    before = stage.seen()
    stage.killed(at)
    good(stage.run("rollback", change_takeover=True))
    assert stage.seen() == before
    assert (stage.files(), stage.states()) == (OLD_FILES, ["rolled-back"])


def test_a_vm_that_is_started_meanwhile_is_recorded_and_stopped_too(stage: Shared) -> None:
    """It is found by the proof; the next run takes it into the record, so that it is started again in the end."""
    stage.killed("harvester.network.vms : Bring the VMs to their state#3")
    stage.client.patch(KUBEVIRT, "VirtualMachine", "batch", {"spec": {"runStrategy": "Always"}}, "default")
    # Harvester's webhook has written the one of its annotation vmRunStrategy.
    started = stage.strategies()["default/batch"]
    assert started == "RerunOnFailure"
    on = good(stage.run(change_takeover=True))
    assert "goes on" in on.text
    assert stage.strategies()["default/batch"] == started
    assert "batch" in stage.running()
