# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubelets, budgets, DaemonSets, launchers, migrations, evictions; etcd and the virtual address (7 of the facts)."""

from __future__ import annotations

from typing import Any

import pytest
from standin_objects import obj, refused, vm, vmi
from standin_world import World, booted, named

from lab.harvester import control_plane, kinds
from lab.harvester.objects import Obj
from lab.harvester.settings import Delays, Faults
from lab.harvester.webhooks import kubevirt

EVICTION, MIGRATION = kubevirt.WEBHOOKS
MIGRATABLE = [{"type": "LiveMigratable", "status": "True"}]
FIXED = [{"type": "LiveMigratable", "status": "False", "reason": "HostDevice", "message": "a device"}]


def pod(name: str = "p", on: str = "node1", deleting: bool = False, **rest: Any) -> Any:
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    return named(kinds.POD, name, "default", spec={"nodeName": on}, status=status, deleting=deleting, **rest)


# --- kubelets


def test_a_deleted_pod_goes_after_a_while() -> None:
    world = World(pod(deleting=True), delays=Delays(pod_stop=3.0))
    world.settle()
    assert world.find(kinds.POD, "p", "default")
    assert world.controllers.soonest == 3.0
    world.clock = 3.0
    world.settle()
    assert world.find(kinds.POD, "p", "default") is None


@pytest.mark.parametrize(
    ("node", "faults"),
    [(booted("node1", ready=False), Faults()), (booted("node1"), Faults(pods_that_stay=("default/p",)))],
)
def test_a_pod_that_stays(node: Obj, faults: Faults) -> None:
    world = World(pod(deleting=True), (kinds.NODE, node), faults=faults)
    world.settle()
    assert world.find(kinds.POD, "p", "default")


def test_a_pod_of_a_node_that_left() -> None:
    world = World(pod(on="node9"))
    world.settle()
    assert world.find(kinds.POD, "p", "default") is None


@pytest.mark.parametrize(
    ("spec", "pods", "allowed"),
    [
        ({"minAvailable": 1}, 1, 0),
        ({"minAvailable": 1}, 2, 1),
        ({"maxUnavailable": 1}, 1, 1),
        ({"maxUnavailable": 0}, 3, 0),
    ],
)
def test_budgets(spec: Obj, pods: int, allowed: int) -> None:
    given = {**spec, "selector": {"matchLabels": {"app": "a"}}}
    there = [pod(f"p{number}", labels={"app": "a"}) for number in range(pods)]
    world = World(named(kinds.DISRUPTION_BUDGET, "b", "default", spec=given), pod("other"), *there)
    world.settle()
    found = world.get(kinds.DISRUPTION_BUDGET, "b", "default")["status"]
    assert (found["disruptionsAllowed"], found["expectedPods"], found["observedGeneration"]) == (allowed, pods, 1)


# --- DaemonSets


