# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the table of changes that are disturbed: what each test that is marked `fault` has shown.

A conftest takes the hooks over by importing them. Each test leaves a line of JSON; tools/faults.py makes docs/faults.md
of them. The gate has no time for all of them: it takes the fixed ones and some that are others every day.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).parents[1]
ROWS = ROOT / ".build" / "changes.jsonl"
PAGE = ROOT / "docs" / "faults.md"
DAY = "FAULT_ROWS_OF_DAY"
"""Environment variable: a number that is another one every day, where only the rows of that day are wanted."""
OLDEST = "FAULT_ROWS_OLDEST"
"""Environment variable: how many rows are wanted, of those that were run longest ago."""
FIXED = (
    "test_change_role.py::test_killed_and_resumed[harvester.network.change : Close the change#1]",
    (
        "test_mgmt_network_runbook.py::test_a_run_that_was_killed_goes_on_or_back"
        "[harvester.network.mgmt_network : Keep the result#1-back]"
    ),
    "test_storage_runbook.py::test_killed_and_resumed[off]",
)
ROTATING = 2
"""How many more there are every day."""
SLOW = (
    "test_mgmt_mtu_killed.py::test_killed_at_every_boundary",
    "test_mgmt_mtu_lowered.py::test_killed_at_every_boundary",
    "test_mgmt_mtu_reboot_killed.py",
    "test_mgmt_mtu_storage.py",
)
"""Files and tests whose rows take many minutes each, so that they are no part of a day."""


@functools.cache
def commit() -> str:
    argv = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def row(item: pytest.Item, passed: bool) -> dict[str, Any] | None:
    """What a test has shown; None of one that is no row. Its mark: runbook, disturbance, and how it ends."""
    mark = item.get_closest_marker("fault")
    if mark is None:
        return None
    runbook, disturbance, end = mark.args
    where = item.callspec.id if hasattr(item, "callspec") else ""
    nodes = "node VMs" if item.get_closest_marker("nodes") else "played nodes"
    shown = {"runbook": runbook, "disturbance": disturbance, "where": where, "end": end, "nodes": nodes}
    return {**shown, "passed": passed, "commit": commit(), "date": time.strftime("%Y-%m-%d")}


def key(shown: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells by which the page tells a row from the others. shown: as :func:`row` makes it."""
    where = shown["where"].replace("harvester.network.", "").replace("|", "/")
    return (shown["runbook"], shown["disturbance"], where, shown["end"], shown["nodes"])


def results(page: str) -> dict[tuple[str, ...], str]:
    """Key -> the day of the last run that has passed. page: docs/faults.md."""
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in page.splitlines() if line[:1] == "|"]
    return {cells[:5]: cells[7] for cells in rows if len(cells) == 8 and cells[5] == "passed"}


def oldest(rows: Mapping[str, tuple[str, ...]], done: Mapping[tuple[str, ...], str], count: int) -> set[str]:
    """Those that were never seen to pass, then those whose result is the oldest. rows: id of a test -> its key."""
    return set(sorted(rows, key=lambda name: (done.get(rows[name], ""), name))[:count])


def slow(row: str) -> bool:
    file, _colons, test = row.partition("::")
    name, called = file.rpartition("/")[2], test.partition("[")[0]
    return name in SLOW or f"{name}::{called}" in SLOW


def of_day(rows: Sequence[str], day: int) -> set[str]:
    """The rows of one day. rows: all of them, by the id of their test."""
    gone = [name for name in FIXED if not any(row.endswith(name) for row in rows)]
    if gone:
        raise pytest.UsageError("fixed rows that no test is called any more: " + ", ".join(gone))
    fixed = {row for row in rows if row.endswith(FIXED)}
    others = sorted(row for row in set(rows) - fixed if not slow(row))
    start = day * ROTATING
    return fixed | {others[number % len(others)] for number in range(start, start + ROTATING) if others}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    rows = {item.nodeid: shown for item in items if (shown := row(item, passed=False)) is not None}
    if OLDEST in os.environ:
        text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        keys = {name: key(shown) for name, shown in rows.items()}
        wanted = oldest(keys, results(text), int(os.environ[OLDEST]))
    elif DAY in os.environ:
        wanted = of_day(list(rows), int(os.environ[DAY]))
    else:
        return
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
    items[:] = [item for item in items if item.nodeid in wanted]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    done = row(item, report.passed) if report.when == "call" and not report.skipped else None
    if done is not None:
        ROWS.parent.mkdir(exist_ok=True)
        # a line at a time, since the processes of one run write to it
        with ROWS.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(done) + "\n")
    return report
