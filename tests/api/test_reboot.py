# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook reboot against a real API: nodes are folders whose boots show in it, all modules of the cluster are real.

Nodes node1 to node3 are members of etcd; VM shell runs on node1, others run elsewhere.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from reboot_stage import NODES, VMI, Stage, boots, labelled, staged
from stage import away, until

from lab.apiserver import Client, Object
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]
stage = pytest.fixture(staged)


def budget(client: Client, on: str) -> Object:
    """A pod of a ReplicaSet that has to stay; gives the budget that says so."""
    labels = {"app": "db"}
    pod = make.pod("db", "default", on, labels)
    template = {"metadata": {"labels": labels}, "spec": {"containers": pod["spec"]["containers"]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    owner = client.create(make.named("apps/v1", "ReplicaSet", "db", "default", spec=spec))
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "db", "uid": owner["metadata"]["uid"]}
    pod["metadata"]["ownerReferences"] = [{**reference, "controller": True}]
    client.create(pod)
    rule = {"minAvailable": 1, "selector": {"matchLabels": labels}}
    return client.create(make.named("policy/v1", "PodDisruptionBudget", "db", "default", spec=rule))


def test_three_nodes_in_order_with_vms_on_them(stage: Stage) -> None:
    stage.cluster.harvester.control.fault(vip_holder="node1")
    stage.cluster.harvester.control.delay(rebuild=3)
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    check = stage.run("--check")
    assert check.status == 0, check.output
    assert "Would be rebooted, in this order: node2, then node3, then node1" in check.text()
    assert (
        "Node node1: default/shell stops, and starts again with its node (its label"
        " harvesterhci.io/maintain-mode-strategy is ShutdownAndRestartAfterDisable)" in check.text()
    )
    assert (stage.cordons(), boots(check)) == ([], [])
    found = stage.run()
    assert found.status == 0, found.output
    assert boots(found) == ["node2", "node3", "node1"]
    assert stage.seen == dict.fromkeys(NODES, (True, []))
    assert stage.cordons() == []
    assert stage.running() == running
    assert [state for _, state in stage.changes()] == ["done"]
    again = stage.run(cases={node: {"pending": []} for node in NODES})
    assert again.status == 0, again.output
    assert "Profiles and kernel agree on every node; change_reboot_all=true reboots them all the same." in again.text()
    assert (boots(again), {counts["changed"] for counts in again.recap.values()}) == ([], {0})


def test_a_drain_that_never_ends_leaves_everything_as_it_was(stage: Stage) -> None:
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    budget(stage.client, "node1")
    running = stage.running()
    found = stage.run(change_reboot_order=["node1", "node2", "node3"], ordered_reboot_drain_timeout=6)
    assert found.status != 0
    assert "node1: node 'node1' is not drained: waited 6 s in vain; what is missing:" in found.text().replace(
        "\\n", " "
    )
    assert (boots(found), stage.cordons(), stage.running()) == ([], [], running)
    [(name, state)] = stage.changes()
    assert state == "open"
    back = stage.run(playbook="rollback")
    assert back.status == 0, back.output
    assert (stage.cordons(), stage.running(), stage.changes()) == ([], running, [(name, "rolled-back")])


def test_a_foreign_cordon_and_a_node_that_stays_away(stage: Stage) -> None:
    stage.client.patch("v1", "Node", "node2", {"spec": {"unschedulable": True}})
    given: dict[str, Any] = {"change_reboot_order": ["node2", "node3", "node1"], "change_reboot_timeout": 2}
    found = stage.run(cases={"node3": {"stuck": True}}, **given)
    assert found.status != 0
    assert boots(found) == ["node2", "node3"]
    assert stage.seen == {"node2": (False, [])}
    assert "node3 keeps the cordon of this run; module node_drain takes it away (state=uncordoned)." in found.text()
    assert sorted(stage.cordons()) == ["node2", "node3"]
    assert json.loads((stage.folder / "node3/case.json").read_text())["stuck"]


@pytest.mark.fault("reboot", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(stage: Stage) -> None:
    """While the first node boots."""
    running = stage.running()

    def gone() -> None:
        until((stage.folder / "node1/booted").exists, "node1 does not boot")
        away(stage.cluster)

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(gone)
        found = stage.run(change_reboot_order=["node1", "node2", "node3"])
        ended.result()
    assert found.status == 0, found.output
    assert (boots(found), stage.cordons(), stage.running()) == (["node1", "node2", "node3"], [], running)
    assert [state for _, state in stage.changes()] == ["done"]


@pytest.mark.fault("reboot", "a node does not come back", "stops, then goes on")
def test_a_node_that_does_not_come_back_at_first(stage: Stage) -> None:
    """Nothing of the run is left but the record, from which the next one goes on."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    order: dict[str, Any] = {"change_reboot_order": ["node1", "node2", "node3"], "change_reboot_timeout": 2}
    found = stage.run(cases={"node1": {"stuck": True}}, **order)
    assert found.status != 0
    [(name, state)] = stage.changes()
    assert state == "open"
    assert (
        "node1 keeps the cordon of this run; module node_drain takes it away (state=uncordoned). VMs that were stopped"
        " for it may be off: default/shell." in found.text()
    )
    assert "shell" not in stage.running()
    other = stage.run(change_reboot_order=["node1", "node3", "node2"])
    assert other.status != 0
    assert 'change_reboot_order: recorded ["node1", "node2", "node3"], now ["node1", "node3", "node2"]' in other.text()
    check = stage.run("--check", **order)
    assert check.status == 0, check.output
    assert (boots(check), stage.changes(), stage.cordons()) == ([], [(name, "open")], ["node1"])
    again = stage.run(**{**order, "change_reboot_timeout": 600})
    assert again.status == 0, again.output
    assert boots(again) == ["node1", "node2", "node3"]
    assert (stage.cordons(), stage.running(), stage.changes()) == ([], running, [(name, "done")])


@pytest.mark.fault("reboot", "an upgrade starts", "stops")
def test_an_upgrade_that_starts_between_two_nodes(stage: Stage) -> None:
    stage.upgrade_after = "node2"
    found = stage.run(change_reboot_order=["node2", "node3", "node1"])
    assert found.status != 0
    assert boots(found) == ["node2"]
    assert stage.cordons() == []
    assert (
        "node node3 is not rebooted: upgrade: upgrade 'hvst-upgrade-1' is running; it reboots nodes itself. Run again"
        " when it has ended" in found.text().replace("\\n", " ")
    )


def test_the_address_moves_and_its_holder_goes_last_all_the_same(stage: Stage) -> None:
    stage.cluster.harvester.control.fault(vip_holder="node3")
    stage.holder_after = {"node1": "node2"}
    found = stage.run()
    assert found.status == 0, found.output
    assert "Will be rebooted, in this order: node1, then node2, then node3" in found.text()
    assert boots(found) == ["node1", "node3", "node2"]


def test_no_vm_is_left_out_of_a_run_that_has_stopped_none(stage: Stage) -> None:
    """Neither one that is there nor one that is misspelled: a reboot goes on with no earlier run."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    found = stage.run("--limit", "node1", change_gone_vms="default/shell,default/shel")
    assert found.status != 0
    for name in ("default/shel", "default/shell"):
        assert (
            f"VM '{name}': gone={name}: it is not in the record of stopped VMs; see its spelling, namespace/name, or"
            " take it off the list" in found.text()
        )
    assert (boots(found), stage.cordons(), stage.changes(), stage.running()) == ([], [], [], running)


def test_a_vm_that_cannot_move_stands_in_the_way(stage: Stage) -> None:
    fixed = [{"type": "LiveMigratable", "status": "False", "reason": "HostDeviceNotLiveMigratable", "message": "a GPU"}]
    shell = stage.client.get(*VMI, "shell", "default")
    others = [one for one in shell["status"]["conditions"] if one["type"] != "LiveMigratable"]
    stage.client.patch(*VMI, "shell", {"status": {"conditions": others + fixed}}, "default")
    running = stage.running()
    found = stage.run()
    assert found.status != 0
    assert "VMs stand in the way of the reboots: VM 'default/shell' on node 'node1': " in found.text()
    assert (boots(found), stage.cordons(), stage.changes(), stage.running()) == ([], [], [], running)
