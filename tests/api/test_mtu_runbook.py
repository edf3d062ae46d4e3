# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook cluster_network_mtu against a real API: its plan, its refusals, there and back, killed anywhere.

The hosts are folders here; what they show is tested in tests/nodes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage import SYSTEM, Ran, Stage, good

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab.apiserver import Client, Cluster

pytestmark = pytest.mark.api

Call = Callable[..., dict[str, Any]]
NETWORK, KUBEVIRT = "network.harvesterhci.io/v1beta1", "kubevirt.io/v1"
UP: dict[str, Any] = {"change_cluster_network": "vmnet", "change_mtu_from": 1500, "change_mtu_to": 9000}
DOWN: dict[str, Any] = {"change_cluster_network": "vmnet", "change_mtu_from": 9000, "change_mtu_to": 1500}
RAISE: dict[str, Any] = {"cluster_network": "vmnet", "mtu_from": 1500, "mtu_to": 9000, "switches_ready": True}


def specs(client: Client) -> dict[str, Any]:
    return {item["metadata"]["name"]: item["spec"] for item in client.list(NETWORK, "VlanConfig")}


def mtu_of(client: Client, name: str, namespace: str = "default") -> int:
    found = client.get("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", name, namespace)
    return int(json.loads(found["spec"]["config"]).get("mtu") or 1500)


class Mtu(Stage):
    def strategies(self) -> dict[str, str]:
        found = self.client.list(KUBEVIRT, "VirtualMachine")
        return {vm["metadata"]["name"]: vm["spec"]["runStrategy"] for vm in found}

    def running(self) -> set[str]:
        found = self.client.list(KUBEVIRT, "VirtualMachineInstance")
        return {vmi["metadata"]["name"] for vmi in found if vmi["status"]["phase"] == "Running"}

    def seen(self) -> tuple[Any, ...]:
        """What has to be afterwards as it was, but for the MTU."""
        return self.strategies(), self.running(), specs(self.client)


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Mtu:
    found = Mtu(running, tmp_path, "mtu")
    found.prepare()
    return found


def at(seen: tuple[Any, ...], mtu: int) -> tuple[Any, ...]:
    """The same with another MTU on vmnet."""
    found = json.loads(json.dumps(seen[2]))
    for spec in found.values():
        if spec["clusterNetwork"] == "vmnet":
            spec["uplink"]["linkAttributes"]["mtu"] = mtu
    return (*seen[:2], found)


def test_the_case_of_the_seeded_cluster(cluster: Cluster, call: Call, requests: Counter[str]) -> None:
    found = call("cluster_network_mtu_info", **RAISE)
    assert [phase["id"] for phase in found["phases"]] == [
        "vms-stop",
        "configs-off",
        "config-change",
        "configs-on",
        "vms-start",
    ]
    assert (found["vms"], found["settings"]) == (["default/web", "production/db"], [])
    paths = found["phases"][2]["input"]["paths"] or found["phases"][3]["input"]["paths"]
    assert [path["vlan_id"] for path in paths] == [1, 100, 200, 300, 310, 400]
    planned = call("change_plan", phases=found["phases"])
    assert not planned.get("failed"), planned
    storage = call(
        "cluster_network_mtu_info", **{**RAISE, "cluster_network": "storage", "mtu_from": 9000, "mtu_to": 1500}
    )
    assert storage["settings"] == ["storage-network"]
    assert storage["vms"] == ["default/shell", "default/web", "production/db"]
    planned = call("change_plan", phases=storage["phases"])
    assert not planned.get("failed"), planned


def test_what_is_refused(cluster: Cluster, call: Call) -> None:
    wrong = call("cluster_network_mtu_info", **{**RAISE, "mtu_from": 4000})
    assert wrong["msg"].splitlines()[0].startswith("change_mtu_from=4000 is not what is there in ")
    assert "network configuration 'vmnet-rack-a'" in wrong["msg"]
    switches = call("cluster_network_mtu_info", **{**RAISE, "switches_ready": False})
    assert switches["msg"] == (
        "cluster_network_mtu: change_switches_ready=false: a larger MTU needs switches and routers that pass it; set"
        " their ports first, then give change_switches_ready=true; it is proved before VMs start again"
    )


def test_check_mode_shows_the_plan_and_changes_nothing(stage: Mtu) -> None:
    before = stage.seen()
    ran = good(stage.run("", "--check", **UP))
    for line in (
        "1. vms-stop: at most",
        "stops VMs: default/web, production/db",
        "2. configs-off: at most",
        "3. config-change: at most",
        "4. configs-on: at most",
        "5. vms-start: at most",
    ):
        assert line in ran.text
    assert (stage.seen(), stage.states(), stage.leases()) == (before, [], [])


