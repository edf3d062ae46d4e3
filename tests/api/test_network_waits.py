# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network whose waits do not end, or in which the runner dies: the MTU as the case.

A wait has begun when what it waits for is written; what the stand-in is told then keeps it from ending.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from stage import away, good, killed_in, until
from test_mtu_runbook import UP, WRITE, Mtu, at
from test_network_faults import run

from lab.apiserver import Cluster
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

POWER = "harvester.network.vms : Bring the VMs to their state"
SETTING = "harvester.network.storage_network : Change the setting and wait for the whole cluster"
LOWER = {"change_cluster_network": "storage", "change_mtu_from": 9000, "change_mtu_to": 1500}
HARVESTER = "harvesterhci.io/v1beta1"


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Mtu:
    found = Mtu(running, tmp_path, "mtu")
    found.prepare()
    return found


def value(stage: Mtu) -> str:
    return str(stage.client.get(HARVESTER, "Setting", "storage-network").get("value") or "")


def mtu(stage: Mtu, config: str) -> int:
    """Of a configuration, in bytes; 1500 where it says none."""
    return int(stage.seen()[2][config]["uplink"].get("linkAttributes", {}).get("mtu") or 1500)


def leaves(stage: Mtu, config: str) -> bool:
    """Whether a configuration is being deleted."""
    return bool(stage.client.get(make.NETWORK, "VlanConfig", config)["metadata"].get("deletionTimestamp"))


@pytest.mark.fault("cluster_network_mtu", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(stage: Mtu) -> None:
    """The run ends in its first phase; no configuration was touched, and what runs still is told by name."""
    before, control = stage.seen(), stage.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = stage.run(**UP, try_vm_wait=15)
    assert failed.status != 0
    assert "VM 'default/web': its instance is Running on node" in failed.text, failed.output
    assert "begun: vms-stop" in failed.text
    assert (stage.seen()[2], stage.states()) == (before[2], ["open"])
    assert [lease["spec"].get("holderIdentity") for lease in stage.leases()] == [None], "the Lease is given back"
    control.delay(vm_stop=0.0, grace_second=1.0)
    good(stage.run(**UP))
    assert (stage.seen(), stage.states()) == (at(before, 9000), ["done"])


@pytest.mark.fault("cluster_network_mtu", "a storage network does not finish", "stops, then goes back")
def test_a_storage_network_that_does_not_finish(stage: Mtu) -> None:
    """Switched off in the API, and never done: VMs stay stopped; the rollback has the value back to the byte."""
    before, setting, control = stage.seen(), value(stage), stage.cluster.harvester.control
    control.fault(storage_network_stops="longhorn")
    failed = stage.run(**LOWER, try_storage_wait=15)
    assert failed.status != 0
    assert "setting 'storage-network': condition configured is not True: Update Longhorn setting" in failed.text, (
        failed.output
    )
    assert "done: vms-stop" in failed.text, failed.output
    assert "begun: storage-off" in failed.text
    assert (stage.running(), stage.seen()[2], value(stage)) == (set(), before[2], "")
    control.fault(storage_network_stops="")
    good(stage.run("rollback"))
    assert (stage.seen(), value(stage), stage.states()) == (before, setting, ["rolled-back"])


@pytest.mark.fault("cluster_network_mtu", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(stage: Mtu) -> None:
    """While a configuration is put back and waited for."""
    before = stage.seen()

    def gone() -> None:
        (stage.folder / "tasks.go").touch()
        until(lambda: "vmnet-rack-b" in stage.seen()[2], "the configuration is not put back")
        away(stage.cluster)

    good(run(stage, WRITE + "#3", gone))
    assert (stage.seen(), stage.states(), stage.leases()) == (at(before, 9000), ["done"], [])


def killed_in_wait(stage: Mtu, wait: str) -> None:
    """SIGKILL to the runner and all of its modules while it waits; what kept the wait from ending is mended then."""
    control = stage.cluster.harvester.control
    strategies = stage.strategies()
    wish, task, begun = UP, WRITE + "#3", lambda: "vmnet-rack-b" in stage.seen()[2]
    late: dict[str, Any] = {}
    if wait == "vms-stop":
        task, begun = POWER + "#2", lambda: stage.strategies()["web"] == "Halted"
        control.delay(vm_stop=10000.0, grace_second=1000.0)
    elif wait == "vms-start":
        task, begun = POWER + "#5", lambda: stage.strategies() == strategies
        control.delay(vm_start=10000.0)
    elif wait == "configs-off":
        # Its finalizer keeps it until the agent has done its part.
        task, begun = WRITE + "#1", lambda: leaves(stage, "vmnet-rack-b")
        control.fault(busy_agents=("node3",))
    elif wait == "config":
        task, begun = WRITE + "#2", lambda: mtu(stage, "vmnet-rack-a") == 9000
    elif wait == "storage-off":
        wish, task, begun = LOWER, SETTING + "#1", lambda: value(stage) == ""
        control.fault(storage_network_stops="longhorn")
    elif wait == "storage-on":
        wish, task, begun = LOWER, SETTING + "#3", lambda: value(stage) != ""
    if wait == "configs-on":
        late = {"busy_agents": ("node3",)}
    elif wait == "config":
        late = {"busy_agents": ("node1",)}
    elif wait == "storage-on":
        late = {"storage_network_stops": "longhorn"}
    killed_in(stage, task, begun, lambda: control.fault(**late), **wish)
    control.delay(vm_stop=0.0, grace_second=1.0, vm_start=0.0)
    control.fault(storage_network_stops="", busy_agents=())


WAITS = ("vms-stop", "configs-off", "config", "configs-on", "vms-start", "storage-off", "storage-on")


@pytest.mark.fault("cluster_network_mtu", "runner killed in a wait", "goes on")
@pytest.mark.parametrize("wait", WAITS)
def test_killed_in_a_wait_and_resumed(stage: Mtu, wait: str) -> None:
    before, setting = stage.seen(), value(stage)
    killed_in_wait(stage, wait)
    lowered = wait.startswith("storage-")
    wish: dict[str, Any] = LOWER if lowered else UP
    good(stage.run(change_takeover=True, **wish))
    assert stage.seen()[:2] == before[:2]
    assert (value(stage), stage.states(), stage.leases()) == (setting, ["done"], [])
    mtus = {spec["uplink"]["linkAttributes"]["mtu"] for spec in stage.seen()[2].values() if cluster_network(spec, wish)}
    assert mtus == {wish["change_mtu_to"]}
    assert stage.seen()[2].keys() == before[2].keys()


@pytest.mark.fault("cluster_network_mtu", "runner killed in a wait", "goes back")
@pytest.mark.parametrize("wait", WAITS)
def test_killed_in_a_wait_and_rolled_back(stage: Mtu, wait: str) -> None:
    before, setting = stage.seen(), value(stage)
    killed_in_wait(stage, wait)
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), value(stage)) == (before, setting)
    assert (stage.states(), stage.leases()) == (["rolled-back"], [])


def cluster_network(spec: dict[str, Any], wish: dict[str, Any]) -> bool:
    return bool(spec["clusterNetwork"] == wish["change_cluster_network"])
