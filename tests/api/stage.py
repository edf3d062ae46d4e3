# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runbooks driven through against a real API, with hosts that are folders: run, killed, paused, and what they leave."""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap, _lease
from lab.apiserver import Client, Cluster
from lab.apiserver.cluster import BASE

RUNBOOK = Path(__file__).parent / "runbook"
PRELOADED = RUNBOOK / "preloaded"
SYSTEM = "harvester-system"
HOSTS = ("node1", "node2")
SEEDED = {"db", "shell", "web"}
"""VMs of the seeded cluster, all of them running."""


_KILLED: dict[str, Path] = {}
"""Kept state of the cluster -> the folder of the stage that left it, whose copy lies beside it."""

_SERVERS: list[subprocess.Popen[bytes]] = []
"""The process of `preloaded`, once it is there."""


class Ran(NamedTuple):
    status: int
    output: str
    tasks: list[str]

    @property
    def text(self) -> str:
        """The output with its line breaks folded."""
        return " ".join(self.output.split())


class Stage:
    """A cluster, and hosts that are folders. inventory: further variables of the hosts."""

    def __init__(self, cluster: Cluster, folder: Path, runbook: str = "try_out", **inventory: Any) -> None:
        self.cluster = cluster
        self.client: Client = cluster.client()
        self.folder = folder
        self.runbook = runbook
        self._variables = inventory

    def prepare(self, state: str = BASE) -> None:
        """The cluster as it was kept under that name, by default seeded with VMs that run, and an inventory."""
        self.cluster.reset(state)
        if state == BASE:
            # Its controllers start them, which takes a while on a machine that is busy.
            until(lambda: self._running() >= SEEDED, "the seeded VMs do not run")
        hosts = {host: {"try_file": str(self.folder / host)} for host in HOSTS}
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "ansible_become": False,
            "harvester_api": {"kubeconfig": str(self.cluster.kubeconfig)},
            "try_kubectl": str(self.cluster.kubectl),
            "change_copy_dir": str(self.folder / "copies"),
            "change_node_folder": str(self.folder / "kept-{{ inventory_hostname }}"),
            **self._variables,
        }
        inventory = {"harvester_nodes": {"hosts": hosts, "vars": variables}}
        (self.folder / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")

    def _running(self) -> set[str]:
        found = self.client.list("kubevirt.io/v1", "VirtualMachineInstance")
        return {vmi["metadata"]["name"] for vmi in found if (vmi.get("status") or {}).get("phase") == "Running"}

    def environment(self, kill_at: str = "", pause_at: str = "", log: str = "tasks") -> dict[str, str]:
        """For a run; what an earlier one has written to its log of tasks is gone."""
        tasks = self.folder / log
        tasks.write_text("", encoding="utf-8")
        return {
            **os.environ,
            "K8S_AUTH_KUBECONFIG": str(self.cluster.kubeconfig),
            "KUBECONFIG": str(self.cluster.kubeconfig),
            "ANSIBLE_ROLES_PATH": str(RUNBOOK / "roles"),
            "ANSIBLE_CALLBACK_PLUGINS": str(RUNBOOK / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "kill_at",
            "ANSIBLE_NOCOLOR": "true",
            "KILL_LOG": str(tasks),
            "KILL_AT": kill_at,
            "PAUSE_AT": pause_at,
            # only where modules are the collection's own: the archives go by name
            "PACKED": str(scratch() / "packed"),
            **preloaded(),
        }

    def run(
        self,
        playbook: str = "",
        *arguments: str,
        kill_at: str = "",
        pause_at: str = "",
        log: str = "tasks",
        **variables: Any,
    ) -> Ran:
        """Run the runbook, or a playbook of the collection."""
        name = f"harvester.network.{playbook}" if playbook else str(RUNBOOK / f"{self.runbook}.yml")
        argv = ["ansible-playbook", name, "-i", str(self.folder / "hosts.json"), "-e", json.dumps(variables)]
        environment = self.environment(kill_at, pause_at, log)
        done = subprocess.run([*argv, *arguments], env=environment, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout + done.stderr, self.lines(log))

    def start(self, pause_at: str = "", log: str = "tasks", **variables: Any) -> subprocess.Popen[str]:
        """Start the runbook, for tests that kill it and its modules."""
        argv = ["ansible-playbook", str(RUNBOOK / f"{self.runbook}.yml"), "-i", str(self.folder / "hosts.json")]
        return subprocess.Popen(
            [*argv, "-e", json.dumps(variables)],
            env=self.environment("", pause_at, log),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def killed(self, at: str, **variables: Any) -> None:
        """Kill a run right before a task. What it leaves is kept, and found again by the next row that wants the same.

        The folder of the stage is from then on the one of the first row, since records name it.
        """
        wanted = json.dumps([self.cluster.name, type(self).__module__, self.runbook, at, variables], sort_keys=True)
        state = f"killed-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}"
        if state in _KILLED:
            self.folder = _KILLED[state]
            shutil.rmtree(self.folder)
            shutil.copytree(beside(self.folder), self.folder)
            self.cluster.reset(state)
            return
        ran = self.run(kill_at=at, **variables)
        assert (ran.status, ran.tasks[-1]) == (-9, at), ran.output
        self.cluster.settle()
        self.cluster.keep(state)
        shutil.copytree(self.folder, beside(self.folder))
        _KILLED[state] = self.folder

    def wait_for(self, log: str, task: str) -> None:
        """Until a run in another thread has begun a task."""
        until = time.monotonic() + 600
        while task not in self.lines(log):
            assert time.monotonic() < until, f"{task} has not begun"
            time.sleep(0.2)

    def lines(self, log: str) -> list[str]:
        path = self.folder / log
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def states(self) -> list[str]:
        """The states of all changes."""
        found = self.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
        return [item["metadata"]["labels"][_configmap.STATE_LABEL] for item in found]

    def leases(self) -> list[dict[str, Any]]:
        found = self.client.list("coordination.k8s.io/v1", "Lease", SYSTEM)
        return [item for item in found if item["metadata"]["name"] == _lease.NAME]


def beside(folder: Path, state: str = "killed") -> Path:
    return folder.with_name(f"{folder.name}-{state}")


@functools.cache
def scratch() -> Path:
    """A folder that the process of `preloaded` removes when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="harvester-network-"))
    (folder / "packed").mkdir()
    return folder


@functools.cache
def preloaded() -> dict[str, str]:
    """For the environment of a run: its modules are forks of one process that has imported what takes long.

    That process ends with this one, or when this one dies.
    """
    socket = scratch() / "socket"
    server = subprocess.Popen([sys.executable, str(PRELOADED / "server.py"), str(scratch())], stdin=subprocess.PIPE)
    _SERVERS.append(server)
    atexit.register(server.communicate)
    # Its imports took more than a minute on a machine with eight runs at once.
    until = time.monotonic() + 300
    while not socket.exists():
        assert server.poll() is None, f"the process that runs modules has ended: {server.returncode}"
        assert time.monotonic() < until, "the process that runs modules does not start"
        time.sleep(0.05)
    path = os.pathsep.join((str(PRELOADED), os.environ.get("PYTHONPATH", "")))
    return {"PYTHONPATH": path, "PRELOADED": f"{sys.prefix}:{socket}"}


class Startable(Protocol):
    """A `Stage`, or the like."""

    folder: Path

    def start(self, pause_at: str = "", **variables: Any) -> subprocess.Popen[str]: ...

    def lines(self, log: str) -> list[str]: ...


def killed_in(
    stage: Startable,
    task: str,
    begun: Callable[[], bool] | None = None,
    disturb: Callable[[], object] = lambda: None,
    **wish: Any,
) -> None:
    """SIGKILL to the runner and all of its modules, a second after the wait of a task has begun.

    ``disturb``: right before that task, what keeps its wait from ending. ``begun``: without it, some seconds after its
    module has.
    """
    with ThreadPoolExecutor(1) as pool:
        process = stage.start(pause_at=task, **wish)
        ended = pool.submit(process.communicate)
        until(lambda: task in stage.lines("tasks") or ended.done(), f"{task} has not begun")
        assert not ended.done(), ended.result()[0]
        disturb()
        (stage.folder / "tasks.go").touch()
        until(begun or (lambda: modules(process.pid) != []), "the wait does not begin")
        time.sleep(1 if begun else 5)
        assert not ended.done(), "the wait has ended"
        # Once the runner is gone, no module begins.
        kill(family(process.pid))
        until(lambda: not kill(forks()), "a module does not end")
        output = ended.result()[0]
    assert process.returncode == -9, output
    assert stage.lines("tasks")[-1:] == [task], output


def family(pid: int) -> list[int]:
    """A process and all below it. Workers of ansible-core have sessions of their own, so that a group has not all."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except FileNotFoundError:
        return [pid]
    return [pid, *(one for child in children for one in family(int(child)))]


def forks() -> list[int]:
    """The modules that run in `preloaded`, of whatever run."""
    return [pid for server in _SERVERS for pid in family(server.pid)[1:]]


def kill(pids: list[int]) -> list[int]:
    """The same ones, after SIGKILL to each that is there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return pids


def modules(runner: int) -> list[int]:
    """The processes below a runner that are none of its own."""
    found = []
    for pid in family(runner):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if b"ansible-playbook" not in (command := Path(f"/proc/{pid}/cmdline").read_bytes()) and command:
                found.append(pid)
    return found


def until(what: Callable[[], bool], message: str) -> None:
    end = time.monotonic() + 600
    while not what():
        assert time.monotonic() < end, message
        time.sleep(0.2)


def away(cluster: Cluster, seconds: float = 30.0) -> None:
    """The API is gone for that long; what is under way breaks."""
    cluster.stop()
    time.sleep(seconds)
    cluster.ensure_forwarder()


def good(ran: Ran) -> Ran:
    assert ran.status == 0, ran.output
    return ran
