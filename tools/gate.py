# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: everything that must hold, part by part, each with its wall time against its budget.

The last line that it prints is `N passed, N failed` (`, N skipped` may follow), its exit code 0 when nothing failed.
A failed part does not stop the others: one run tells all that is wrong. What runs on nodes uses a lab named `gate`, so
that a developer's own lab is left alone, and that lab is ended at the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Sequence

import _gate_parts as parts
from _common import BUILD, ROOT, Progress, main_guard
from _gate_counts import Counts, summary

BUDGETS = {"static and unit": 300, "api": 300, "nodes": 600, "molecule": 480, "faults": 420}
"""Group of parts -> wall time on two cores with warm caches, seconds. Going over is said, and no failure."""

DEADLINE = 4800
"""What runs after so many seconds of `make test` is ended, and counts as failed: a run that others end says nothing."""

PARTS: Dict[str, tuple[str, Callable[[parts.Context], Counts | None]]] = {
    "lint": ("static and unit", parts.lint),
    "unit": ("static and unit", parts.unit),
    "oldest": ("static and unit", parts.oldest),
    "sanity": ("static and unit", parts.sanity),
    "api": ("api", parts.api),
    "oldest-api": ("api", parts.oldest_api),
    "nodes": ("nodes", parts.nodes),
    "oldest-nodes": ("nodes", parts.oldest_nodes),
    "faults": ("all", parts.faults),
    "fault-rows": ("faults", parts.fault_rows),
    "node-rows": ("all", parts.node_rows),
    "debian12": ("all", parts.debian12),
    "molecule": ("molecule", parts.molecule),
    "lab": ("all", parts.lab),
    "copies": ("static and unit", parts.copies),
}
"""Part -> its group and what runs it. A function returns None when what it would run does not exist yet."""
ONLY_WITH_ALL = {"faults", "node-rows", "debian12", "lab"}
OUTSIDE = {"lint", "unit", "oldest", "sanity", "copies"}
"""What needs no lab."""


def environment() -> Dict[str, str]:
    """The environment of .build/env.sh, with the gate's own lab."""
    env = dict(os.environ)
    env.setdefault("HARVESTER_LAB", "gate")
    env["ANSIBLE_SSH_CONTROL_PATH_DIR"] = "%s/cp/%s" % (env["HARVESTER_NETWORK_CACHE"], env["HARVESTER_LAB"])
    return env


def table(seconds: Mapping[str, float], counts: Mapping[str, Counts | None]) -> Iterator[str]:
    """A line per part and per budget."""
    yield "%-14s %8s %7s %7s %8s" % ("part", "seconds", "passed", "failed", "skipped")
    for name, count in counts.items():
        if count is None:
            yield "%-14s %8s  not there yet" % (name, "")
        else:
            yield "%-14s %8.1f %7d %7d %8d" % (name, seconds[name], count.passed, count.failed, count.skipped)
    for group, budget in BUDGETS.items():
        spent = sum(seconds[name] for name in seconds if PARTS[name][0] == group)
        if spent:
            yield "%-16s %6.0f s of %4d s%s" % (group, spent, budget, "  OVER BUDGET" if spent > budget else "")


def report(lines: Sequence[str], failures: Mapping[str, List[str]]) -> None:
    """The table, and what failed."""
    print()
    for line in lines:
        print(line)
    for name, said in failures.items():
        print("failed: %s" % name)
        for line in said:
            print("  %s" % line)


def keep(path: Path, lines: Sequence[str], wanted: Sequence[str]) -> None:
    """Write the result with commit and date, as it is kept in tests/RESULTS.md for the parts beyond `make test`."""
    argv = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        commit = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        commit = ""
    head = "Commit %s, %s, parts: %s" % (commit or "unknown", time.strftime("%Y-%m-%d"), ", ".join(wanted))
    path.write_text("\n".join([head, "", *("    " + line for line in lines), ""]), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="run the parts of the gate")
    parser.add_argument("parts", nargs="*", help="only these: %s" % ", ".join(PARTS))
    parser.add_argument("--all", action="store_true", help="also what takes longer")
    parser.add_argument("--fail-fast", action="store_true", help="stop after the first part that failed")
    options = parser.parse_args()
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error("no such part: %s; there are %s" % (", ".join(unknown), ", ".join(PARTS)))
    wanted = options.parts or [name for name in PARTS if options.all or name not in ONLY_WITH_ALL]
    reports = BUILD / "reports"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    progress = Progress("gate")
    deadline = float("inf") if options.all else DEADLINE
    context = parts.Context(environment(), reports, progress, options.all, deadline)
    seconds: Dict[str, float] = {}
    counts: Dict[str, Counts | None] = {}
    try:
        for name in wanted:
            progress.say("== %s" % name)
            start = progress.seconds
            counts[name] = count = PARTS[name][1](context)
            seconds[name] = progress.seconds - start
            if options.fail_fast and count is not None and count.failed:
                break
    finally:
        if set(counts) - OUTSIDE:
            parts.end_lab(context)
    for name, count in counts.items():
        if count is not None and count.failed and not any(key.startswith(name) for key in context.failures):
            context.failures[name] = ["its output above says why"]
    lines = list(table(seconds, counts))
    report(lines, context.failures)
    total = sum((count for count in counts.values() if count is not None), Counts())
    keep(reports / "summary.md", [*lines, summary(total)], wanted)
    print(summary(total), flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    if Path(sys.prefix).resolve() != (ROOT / ".build/venv").resolve():
        sys.exit("error: run it as `make test`, or after `. .build/env.sh`")
    main_guard(main)
