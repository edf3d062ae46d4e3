# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage: network settings step by step, addresses, instance managers, volumes (facts, chapter 5 and 7.2)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from standin_objects import obj, setting
from standin_world import World, booted, named

from lab.harvester import kinds
from lab.harvester.objects import Obj
from lab.harvester.settings import Delays, Faults
from lab.harvester.storage.addresses import ASKED, GIVEN, given_address
from lab.harvester.storage.settings import pool_name, read

SYSTEM, LONGHORN = "harvester-system", "longhorn-system"
MARK = "storage-network.settings.harvesterhci.io"
VALUE = json.dumps({"clusterNetwork": "cn1", "vlan": 50, "range": "10.1.0.0/24", "exclude": ["10.1.0.0/30"]})


def longhorn_setting(name: str = "storage-network") -> Any:
    return named(kinds.LONGHORN_SETTING, name, LONGHORN, value="")


def volume(name: str, state: str = "detached", on: str = "", replicas: int = 2, claim: str = "c") -> Any:
    status = {"state": state, "currentNodeID": on, "robustness": "healthy" if on else "unknown"}
    status["kubernetesStatus"] = {"namespace": "default", "pvcName": claim}  # type: ignore[assignment]
    spec = {"numberOfReplicas": replicas, "nodeID": on}
    return named(kinds.LONGHORN_VOLUME, name, LONGHORN, spec=spec, status=status)


def replica(name: str, on: str, of: str = "v1") -> Any:
    return named(kinds.LONGHORN_REPLICA, name, LONGHORN, spec={"volumeName": of, "nodeID": on, "failedAt": ""})


def pod(name: str = "p", on: str = "node1", claim: str = "c", phase: str = "Running") -> Any:
    spec = {"nodeName": on, "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": claim}}]}
    return named(kinds.POD, name, "default", spec=spec, status={"phase": phase})


def storage(*more: Any, faults: Faults | None = None, delays: Delays | None = None, value: str = "") -> World:
    nodes = [named(kinds.LONGHORN_NODE, f"node{n}", LONGHORN, spec={"disks": {"d": {}}}) for n in (1, 2, 3)]
    there = [(kinds.SETTING, setting("storage-network", value)), longhorn_setting(), *nodes]
    rest = {"delays": delays} if delays else {}
    return World(*there, *more, faults=faults, **rest)


def write(world: World, value: str, name: str = "storage-network") -> None:
    world.get(kinds.SETTING, name)["value"] = value
    world.settle()


def said(world: World, name: str = "storage-network") -> tuple[str, str, str]:
    (found,) = world.get(kinds.SETTING, name)["status"]["conditions"]
    return found["status"], found["reason"], found["message"]


def lhnet1(world: World) -> list[str]:
    pods = [world.get(kinds.POD, f"instance-manager-node{n}", LONGHORN) for n in (1, 2, 3)]
    return [given_address(item, "lhnet1") for item in pods]


# --- the setting


def test_a_setting_that_was_never_configured_says_nothing() -> None:
    world = storage()
    world.settle()
    assert "status" not in world.get(kinds.SETTING, "storage-network")
    assert lhnet1(world) == ["", "", ""]


def test_on_and_off() -> None:
    world = storage()
    write(world, VALUE)
    annotations = world.get(kinds.SETTING, "storage-network")["metadata"]["annotations"]
    reference = annotations[f"{MARK}/net-attach-def"]
    assert annotations[f"{MARK}/hash"] == hashlib.sha1(VALUE.encode()).hexdigest()
    assert said(world) == ("True", "Completed", "")
    assert world.get(kinds.LONGHORN_SETTING, "storage-network", LONGHORN)["value"] == reference
    nad = world.get(kinds.NAD, reference.partition("/")[2], SYSTEM)
    assert json.loads(nad["spec"]["config"]) == {
        "cniVersion": "0.3.1",
        "name": nad["metadata"]["name"],
        "type": "bridge",
        "bridge": "cn1-br",
        "promiscMode": True,
        "vlan": 50,
        "ipam": {"type": "whereabouts", "range": "10.1.0.0/24", "exclude": ["10.1.0.0/30"]},
    }
    assert lhnet1(world) == ["10.1.0.4", "10.1.0.5", "10.1.0.6"]
    pool = world.get(kinds.IP_POOL, "10.1.0.0-24", "kube-system")["spec"]
    assert {key: item["podref"] for key, item in pool["allocations"].items()} == {
        str(n + 3): f"longhorn-system/instance-manager-node{n}" for n in (1, 2, 3)
    }
    write(world, "")
    annotations = world.get(kinds.SETTING, "storage-network")["metadata"]["annotations"]
    assert annotations == {
        f"{MARK}/hash": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        f"{MARK}/net-attach-def": "",
        f"{MARK}/old-net-attach-def": "",
    }
    assert said(world) == ("True", "Completed", "")
    assert lhnet1(world) == ["", "", ""]
    assert [item["metadata"]["namespace"] for item in world.view.list(kinds.NAD)] == []
    assert world.get(kinds.IP_POOL, "10.1.0.0-24", "kube-system")["spec"]["allocations"] == {}


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ("volumes", "Stopping Pods"),
        ("longhorn", "Update Longhorn setting"),
        ("addresses", "Restarting Pods"),
        ("done", "Restarting Pods"),
    ],
)
def test_a_change_stays_where_it_is_told_to(stops: str, message: str) -> None:
    world = storage(faults=Faults(storage_network_stops=stops), delays=Delays(pod_stop=0.0, storage_step=1.0))
    for clock in (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 100.0):
        world.clock = clock
        write(world, VALUE)
    assert said(world) == ("False", "In Progress", message)
    world.faults = Faults()
    for clock in (200.0, 201.0, 202.0, 203.0, 204.0):
        world.clock = clock
        world.settle()
    assert said(world) == ("True", "Completed", "")