def test_daemons() -> None:
    term = {"matchExpressions": [{"key": "node-role.harvesterhci.io/witness", "operator": "DoesNotExist"}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    template = {"metadata": {"labels": {"app": "d"}}, "spec": {"affinity": {"nodeAffinity": required}}}
    daemon = named(kinds.DAEMON_SET, "d", "default", spec={"template": template})
    world = World(daemon, (kinds.NODE, booted("node3", **{"node-role.harvesterhci.io__witness": "true"})))
    world.settle()
    assert sorted(item["metadata"]["name"] for item in world.view.list(kinds.POD)) == ["d-node1", "d-node2"]
    assert world.get(kinds.DAEMON_SET, "d", "default")["status"]["numberReady"] == 2
    world.view.remove(kinds.POD, "d-node1", "default")
    world.settle()
    (owner,) = world.get(kinds.POD, "d-node1", "default")["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("DaemonSet", "d")


# --- launchers and migrations


def running(strategy: str = "Always", **rest: Any) -> list[tuple[kinds.Kind, Obj]]:
    found = vmi("v", [], **rest)
    found["status"]["conditions"] = MIGRATABLE
    return [(kinds.VM, vm("v", strategy=strategy)), (kinds.VMI, found)]


def launchers(world: World) -> list[str]:
    """The nodes of the running launcher pods."""
    return sorted(
        item["spec"]["nodeName"] for item in world.view.list(kinds.POD) if item["status"]["phase"] == "Running"
    )


def test_a_launcher_comes_and_goes_with_its_vm() -> None:
    world = World(*running())
    world.settle()
    (launcher,) = world.view.list(kinds.POD)
    assert launcher["metadata"]["labels"]["kubevirt.io"] == "virt-launcher"
    assert launcher["metadata"]["ownerReferences"][0]["kind"] == "VirtualMachineInstance"
    world.get(kinds.VM, "v", "default")["spec"]["runStrategy"] = "Halted"
    world.settle()
    assert world.view.list(kinds.POD) == []
    assert world.get(kinds.VM, "v", "default")["status"]["printableStatus"] == "Stopped"


@pytest.mark.parametrize(("stubborn", "phase"), [((), "Succeeded"), (("default/v",), "Failed")])
def test_the_end_of_a_launcher_is_the_end_of_its_guest(stubborn: tuple[str, ...], phase: str) -> None:
    world = World(*running("Manual"), faults=Faults(stubborn_guests=stubborn))
    world.settle()
    (launcher,) = world.view.list(kinds.POD)
    world.view.remove(kinds.POD, launcher["metadata"]["name"], "default")
    world.settle()
    assert world.get(kinds.VMI, "v", "default")["status"]["phase"] == phase


def migration(name: str = "m") -> Any:
    return named(kinds.MIGRATION, name, "default", spec={"vmiName": "v"})


def test_a_migration() -> None:
    world = World(*running(), migration(), delays=Delays(pod_stop=0.0, migration=5.0))
    world.settle()
    assert launchers(world) == ["node1", "node2"]
    assert world.get(kinds.VM, "v", "default")["status"]["printableStatus"] == "Migrating"
    world.clock = 5.0
    world.settle()
    assert launchers(world) == ["node2"]
    status = world.get(kinds.VMI, "v", "default")["status"]
    assert (status["nodeName"], status["migrationState"]["completed"]) == ("node2", True)
    assert world.get(kinds.MIGRATION, "m", "default")["status"]["phase"] == "Succeeded"
    assert world.get(kinds.VM, "v", "default")["status"]["printableStatus"] == "Running"


@pytest.mark.parametrize(
    ("nodes", "faults", "reason"),
    [
        ((), Faults(failing_migrations=("default/v",)), "the lab lets it fail"),
        (("node2", "node3"), Faults(), "the target pod was not scheduled in time"),
    ],
)
def test_a_migration_that_fails(nodes: tuple[str, ...], faults: Faults, reason: str) -> None:
    away = [(kinds.NODE, booted(item, ready=False)) for item in nodes]
    world = World(*running(), migration(), *away, faults=faults)
    world.settle()
    world.clock = 300.0
    world.settle()
    status = world.get(kinds.MIGRATION, "m", "default")["status"]
    assert (status["phase"], status["migrationState"]["failureReason"]) == ("Failed", reason)
    assert launchers(world) == ["node1"]


def test_a_marked_instance_is_migrated() -> None:
    world = World(*running())
    world.settle()
    world.get(kinds.VMI, "v", "default")["status"]["evacuationNodeName"] = "node1"
    world.settle()
    status = world.get(kinds.VMI, "v", "default")["status"]
    assert status["nodeName"] == "node2"
    assert "evacuationNodeName" not in status
    assert [item["metadata"]["name"][:20] for item in world.view.list(kinds.MIGRATION)] == ["kubevirt-evacuation-"]


# --- evictions


def eviction(world: World, **spec: Any) -> Any:
    world.settle()
    found = world.get(kinds.VMI, "v", "default")
    found["spec"] |= spec
    (launcher,) = world.view.list(kinds.POD)
    new = obj(kinds.EVICTION, launcher["metadata"]["name"], "default")
    return refused(EVICTION, world.view, new=new)


EVACUATION = 'Eviction triggered evacuation of VMI "default/v"'
NOT_MIGRATABLE = "VMI v is configured with an eviction strategy but is not live-migratable"


@pytest.mark.parametrize(
    ("strategy", "conditions", "said"),
    [
        ("LiveMigrate", MIGRATABLE, EVACUATION),
        ("LiveMigrateIfPossible", MIGRATABLE, EVACUATION),
        ("External", MIGRATABLE, EVACUATION),
        ("", MIGRATABLE, EVACUATION),
        ("LiveMigrate", FIXED, NOT_MIGRATABLE),
        ("LiveMigrateIfPossible", FIXED, ""),
        ("None", MIGRATABLE, ""),
    ],
)
def test_the_eviction_of_a_launcher(strategy: str, conditions: list[Obj], said: str) -> None:
    world = World(*running())
    world.get(kinds.VMI, "v", "default")["status"]["conditions"] = conditions
    found = eviction(world, evictionStrategy=strategy)
    assert (found.message if found else "") == said
    if found:
        assert (found.code, found.reason) == (429, "TooManyRequests")
        assert [item.patch for item in found.writes] == (
            [{"status": {"evacuationNodeName": "node1"}}] if said == EVACUATION else []
        )


def test_an_eviction_again() -> None:
    world = World(*running())
    world.settle()
    world.get(kinds.VMI, "v", "default")["status"]["evacuationNodeName"] = "node1"
    (launcher,) = world.view.list(kinds.POD)
    found = refused(EVICTION, world.view, new=obj(kinds.EVICTION, launcher["metadata"]["name"], "default"))
    assert found
    assert (found.message, found.writes) == (f"Evacuation in progress: {EVACUATION}", ())


def test_the_eviction_of_another_pod() -> None:
    world = World(pod())
    assert refused(EVICTION, world.view, new=obj(kinds.EVICTION, "p", "default")) is None


@pytest.mark.parametrize(
    ("phase", "conditions", "others", "said"),
    [
        ("Running", MIGRATABLE, [], ""),
        ("Running", FIXED, [], "Cannot migrate VMI, Reason: HostDevice, Message: a device"),
        ("Succeeded", MIGRATABLE, [], "Cannot migrate VMI in finalized state."),
        (
            "Running",
            MIGRATABLE,
            [migration("other")],
            (
                "in-flight migration detected. Active migration job (uid-other) is currently already in progress for "
                "VMI v."
            ),
        ),
        (None, MIGRATABLE, [], 'the VMI "default/v" does not exist'),
    ],
)
def test_a_migration_is_refused(phase: str | None, conditions: list[Obj], others: list[Any], said: str) -> None:
    there = vmi("v", [], phase=phase or "")
    there["status"]["conditions"] = conditions
    world = World(*([(kinds.VMI, there)] if phase else []), *others)
    found = refused(MIGRATION, world.view, new=migration()[1])
    assert (found.message if found else "") == said


# --- etcd and the virtual address

MEMBER = {"node-role.kubernetes.io__etcd": "true", "node-role.kubernetes.io__control-plane": "true"}


def plane(faults: Faults | None = None, holder: str = "node1") -> World:
    nodes = [(kinds.NODE, booted(f"node{number}", **MEMBER)) for number in (1, 2, 3)]
    lease = named(kinds.LEASE, "plndr-svcs-lock", "harvester-system", spec={"holderIdentity": holder})
    world = World(*nodes, lease, faults=faults)
    world.settle()
    return world


def holder(world: World) -> str:
    return str(world.get(kinds.LEASE, "plndr-svcs-lock", "harvester-system")["spec"]["holderIdentity"])


def voters(world: World) -> list[str]:
    return sorted(
        node["metadata"]["name"]
        for node in world.view.list(kinds.NODE)
        for item in node["status"]["conditions"]
        if (item["type"], item["status"]) == ("EtcdIsVoter", "True")
    )


def test_leader_and_holder_leave_a_node_that_is_away() -> None:
    world = plane()
    assert (world.controllers.etcd_leader, holder(world)) == ("node1", "node1")
    assert voters(world) == ["node1", "node2", "node3"]
    world.put(kinds.NODE, booted("node1", ready=False, **MEMBER))
    world.settle()
    assert (world.controllers.etcd_leader, holder(world)) == ("node2", "node2")
    world.put(kinds.NODE, booted("node1", **MEMBER))
    world.settle()
    assert (world.controllers.etcd_leader, holder(world)) == ("node2", "node2")


def test_leader_and_holder_move_when_told() -> None:
    world = plane()
    world.faults = Faults(etcd_leader="node3", vip_holder="node2")
    world.settle()
    assert (world.controllers.etcd_leader, holder(world)) == ("node3", "node2")


def test_no_leader_without_a_majority() -> None:
    world = plane()
    for name in ("node2", "node3"):
        world.put(kinds.NODE, booted(name, ready=False, **MEMBER))
    world.settle()
    assert world.controllers.etcd_leader == ""


def test_a_learner() -> None:
    world = plane(Faults(etcd_learners=("node1",)))
    assert voters(world) == ["node2", "node3"]
    assert world.controllers.etcd_leader == "node2"


def test_what_a_member_says() -> None:
    said = control_plane.metrics(is_leader=True, has_leader=True).splitlines()
    assert [line for line in said if not line.startswith("#")] == [
        "etcd_server_has_leader 1",
        "etcd_server_is_leader 1",
        "etcd_server_is_learner 0",
    ]
    assert "python3 -m http.server 2381 --bind 127.0.0.1" in control_plane.serve("x")
