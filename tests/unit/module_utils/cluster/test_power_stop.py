# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs are stopped, what speaks against it, and how it is done look by look."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import BASE, having, thing, vmi
from power_cluster import Kubevirt, machine

from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._order import Order
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._refusals import (
    Policy,
    by_guest_cluster,
    cautions,
    refusals,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._selection import Selection, chosen
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._stop import outcome, stop_turn
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._turn import Turn
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

USER = {"type": "Paused", "status": "True", "reason": "PausedByUser"}
IO_ERROR = {"type": "Paused", "status": "True", "reason": "PausedIOError"}
GUEST = "guestcluster.harvesterhci.io/name"


def cluster(*groups: list[Any], on: Snapshot = BASE) -> Snapshot:
    return having(*(item for group in groups for item in group), on=on)


def turn(snapshot: Snapshot, *names: str, order: Order | None = None, **policy: Any) -> Turn:
    return stop_turn(snapshot, ["default/" + name for name in names], Policy(**policy), order or Order())


def patches(found: Turn) -> list[tuple[str, str, Any]]:
    return [(write.step.kind, write.step.name, write.step.patch or write.step.action) for write in found.writes]


# Selection


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"all_vms": True}, ["pod1", "vm1", "web"]),
        ({"cluster_networks": ["cn1"]}, ["vm1"]),
        ({"cluster_networks": ["mgmt"]}, ["web"]),
        ({"cluster_networks": ["mgmt"], "pod_network": True}, ["pod1", "web"]),
        ({"pod_network": True}, ["pod1"]),
        ({"namespaces": ["other"]}, []),
        ({"namespaces": ["default"], "node": "n3"}, ["pod1"]),
        ({"labels": {"tier": "web"}}, ["web"]),
        ({"labels": {"stage": 1}}, ["web"]),
        ({"labels": {"tier": "web", "x": "y"}}, []),
        ({"names": ["default/vm1", "default/idle"]}, ["vm1"]),
        ({"names": ["default/vm1"], "node": "n2"}, []),
        ({"node": "n2"}, ["web"]),
    ],
    ids=str,
)
def test_the_selected_vms_are_those_that_hold_networks(options: dict[str, Any], names: list[str]) -> None:
    snapshot = cluster(
        machine("web", "mgmt200", on="n2", labels={"tier": "web", "stage": "1"}),
        machine("off", "mgmt200", strategy="Halted", phase=""),
    )
    assert chosen(snapshot, Selection.read(options)) == tuple("default/" + name for name in names)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {},
            (
                "vm_power: nothing selects VMs; give one of cluster_networks, pod_network, namespaces, labels, names,"
                " node, nodes, all_vms"
            ),
        ),
        ({"names": ["default/none"]}, "vm_power: names=default/none: there is no such VM; give it as namespace/name"),
        (
            {"cluster_networks": ["cn9"]},
            "vm_power: cluster_networks=cn9: there is no such cluster network; see network_info",
        ),
        ({"node": "n9"}, "vm_power: node=n9: there is no such node; give its name in the cluster"),
    ],
    ids=["nothing", "name", "network", "node"],
)
def test_a_selection_that_means_nothing_is_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        chosen(BASE, Selection.read(options))
    assert str(raised.value) == message


# Refusals


@pytest.mark.parametrize(
    ("items", "policy", "message"),
    [
        (
            [vmi("x", "vlan100")],
            {},
            "VM instance 'default/x': it has no VM that could start it again; let its owner end it",
        ),
        (
            [machine("x", "vlan100", instance_owner="VirtualMachineInstanceReplicaSet")[1]],
            {},
            (
                "VM instance 'default/x': it has no VM that could start it again; let its owner"
                " (VirtualMachineInstanceReplicaSet) end it"
            ),
        ),
        (
            machine("x", "vlan100", owner="VirtualMachinePool"),
            {},
            (
                "VM 'default/x': it belongs to a pool, which would make another; scale the pool (VirtualMachinePool)"
                " down instead"
            ),
        ),
        (
            machine("x", "vlan100", conditions=[USER]),
            {},
            (
                "VM 'default/x': it is paused (PausedByUser); its guest cannot shut down; resume it, or set paused_vms"
                " to unpause or kill"
            ),
        ),
        *(
            (
                machine("x", "vlan100", conditions=[IO_ERROR]),
                {"paused_vms": paused},
                "VM 'default/x': it is paused by an I/O error; its guest cannot shut down; repair its storage first",
            )
            for paused in ("refuse", "unpause", "kill")
        ),
        (
            machine("x", "vlan100", strategy="Once", phase="Succeeded"),
            {},
            (
                "VM 'default/x': its run strategy is Once and its instance has ended (Succeeded): without the instance"
                " KubeVirt would boot it; let its owner set run strategy Halted, or delete it"
            ),
        ),
        (
            machine("x", "vlan100", labels={GUEST: "blue"}),
            {},
            (
                "guest cluster 'blue': its nodes default/x would be stopped, and Rancher may replace nodes that it"
                " cannot reach and delete their VMs; pause it (in Rancher: the cluster's machine pools and node health"
                " checks), then set guest_clusters_paused=true"
            ),
        ),
        (
            [
                *machine("x", "vlan100"),
                thing("backups", "b1", "default", spec={"source": {"kind": "VirtualMachine", "name": "x"}}, status={}),
            ],
            {"busy_vms": "refuse"},
            "VM 'default/x': backup 'b1' of it is in progress; wait until it has ended, or set busy_vms=wait",
        ),
        (
            [
                *machine("x", "vlan100"),
                thing("migrations", "m1", "default", spec={"vmiName": "x"}, status={"phase": "Running"}),
            ],
            {"busy_vms": "refuse"},
            "VM 'default/x': migration 'm1' of it is in progress; wait until it has ended, or set busy_vms=wait",
        ),
    ],
)
def test_what_is_refused(items: list[Any], policy: dict[str, Any], message: str) -> None:
    assert [str(problem) for problem in refusals(having(*items), ["default/x"], Policy(**policy))] == [message]


