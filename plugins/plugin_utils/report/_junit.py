# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence as JUnit XML, a test case per check and path. Pure; private to the collection."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from ._model import Report, line, path_line

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold."""


def text(report: Report) -> str:
    """One test suite. The times are its properties."""
    cases = [_case(check.where, check.what, "" if check.passed else line(check)) for check in report.checks]
    cases += [
        _case(path.network, f"{path.source} to {path.target}, {path.mtu} bytes", "" if path.passed else path_line(path))
        for path in report.paths
    ]
    failures = sum("<failure" in case for case in cases)
    cases += [_skipped(text) for text in report.not_measured]
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="{len(report.not_measured)}"'
    properties = [f"    <property name={_attribute(key)} value={_attribute(at)}/>" for key, at in report.times.items()]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuites {counts}>",
        f"  <testsuite name={_attribute(report.title)} id={_attribute(report.id)} {counts}>",
        *(["    <properties>", *("  " + one for one in properties), "    </properties>"] if properties else []),
        *cases,
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _case(where: str, what: str, failure: str) -> str:
    head = f"    <testcase classname={_attribute(where)} name={_attribute(what)}"
    if not failure:
        return head + "/>"
    return f"{head}>\n      <failure message={_attribute(failure)}>{escape(_clean(failure))}</failure>\n    </testcase>"


def _skipped(what: str) -> str:
    head = f"    <testcase classname={_attribute('not measured')} name={_attribute(what)}"
    return f"{head}>\n      <skipped/>\n    </testcase>"


def _attribute(value: str) -> str:
    return quoteattr(_clean(value))


def _clean(value: str) -> str:
    return _FORBIDDEN.sub("?", value)