def test_a_change_that_is_not_taken_up() -> None:
    world = storage(faults=Faults(storage_network_stops="nad"))
    write(world, VALUE)
    assert "annotations" not in world.get(kinds.SETTING, "storage-network")["metadata"]


def test_volumes_are_waited_for() -> None:
    world = storage(pod(), volume("v1", "attached", "node1"), volume("v2", "attached", "node2", claim="d"))
    world.faults = Faults(held_volumes=("v2",))
    write(world, VALUE)
    assert said(world) == ("False", "In Progress", "waiting for all volumes detached: v1,v2")
    world.view.remove(kinds.POD, "p", "default")
    world.settle()
    assert said(world)[2] == "waiting for all volumes detached: v2"
    world.faults = Faults()
    world.settle()
    assert said(world) == ("True", "Completed", "")


def test_too_few_addresses() -> None:
    world = storage()
    write(world, VALUE.replace("10.1.0.0/24", "10.1.0.0/29").replace("10.1.0.0/30", "10.1.0.4/30"))
    assert said(world) == ("True", "Completed", "")
    write(world, json.dumps({"clusterNetwork": "cn1", "range": "10.2.0.0/29", "exclude": ["10.2.0.0/30"]}))
    assert lhnet1(world) == ["10.2.0.4", "10.2.0.5", "10.2.0.6"]
    write(world, json.dumps({"clusterNetwork": "cn1", "range": "10.3.0.0/30"}))
    assert said(world) == ("False", "In Progress", "IP allocation failure for Longhorn Pods")


def test_addresses_of_pods_that_are_gone() -> None:
    world = storage(faults=Faults(leaks_addresses=True))
    write(world, VALUE)
    write(world, "")
    assert len(world.get(kinds.IP_POOL, "10.1.0.0-24", "kube-system")["spec"]["allocations"]) == 3
    write(world, VALUE)
    assert lhnet1(world) == ["10.1.0.7", "10.1.0.8", "10.1.0.9"]


@pytest.mark.parametrize(
    ("text", "value", "shared"),
    [
        ("", {}, False),
        ('{"range":"10.0.0.0/24"}', {"range": "10.0.0.0/24"}, False),
        ('{"share-storage-network":true}', {}, True),
        ('{"share-storage-network":false}', {}, False),
        ('{"share-storage-network":false,"network":{"vlan":5}}', {"vlan": 5}, False),
    ],
)
def test_values(text: str, value: Obj, shared: bool) -> None:
    assert read(text) == (value, shared)


def test_the_rwx_network_shares_the_storage_network() -> None:
    world = storage((kinds.SETTING, setting("rwx-network")), longhorn_setting("endpoint-network-for-rwx-volume"))
    write(world, VALUE)
    write(world, '{"share-storage-network":true}', "rwx-network")
    reference = world.get(kinds.LONGHORN_SETTING, "storage-network", LONGHORN)["value"]
    rwx = world.get(kinds.LONGHORN_SETTING, "endpoint-network-for-rwx-volume", LONGHORN)
    assert rwx["value"] == reference
    write(world, '{"share-storage-network":false}', "rwx-network")
    assert said(world, "rwx-network") == ("True", "Completed", "")
    assert world.find(kinds.NAD, reference.partition("/")[2], SYSTEM)


def test_no_rwx_network_in_1_7() -> None:
    world = World((kinds.SETTING, setting("rwx-network", '{"network":{"range":"10.1.0.0/24"}}')), version="1.7")
    world.settle()
    assert "annotations" not in world.get(kinds.SETTING, "rwx-network")["metadata"]


def test_the_migration_network() -> None:
    world = storage((kinds.SETTING, setting("vm-migration-network")))
    write(world, '{"clusterNetwork":"cn1","vlan":60,"range":"10.9.0.0/24"}', "vm-migration-network")
    assert said(world, "vm-migration-network") == ("True", "Completed", "")
    (nad,) = world.view.list(kinds.NAD)
    assert nad["metadata"]["name"].startswith("vm-migration-network-")


def test_pool_names() -> None:
    assert pool_name("10.1.2.0/23") == "10.1.2.0-23"


# --- instance managers