@pytest.mark.parametrize(
    ("items", "policy"),
    [
        (machine("x", "vlan100"), {}),
        (machine("x", "vlan100", conditions=[USER]), {"paused_vms": "kill"}),
        (machine("x", "vlan100", conditions=[USER], phase="Failed"), {}),
        (machine("x", "vlan100", labels={GUEST: "blue"}), {"guest_clusters_paused": True}),
        (machine("x", "vlan100", strategy="Once"), {}),
        (machine("x", "vlan100", strategy="Manual", phase="Succeeded"), {}),
        (
            [
                *machine("x", "vlan100"),
                thing("backups", "b1", "default", spec={"source": {"name": "x"}}, status={"readyToUse": True}),
                thing("backups", "b2", "default", spec={"source": {"name": "x"}}, status={"error": {"message": "no"}}),
                thing("migrations", "m1", "default", spec={"vmiName": "x"}, status={"phase": "Failed"}),
            ],
            {"busy_vms": "refuse"},
        ),
    ],
)
def test_what_is_not_refused(items: list[Any], policy: dict[str, Any]) -> None:
    assert refusals(having(*items), ["default/x"], Policy(**policy)) == []


def test_guest_clusters_are_listed_together() -> None:
    snapshot = cluster(*(machine(name, "vlan100", labels={GUEST: "blue"}) for name in ("a", "b")))
    assert by_guest_cluster(snapshot, ["default/a", "default/b", "default/vm1"]) == {"blue": ["default/a", "default/b"]}
    (problem,) = refusals(snapshot, ["default/a", "default/b"], Policy())
    assert "its nodes default/a and default/b would be stopped" in str(problem)


def test_guests_that_may_be_killed_are_told() -> None:
    snapshot = cluster(
        machine("good", "pod", agent=True),
        machine("short", "pod", agent=True, grace=119),
        machine("mute", "pod"),
        machine("over", "pod", phase="Succeeded", grace=0),
    )
    names = ["default/" + name for name in ("good", "short", "mute", "over")]
    assert [str(caution) for caution in cautions(snapshot, names, Policy())] == [
        "VM 'default/short': it is killed 119 s after the request to shut down",
        "VM 'default/mute': no guest agent is connected, so its guest may ignore the request to shut down",
    ]


def test_a_grace_that_is_not_set_is_kubevirts_default() -> None:
    assert having(vmi("x", "pod")).vmis["default/x"].grace == 30
    assert having(vmi("x", "pod", terminationGracePeriodSeconds=0)).vmis["default/x"].grace == 0


# The looks


@pytest.mark.parametrize(
    ("items", "written"),
    [
        *(
            (machine("x", "vlan100", strategy=strategy), ("vms", "x", {"spec": {"runStrategy": "Halted"}}))
            for strategy in ("Always", "RerunOnFailure", "Once", "Manual")
        ),
        (
            machine("x", "vlan100", strategy="Always", field="running"),
            ("vms", "x", {"spec": {"running": False}}),
        ),
        # its run strategy will start it
        (machine("x", "vlan100", strategy="Always", phase=""), ("vms", "x", {"spec": {"runStrategy": "Halted"}})),
        (machine("x", "vlan100", phase="Pending", on=""), ("vms", "x", {"spec": {"runStrategy": "Halted"}})),
        # shut down by its owner: never passed through Halted
        (machine("x", "vlan100", phase="Succeeded"), ("vmis", "x", "removed")),
        (machine("x", "vlan100", strategy="Manual", phase="Succeeded"), ("vmis", "x", "removed")),
        (machine("x", "vlan100", strategy="Manual", phase="Failed"), ("vmis", "x", "removed")),
        # KubeVirt boots these again by itself
        (machine("x", "vlan100", phase="Failed"), ("vms", "x", {"spec": {"runStrategy": "Halted"}})),
        (
            machine("x", "vlan100", strategy="Always", phase="Succeeded"),
            ("vms", "x", {"spec": {"runStrategy": "Halted"}}),
        ),
    ],
)
def test_how_a_vm_is_stopped(items: list[Any], written: Any) -> None:
    found = turn(having(*items), "x")
    assert patches(found) == [written]
    assert len(found.missing) == 1


