# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a change and what speaks against them. Pure; this module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from . import _effects, _objects
from ._change import Change
from ._kinds import title
from ._patch import merge_patch
from ._snapshot import Snapshot
from .rules import Objection, objections

CREATED, CHANGED, REMOVED, UNCHANGED = "created", "changed", "removed", "unchanged"

RELATION, PLACEMENT = "config-bond-options-equal", "vm-left-without-node"
OF_THE_END = (RELATION, PLACEMENT)
"""Rules about all configurations of a cluster network, several of which one plan may change: its end alone counts."""


@dataclass(frozen=True)
class Step:
    """What becomes of one object.

    kind: a key of _kinds.BY_KEY. before: the object as it was read; None when there is none. after: as it is to be;
    None when it is to be gone. Raises ValueError when both are None: then there is nothing to say.
    """

    kind: str
    before: Optional[_objects.Object]
    after: Optional[_objects.Object]

    def __post_init__(self) -> None:
        if self.before is None and self.after is None:
            raise ValueError("a step needs an object")

    @property
    def object(self) -> _objects.Object:
        """The object as it is to be, or the one that goes."""
        return self.after or self.before or {}

    @property
    def name(self) -> str:
        return _objects.name(self.object)

    @property
    def namespace(self) -> str:
        return _objects.namespace(self.object)

    @property
    def title(self) -> str:
        """The object in a message."""
        return title(self.kind, self.namespace, self.name)

    @cached_property
    def patch(self) -> Dict[str, Any]:
        """The merge patch of a change; empty for other actions."""
        return merge_patch(self.before, self.after) if self.before is not None and self.after is not None else {}

    @property
    def action(self) -> str:
        """ "created", "changed", "removed" or "unchanged"; an object that is being deleted already is unchanged."""
        if self.before is None:
            return CREATED
        if self.after is None:
            return UNCHANGED if _objects.deleting(self.before) else REMOVED
        return CHANGED if self.patch else UNCHANGED

    @property
    def writes(self) -> bool:
        return self.action != UNCHANGED

    @property
    def change(self) -> Change:
        if self.after is None:
            return Change.delete(self.kind, self.namespace, self.name)
        return Change.put(self.kind, self.after)


class Judged(NamedTuple):
    """What the rules say of a plan. states: the cluster before each step, and last the one that the plan leads to."""

    objections: List[Objection]
    states: List[Snapshot]

    @property
    def end(self) -> Snapshot:
        return self.states[-1]


def step(kind: str, before: Optional[_objects.Object], after: Optional[_objects.Object]) -> Tuple[Step, ...]:
    """One step, or none when the object neither is there nor is to be."""
    return () if before is None and after is None else (Step(kind, before, after),)


def judge(snapshot: Snapshot, steps: Sequence[Step]) -> Judged:
    """Judge each step in the state that the ones before it leave; steps that write nothing are not judged.

    Objections of rules in OF_THE_END count when they still hold at the end. Raises VersionError.
    """
    found: List[Objection] = []
    passing: List[Change] = []
    states = [snapshot]
    for item in steps:
        state = states[-1]
        if item.writes:
            here = objections(state, item.change)
            found += [objection for objection in here if objection.rule not in OF_THE_END]
            if any(objection.rule in OF_THE_END for objection in here):
                passing.append(item.change)
            state = _effects.after(state, item.change)
        states.append(state)
    for change in passing:
        found += _lasting(change, states[-1])
    if passing:
        lost = objections(snapshot, passing[-1], after=states[-1])
        found += [objection for objection in lost if objection.rule == PLACEMENT]
    return Judged(found, states)


def _lasting(change: Change, end: Snapshot) -> List[Objection]:
    """The relations that are wrong at the end too: as the object would meet them if it were created into that state."""
    without = end.without(change.kind, change.name, change.namespace)
    return [objection for objection in objections(without, change) if objection.rule == RELATION]