@pytest.mark.long
def test_up_and_down_again(stage: Mtu) -> None:
    before = stage.seen()
    good(stage.run(**UP))
    assert stage.seen() == at(before, 9000)
    assert [mtu_of(stage.client, name) for name in ("vlan100", "untagged", "trunk")] == [9000] * 3
    assert (stage.states(), stage.leases()) == (["done"], [])
    again = good(stage.run(**UP))
    assert stage.seen() == at(before, 9000)
    assert "skipping" in again.text
    good(stage.run(**DOWN))
    assert stage.seen() == before
    assert mtu_of(stage.client, "vlan100") == 1500


@pytest.mark.long
def test_down_and_up_with_the_storage_network_on_it(stage: Mtu) -> None:
    before = stage.seen()
    value = stage.client.get("harvesterhci.io/v1beta1", "Setting", "storage-network")["value"]
    lower: dict[str, Any] = {"change_cluster_network": "storage", "change_mtu_from": 9000, "change_mtu_to": 1500}
    good(stage.run(**lower))
    now = stage.client.get("harvesterhci.io/v1beta1", "Setting", "storage-network")
    assert now["value"] == value
    namespace, name = now["metadata"]["annotations"]["storage-network.settings.harvesterhci.io/net-attach-def"].split(
        "/"
    )
    assert mtu_of(stage.client, name, namespace) == 1500
    assert stage.seen()[:2] == before[:2]
    good(stage.run(**{**lower, "change_mtu_from": 1500, "change_mtu_to": 9000}))
    assert stage.seen() == before


WRITE = "harvester.network.cluster_network : Write the configurations and wait for the agents"
AT = (
    "harvester.network.vms : Bring the VMs to their state#2",
    WRITE + "#1",
    "harvester.network.change : Record that the phase is done#2",
    WRITE + "#2",
    "harvester.network.change : Record that the phase begins#4",
    WRITE + "#3",
    "harvester.network.change : Record that the phase begins#5",
    "harvester.network.change : Close the change#1",
)
"""Tasks right before which a run is killed."""


def killed(stage: Mtu, where: str) -> Ran:
    ran = stage.run(kill_at=where, **UP)
    assert (ran.status, ran.tasks[-1]) == (-9, where), ran.output
    return ran


@pytest.mark.long
@pytest.mark.parametrize("where", AT)
def test_killed_and_resumed(stage: Mtu, where: str) -> None:
    before = stage.seen()
    killed(stage, where)
    good(stage.run(change_takeover=True, **UP))
    assert stage.seen() == at(before, 9000)
    assert (stage.states(), stage.leases()) == (["done"], [])


@pytest.mark.long
@pytest.mark.parametrize("where", AT)
def test_killed_and_rolled_back(stage: Mtu, where: str) -> None:
    before = stage.seen()
    killed(stage, where)
    good(stage.run("rollback", change_takeover=True))
    assert stage.seen() == before
    assert (stage.states(), stage.leases()) == (["rolled-back"], [])


@pytest.mark.long
def test_a_configuration_that_somebody_changes_in_between_stops_the_run(stage: Mtu) -> None:
    before = stage.seen()
    killed(stage, "harvester.network.vms : Bring the VMs to their state#2")
    name = "vmnet-rack-b"
    stage.client.patch(NETWORK, "VlanConfig", name, {"spec": {"description": "of another hand"}})
    ran = stage.run(change_takeover=True, **UP)
    assert ran.status != 0
    assert (
        f"network configuration '{name}': somebody has changed it since it was recorded: spec.description" in ran.text
    )
    assert stage.running() == {"shell"}
    stage.client.patch(NETWORK, "VlanConfig", name, {"spec": {"description": None}})
    good(stage.run("rollback"))
    assert stage.seen() == before


def test_the_record_holds_every_configuration_whole(stage: Mtu) -> None:
    wanted = specs(stage.client)
    killed(stage, "harvester.network.change : Record that the phase begins#1")
    (record,) = stage.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
    phases = json.loads(record["data"]["record.json"])["phases"]
    entries = [entry for phase in phases for entry in phase["input"].get("configs") or () if entry["expected"]]
    assert {entry["name"]: entry["expected"]["spec"] for entry in entries} == {
        name: spec for name, spec in wanted.items() if spec["clusterNetwork"] == "vmnet"
    }