def test_an_instance_manager_after_a_reboot() -> None:
    world = storage(faults=Faults(without_lhnet1=("node2",)))
    write(world, VALUE)
    world.put(kinds.NODE, booted("node2", "b2"))
    world.settle()
    assert lhnet1(world)[1] == ""
    assert ASKED in world.get(kinds.POD, "instance-manager-node2", LONGHORN)["metadata"]["annotations"]
    assert GIVEN in world.get(kinds.POD, "instance-manager-node2", LONGHORN)["metadata"]["annotations"]
    world.view.remove(kinds.POD, "instance-manager-node2", LONGHORN)
    world.settle()
    assert all(lhnet1(world))


# --- volumes


def test_a_volume_follows_its_pod() -> None:
    world = World(volume("v1"), replica("r1", "node1"), replica("r2", "node2"), pod())
    world.settle()
    found = world.get(kinds.LONGHORN_VOLUME, "v1", LONGHORN)
    assert (found["spec"]["nodeID"], found["status"]["state"], found["status"]["robustness"]) == (
        "node1",
        "attached",
        "healthy",
    )
    engine = world.get(kinds.LONGHORN_ENGINE, "v1-e-0", LONGHORN)
    assert engine["status"] == {"currentState": "running", "replicaModeMap": {"r1": "RW", "r2": "RW"}}
    world.delays = Delays(detach=5.0)
    world.get(kinds.POD, "p", "default")["status"]["phase"] = "Succeeded"
    world.settle()
    assert world.get(kinds.LONGHORN_VOLUME, "v1", LONGHORN)["status"]["state"] == "attached"
    world.clock = 5.0
    world.settle()
    found = world.get(kinds.LONGHORN_VOLUME, "v1", LONGHORN)
    assert (found["spec"]["nodeID"], found["status"]["state"], found["status"]["robustness"]) == (
        "",
        "detached",
        "unknown",
    )
    assert world.get(kinds.LONGHORN_ENGINE, "v1-e-0", LONGHORN)["status"]["currentState"] == "stopped"


def health(world: World) -> tuple[str, dict[str, str]]:
    engine = world.get(kinds.LONGHORN_ENGINE, "v1-e-0", LONGHORN)
    return world.get(kinds.LONGHORN_VOLUME, "v1", LONGHORN)["status"]["robustness"], engine["status"]["replicaModeMap"]


def test_a_replica_is_rebuilt_when_its_node_is_back() -> None:
    world = World(volume("v1"), replica("r1", "node1"), replica("r2", "node2"), pod(), delays=Delays(rebuild=9.0))
    world.settle()
    world.put(kinds.NODE, booted("node2", ready=False))
    world.settle()
    assert health(world) == ("degraded", {"r1": "RW"})
    world.put(kinds.NODE, booted("node2", "b2"))
    world.settle()
    assert health(world) == ("degraded", {"r1": "RW", "r2": "WO"})
    world.clock = 9.0
    world.faults = Faults(rebuilding_never_ends=True)
    world.settle()
    assert health(world)[0] == "degraded"
    world.faults = Faults()
    world.settle()
    assert health(world) == ("healthy", {"r1": "RW", "r2": "RW"})


def test_the_only_replica() -> None:
    world = World(volume("v1", replicas=1), replica("r2", "node2"), pod(), delays=Delays(rebuild=9.0))
    world.settle()
    assert health(world) == ("healthy", {"r2": "RW"})
    world.put(kinds.NODE, booted("node2", ready=False))
    world.settle()
    assert health(world) == ("faulted", {})
    world.put(kinds.NODE, booted("node2"))
    world.settle()
    assert health(world) == ("healthy", {"r2": "RW"})


def test_a_detached_volume_loses_nothing_by_a_reboot() -> None:
    world = World(volume("v1"), replica("r1", "node1"))
    world.settle()
    world.put(kinds.NODE, booted("node1", "b2"))
    world.settle()
    assert world.get(kinds.LONGHORN_REPLICA, "r1", LONGHORN)["spec"]["failedAt"] == ""


def test_who_uses_a_volume() -> None:
    kind, item = pod()
    owner = {"kind": "ReplicaSet", "name": "web", "controller": True}
    item["metadata"]["ownerReferences"] = [owner]
    world = World(volume("v1"), (kind, item))
    world.settle()
    found = world.get(kinds.LONGHORN_VOLUME, "v1", LONGHORN)["status"]["kubernetesStatus"]
    assert found["workloadsStatus"] == [
        {"podName": "p", "podStatus": "Running", "workloadName": "web", "workloadType": "ReplicaSet"}
    ]


def test_a_volume_without_claim_is_left_alone() -> None:
    given = obj(kinds.LONGHORN_VOLUME, "x", LONGHORN, spec={}, status={"state": "attached", "currentNodeID": "node1"})
    world = World((kinds.LONGHORN_VOLUME, given))
    world.settle()
    assert world.get(kinds.LONGHORN_VOLUME, "x", LONGHORN)["status"]["state"] == "attached"