@pytest.mark.parametrize(
    "items",
    [
        machine("x", "vlan100", strategy="Halted", phase=""),
        machine("x", "vlan100", phase=""),
        machine("x", "vlan100", strategy="Manual", phase=""),
        [],
    ],
    ids=["halted", "at rest", "manual", "gone"],
)
def test_what_is_down(items: list[Any]) -> None:
    assert turn(having(*items), "x") == Turn()


def test_what_somebody_else_stops_is_waited_for() -> None:
    found = turn(cluster(machine("x", "vlan100", strategy="Halted")), "x")
    assert (found.writes, found.missing) == (
        (),
        ("VM 'default/x': its instance is Running on node 'n1' (grace 120 s)",),
    )


def test_a_status_that_lags_is_waited_for() -> None:
    item = merged(machine("x", "pod", strategy="Halted", phase="")[0], {"status": {"printableStatus": "Stopping"}})
    found = turn(having(item), "x")
    assert found == Turn(missing=("VM 'default/x' has no instance, and its status is Stopping, not Stopped",))


def test_a_backup_in_progress_is_waited_for() -> None:
    backup = thing("backups", "b1", "default", spec={"source": {"name": "x"}}, status={})
    found = turn(cluster(machine("x", "vlan100"), [backup]), "x")
    assert found == Turn(
        missing=(
            "VM 'default/x': its instance is Running on node 'n1' (grace 120 s); backup 'b1' of it is in progress",
        )
    )


def test_a_paused_vm_is_resumed_first_when_that_is_asked() -> None:
    found = turn(cluster(machine("x", "vlan100", conditions=[USER])), "x", paused_vms="unpause")
    assert found.writes == ()
    assert [(call.kind, call.name, call.verb) for call in found.calls] == [("vmis", "x", "unpause")]


def test_a_paused_vm_is_halted_when_it_may_be_killed() -> None:
    found = turn(cluster(machine("x", "vlan100", conditions=[USER])), "x", paused_vms="kill")
    assert patches(found) == [("vms", "x", {"spec": {"runStrategy": "Halted"}})]


def test_one_that_is_paused_meanwhile_is_not_touched() -> None:
    found = turn(cluster(machine("x", "vlan100", conditions=[USER])), "x")
    assert found == Turn(
        missing=("VM 'default/x': its instance is Running on node 'n1' (grace 120 s), and is paused (PausedByUser)",)
    )


def test_the_wait_is_as_long_as_the_longest_grace() -> None:
    snapshot = cluster(
        machine("a", "pod", grace=600), machine("b", "pod", grace=5), machine("c", "pod", phase="Failed")
    )
    assert turn(snapshot, "a", "b", "c").bound == 600


@pytest.mark.parametrize(("force", "calls"), [(True, [{"gracePeriod": 0}]), (False, [])])
def test_a_guest_is_forced_off_only_when_that_is_asked(force: bool, calls: list[Any]) -> None:
    snapshot = cluster(machine("x", "vlan100", strategy="Halted"))
    found = stop_turn(snapshot, ["default/x"], Policy(force=force), Order(), overdue=["default/x"])
    assert [call.body for call in found.calls] == calls


ORDER = Order(infrastructure=("default/dns",), names=("default/db", "default/app"))


def test_stages_go_down_one_after_the_other_and_infrastructure_last() -> None:
    names = ["dns", "db", "app", "web"]
    kubevirt = Kubevirt(cluster(*(machine(name, "pod") for name in names)))
    halted: list[list[str]] = []
    for _look in range(20):
        found = turn(kubevirt.state, *names, order=ORDER)
        if found.writes:
            halted.append([write.step.name for write in found.writes])
        if not found.missing:
            break
        kubevirt.apply(found)
        kubevirt.tick()
    assert halted == [["web"], ["app"], ["db"], ["dns"]]
    plan = stop_turn(
        cluster(*(machine(name, "pod") for name in names)),
        ["default/" + name for name in names],
        Policy(),
        ORDER,
        all_stages=True,
    )
    assert [write.step.name for write in plan.writes] == ["web", "app", "db", "dns"]


@pytest.mark.parametrize(
    ("label", "stages"),
    [("1", (0, 1.0)), ("-2.5", (0, -2.5)), ("x", (1, 0)), ("", (1, 0))],
)
def test_a_label_can_hold_the_stage(label: str, stages: tuple[int, float]) -> None:
    snapshot = cluster(machine("x", "pod", labels={"example.com/stage": label}))
    assert Order(label="example.com/stage").stage(snapshot, "default/x") == stages


@pytest.mark.parametrize(
    ("phases", "waited", "told"),
    [
        (["Running", "Succeeded"], 200, "shut_down"),
        (["Running", "Failed"], 125, "killed"),
        (["Running"], 60, "shut_down"),
        (["Running"], 121, "unknown"),
        ([], 0, "shut_down"),
    ],
)
def test_how_a_guest_ended_as_far_as_it_can_be_told(phases: list[str], waited: float, told: str) -> None:
    assert outcome(phases, waited, 120) == told
