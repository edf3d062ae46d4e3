# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of tests, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterable
from xml.etree import ElementTree


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed (errors included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def of_status(status: int) -> Counts:
    """A command as one test: exit code 0 is passed."""
    return Counts(passed=1) if status == 0 else Counts(failed=1)


def of_junit(paths: Iterable[Path]) -> Counts:
    """The tests in JUnit XML files, by their test cases (writers do not agree on the totals in the attributes)."""
    total = Counts()
    for path in paths:
        for case in ElementTree.parse(path).iter("testcase"):
            kinds = {child.tag for child in case}
            if kinds & {"failure", "error"}:
                total += Counts(failed=1)
            elif "skipped" in kinds:
                total += Counts(skipped=1)
            else:
                total += Counts(passed=1)
    return total


def with_status(counts: Counts, status: int) -> Counts:
    """A run that ended badly counts as a failure even where no test says so: a crash, a time limit, a broken report."""
    return counts + Counts(failed=1) if status and not counts.failed else counts


def summary(counts: Counts) -> str:
    """The closing line."""
    text = "%d passed, %d failed" % (counts.passed, counts.failed)
    return "%s, %d skipped" % (text, counts.skipped) if counts.skipped else text
