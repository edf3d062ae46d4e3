# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence as Markdown. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import _plan
from ._model import Report


def text(report: Report) -> str:
    """Result, what failed, the plan, every check, every path; the times at the end."""
    summary = report.summary()
    result = "passed" if report.passed else "failed"
    parts = [
        f"# {_cell(report.title)}",
        f"{report.id}: **{result}**, {summary['checks']} checks, {summary['paths']} paths.",
    ]
    if summary["failed"]:
        parts.append("## What failed\n\n" + "\n".join(f"- {_cell(one)}" for one in summary["failed"]))
    if report.plan:
        parts.append("## Plan\n\n" + _table(_plan.HEADS, report.plan.rows()))
        parts.append(f"At most {report.plan.seconds} s in all.")
        if report.plan.objections:
            parts.append("Against it:\n\n" + "\n".join(f"- {_cell(one)}" for one in report.plan.against()))
    if report.checks:
        rows = [(c.where, c.what, c.expected, c.seen, _word(c.passed)) for c in report.checks]
        parts.append("## Checks\n\n" + _table(("where", "what", "expected", "seen", "result"), rows))
    if report.paths:
        proved = [(p.network, p.source, p.target, str(p.mtu), str(p.largest or "none"), p.status) for p in report.paths]
        parts.append("## Paths\n\n" + _table(("network", "from", "to", "bytes", "largest seen", "result"), proved))
    if report.not_measured:
        parts.append("## Not measured\n\n" + "\n".join(f"- {_cell(one)}" for one in report.not_measured))
    if report.times:
        parts.append("## Times\n\n" + _table(("what", "time"), report.times.items()))
    return "\n\n".join(parts) + "\n"


def _word(passed: bool) -> str:
    return "passed" if passed else "**failed**"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: str) -> str:
    return value.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
