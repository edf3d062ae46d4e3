# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence as one page that needs nothing besides itself. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from . import _plan, _svg
from ._model import Report

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #1b1f24; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2em; }
.result { display: inline-block; padding: .2em .8em; border-radius: 4px; color: #fff; font-weight: 600; }
.passed { background: #1a7f37; } .failed { background: #b42318; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3em .6em; vertical-align: top; }
th { border-bottom: 2px solid #8c959f; } td { border-bottom: 1px solid #d0d7de; overflow-wrap: anywhere; }
td:last-child, .plan th, .plan td { white-space: nowrap; } .plan td:last-child { white-space: normal; }
tr.bad td { background: #fdecea; }
figure { margin: 1em 0; overflow-x: auto; } figcaption { font-weight: 600; }
svg text { font: 12px system-ui, sans-serif; fill: #1b1f24; } svg .detail { font-size: 10px; fill: #57606a; }
svg .head { font-weight: 600; } svg .right { text-anchor: end; } svg .sign { text-anchor: middle; fill: #fff; }
svg rect { stroke: #57606a; } svg .edge { fill: none; stroke: #8c959f; }
svg .nic { fill: #fff8c5; } svg .bond { fill: #ffe0c2; } svg .bridge { fill: #d6e9ff; } svg .vlan { fill: #dff5e1; }
svg .network { fill: #ece2ff; } svg .vm { fill: #f6f8fa; }
svg .good { fill: #1a7f37; } svg .low { fill: #9a6700; } svg .none { fill: #b42318; }
svg .self { fill: #eaeef2; stroke: none; } svg .unknown { fill: #fff; stroke-dasharray: 3 3; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Of the page itself: nothing is loaded, no script runs."""


def text(report: Report) -> str:
    """Result and what failed first, the plan, pictures, then every check; the times at the end."""
    summary = report.summary()
    word = "passed" if report.passed else "failed"
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p><span class="result {word}">{word}</span> {escape(report.id)}: {_counts(summary)}</p>',
    ]
    if summary["failed"]:
        parts.append(f"<h2>What failed</h2>\n{_listed(summary['failed'])}")
    if report.plan:
        rows = [(row, True) for row in report.plan.rows()]
        parts.append("<h2>Plan</h2>\n" + _table(_plan.HEADS, rows, "plan"))
        parts.append(f"<p>At most {report.plan.seconds} s in all.</p>")
        if report.plan.objections:
            parts.append(f"<p>Against it:</p>\n{_listed(report.plan.against())}")
    if report.topology:
        parts.append("<h2>Topology</h2>\n" + _svg.topology(report))
    if report.paths:
        parts.append("<h2>Paths</h2>\n" + _svg.heat_maps(report))
    if report.checks:
        checks = [((c.where, c.what, c.expected, c.seen, _word(c.passed)), c.passed) for c in report.checks]
        parts.append("<h2>Checks</h2>\n" + _table(("where", "what", "expected", "seen", "result"), checks))
    if report.not_measured:
        parts.append(f"<h2>Not measured</h2>\n{_listed(report.not_measured)}")
    if report.times:
        parts.append("<h2>Times</h2>\n" + _table(("what", "time"), [(row, True) for row in report.times.items()]))
    head = (
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}: {word}</title>\n<style>{STYLE}</style>"
    )
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def _counts(summary: Mapping[str, Any]) -> str:
    return f"{summary['checks']} checks, {summary['paths']} paths"


def _listed(lines: Iterable[str]) -> str:
    items = "\n".join(f"<li>{escape(one)}</li>" for one in lines)
    return f"<ul>\n{items}\n</ul>"


def _word(passed: bool) -> str:
    return "passed" if passed else "failed"


def _table(heads: Sequence[str], rows: Iterable[tuple[Sequence[str], bool]], name: str = "") -> str:
    begin = f'<table class="{name}">' if name else "<table>"
    lines = [begin, "<tr>" + "".join(f'<th scope="col">{head}</th>' for head in heads) + "</tr>"]
    for cells, good in rows:
        mark = "" if good else ' class="bad"'
        lines.append(f"<tr{mark}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return "\n".join([*lines, "</table>"])
