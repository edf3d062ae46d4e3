# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook reboot against a real API: nodes are folders whose boots show in it, all modules of the cluster are real.

Nodes node1 to node3 are members of etcd; VM shell runs on node1, others run elsewhere.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab.apiserver import Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

ROOT = pathlib.Path(__file__).parents[2]
PLAYGROUND = ROOT / "tests/unit/playbooks/conftest.py"
WAITS = {"pending": [{"name": "mgmt-bo", "how": "reboot", "why": "MTU 1500 to 9000"}]}
NODES = ("node1", "node2", "node3")
VMI = ("kubevirt.io/v1", "VirtualMachineInstance")
CORDONED = "harvester.network/cordoned"


def playground(folder: pathlib.Path) -> Any:
    """The one of the tests of playbooks, with the real modules of the cluster."""
    found = importlib.util.spec_from_file_location("playground", PLAYGROUND)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["playground"] = module
    found.loader.exec_module(module)
    made = module.Playground(folder)
    modules = folder / "collections/ansible_collections/harvester/network/plugins/modules"
    for path in (ROOT / "plugins/modules").glob("*.py"):
        if "cluster._module" in path.read_text():
            shutil.copy(path, modules)
    return made


class Stage:
    """The cluster and its nodes as folders.

    seen: of each node that has booted, whether it was cordoned by this collection, and the VMs that were on it.
    upgrade_after: node whose boot is followed by an upgrade. holder_after: node -> who has the virtual address from its
    boot on.
    """

    def __init__(self, cluster: Cluster, folder: pathlib.Path) -> None:
        self.cluster = cluster
        self.client: Client = cluster.client()
        self.folder = folder
        self.playground = playground(folder)
        self.seen: dict[str, tuple[bool, list[str]]] = {}
        self.upgrade_after = ""
        self.holder_after: dict[str, str] = {}
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._boots, daemon=True)
        for name in NODES:
            info = {"machineID": name, "bootID": "old"}
            self.client.patch("v1", "Node", name, {"status": {"nodeInfo": info}}, status=True)
        end = time.monotonic() + 60
        while not {"db", "shell", "web"} <= set(self.running()):
            assert time.monotonic() < end, "VMs do not start"
            time.sleep(0.2)
        self._watch.start()

    def _boots(self) -> None:
        """A node that has booted says so in the API, as its kubelet would."""
        while not self._ended.wait(0.1):
            for name in NODES:
                if name not in self.seen and (self.folder / name / "booted").exists():
                    node = self.client.get("v1", "Node", name)
                    ours = bool(node["spec"].get("unschedulable")) and CORDONED in node["metadata"]["annotations"]
                    self.seen[name] = (ours, self.vms_on(name))
                    if name in self.holder_after:
                        self.cluster.harvester.control.fault(vip_holder=self.holder_after[name])
                    self.client.patch("v1", "Node", name, {"status": {"nodeInfo": {"bootID": "new"}}}, status=True)
                    if name == self.upgrade_after:
                        self.client.put([make.upgrade("hvst-upgrade-1")])

    def end(self) -> None:
        self._ended.set()
        self._watch.join()

    def vms_on(self, node: str) -> list[str]:
        found = self.client.list(*VMI)
        return sorted(item["metadata"]["name"] for item in found if item["status"].get("nodeName") == node)

    def running(self) -> list[str]:
        found = self.client.list(*VMI)
        return sorted(item["metadata"]["name"] for item in found if item["status"].get("phase") == "Running")

    def cordons(self) -> list[str]:
        found = self.client.list("v1", "Node")
        return [item["metadata"]["name"] for item in found if item["spec"].get("unschedulable")]

    def changes(self) -> list[tuple[str, str]]:
        """Id and state of each change that is recorded in the cluster."""
        found = self.client.list("v1", "ConfigMap", "harvester-system", labelSelector=_configmap.CHANGE_LABEL)
        labels = [item["metadata"]["labels"] for item in found]
        return sorted((item[_configmap.CHANGE_LABEL], item[_configmap.STATE_LABEL]) for item in labels)

    def run(
        self, *arguments: str, playbook: str = "reboot", cases: dict[str, Any] | None = None, **variables: Any
    ) -> Any:
        given = {
            "harvester_api": {"kubeconfig": str(self.cluster.kubeconfig)},
            "ordered_reboot_delay": 1,
            **variables,
        }
        nodes = {name: WAITS | (cases or {}).get(name, {}) for name in NODES}
        return self.playground.run(nodes, *arguments, playbook=playbook, **given)


@pytest.fixture
def stage(cluster: Cluster, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    made = Stage(cluster, tmp_path)
    yield made
    made.end()


def labelled(client: Client, name: str, strategy: str) -> None:
    labels = {"harvesterhci.io/maintain-mode-strategy": strategy}
    client.patch("kubevirt.io/v1", "VirtualMachine", name, {"metadata": {"labels": labels}}, "default")


def boots(found: Any) -> list[str]:
    return [line.split()[0] for line in found.of("boot")]


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
    assert [state for _, state in stage.changes()] == ["rolled-back"]


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


def test_what_was_stopped_is_started_from_the_record_in_the_cluster(stage: Stage) -> None:
    """The node does not come back, and neither does the run: nothing of it is left but the record."""
    labelled(stage.client, "shell", "ShutdownAndRestartAfterDisable")
    running = stage.running()
    order: dict[str, Any] = {"change_reboot_order": ["node1", "node2", "node3"], "change_reboot_timeout": 2}
    found = stage.run(cases={"node1": {"stuck": True}}, **order)
    assert found.status != 0
    [(name, state)] = stage.changes()
    assert state == "open"
    assert (
        "node1 keeps the cordon of this run; module node_drain takes it away (state=uncordoned). VMs that were stopped"
        f" for it may be off: default/shell. Playbook rollback starts them (change '{name}')." in found.text()
    )
    assert "shell" not in stage.running()
    again = stage.run(**order)
    assert again.status != 0
    assert f"change '{name}' is open: an earlier run has stopped VMs and has not started them again." in again.text()
    assert boots(again) == []
    back = stage.run(playbook="rollback")
    assert back.status == 0, back.output
    assert (stage.running(), stage.changes()) == (running, [(name, "rolled-back")])


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
