# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which configurations change, so that none takes what another still has.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import FrozenSet, List, Optional, Sequence, Tuple

from .. import _objects, _selectors
from .._config import NetworkConfig
from .._plan import Step
from .._snapshot import Snapshot

Place = Tuple[str, str]
"""(node, NIC); the NIC is empty for the node as such."""


def ordered(snapshot: Snapshot, steps: Sequence[Step]) -> List[Step]:
    """Removals, then changes, then new ones; a change that takes a node or a NIC comes after the one that gives it up.

    Changes that wait for one another in a ring stay in the order in which they are given; the rules then say why that
    cannot be. Otherwise too the order that is given is kept.
    """
    removals = [step for step in steps if step.after is None]
    new = [step for step in steps if step.before is None]
    left = [step for step in steps if step.before is not None and step.after is not None]
    changes: List[Step] = []
    while left:
        free = [step for step in left if not any(_takes(snapshot, step, other) for other in left if other is not step)]
        changes.append((free or left)[0])
        left.remove(changes[-1])
    return [*removals, *changes, *new]


def _takes(snapshot: Snapshot, step: Step, other: Step) -> bool:
    """Whether a change takes what another configuration has until its own change."""
    mine = places(snapshot, step.after) - places(snapshot, step.before)
    return bool(mine & places(snapshot, other.before))


def places(snapshot: Snapshot, item: Optional[_objects.Object]) -> FrozenSet[Place]:
    """What a configuration has by its selector: its nodes, and its NICs there; nothing for None."""
    if item is None:
        return frozenset()
    config = NetworkConfig.read(item)
    nodes = _selectors.matched(snapshot.nodes.values(), config.selector)
    return frozenset((node, nic) for node in nodes for nic in ("", *(config.nics or ())))
