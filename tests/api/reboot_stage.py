# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots by playbook against a real API: nodes are folders whose boots show in it, modules of the cluster are real.

Nodes node1 to node3 are members of etcd; VM shell runs on node1, others run elsewhere.
"""

from __future__ import annotations

import contextlib
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stage import preloaded, until

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab import LabError
from lab.apiserver import Client, Cluster
from lab.apiserver import objects as make

ROOT = pathlib.Path(__file__).parents[2]
PLAYGROUND = ROOT / "tests/unit/playbooks/conftest.py"
WAITS = {"pending": [{"name": "mgmt-bo", "how": "reboot", "why": "MTU 1500 to 9000"}]}
NODES = ("node1", "node2", "node3")
VMI = ("kubevirt.io/v1", "VirtualMachineInstance")
CORDONED = "harvester.network/cordoned"


def playground(folder: pathlib.Path) -> Any:
    """The one of the tests of playbooks, with the real modules of the cluster, and of what nodes keep."""
    found = importlib.util.spec_from_file_location("playground", PLAYGROUND)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["playground"] = module
    found.loader.exec_module(module)
    made = module.Playground(folder)
    modules = folder / "collections/ansible_collections/harvester/network/plugins/modules"
    for path in (ROOT / "plugins/modules").glob("*.py"):
        if "cluster._module" in path.read_text() or path.stem in ("change_copy", "etcd_snapshot"):
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
                    # Where the API is away it says so later.
                    with contextlib.suppress(LabError):
                        self._booted(name)

    def _booted(self, name: str) -> None:
        node = self.client.get("v1", "Node", name)
        ours = bool(node["spec"].get("unschedulable")) and CORDONED in node["metadata"]["annotations"]
        vms = self.vms_on(name)
        if name in self.holder_after:
            self.cluster.harvester.control.fault(vip_holder=self.holder_after[name])
        self.client.patch("v1", "Node", name, {"status": {"nodeInfo": {"bootID": "new"}}}, status=True)
        if name == self.upgrade_after:
            self.client.put([make.upgrade("hvst-upgrade-1")])
        self.seen[name] = (ours, vms)

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

    def variables(self) -> dict[str, Any]:
        """Those of every run."""
        return {
            "harvester_api": {"kubeconfig": str(self.cluster.kubeconfig)},
            "ordered_reboot_delay": 1,
            "change_copy_dir": str(self.folder / "copies"),
            "change_node_folder": "{{ stub_folder }}/kept",
        }

    def run(
        self, *arguments: str, playbook: str = "reboot", cases: dict[str, Any] | None = None, **variables: Any
    ) -> Any:
        given = {**self.variables(), **variables}
        nodes = {name: WAITS | (cases or {}).get(name, {}) for name in NODES}
        found = self.playground.run(nodes, *arguments, playbook=playbook, **given)
        # pytest keeps the folder of a test that has failed
        with (self.folder / "output").open("a") as kept:
            kept.write(found.output)
        return found

    def start(
        self,
        pause_at: str = "",
        playbook: str = "reboot",
        limit: str = "",
        cases: dict[str, Any] | None = None,
        **variables: Any,
    ) -> subprocess.Popen[str]:
        """Start a playbook, for tests that kill it and its modules."""
        (self.folder / "tasks").write_text("")
        nodes = {name: WAITS | (cases or {}).get(name, {}) for name in NODES}
        arguments = ["--limit", limit] if limit else []
        given = {**self.variables(), **variables}
        argv, environment = self.playground.prepared(nodes, *arguments, playbook=playbook, **given)
        return subprocess.Popen(
            argv,
            cwd=self.folder,
            env={**environment, **hooked(self.folder), "PAUSE_AT": pause_at},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, log: str, task: str) -> None:
        """Until a run in another thread has begun a task."""
        until(lambda: task in self.lines(log), f"{task} has not begun")

    def lines(self, log: str) -> list[str]:
        return (self.folder / log).read_text().splitlines()


def staged(cluster: Cluster, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """For a fixture: the stage of one test, on the seeded cluster."""
    for variable, value in preloaded().items():
        monkeypatch.setenv(variable, value)
    made = Stage(cluster, tmp_path)
    yield made
    made.end()


def hooked(folder: pathlib.Path) -> dict[str, str]:
    """For the environment of a run: the callback that kills or pauses it, with the log of its tasks."""
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/api/runbook/callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "kill_at",
        "KILL_LOG": str(folder / "tasks"),
    }


def killed(stage: Stage, monkeypatch: pytest.MonkeyPatch, task: str, run: Callable[[], Any]) -> Any:
    """A run whose runner is killed right before a task ("<name>#<how many-th>")."""
    with monkeypatch.context() as killing:
        for variable, value in hooked(stage.folder).items():
            killing.setenv(variable, value)
        killing.setenv("KILL_AT", task)
        found = run()
    assert found.status == -9, found.output
    return found


def labelled(client: Client, name: str, strategy: str) -> None:
    """What its owner wants of a VM of namespace default in the maintenance of its node."""
    labels = {"harvesterhci.io/maintain-mode-strategy": strategy}
    client.patch("kubevirt.io/v1", "VirtualMachine", name, {"metadata": {"labels": labels}}, "default")


def boots(found: Any) -> list[str]:
    return [line.split()[0] for line in found.of("boot")]
