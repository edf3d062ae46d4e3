# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks against nodes that are folders: the collection with its node modules replaced by stand-ins."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
STUBS = Path(__file__).parent / "stubs"
MODULES = (
    "change",
    "change_copy",
    "change_info",
    "change_plan",
    "checkpoint",
    "cluster_network",
    "cluster_network_info",
    "config_objects",
    "etcd_snapshot",
    "host_info",
    "network_info",
    "node_drain",
    "path_mtu",
    "probe_endpoint",
    "profile_info",
    "profiles",
    "reach_info",
    "reboot_gate_info",
    "reboot_plan_info",
    "running_vm_info",
    "storage_network",
    "storage_network_info",
    "vm_network",
    "vm_power",
)
PROVING = ("paths", "probe", "unprobe", "reach", "gathered", "extended", "confirmed", "restored")


@dataclass(frozen=True)
class Outcome:
    """A finished run. log: what was asked of which node, in order. recap: counts per node."""

    status: int
    output: str
    log: list[str]
    recap: dict[str, dict[str, int]]

    @property
    def calls(self) -> list[str]:
        """Without what only proves: comparisons, changes and boots."""
        return [line for line in self.log if line.split()[1] not in PROVING]

    def of(self, *kinds: str) -> list[str]:
        return [line for line in self.log if line.split()[1] in kinds]

    def text(self) -> str:
        """The output with its line breaks folded."""
        return " ".join(self.output.split())

    def changed(self, node: str) -> int:
        return self.recap[node]["changed"]


class Playground:
    """Nodes and a collection in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        collection = folder / "collections/ansible_collections/harvester/network"
        plugins = collection / "plugins"
        (plugins / "modules").mkdir(parents=True)
        (plugins / "connection").mkdir()
        for name in ("roles", "playbooks", "meta"):
            (collection / name).symlink_to(ROOT / name)
        for name in ("filter", "plugin_utils", "module_utils"):
            (plugins / name).symlink_to(ROOT / "plugins" / name)
        for name in MODULES:
            shutil.copy(STUBS / f"{name}.py", plugins / "modules")
        shutil.copy(STUBS / "connection.py", plugins / "connection/node.py")

    def run(
        self,
        nodes: dict[str, dict[str, Any]],
        *arguments: str,
        playbook: str = "mgmt_network",
        groups: dict[str, list[str]] | None = None,
        **variables: Any,
    ) -> Outcome:
        """Run a playbook of the collection, or a file, on nodes, each with its case.

        groups: further groups of the inventory.
        """
        argv, environment = self.prepared(nodes, *arguments, playbook=playbook, groups=groups, **variables)
        done = subprocess.run(argv, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        lines = (self.folder / "calls").read_text().split("\n")[:-1]
        return Outcome(done.returncode, done.stdout + done.stderr, lines, _recap(done.stdout))

    def prepared(
        self,
        nodes: dict[str, dict[str, Any]],
        *arguments: str,
        playbook: str,
        groups: dict[str, list[str]] | None = None,
        **variables: Any,
    ) -> tuple[list[str], dict[str, str]]:
        """Command and environment of a run, once nodes and inventory are as it needs them."""
        (self.folder / "calls").write_text("")
        hosts = {}
        for name, case in nodes.items():
            node = self.folder / name
            node.mkdir(exist_ok=True)
            (node / "case.json").write_text(json.dumps(case))
            hosts[name] = {"stub_folder": str(node)}
        desired = {"bond": {"ports": ["eno1"]}, "vlan_id": 2017, "mtu": 9000}
        group = {"ansible_connection": "harvester.network.node", "ansible_python_interpreter": sys.executable}
        inventory = self.folder / "inventory.json"
        others: dict[str, Any] = {
            name: {"hosts": {member: {} for member in members}} for name, members in (groups or {}).items()
        }
        inventory.write_text(
            json.dumps({"harvester_nodes": {"hosts": hosts, "vars": group | {"harvester_mgmt": desired}}} | others)
        )
        given = {"ansible_become": False} | variables
        name = playbook if playbook.startswith("/") else f"harvester.network.{playbook}"
        argv = ["ansible-playbook", name, "-i", str(inventory), "-e", json.dumps(given)]
        environment = os.environ | {
            # others than this one are looked for where they always are
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(
                [str(self.folder / "collections"), os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")]
            ),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "STUB_CLUSTER": str(self.folder),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        for variable in ("ANSIBLE_CONFIG", "K8S_AUTH_KUBECONFIG", "K8S_AUTH_HOST"):
            environment.pop(variable, None)
        return [*argv, *arguments], environment


def _recap(text: str) -> dict[str, dict[str, int]]:
    found = {}
    for line in text.partition("PLAY RECAP")[2].splitlines()[1:]:
        name, colon, counts = line.partition(":")
        if colon:
            found[name.strip()] = {word: int(number) for word, number in re.findall(r"(\w+)=(\d+)", counts)}
    return found


@pytest.fixture
def playground(tmp_path: Path) -> Playground:
    return Playground(tmp_path)
