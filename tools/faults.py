# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the fault tests: prints what was run, and keeps it in docs/faults.md.

The tests leave a line of JSON per case in .build. A case that was run again replaces its row, the others stay as they
were measured, each with its own commit and date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Tuple

from _common import BUILD, ROOT, ToolError, main_guard

PAGE = ROOT / "docs" / "faults.md"
Row = Tuple[str, ...]
"""The cells of a row, as they are shown."""

TOP = """\
# Faults

Written by `make faults`, not by hand. Each row is a test, with the commit and the day of its last run.
"""

CUT_OFF = """\
## Changes that cut a node off

Tests of `tests/faults` on an emulated node: a change that cuts it off is armed with commit-confirm, made, and not
confirmed. Then the runner goes on; or it is killed with SIGKILL, and nothing else happens, or NetworkManager is
restarted, the node rebooted, or its power cut. Nobody touches the node.

The seconds count from the change being live to a node that has put itself back and answers over the management network.
What was left of the window to confirm is part of them: 75 s, which begin with the last write, or, for a change made by
hand, with arming, and anew after a boot once the network is up. A runner that goes on ends it sooner where it still
reaches the node.
"""

DISTURBED = """\
## Changes of many phases that are disturbed

Tests that are marked `fault`, against a real API, with played nodes or with node VMs. After each nothing is lost:
configurations, run strategies and settings are as the record has them. Then the change goes on to its end, or back to
where it began, and leaves nothing behind. Where a runner is killed is the name of the task before which it dies.

Most run with played nodes, whose profiles and links are files, so that hundreds of them can be run. Those whose outcome
depends on a host run with node VMs: a switch port that passes less or nothing (the kernel and the wire say so), a node
that loses its power, NetworkManager that starts anew, a session that is cut with the address it came by, and a
boot between two phases. `make faults ARGS=--all` runs both; `pytest -m fault tests/nodes` those with node VMs.
"""


def cut_off(data: Dict[str, Any]) -> Row:
    """A row of what a test of tests/faults has left. Raises KeyError."""
    seconds, equal = data["seconds"], data["equal"]
    return (
        data["case"],
        data["disturbance"],
        data["manager"],
        "not back" if seconds is None else "%.0f" % seconds,
        "not known" if equal is None else "equal" if equal else "DIFFERENT",
        "passed" if data["passed"] else "FAILED",
        data["commit"],
        data["date"],
    )


def disturbed(data: Dict[str, Any]) -> Row:
    """A row of what a test has left that is marked `fault`. Raises KeyError."""
    where = data["where"].replace("harvester.network.", "").replace("|", "/")
    return (
        data["runbook"],
        data["disturbance"],
        where,
        data["end"],
        data["nodes"],
        "passed" if data["passed"] else "FAILED",
        data["commit"],
        data["date"],
    )


class Table(NamedTuple):
    """One table of the page. key: how many of its first cells tell a case. lines: where its tests leave theirs."""

    head: str
    titles: Row
    key: int
    lines: Path
    row: Callable[[Dict[str, Any]], Row]


TABLES = (
    Table(
        CUT_OFF,
        ("case", "disturbance", "NetworkManager", "back after, s", "profiles byte for byte", "test", "commit", "date"),
        3,
        BUILD / "faults.jsonl",
        cut_off,
    ),
    Table(
        DISTURBED,
        ("runbook", "disturbance", "where", "end", "nodes", "test", "commit", "date"),
        5,
        BUILD / "changes.jsonl",
        disturbed,
    ),
)


def read_rows(table: Table) -> List[Row]:
    """The rows that tests have left. Raises ToolError for a line that is none."""
    found = []
    path = table.lines
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else (), start=1):
        try:
            found.append(table.row(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ToolError("%s, line %d: no row (%s); remove the line" % (path, number, error)) from None
    return found


def read_page(table: Table, text: str) -> List[Row]:
    """The rows of one table of a page that was written here; its titles tell which table a line is of."""
    found: List[Row] = []
    inside = False
    for line in text.splitlines():
        if line[:1] != "|":
            inside = False
            continue
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if cells == table.titles:
            inside = True
        elif inside and set(line) - set("|-"):
            found.append(cells)
    return found


def merged(table: Table, old: Iterable[Row], new: Iterable[Row]) -> List[Row]:
    """The newest row of each case, in the order in which they came first."""
    found: Dict[Row, Row] = {}
    for row in (*old, *new):
        found[row[: table.key]] = row
    return list(found.values())


def lines(table: Table, rows: Iterable[Row]) -> Iterator[str]:
    yield "| %s |" % " | ".join(table.titles)
    yield "|%s" % ("---|" * len(table.titles))
    for row in rows:
        yield "| %s |" % " | ".join(row)


def page(rows: Dict[Table, List[Row]]) -> str:
    parts = ["%s\n%s\n" % (table.head, "\n".join(lines(table, found))) for table, found in rows.items() if found]
    return "\n".join([TOP, *parts])


def main() -> int:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    rows = {table: merged(table, read_page(table, text), read_rows(table)) for table in TABLES}
    if not any(rows.values()):
        print("no case was run yet: %s is not written" % PAGE.relative_to(ROOT))
        return 0
    for table, found in rows.items():
        for line in lines(table, found) if found else ():
            print(line)
    PAGE.write_text(page(rows), encoding="utf-8")
    print("written to %s" % PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    main_guard(main)
