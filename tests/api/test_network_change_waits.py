# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_network_change whose waits do not end, in which the runner dies, or whose API is away.

A configuration is split into one per node: nodes leave it and join others, which their agents have to say.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from stage import away, good, killed_in, until
from test_network_change_runbook import NIC, POWER, SPLIT, WRITE, Change, given, running_vms

from lab.apiserver import Cluster
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

PLACED = {"node1": "vmnet-node1", "node2": "vmnet-node2", "node3": "vmnet-rack-b"}


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Change:
    found = Change(running, tmp_path, "network_change")
    found.prepare()
    return found


@pytest.mark.fault("cluster_network_change", "a VM does not stop", "stops, then goes on")
def test_a_vm_that_does_not_stop(stage: Change) -> None:
    """The run ends in its first phase; no configuration was touched, and what runs still is told by name."""
    before, control = stage.seen(), stage.cluster.harvester.control
    control.delay(vm_stop=10000.0, grace_second=1000.0)
    failed = stage.change({**NIC, "vm_wait_timeout": 15})
    assert failed.status != 0
    assert "VM 'default/db': its instance is Running on node" in failed.text, failed.output
    assert "begun: vms-stop" in failed.text
    assert (stage.specs(), stage.states()) == (before[0], ["open"])
    control.delay(vm_stop=0.0, grace_second=1.0)
    good(stage.change(NIC))
    after = stage.seen()
    assert after[0]["vmnet-rack-b"]["uplink"]["nics"] == ["ens3f3"]
    assert after[1:] == before[1:]
    assert (stage.states(), stage.leases()) == (["done"], [])


@pytest.mark.fault("cluster_network_change", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(stage: Change) -> None:
    """While a configuration that nodes have left is waited for, and others follow."""
    before = stage.seen()
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(stage.run, "", pause_at=WRITE + "#1", **given(SPLIT))
        stage.wait_for("tasks", WRITE + "#1")
        (stage.folder / "tasks.go").touch()
        until(lambda: leaves(stage) or "vmnet-rack-a" not in stage.specs(), "the configuration is not taken away")
        away(stage.cluster)
        good(ran.result())
    after = stage.seen()
    assert (after[1:4], after[4], after[5]) == (before[1:4], PLACED, [])
    assert (stage.states(), stage.leases()) == (["done"], [])


def leaves(stage: Change) -> bool:
    """Whether the configuration that is split is being deleted."""
    found = {item["metadata"]["name"]: item["metadata"] for item in stage.client.list(make.NETWORK, "VlanConfig")}
    return "deletionTimestamp" in found.get("vmnet-rack-a", {})


def killed_in_wait(stage: Change, wait: str) -> None:
    """What kept the wait from ending is mended afterwards."""
    control, vms = stage.cluster.harvester.control, stage.seen()[1]
    if wait == "vms-stop":
        control.delay(vm_stop=10000.0, grace_second=1000.0)
        killed_in(stage, POWER + "#2", lambda: stage.seen()[1]["web"] == "Halted", **given(SPLIT))
        assert "web" in running_vms(stage.client), "the wait has not ended"
    elif wait == "config":
        # Its finalizer keeps the configuration until the agents have done their part.
        control.fault(busy_agents=("node1", "node2"))
        killed_in(stage, WRITE + "#1", lambda: leaves(stage), **given(SPLIT))
        assert leaves(stage), "the wait has not ended"
    else:
        control.delay(vm_start=10000.0)
        killed_in(stage, POWER + "#5", lambda: stage.seen()[1] == vms, **given(SPLIT))
        assert "web" not in running_vms(stage.client), "the wait has not ended"
    control.delay(vm_stop=0.0, grace_second=1.0, vm_start=0.0)
    control.fault(busy_agents=())


@pytest.mark.fault("cluster_network_change", "runner killed in a wait", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("wait", ["vms-stop", "config", "vms-start"])
def test_killed_in_a_wait(stage: Change, wait: str, way: str) -> None:
    before = stage.seen()
    killed_in_wait(stage, wait)
    if way == "on":
        # The plan names an object that goes between its two looks at the cluster as missing; the next run goes on.
        until(lambda: not leaves(stage), "the agents have not done their part")
        good(stage.change({**SPLIT, "takeover": True}))
        after = stage.seen()
        assert sorted(after[0]) == sorted(PLACED.values())
        assert (after[1:4], after[4], after[5]) == (before[1:4], PLACED, [])
    else:
        good(stage.run("rollback", change_takeover=True))
        assert stage.seen() == before
    assert (stage.states(), stage.leases()) == (["done" if way == "on" else "rolled-back"], [])
