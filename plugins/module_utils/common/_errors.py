# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed errors. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence


class NetworkError(Exception):
    """What the library raises; its text is the message that the operator reads."""


class MissingLibrary(NetworkError):
    """The controller's Python lacks a library; the text says which, and how to get it."""


class Problem(NamedTuple):
    """One objection to what was asked.

    where: the object, as "profile 'bond-mgmt'".
    option: dotted option name, as "bond.updelay"; empty when the object itself is meant.
    value: what was given; None when nothing was.
    rule: what is wrong, as a sentence part without a full stop.
    remedy: the next step, as a sentence part without a full stop; empty when the rule says it.
    """

    where: str
    option: str
    value: Any
    rule: str
    remedy: str = ""

    def __str__(self) -> str:
        parts = [self.where]
        if self.option:
            parts.append(self.option if self.value is None else "%s=%s" % (self.option, self.value))
        parts.append(self.rule)
        text = ": ".join(parts)
        return "%s; %s" % (text, self.remedy) if self.remedy else text


class ValidationError(NetworkError):
    """Bad input, found before anything was touched; one line per problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
