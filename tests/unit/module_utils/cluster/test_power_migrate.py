# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying a node: what can move, what cannot and why, and what is asked of KubeVirt look by look."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import BASE, having, node, thing, vmi

from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._migrate import (
    evacuation,
    migrate_turn,
    quantity,
    uncordoning,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._turn import Turn

GIB = {"memory": {"guest": "4Gi"}}


def condition(kind: str, status: str, reason: str = "", message: str = "") -> dict[str, Any]:
    return {"status": {"conditions": [{"type": kind, "status": status, "reason": reason, "message": message}]}}


def migration(name: str, of: str, phase: str = "Running", failure: str = "", **labels: str) -> Any:
    status: dict[str, Any] = {"phase": phase}
    if failure:
        status["migrationState"] = {"failureReason": failure}
    return thing("migrations", name, "default", labels=labels, spec={"vmiName": of}, status=status)


def with_state(item: Any, *conditions: dict[str, Any]) -> Any:
    found = [entry for given in conditions for entry in given["status"]["conditions"]]
    return merged(item, {"status": {"conditions": found}})


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (
            with_state(
                vmi("x", "vlan100"), condition("LiveMigratable", "False", "HostDeviceNotLiveMigratable", "no GPU")
            ),
            "KubeVirt cannot live-migrate it: no GPU",
        ),
        (
            with_state(vmi("x", "vlan100"), condition("LiveMigratable", "False", "DisksNotLiveMigratable")),
            "KubeVirt cannot live-migrate it: DisksNotLiveMigratable",
        ),
        (vmi("x", "vlan100", devices=["n1-000017"]), "it has devices of its node: n1-000017"),
        (with_state(vmi("x", "vlan100"), condition("Paused", "True", "PausedIOError")), "it is paused (PausedIOError)"),
        (
            vmi("x", "vlan100", nodeSelector={"kubernetes.io/hostname": "n1"}),
            (
                "no other node could run it (n2: it lacks the labels of the VM's node selector"
                " (kubernetes.io/hostname=n1); n3: cluster network 'cn1' (VM network default/vlan100) is not active on"
                " it; w1: it is a witness node, which runs no VMs)"
            ),
        ),
    ],
    ids=["not migratable", "no message", "device", "paused", "pinned"],
)
def test_what_cannot_move_is_named_with_the_reason(item: Any, reason: str) -> None:
    found = evacuation(having(item), "n1", only=["default/x"])
    assert found.moving == ()
    assert [str(one) for one in found.staying] == ["VM 'default/x' cannot move: " + reason]


@pytest.mark.parametrize(
    "item",
    [
        vmi("x", "pod", on="n2"),
        vmi("x", "pod", on=""),
        vmi("x", "pod", phase="Succeeded"),
        vmi("x", "pod", phase="Failed"),
        merged(vmi("x", "pod"), {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}),
    ],
    ids=["elsewhere", "nowhere", "succeeded", "failed", "ending"],
)
def test_what_is_not_on_the_node_does_not_count(item: Any) -> None:
    found = evacuation(having(item), "n1")
    assert [guest.reference for guest in found.moving] == ["default/vm1"]
    assert found.staying == ()


def test_a_vm_that_is_starting_is_waited_for() -> None:
    turn = migrate_turn(having(vmi("x", "pod", on="n2", phase="Scheduled")), "n2", cordon=False)
    assert turn == Turn(missing=("VM 'default/x' is starting on node 'n2': its instance is Scheduled",))


def test_an_instance_without_a_vm_moves_too() -> None:
    found = evacuation(having(vmi("alone", "pod")), "n1")
    assert [guest.reference for guest in found.moving] == ["default/alone", "default/vm1"]


