# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the fault tests: prints what was run, and keeps it in docs/faults.md.

tests/faults leaves a line of JSON per case in .build/faults.jsonl. A case that was run again replaces its row, the
others stay as they were measured, each with its own commit and date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Tuple

from _common import BUILD, ROOT, ToolError, main_guard

ROWS = BUILD / "faults.jsonl"
PAGE = ROOT / "docs" / "faults.md"
TITLES = ("case", "disturbance", "NetworkManager", "back after, s", "profiles byte for byte", "test", "commit", "date")
HEAD = """\
# Faults: changes that cut a node off

Written by `make faults`, not by hand. Each row is a test of `tests/faults` on an emulated node: a change that cuts it
off is armed with commit-confirm, made, and not confirmed. Then the runner goes on; or it is killed with SIGKILL, and
nothing else happens, or NetworkManager is restarted, the node rebooted, or its power cut. Nobody touches the node.

The seconds count from the change being live to a node that has put itself back and answers over the management network.
What was left of the window to confirm is part of them: 75 s, which begin with the last write, or, for a change made by
hand, with arming, and anew after a boot once the network is up. A runner that goes on ends it sooner where it still
reaches the node.

"""


class Row(NamedTuple):
    """A row of the table, as it is shown."""

    case: str
    disturbance: str
    manager: str
    seconds: str
    equal: str
    result: str
    commit: str
    date: str

    @property
    def key(self) -> Tuple[str, str, str]:
        return self[:3]


def measured(data: Dict[str, Any]) -> Row:
    """A row of what a test has left. Raises KeyError."""
    seconds, equal = data["seconds"], data["equal"]
    return Row(
        data["case"],
        data["disturbance"],
        data["manager"],
        "not back" if seconds is None else "%.0f" % seconds,
        "not known" if equal is None else "equal" if equal else "DIFFERENT",
        "passed" if data["passed"] else "FAILED",
        data["commit"],
        data["date"],
    )


def read_rows(path: Path) -> List[Row]:
    """The rows of .build/faults.jsonl. Raises ToolError for a line that is none."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() if path.exists() else (), start=1):
        try:
            found.append(measured(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise ToolError("%s, line %d: no row (%s); remove the line" % (path, number, error)) from None
    return found


def read_page(text: str) -> List[Row]:
    """The rows of a page that was written here."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [Row(*cells) for cells in rows[2:] if len(cells) == len(TITLES)]


def merged(old: Iterable[Row], new: Iterable[Row]) -> List[Row]:
    """The newest row of each case, in the order in which they came first."""
    found: Dict[Tuple[str, str, str], Row] = {}
    for row in (*old, *new):
        found[row.key] = row
    return list(found.values())


def table(rows: Iterable[Row]) -> Iterator[str]:
    yield "| %s |" % " | ".join(TITLES)
    yield "|%s" % ("---|" * len(TITLES))
    for row in rows:
        yield "| %s |" % " | ".join(row)


def page(rows: Iterable[Row]) -> str:
    return HEAD + "\n".join(table(rows)) + "\n"


def main() -> int:
    old = read_page(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else []
    rows = merged(old, read_rows(ROWS))
    if not rows:
        print("no case was run yet: %s is not written" % PAGE.relative_to(ROOT))
        return 0
    for line in table(rows):
        print(line)
    PAGE.write_text(page(rows), encoding="utf-8")
    print("written to %s" % PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    main_guard(main)
