# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible runs of the tests, as an operator would start them, with results as data."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from lab import Lab
from lab.config import cache_root

HERE = pathlib.Path(__file__).parent
KILLING = HERE.parent / "api/runbook/callback"


@dataclass(frozen=True)
class Task:
    """The result of a task on a host."""

    host: str
    name: str
    status: str
    result: dict[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.result.get("msg", ""))

    def actions(self) -> dict[str, str]:
        """Profile id to action."""
        return {item["id"]: item["action"] for item in self.result.get("profiles", [])}

    def how(self) -> dict[str, str]:
        """Device to the way in which it took the change."""
        return {item["name"]: item["how"] for item in self.result.get("devices", [])}


@dataclass(frozen=True)
class Run:
    """A finished ansible-playbook."""

    status: int
    output: str
    tasks: list[Task]

    def of(self, host: str, name: str | None = None) -> Task:
        """The last result on a host (of the task with this name)."""
        found = [task for task in self.tasks if task.host == host and (name is None or task.name == name)]
        assert found, f"no result of {name or 'any task'} on {host}:\n{self.output}"
        return found[-1]

    def warnings(self) -> list[str]:
        return [line for line in self.output.splitlines() if "[WARNING]" in line or "[DEPRECATION" in line]


class Ansible:
    """Runs against the nodes of one lab."""

    def __init__(self, lab: Lab, folder: pathlib.Path) -> None:
        self.inventory = folder / "inventory.yml"
        self.inventory.write_text(lab.inventory())
        self.folder = folder
        # Nodes of two labs have the same addresses: a shared connection would reach the other lab.
        self.connections = cache_root() / "cp" / lab.name

    def command(self, playbook: str, *options: str) -> list[str]:
        return ["ansible-playbook", "-i", str(self.inventory), playbook, *options]

    def environment(self, record: pathlib.Path, kill_at: str = "") -> dict[str, str]:
        return {
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": f"{HERE / 'callback_plugins'}:{KILLING}",
            "ANSIBLE_CALLBACKS_ENABLED": "record,kill_at",
            "RECORD_FILE": str(record),
            "KILL_LOG": str(record.with_name("tasks")),
            "KILL_AT": kill_at,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0",
            "ANSIBLE_TIMEOUT": "60",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.connections),
        }

    def play(self, playbook: str, *options: str, timeout: float = 1800, kill_at: str = "") -> Run:
        """Run a playbook by path or FQCN. kill_at: task, "<name>#<how many-th>", before which the runner is killed."""
        record = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "record"
        record.touch()
        done = subprocess.run(
            self.command(playbook, *options),
            env=self.environment(record, kill_at),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        lines = [json.loads(line) for line in record.read_text().splitlines()]
        tasks = [Task(line["host"], line["task"], line["status"], line["result"]) for line in lines]
        return Run(done.returncode, done.stdout + done.stderr, tasks)

    def start(self, playbook: str, *options: str) -> subprocess.Popen[bytes]:
        """Start a playbook in a process group of its own, for tests that kill the runner."""
        record = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "record"
        return subprocess.Popen(
            self.command(playbook, *options),
            env=self.environment(record),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def module(
        self,
        name: str,
        arguments: dict[str, Any],
        hosts: str = "node1",
        options: Sequence[str] = (),
        check: bool = False,
    ) -> Run:
        """Run one module of the collection on hosts."""
        return self.play(str(self.write(name, arguments, hosts)), *options, *(["--check", "--diff"] if check else []))

    def write(self, name: str, arguments: dict[str, Any], hosts: str) -> pathlib.Path:
        """A playbook of one task."""
        task = {"name": name, f"harvester.network.{name}": arguments}
        plays = [{"name": "Test", "hosts": hosts, "gather_facts": False, "become": True, "tasks": [task]}]
        path = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "play.yml"
        path.write_text(yaml.safe_dump(plays))
        return path