def test_the_node_is_cordoned_and_each_vm_gets_one_migration() -> None:
    turn = migrate_turn(having(vmi("big", "pod", domain=GIB)), "n1")
    cordon, *moves = [write.step for write in turn.writes]
    assert (cordon.kind, cordon.patch) == (
        "nodes",
        {"metadata": {"annotations": {"harvester.network/cordoned": "true"}}, "spec": {"unschedulable": True}},
    )
    assert [move.after["spec"] for move in moves if move.after] == [{"vmiName": "big"}, {"vmiName": "vm1"}]
    assert [move.object["metadata"]["labels"] for move in moves] == [{"harvester.network/migration-of": "n1"}] * 2
    assert turn.missing == ("VM 'default/big' is still on node 'n1'", "VM 'default/vm1' is still on node 'n1'")
    # 4 GiB, and one whose memory is not told
    assert turn.bound == 5 * 150
    after = BASE
    for write in turn.writes:
        after = after.put(write.step.kind, write.step.object)
    again = migrate_turn(having(vmi("big", "pod", domain=GIB), on=after), "n1")
    assert again.writes == ()
    assert "is in progress" in again.missing[0]


def test_a_node_that_is_cordoned_already_keeps_its_cordon_as_it_is() -> None:
    turn = migrate_turn(having(node("n1", "cn1", rack="a", cordoned=True)), "n1")
    assert [write.step.kind for write in turn.writes] == ["migrations"]


def test_a_migration_of_somebody_else_is_waited_for() -> None:
    turn = migrate_turn(having(migration("theirs", "vm1")), "n1", cordon=False)
    assert turn.writes == ()
    assert turn.missing == ("VM 'default/vm1' is still on node 'n1': migration 'theirs' is in progress",)


def test_a_failed_migration_is_asked_for_once_more_and_then_told() -> None:
    cluster = BASE
    for attempt in (1, 2):
        turn = migrate_turn(cluster, "n1", cordon=False)
        (write,) = turn.writes
        assert write.step.name.endswith("-%d" % attempt)
        failed = {"status": {"phase": "Failed", "migrationState": {"failureReason": "no space"}}}
        cluster = cluster.put("migrations", merged(write.step.object, failed))
    turn = migrate_turn(cluster, "n1", cordon=False)
    assert turn.writes == ()
    assert turn.missing == ()
    assert turn.failures == ("VM 'default/vm1' did not move: 2 migrations have failed, the last with: no space",)
    # a later run tries again
    names = [item["metadata"]["name"] for item in cluster.all("migrations")]
    (write,) = migrate_turn(cluster, "n1", cordon=False, earlier=names).writes
    assert write.step.name.endswith("-3")


def test_an_empty_node_is_done() -> None:
    assert migrate_turn(BASE, "n2", cordon=False) == Turn()


def test_a_vm_that_has_landed_without_its_network_is_told() -> None:
    turn = migrate_turn(having(vmi("vm1", "vlan100", on="n3")), "n1", cordon=False, moved=["default/vm1"])
    assert turn.failures == (
        "VM 'default/vm1' has moved to node 'n3', where cluster network cn1 is not active; move it on",
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4Gi", 4 * 1024**3),
        ("1500M", 1.5e9),
        (1024, 1024),
        ("1.5Ki", 1536),
        ("100m", 0.1),
        (None, 0),
        ("x", 0),
        ("1Xi", 0),
    ],
)
def test_quantities(text: Any, number: float) -> None:
    assert quantity(text) == pytest.approx(number)


def test_only_our_own_cordon_is_removed() -> None:
    (write,) = uncordoning(having(_ours()), "n1")
    assert write.step.patch == {
        "metadata": {"annotations": {"harvester.network/cordoned": None}},
        "spec": {"unschedulable": None},
    }
    assert uncordoning(having(node("n1", "cn1", cordoned=True)), "n1") == ()
    assert uncordoning(BASE, "gone") == ()


def _ours() -> Any:
    return merged(
        node("n1", "cn1", cordoned=True), {"metadata": {"annotations": {"harvester.network/cordoned": "true"}}}
    )
