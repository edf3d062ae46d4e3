# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one step of a phase does. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple, Optional, Tuple

from ...cluster import _plan
from ...cluster._snapshot import Snapshot

Options = Mapping[str, Any]


class Value(NamedTuple):
    """One value of an object, or of what a node (kind Node) has in its kernel or on its disk.

    was: empty where there is none, or where nobody has looked.
    """

    kind: str
    namespace: str
    name: str
    field: str
    was: str
    becomes: str


class Effect(NamedTuple):
    """steps: what becomes of objects. stops, starts, moves: VMs ("namespace/name"). returns: those that an earlier run
    has stopped and that start again. reboots: nodes. interrupts: what does not pass meanwhile, proves: what is proved
    on the wire, a line each. values: what becomes of single values, of objects that others write too. settle: what else
    follows once the steps are done, on the snapshot after them. spared: objections, by rule and object, that are none
    of the change's doing.
    """

    steps: Tuple[_plan.Step, ...] = ()
    stops: Tuple[str, ...] = ()
    starts: Tuple[str, ...] = ()
    returns: Tuple[str, ...] = ()
    moves: Tuple[str, ...] = ()
    reboots: Tuple[str, ...] = ()
    interrupts: Tuple[str, ...] = ()
    proves: Tuple[str, ...] = ()
    values: Tuple[Value, ...] = ()
    settle: Optional[Callable[[Snapshot], Snapshot]] = None
    spared: Tuple[Tuple[str, str], ...] = ()


class StepKind(NamedTuple):
    """One kind of step.

    required: options that it needs. optional: options that it knows besides. kinds: what has to be in the snapshot,
    keys of _kinds.BY_KEY. effect: (the state before the step, the cluster at the beginning of the change, the options,
    the step in messages) -> what it does. Raises ValidationError.
    """

    required: Tuple[str, ...]
    optional: Tuple[str, ...]
    kinds: Tuple[str, ...]
    effect: Callable[[Snapshot, Snapshot, Options, str], Effect]
