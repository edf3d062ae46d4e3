# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of rules, and what a rule says. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator, List, NamedTuple, Optional, Tuple

from .._versions import SINCE, Version
from ._request import Request

HARVESTER, OURS = "harvester", "ours"
CREATE, UPDATE, DELETE = "create", "update", "delete"
PUT = (CREATE, UPDATE)
ANY = (CREATE, UPDATE, DELETE)


@dataclass(frozen=True)
class Objection:
    """What speaks against a change.

    rule: the rule's id. object: the object that is changed, as "network configuration 'rack-a'". message: what is
    wrong, with the value and the rule; for Harvester's own rules the gist of its words. source: the component whose
    behaviour it is. next_step: what to do, a sentence part. by: "harvester" when Harvester refuses the change, "ours"
    when it would take it.
    """

    rule: str
    object: str
    message: str
    source: str
    next_step: str
    by: str

    def __str__(self) -> str:
        return "%s: %s; %s" % (self.object, self.message, self.next_step)


class Finding(NamedTuple):
    """What a rule's function yields. message, next_step: as in Objection."""

    message: str
    next_step: str


Judge = Callable[[Request], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    id: unique. title: what it demands, for lists and documents. kinds: kinds of objects that it judges. on: the
    operations. since: the first version that has it; None for all. source: component and behaviour. by: whose it is.
    """

    id: str
    title: str
    kinds: Tuple[str, ...]
    on: Tuple[str, ...]
    since: Optional[Version]
    source: str
    by: str
    judge: Judge

    def applies(self, kind: str, operation: str, version: Version) -> bool:
        """Whether the rule has a say in this operation."""
        return kind in self.kinds and operation in self.on and (self.since is None or version >= self.since)


REGISTRY: List[Rule] = []
"""All rules in the order in which they are judged; filled by the files of rules/ when they are imported."""


def _register(
    by: str, rule_id: str, title: str, kinds: Tuple[str, ...], on: Tuple[str, ...], source: str, behaviour: str
) -> Callable[[Judge], Judge]:
    if any(rule.id == rule_id for rule in REGISTRY):
        raise ValueError("two rules are called '%s'" % rule_id)
    since = SINCE[behaviour] if behaviour else None

    def add(judge: Judge) -> Judge:
        REGISTRY.append(Rule(rule_id, title, kinds, on, since, source, by, judge))
        return judge

    return add


def harvester(
    rule_id: str, title: str, kinds: Tuple[str, ...], on: Tuple[str, ...], source: str, behaviour: str = ""
) -> Callable[[Judge], Judge]:
    """Register a rule of Harvester's own. behaviour: a key of _versions.SINCE when not all versions have it."""
    return _register(HARVESTER, rule_id, title, kinds, on, source, behaviour)


def ours(
    rule_id: str, title: str, kinds: Tuple[str, ...], on: Tuple[str, ...], source: str, behaviour: str = ""
) -> Callable[[Judge], Judge]:
    """Register a rule that Harvester lacks."""
    return _register(OURS, rule_id, title, kinds, on, source, behaviour)
