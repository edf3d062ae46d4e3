# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One play, timed: the whole ansible-playbook process, and each host's task by a callback."""

from __future__ import annotations

import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import BenchError
from bench.cases import DESIRED, OURS, Case
from bench.nodes import Nodes
from bench.sets import Target

PLUGINS = Path(__file__).resolve().parent / "plugins"
PLAY_TIMEOUT = 3600
UNIT = "harvester-network-live"


@dataclass(frozen=True)
class Timing:
    """seconds: wall time of the process. tasks: seconds of all tasks, per host. changed: hosts that changed.

    live: seconds in which the transient unit made the change live, on the slowest node; 0 without one.
    """

    seconds: float
    tasks: Mapping[str, float]
    changed: frozenset[str]
    live: float = 0.0


def environment(base: Mapping[str, str], peer_collections: Path) -> dict[str, str]:
    """The environment of every play, the same for all sides: pipelining, connections that stay open."""
    env = dict(base)
    paths = [env.get("ANSIBLE_COLLECTIONS_PATH", ""), str(peer_collections)]
    env.update(
        ANSIBLE_COLLECTIONS_PATH=":".join(path for path in paths if path),
        ANSIBLE_PIPELINING="true",
        ANSIBLE_FORKS="10",
        ANSIBLE_NOCOLOR="true",
        ANSIBLE_LIBRARY=str(PLUGINS / "modules"),
        ANSIBLE_CALLBACK_PLUGINS=str(PLUGINS / "callback"),
        ANSIBLE_CALLBACKS_ENABLED="bench_times",
        ANSIBLE_SSH_ARGS="-C -o ControlMaster=auto -o ControlPersist=900s",
        ANSIBLE_DISPLAY_ARGS_TO_STDOUT="false",
    )
    return env


def run(
    case: Case, nodes: Nodes, env: Mapping[str, str], folder: Path, targets: Sequence[Target] | None = None
) -> Timing:
    """Run a case once, on these nodes (default: all).

    Raises BenchError when the play fails or our side reports another change than it must.
    """
    targets = nodes.targets if targets is None else targets
    play, times = folder / ("%s.json" % case.name), folder / ("%s.times.json" % case.name)
    play.write_text(json.dumps(case.play(targets)), encoding="utf-8")
    times.unlink(missing_ok=True)
    what = [case.playbook, "-e", json.dumps({"harvester_mgmt": DESIRED})] if case.playbook else [str(play)]
    start = time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", "-i", str(nodes.inventory), *what],
        env={**env, "BENCH_TIMES": str(times)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PLAY_TIMEOUT,
        check=False,
    )
    seconds = time.monotonic() - start
    (folder / ("%s.log" % case.name)).write_text(done.stdout, encoding="utf-8")
    if done.returncode or not times.exists():
        raise BenchError("%s failed (exit status %d):\n%s" % (case.name, done.returncode, done.stdout[-3000:]))
    found = json.loads(times.read_text(encoding="utf-8"))
    tasks: dict[str, float] = defaultdict(float)
    for item in found:
        tasks[item["host"]] += item["seconds"]
    timing = Timing(
        seconds,
        tasks,
        frozenset(item["host"] for item in found if item["changed"]),
        _live(nodes) if case.changed and case.live else 0.0,
    )
    if case.changed is not None:
        _check(case, targets, timing)
    return timing


def _live(nodes: Nodes) -> float:
    """From the start to the end of the last run of the unit, as each node's journal has it."""
    longest = 0.0
    for name, text in nodes.everywhere("journalctl -q --no-pager -o short-unix -n 20 -u %s" % UNIT).items():
        lines = text.splitlines()
        starts = [number for number, line in enumerate(lines) if ": Started " in line]
        if not starts:
            raise BenchError("%s: the journal shows no start of %s:\n%s" % (name, UNIT, text))
        first, last = (float(lines[number].split(" ", 1)[0]) for number in (starts[-1], -1))
        longest = max(longest, last - first)
    return longest


def _check(case: Case, targets: Sequence[Target], timing: Timing) -> None:
    names = {target.name for target in targets}
    expected = names if case.changed else set()
    if timing.changed != expected:
        what = "a change" if case.side == OURS and case.changed else "no change"
        raise BenchError(
            "%s: %s was expected on every node, but a change was reported by: %s; its figures would mean nothing"
            % (case.name, what, ", ".join(sorted(timing.changed)) or "none")
        )
