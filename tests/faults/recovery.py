# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a node was away, what it leaves behind, and how a runner dies."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

from lab import CommandError, Lab, LabError, Node

ROOT = pathlib.Path(__file__).parents[2]
ROWS = ROOT / ".build" / "faults.jsonl"
"""A line per case that was run; tools/faults.py makes docs/faults.md of it."""

STATE = "cat /etc/NetworkManager/harvester-network-confirm/state 2>/dev/null || echo none"
BY_HAND = "by-hand"
"""Unit in which a test changes a node without the collection's validation."""
ACCOUNT = (
    "journalctl --no-pager -o short-monotonic -u harvester-network-confirm -u harvester-network-live -u by-hand"
    " | tail -60; cat /etc/NetworkManager/harvester-network-confirm/report 2>/dev/null; nmcli device; ip -br addr"
)
UNDER_WAY = "systemctl is-active harvester-network-live.service | grep -E '^(active|activating)'; true"


@dataclass
class Recovery:
    """A case with its disturbance. seconds: from the change being live to a node that put itself back and is reached.

    None: it never was. equal: whether all profiles are byte for byte as before. manager: version of NetworkManager.
    """

    case: str
    disturbance: str
    manager: str
    commit: str
    date: str
    seconds: float | None = None
    equal: bool | None = None
    passed: bool = False


@contextmanager
def recording(case: str, disturbance: str, node: Node) -> Iterator[Recovery]:
    """A row that is kept whatever becomes of the test."""
    argv = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    commit = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    manager = node.image.versions.get("network-manager", "unknown").partition("-")[0]
    row = Recovery(case, disturbance, manager, commit, time.strftime("%Y-%m-%d"))
    try:
        yield row
        row.passed = True
    except AssertionError as error:
        # What the node says of it is gone with the next restore.
        raise AssertionError(f"{error}\n\n{said(node)}") from error
    finally:
        ROWS.parent.mkdir(exist_ok=True)
        with ROWS.open("a") as stream:
            stream.write(json.dumps(asdict(row)) + "\n")


def said(node: Node) -> str:
    """The node's own account, for a test that failed."""
    try:
        return node.run(ACCOUNT, check=False, timeout=60).stdout
    except (CommandError, LabError) as error:
        return f"{node.name} does not answer: {error}"


def state(node: Node) -> str:
    """The checkpoint's state on the node; 'away' while it does not answer."""
    try:
        return node.output(STATE, timeout=20)
    except (CommandError, LabError):
        node.close()
        return "away"


def at_rest(node: Node) -> bool:
    """Whether no change is under way on the node."""
    return not node.output(UNDER_WAY)


def reachable(lab: Lab, node: Node) -> bool:
    """Whether the runner's side reaches sshd of the node over the management network."""
    connect = "import socket, sys; socket.create_connection((sys.argv[1], 22), 2); print('connected')"
    said = lab.namespace.run([sys.executable, "-c", connect, node.spec.mgmt_address], check=False)
    return "connected" in said


def wait_for(what: str, holds: Callable[[], bool], seconds: float) -> None:
    """Raises AssertionError when it does not hold in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)


def kill_runner(pid: int) -> None:
    """SIGKILL to a process and all below it. Ansible's workers are in sessions of their own and would go on."""
    for number in [pid, *below(pid)]:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def below(pid: int, proc: pathlib.Path = pathlib.Path("/proc")) -> list[int]:
    """The children of a process, theirs, and so on."""
    parents: dict[int, list[int]] = {}
    for path in proc.glob("[0-9]*/stat"):
        # A process may end while it is looked at; its name, in parentheses, may hold anything.
        with suppress(OSError, IndexError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(path.parent.name))
    found = list(parents.get(pid, []))
    for child in found:
        found += parents.get(child, [])
    return found
