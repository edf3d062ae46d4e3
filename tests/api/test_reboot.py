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
    """

    def __init__(self, cluster: Cluster, folder: pathlib.Path) -> None:
        self.cluster = cluster
        self.client: Client = cluster.client()
        self.folder = folder
        self.playground = playground(folder)
        self.seen: dict[str, tuple[bool, list[str]]] = {}
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
                    self.client.patch("v1", "Node", name, {"status": {"nodeInfo": {"bootID": "new"}}}, status=True)

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

    def run(self, *arguments: str, cases: dict[str, Any] | None = None, **variables: Any) -> Any:
        given = {
            "harvester_api": {"kubeconfig": str(self.cluster.kubeconfig)},
            "change_record_file": str(self.folder / "record.json"),
            "ordered_reboot_delay": 1,
            **variables,
        }
        nodes = {name: WAITS | (cases or {}).get(name, {}) for name in NODES}
        return self.playground.run(nodes, *arguments, playbook="reboot", **given)


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
    assert not (stage.folder / "record.json").exists()


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


def test_a_foreign_cordon_and_a_node_that_stays_away(stage: Stage) -> None:
    stage.client.patch("v1", "Node", "node2", {"spec": {"unschedulable": True}})
    given = {"change_reboot_order": ["node2", "node3", "node1"], "change_reboot_timeout": 2}
    found = stage.run(cases={"node3": {"stuck": True}}, **given)
    assert found.status != 0
    assert boots(found) == ["node2", "node3"]
    assert stage.seen == {"node2": (False, [])}
    assert "node3 keeps the cordon of this run; module node_drain takes it away (state=uncordoned)." in found.text()
    assert sorted(stage.cordons()) == ["node2", "node3"]
    assert json.loads((stage.folder / "node3/case.json").read_text())["stuck"]
