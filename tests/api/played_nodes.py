# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster whose nodes are folders, with stand-ins for the modules that run on nodes: runs of its runbooks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from stage import RUNBOOK, SYSTEM, Ran, beside, preloaded, until

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap, _lease
from lab.apiserver import Client, Cluster

ROOT = Path(__file__).parents[2]
PLAYED = Path(__file__).parent / "played"
STUBS = ROOT / "tests/unit/playbooks/stubs"
NODES = ("node1", "node2", "node3")
NETWORK, KUBEVIRT = "network.harvesterhci.io/v1beta1", "kubevirt.io/v1"
OWN = ("mgmt-bo", "mgmt-br", "mgmt-br.2017")
UP: dict[str, Any] = {"mtu_from": 1500, "mtu_to": 9000, "switches_ready": True}
DOWN: dict[str, Any] = {"mtu_from": 9000, "mtu_to": 1500}
HOSTS = {name: dict.fromkeys(OWN, 1500) for name in NODES}
_KILLED: dict[str, Path] = {}
"""Kept state of the cluster -> the folder that belongs to it, whose copy lies beside it."""


class Nodes:
    """A cluster whose nodes are folders, and the collection with stand-ins for what runs there."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self.client: Client = cluster.client()
        self.folder = folder
        collection = folder / "collections/ansible_collections/harvester/network"
        plugins = collection / "plugins"
        (plugins / "connection").mkdir(parents=True)
        (plugins / "modules").mkdir()
        for name in ("roles", "playbooks", "meta"):
            (collection / name).symlink_to(ROOT / name)
        for name in ("filter", "plugin_utils", "module_utils", "doc_fragments"):
            (plugins / name).symlink_to(ROOT / "plugins" / name)
        played = {path.name: path for path in PLAYED.glob("*.py")}
        for name in ("checkpoint.py", "reach_info.py", "probe_endpoint.py", "running_vm_info.py"):
            played[name] = STUBS / name
        for path in (ROOT / "plugins/modules").glob("*.py"):
            shutil.copy(played.get(path.name, path), plugins / "modules" / path.name)
        shutil.copy(STUBS / "connection.py", plugins / "connection/node.py")

    def prepare(self, mtu: int = 1500) -> None:
        self.cluster.reset()
        hosts = {}
        release = self.client.get("harvesterhci.io/v1beta1", "Setting", "server-version")["value"]
        for number, item in enumerate(self.client.list("v1", "Node"), 1):
            name, info = item["metadata"]["name"], item["status"]["nodeInfo"]
            folder = self.folder / name
            folder.mkdir(exist_ok=True)
            (folder / "case.json").write_text(json.dumps({"release": release}))
            node = {
                "machine_id": info["machineID"],
                "boot_id": info["bootID"],
                "address": f"192.0.2.{10 + number}",
                "port": 9216,
                "mac": f"52:54:00:00:00:{10 + number}",
                "gateway": "192.0.2.1",
                "links": {**dict.fromkeys((*OWN, "mgmt-br.2030"), mtu), "flannel.1": mtu - 50},
                "profiles": {"bond-mgmt": mtu, "bridge-mgmt": mtu, "vlan-mgmt": None if mtu == 1500 else mtu},
            }
            self.write(name, node)
            hosts[name] = {"stub_folder": str(folder), "harvester_node_name": name}
        variables = {
            "ansible_connection": "harvester.network.node",
            "ansible_python_interpreter": sys.executable,
            "ansible_become": False,
            "harvester_api": {"kubeconfig": str(self.cluster.kubeconfig)},
            "change_copy_dir": str(self.folder / "copies"),
            "change_node_folder": "{{ stub_folder }}/kept",
        }
        inventory = {"harvester_nodes": {"hosts": hosts, "vars": variables}}
        (self.folder / "hosts.json").write_text(json.dumps(inventory))

    def node(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name / "node.json").read_text())
        return found

    def write(self, name: str, node: dict[str, Any]) -> None:
        (self.folder / name / "node.json").write_text(json.dumps(node))

    def without_overlay(self, name: str, on: str = "") -> None:
        """flannel.1 is missing, or is on another device, until canal's pod of the node has begun anew."""
        until(lambda: self.canal(name) != "", "canal's pod is not there")
        node = self.node(name)
        links = {key: mtu for key, mtu in node["links"].items() if on or key != "flannel.1"}
        kubectl = [str(self.cluster.kubectl), "--kubeconfig", str(self.cluster.kubeconfig)]
        behind = {"canal": {"kubectl": kubectl, "uid": self.canal(name)}, **({"overlay_on": on} if on else {})}
        self.write(name, {**node, "links": links, **behind})

    def canal(self, name: str) -> str:
        """The uid of canal's pod of a node; empty without one."""
        found = self.client.list("v1", "Pod", "kube-system", labelSelector="k8s-app=canal")
        uids = [pod["metadata"]["uid"] for pod in found if pod["spec"].get("nodeName") == name]
        return uids[0] if uids else ""

    def environment(self, kill_at: str = "", pause_at: str = "") -> dict[str, str]:
        """For a run; what an earlier one has written of its tasks, calls and paths is gone."""
        for name in ("tasks", "calls", "paths"):
            (self.folder / name).write_text("")
        return {
            **os.environ,
            "K8S_AUTH_KUBECONFIG": str(self.cluster.kubeconfig),
            "ANSIBLE_COLLECTIONS_PATH": f"{self.folder / 'collections'}:{os.environ['ANSIBLE_COLLECTIONS_PATH']}",
            "ANSIBLE_CALLBACK_PLUGINS": str(RUNBOOK / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "kill_at",
            "ANSIBLE_NOCOLOR": "true",
            "KILL_LOG": str(self.folder / "tasks"),
            "KILL_AT": kill_at,
            "PAUSE_AT": pause_at,
            **preloaded(),
        }

    def command(self, playbook: str, variables: dict[str, Any]) -> list[str]:
        given = json.dumps({f"change_{name}": value for name, value in variables.items()})
        return ["ansible-playbook", f"harvester.network.{playbook}", "-i", str(self.folder / "hosts.json"), "-e", given]

    def run(
        self, *arguments: str, playbook: str = "mgmt_mtu", kill_at: str = "", pause_at: str = "", **variables: Any
    ) -> Ran:
        done = subprocess.run(
            [*self.command(playbook, variables), *arguments],
            cwd=self.folder,
            env=self.environment(kill_at, pause_at),
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr, (self.folder / "tasks").read_text().splitlines())

    def killed(self, *ats: str, **wish: Any) -> None:
        """Kill runs of one change, one after the other, each right before its task.

        What they leave, cluster and folder, is kept, and found again by the next row that begins with the same. The
        folder is from then on the one of the first row, since records name it.
        """
        if not ats:
            return
        wanted = json.dumps([self.cluster.name, type(self).__module__, ats, wish], sort_keys=True)
        state = f"killed-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}"
        if state in _KILLED:
            self.folder = _KILLED[state]
            shutil.rmtree(self.folder)
            shutil.copytree(beside(self.folder, state), self.folder, symlinks=True)
            self.cluster.reset(state)
            return
        self.killed(*ats[:-1], **wish)
        ran = self.run(kill_at=ats[-1], takeover=True, **wish)
        assert (ran.status, ran.tasks[-1:], self.states()) == (-9, [ats[-1]], ["open"]), ran.output
        self.cluster.settle()
        self.cluster.keep(state)
        shutil.copytree(self.folder, beside(self.folder, state), symlinks=True)
        _KILLED[state] = self.folder

    def start(self, pause_at: str = "", playbook: str = "mgmt_mtu", **variables: Any) -> subprocess.Popen[str]:
        """Start a playbook, for tests that kill it and its modules."""
        return subprocess.Popen(
            self.command(playbook, variables),
            cwd=self.folder,
            env=self.environment("", pause_at),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, log: str, task: str) -> None:
        """Until a run in another thread has begun a task."""
        until(lambda: task in self.lines(log), f"{task} has not begun")

    def disturbed(self, task: str, disturb: Callable[[], None], *arguments: str, **wish: Any) -> Ran:
        """Run up to right before a task ("<its name>#<how many-th>"), disturb, and let the run go on."""
        # What an earlier run has left of both would be taken for this one's.
        (self.folder / "tasks").write_text("")
        (self.folder / "tasks.go").unlink(missing_ok=True)
        with ThreadPoolExecutor() as pool:
            running = pool.submit(lambda: self.run(*arguments, pause_at=task, **wish))
            while task not in self.lines("tasks"):
                assert not running.done(), running.result().output
                time.sleep(0.2)
            disturb()
            self.go_on()
            return running.result()

    def go_on(self) -> None:
        """Let a run that stands still go on."""
        (self.folder / "tasks.go").touch()

    def lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()

    def changes(self) -> list[str]:
        """What became of the nodes in the last run, in order: "node2 bond-mgmt=9000"."""
        return [line for line in self.lines("calls") if "=" in line]

    def links(self) -> dict[str, dict[str, int]]:
        return {name: self.node(name)["links"] for name in NODES}

    def profiles(self) -> dict[str, Any]:
        return {name: self.node(name)["profiles"] for name in NODES}

    def annotation(self) -> str | None:
        found = self.client.get(NETWORK, "ClusterNetwork", "mgmt")["metadata"].get("annotations", {})
        value: str | None = found.get("network.harvesterhci.io/uplink-mtu")
        return value

    def annotate(self, mtu: int) -> None:
        """Tell Harvester the MTU of mgmt."""
        annotations = {"network.harvesterhci.io/uplink-mtu": str(mtu)}
        self.client.patch(NETWORK, "ClusterNetwork", "mgmt", {"metadata": {"annotations": annotations}})
        until(lambda: self.office() == mtu, "the VM network does not follow")

    def office(self) -> int:
        """The MTU of the VM network on mgmt."""
        found = self.client.get("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "office", "default")
        return int(json.loads(found["spec"]["config"]).get("mtu") or 1500)

    def networks(self) -> list[str]:
        """Every VM network, by namespace and name."""
        found = self.client.list("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")
        return sorted("{namespace}/{name}".format(**item["metadata"]) for item in found)

    def vms(self) -> dict[str, str]:
        found = self.client.list(KUBEVIRT, "VirtualMachine")
        return {vm["metadata"]["name"]: vm["spec"]["runStrategy"] for vm in found}

    def states(self) -> list[str]:
        found = self.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
        return [item["metadata"]["labels"][_configmap.STATE_LABEL] for item in found]

    def leases(self) -> list[str]:
        """That of a change, by name, where it is there."""
        found = self.client.list("coordination.k8s.io/v1", "Lease", SYSTEM)
        return [item["metadata"]["name"] for item in found if item["metadata"]["name"] == _lease.NAME]


def everywhere(mtu: int) -> dict[str, dict[str, int]]:
    return {name: {**dict.fromkeys((*OWN, "mgmt-br.2030"), mtu), "flannel.1": mtu - 50} for name in NODES}
