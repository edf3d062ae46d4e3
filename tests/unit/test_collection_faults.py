# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the fault tests: what a test leaves becomes a row, and a page that was written is read again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import fault_rows
import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS.parent / "tools"))
try:
    import faults
finally:
    sys.path.pop(0)

CUT_OFF, DISTURBED = faults.TABLES
DONE = {
    "case": "profiles deleted",
    "disturbance": "power cut",
    "manager": "1.52.1",
    "commit": "abc",
    "date": "2026-01-01",
    "seconds": 131.6,
    "equal": True,
    "passed": True,
}
ROW = ("profiles deleted", "power cut", "1.52.1", "132", "equal", "passed", "abc", "2026-01-01")
KILLED = {
    "runbook": "mgmt_mtu",
    "disturbance": "runner killed",
    "where": "harvester.network.change : Close the change#1",
    "end": "goes on",
    "nodes": "played nodes",
    "passed": True,
    "commit": "abc",
    "date": "2026-01-01",
}
KILLED_ROW = (
    "mgmt_mtu",
    "runner killed",
    "change : Close the change#1",
    "goes on",
    "played nodes",
    "passed",
    "abc",
    "2026-01-01",
)


@pytest.mark.parametrize(
    ("table", "data", "expected"),
    [
        (CUT_OFF, DONE, ROW),
        (CUT_OFF, DONE | {"equal": False, "passed": False}, (*ROW[:4], "DIFFERENT", "FAILED", *ROW[6:])),
        (
            CUT_OFF,
            DONE | {"seconds": None, "equal": None, "passed": False},
            (*ROW[:3], "not back", "not known", "FAILED", *ROW[6:]),
        ),
        (DISTURBED, KILLED, KILLED_ROW),
        (
            DISTURBED,
            KILLED | {"passed": False, "where": "a|b"},
            (*KILLED_ROW[:2], "a/b", *KILLED_ROW[3:5], "FAILED", *KILLED_ROW[6:]),
        ),
    ],
)
def test_what_a_test_leaves_becomes_a_row(tmp_path: Path, table: Any, data: dict[str, Any], expected: Any) -> None:
    here = table._replace(lines=tmp_path / "lines")
    here.lines.write_text(json.dumps(data) + "\n")
    assert faults.read_rows(here) == [expected]


def test_without_a_run_there_is_no_row(tmp_path: Path) -> None:
    assert faults.read_rows(CUT_OFF._replace(lines=tmp_path / "lines")) == []


@pytest.mark.parametrize(
    ("line", "why"), [("{", "Expecting property name"), ('{"case": "x"}', "'seconds'"), ("3", "not subscriptable")]
)
def test_a_line_that_is_no_row_is_refused(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "lines"
    path.write_text(json.dumps(DONE) + "\n" + line + "\n")
    with pytest.raises(faults.ToolError) as error:
        faults.read_rows(CUT_OFF._replace(lines=path))
    assert str(error.value).startswith(f"{path}, line 2: no row (")
    assert why in str(error.value)
    assert str(error.value).endswith("; remove the line")


def test_a_page_is_read_back_and_only_what_was_run_again_is_replaced() -> None:
    other = (ROW[0], "runner killed", *ROW[2:])
    old_manager = (*ROW[:2], "1.42.4", *ROW[3:])
    text = faults.page({CUT_OFF: [ROW, other, old_manager], DISTURBED: [KILLED_ROW]})
    assert faults.read_page(CUT_OFF, text) == [ROW, other, old_manager]
    assert faults.read_page(DISTURBED, text) == [KILLED_ROW]
    again = (*other[:3], "60", *other[4:6], "def", "2026-01-02")
    assert faults.merged(CUT_OFF, faults.read_page(CUT_OFF, text), [again]) == [ROW, again, old_manager]
    assert "| profiles deleted | power cut | 1.52.1 | 132 | equal | passed | abc | 2026-01-01 |\n" in text


def test_nothing_is_written_without_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(faults, "ROOT", tmp_path)
    monkeypatch.setattr(faults, "PAGE", tmp_path / "docs.md")
    monkeypatch.setattr(faults, "TABLES", (CUT_OFF._replace(lines=tmp_path / "rows"),))
    assert faults.main() == 0
    assert capsys.readouterr().out == "no case was run yet: docs.md is not written\n"
    (tmp_path / "rows").write_text(json.dumps(DONE) + "\n")
    assert faults.main() == 0
    assert faults.read_page(CUT_OFF, (tmp_path / "docs.md").read_text()) == [ROW]
    assert capsys.readouterr().out.endswith("written to docs.md\n")


def test_every_day_has_the_fixed_rows_and_others() -> None:
    """After enough days every row had its turn."""
    others = [f"tests/api/test_x.py::test_row[{number}]" for number in range(5)]
    fixed = [f"tests/api/{name}" for name in fault_rows.FIXED]
    first, second = (fault_rows.of_day([*others, *fixed], day) for day in (700000, 700001))
    assert set(fixed) <= first & second
    assert len(first - set(fixed)) == fault_rows.ROTATING
    assert not (first & second) - set(fixed)
    days = [fault_rows.of_day([*others, *fixed], day) for day in range(3)]
    assert set().union(*days) == {*others, *fixed}


def test_a_slow_row_has_no_turn() -> None:
    fixed = [f"tests/api/{name}" for name in fault_rows.FIXED]
    slow = [
        "tests/api/test_mgmt_mtu_storage.py::test_x[a/b]",
        "tests/api/test_mgmt_mtu_killed.py::test_killed_at_every_boundary[x]",
    ]
    other = "tests/api/test_mgmt_mtu_killed.py::test_killed_after_the_proof_of_a_phase_and_rolled_back[x]"
    assert set().union(*(fault_rows.of_day([*slow, other, *fixed], day) for day in range(3))) == {other, *fixed}


def test_a_fixed_row_that_no_test_is_called_any_more_is_told() -> None:
    with pytest.raises(pytest.UsageError) as error:
        fault_rows.of_day([f"tests/api/{name}" for name in fault_rows.FIXED[1:]], 1)
    assert str(error.value) == "fixed rows that no test is called any more: " + fault_rows.FIXED[0]


def test_the_fixed_and_the_slow_rows_are_there() -> None:
    """Their tests are; what they are called with is judged when the rows of a day are chosen."""
    for name in (*fault_rows.FIXED, *fault_rows.SLOW):
        file, _colons, test = name.partition("::")
        text = (TESTS / "api" / file).read_text()
        assert not test or f"\ndef {test.partition('[')[0]}(" in text, name


def test_rows_that_nobody_has_seen_pass_come_first_and_then_the_oldest() -> None:
    failed, old, new = (fault_rows.key(KILLED | {"where": name}) for name in ("failed", "old", "a|b"))
    page = faults.page(
        {
            CUT_OFF: [ROW],
            DISTURBED: [
                (*failed, "FAILED", "abc", "2026-01-03"),
                (*old, "passed", "abc", "2026-01-01"),
                (*new, "passed", "abc", "2026-01-02"),
            ],
        }
    )
    rows = {"a": new, "b": old, "c": failed, "d": fault_rows.key(KILLED)}
    chosen = [fault_rows.oldest(rows, fault_rows.results(page), count) for count in range(6)]
    assert chosen == [set(), {"c"}, {"c", "d"}, {"b", "c", "d"}, set("abcd"), set("abcd")]


def test_a_row_is_told_from_others_as_the_page_does() -> None:
    assert (
        fault_rows.key(KILLED | {"where": "harvester.network.x|y"})
        == faults.disturbed(KILLED | {"where": "harvester.network.x|y"})[:5]
    )
