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


def measure(
    cases: Sequence[Case], nodes: Nodes, env: Mapping[str, str], options: argparse.Namespace, progress: Progress
) -> list[Figures]:
    """Rounds over all cases, so that a slow minute of the machine meets every case alike; then one that counts."""
    figures = {case.name: Figures(case) for case in cases}
    with tempfile.TemporaryDirectory(prefix="harvester-network-bench-") as name:
        folder = Path(name)
        progress.say("warming up")
        play.run(next(case for case in CASES if case.name == FLOOR), nodes, env, folder)
        for number in range(1, options.rounds + 1):
            for case in cases:
                if case.side in (PEER, PROOF) and number > options.slow_rounds:
                    continue
                nodes.prepare(case.before)
                timing = play.run(case, nodes, env, folder)
                figures[case.name].timings.append(timing)
                progress.say("round %d of %d: %-14s %6.2f s" % (number, options.rounds, case.name, timing.seconds))
        for case in () if options.no_counts else cases:
            nodes.prepare(case.before)
            with counting(nodes) as counts:
                play.run(case, nodes, env, folder)
            figures[case.name].counts = counts
            figures[case.name].state = nodes.state()
            progress.say("counted: %s" % case.name)
    return list(figures.values())


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
            figures = measure(cases, nodes, env, options, progress)
            gaps: list[float] = []
            if options.inventory is None and not options.no_reboots:
                progress.say("rebooting the nodes in order")
                gaps = reboots.measure(nodes, env)
        report = Report(figures, len(nodes.targets), options.rounds, gaps)
        options.json.write_text(json.dumps(report.data(), indent=2) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(report.markdown(), encoding="utf-8")
        print("\n" + report.markdown())
        progress.say("figures in %s and %s" % (options.json, options.json.with_suffix(".md")))
    except BenchError as error:
        print("error: %s" % error, file=sys.stderr, flush=True)
        return 1
    return 0
