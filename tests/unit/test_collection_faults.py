# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the fault tests: what a test leaves becomes a row, and a page that was written is read again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
try:
    import faults
finally:
    sys.path.pop(0)

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
ROW = faults.Row("profiles deleted", "power cut", "1.52.1", "132", "equal", "passed", "abc", "2026-01-01")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ROW),
        ({"equal": False, "passed": False}, ROW._replace(equal="DIFFERENT", result="FAILED")),
        (
            {"seconds": None, "equal": None, "passed": False},
            ROW._replace(seconds="not back", equal="not known", result="FAILED"),
        ),
    ],
)
def test_what_a_test_leaves_becomes_a_row(tmp_path: Path, changed: dict[str, Any], expected: Any) -> None:
    path = tmp_path / "faults.jsonl"
    path.write_text(json.dumps({**DONE, **changed}) + "\n")
    assert faults.read_rows(path) == [expected]


def test_without_a_run_there_is_no_row(tmp_path: Path) -> None:
    assert faults.read_rows(tmp_path / "faults.jsonl") == []


@pytest.mark.parametrize(
    ("line", "why"), [("{", "Expecting property name"), ('{"case": "x"}', "'seconds'"), ("3", "not subscriptable")]
)
def test_a_line_that_is_no_row_is_refused(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "faults.jsonl"
    path.write_text(json.dumps(DONE) + "\n" + line + "\n")
    with pytest.raises(faults.ToolError) as error:
        faults.read_rows(path)
    assert str(error.value).startswith(f"{path}, line 2: no row (")
    assert why in str(error.value)
    assert str(error.value).endswith("; remove the line")


def test_a_page_is_read_back_and_only_what_was_run_again_is_replaced() -> None:
    other = ROW._replace(disturbance="runner killed", seconds="61")
    old_manager = ROW._replace(manager="1.42.4")
    text = faults.page([ROW, other, old_manager])
    assert faults.read_page(text) == [ROW, other, old_manager]
    again = other._replace(seconds="60", commit="def", date="2026-01-02")
    assert faults.merged(faults.read_page(text), [again]) == [ROW, again, old_manager]
    assert "| profiles deleted | power cut | 1.52.1 | 132 | equal | passed | abc | 2026-01-01 |\n" in text


def test_nothing_is_written_without_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, path in (("ROOT", tmp_path), ("ROWS", tmp_path / "rows"), ("PAGE", tmp_path / "docs.md")):
        monkeypatch.setattr(faults, name, path)
    assert faults.main() == 0
    assert capsys.readouterr().out == "no case was run yet: docs.md is not written\n"
    (tmp_path / "rows").write_text(json.dumps(DONE) + "\n")
    assert faults.main() == 0
    assert faults.read_page((tmp_path / "docs.md").read_text()) == [ROW]
    assert capsys.readouterr().out.endswith("written to docs.md\n")
