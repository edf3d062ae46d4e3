# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with change_running_vms=keep: no storage network, and VMs that are not on mgmt run on through all of it.

VMs web and db are on another cluster network; shell, on the pod network, stops.
"""

from __future__ import annotations

from typing import Any

import pytest
from played_nodes import DOWN, KUBEVIRT, UP, Nodes, everywhere
from stage import good, until
from test_harvester_storage import LONGHORN, LONGHORN_SYSTEM
from test_mgmt_mtu_killed import DONE, leftovers
from test_mgmt_mtu_storage import running, set_storage

pytestmark = [pytest.mark.api, pytest.mark.long]

KEEP: dict[str, Any] = {**UP, "running_vms": "keep"}
STATE = "without-storage-network"


@pytest.fixture
def nodes(nodes: Nodes) -> Nodes:
    """Without a storage network. Built once, then brought back."""
    if STATE not in nodes.cluster.states():
        set_storage(nodes.client, "")
        until(lambda: healthy(nodes), "the volumes of the VMs are not healthy")
        nodes.cluster.settle()
        nodes.cluster.keep(STATE)
    nodes.cluster.reset(STATE)
    return nodes


def healthy(nodes: Nodes) -> bool:
    """Whether the volumes in use are, and some are in use."""
    found = [item["status"] for item in nodes.client.list(LONGHORN, "Volume", LONGHORN_SYSTEM)]
    used = [status.get("robustness") for status in found if status["state"] == "attached"]
    return bool(used) and set(used) == {"healthy"}


def instances(nodes: Nodes) -> dict[str, str]:
    """VM -> uid of its instance: one that was started again has another one."""
    found = nodes.client.list(KUBEVIRT, "VirtualMachineInstance")
    return {item["metadata"]["name"]: item["metadata"]["uid"] for item in found}


def kept(before: dict[str, str], now: dict[str, str]) -> bool:
    """Whether web and db have run on, and shell was stopped and runs again."""
    return (now["web"], now["db"]) == (before["web"], before["db"]) and now["shell"] != before["shell"]


def test_a_volume_with_a_single_replica_refuses(nodes: Nodes) -> None:
    before = (nodes.vms(), instances(nodes))
    nodes.client.patch(LONGHORN, "Volume", "pvc-db", {"spec": {"numberOfReplicas": 1}}, LONGHORN_SYSTEM)
    ran = nodes.run(**KEEP)
    assert ran.status != 0
    assert (
        "change_running_vms=keep: volume pvc-db (claim production/db-disk) has a single replica; wait for rebuilds,"
        " add replicas, or leave it out, so that every VM stops" in ran.text
    ), ran.output
    assert (nodes.links(), nodes.vms(), instances(nodes), nodes.states()) == (everywhere(1500), *before, [])


@pytest.mark.parametrize("mtu", [9000, 1500], ids=["up", "down"])
def test_through_to_its_end(nodes: Nodes, mtu: int) -> None:
    if mtu == 1500:
        nodes.prepare(9000)
        nodes.cluster.reset(STATE)
        nodes.annotate(9000)
    vms, before = nodes.vms(), instances(nodes)
    ran = good(nodes.run(**(KEEP if mtu == 9000 else {**DOWN, "running_vms": "keep"})))
    assert "VMs that are not on mgmt keep running, one node changes at a time, and volumes are healthy" in ran.text
    assert "stops default/shell: built-in pod network" in ran.text
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(mtu), str(mtu), mtu)
    assert (nodes.vms(), running(nodes.client)) == (vms, {"web", "db", "shell"})
    assert kept(before, instances(nodes))
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])


@pytest.mark.fault("mgmt_mtu", "runner killed, change_running_vms=keep", "goes back")
def test_killed_after_the_hosts_and_rolled_back(nodes: Nodes) -> None:
    profiles, vms, before = nodes.profiles(), nodes.vms(), instances(nodes)
    nodes.killed(f"{DONE}#3", **KEEP)
    assert running(nodes.client) == {"web", "db"}
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.links(), nodes.profiles(), nodes.annotation()) == (everywhere(1500), profiles, None)
    assert (nodes.vms(), running(nodes.client)) == (vms, {"web", "db", "shell"})
    assert kept(before, instances(nodes))
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])
