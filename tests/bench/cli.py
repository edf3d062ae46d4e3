# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of the benchmark: `python -m bench`, or `make bench`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import BenchError, play, reboots
from bench.cases import CASES, FLOOR, PEER, PROOF, Case
from bench.counting import counting
from bench.nodes import Nodes
from bench.report import Figures, Report

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
LAB = "bench"


class Progress:
    def __init__(self) -> None:
        self.start = time.monotonic()

    def say(self, text: str) -> None:
        print("[bench %6.1f s] %s" % (time.monotonic() - self.start, text), flush=True)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="bench", description=__doc__)
    made.add_argument("--rounds", type=int, default=7, help="timed runs of each play (default: 7; their median counts)")
    made.add_argument("--slow-rounds", type=int, default=3, help="of the peer and of the proofs (default: 3)")
    made.add_argument("--cases", default="", help="only these, comma-separated: %s" % ",".join(c.name for c in CASES))
    made.add_argument("--no-peer", action="store_true", help="leave community.general.nmcli out")
    made.add_argument("--no-counts", action="store_true", help="leave out the run that counts processes")
    made.add_argument("--no-reboots", action="store_true", help="leave the ordered reboots out")
    made.add_argument("--inventory", type=Path, help="nodes to use instead of a lab of its own; root or sudo there")
    made.add_argument("--keep-lab", action="store_true", help="leave the lab running")
    made.add_argument("--json", type=Path, default=BUILD / "bench.json", help="where the figures go")
    return made


def chosen(names: str, no_peer: bool, lab: bool = True) -> list[Case]:
    """The cases to run, in their fixed order. Raises BenchError for an unknown name.

    lab: whether the nodes are the lab's, whose management network is known.
    """
    wanted = [name for name in names.split(",") if name]
    unknown = sorted(set(wanted) - {case.name for case in CASES})
    if unknown:
        raise BenchError("no such case: %s; there are %s" % (", ".join(unknown), ", ".join(c.name for c in CASES)))
    return [
        case
        for case in CASES
        if (not wanted or case.name in wanted or case.name == FLOOR) and not (no_peer and case.side == PEER)
    ]


class Measurement:
    """Takes the figures of the cases. folder: for the plays and their logs."""

    def __init__(
        self, cases: Sequence[Case], nodes: Nodes, env: Mapping[str, str], folder: Path, progress: Progress
    ) -> None:
        self.figures = {case.name: Figures(case) for case in cases}
        self.nodes, self.env, self.folder, self.progress = nodes, env, folder, progress

    def time(self, rounds: int, slow_rounds: int) -> None:
        """Rounds over all cases, so that a slow minute of the machine meets every case alike; those timed once last."""
        self.progress.say("warming up")
        play.run(next(case for case in CASES if case.name == FLOOR), self.nodes, self.env, self.folder)
        for number in range(1, rounds + 1):
            for item in self.figures.values():
                slow = item.case.side in (PEER, PROOF)
                if not item.case.once and number <= (slow_rounds if slow else rounds):
                    self._time(item, "round %d of %d" % (number, rounds))
        for item in self.figures.values():
            if item.case.once:
                self._time(item, "once")

    def _time(self, item: Figures, when: str) -> None:
        self.nodes.prepare(item.case.before)
        timing = play.run(item.case, self.nodes, self.env, self.folder)
        item.timings.append(timing)
        self.progress.say("%s: %-14s %6.2f s" % (when, item.case.name, timing.seconds))

    def count(self) -> None:
        """One more run of each case, with every process and call counted."""
        for item in self.figures.values():
            targets = self.nodes.targets[:1] if item.case.once else self.nodes.targets
            self.nodes.prepare(item.case.before)
            with counting(self.nodes) as counts:
                play.run(item.case, self.nodes, self.env, self.folder, targets)
            item.counts = counts
            item.state = self.nodes.state()
            self.progress.say("counted: %s" % item.case.name)


def keep(report: Report, path: Path, progress: Progress) -> None:
    """Write the figures as JSON and, beside it, as Markdown."""
    path.write_text(json.dumps(report.data(), indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(report.markdown(), encoding="utf-8")
    progress.say("figures in %s and %s" % (path, path.with_suffix(".md")))


def own_lab(stack: ExitStack, env: Mapping[str, str], keep: bool, progress: Progress) -> Path:
    """Start a lab for the benchmark alone; returns its inventory. The lab ends with the stack."""

    def lab(*words: str) -> None:
        done = subprocess.run([sys.executable, "-m", "lab", *words], env=env, check=False)
        if done.returncode:
            raise BenchError("`python -m lab %s` failed; its lines above say why" % words[0])

    progress.say("starting the lab %s" % env["HARVESTER_LAB"])
    if not keep:
        stack.callback(lab, "down")
    lab("up")
    inventory = BUILD / "bench-inventory.yml"
    lab("inventory", "--out", str(inventory))
    return inventory


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    progress = Progress()
    base = dict(os.environ)
    base.setdefault("HARVESTER_LAB", LAB)
    peer_collections = BUILD / "bench-collections"
    try:
        cases = chosen(options.cases, options.no_peer, lab=options.inventory is None)
        if any(case.side == PEER for case in cases) and not peer_collections.exists():
            raise BenchError("community.general is not there; run `python tools/setup.py --bench`, or give --no-peer")
        env = play.environment(base, peer_collections)
        with ExitStack() as stack:
            inventory = options.inventory or own_lab(stack, base, options.keep_lab, progress)
            nodes = Nodes(inventory.resolve(), env)
            progress.say("nodes: %s" % ", ".join("%s (%s)" % (t.name, ", ".join(t.nics)) for t in nodes.targets))
            stack.callback(nodes.clean)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harvester-network-bench-")))
            measurement = Measurement(cases, nodes, env, folder, progress)
            report = Report(list(measurement.figures.values()), len(nodes.targets), options.rounds)
            measurement.time(options.rounds, options.slow_rounds)
            keep(report, options.json, progress)
            if not options.no_counts:
                try:
                    measurement.count()
                finally:  # what was counted is there for a run that is ended by hand too
                    keep(report, options.json, progress)
            if options.inventory is None and not options.no_reboots:
                progress.say("rebooting the nodes in order")
                report.reboots += reboots.measure(nodes, env)
                keep(report, options.json, progress)
        print("\n" + report.markdown())
    except BenchError as error:
        print("error: %s" % error, file=sys.stderr, flush=True)
        return 1
    return 0
