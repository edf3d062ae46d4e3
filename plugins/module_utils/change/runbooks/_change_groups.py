# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of a change that belong together, and the nodes that each group of them touches.

Whatever exchanges nodes or NICs is one group; groups have nothing to do with one another, so each can be proved before
the next begins. This module util is private to the collection.
"""

from __future__ import annotations

from typing import FrozenSet, List, NamedTuple, Sequence, Set, Tuple

from ...cluster import _selectors
from ...cluster._config import NetworkConfig
from ...cluster._nodes import Node
from ...cluster._plan import Step, judge
from ...cluster._snapshot import Snapshot
from ...cluster.rules._request import Request
from ...cluster.wanted._order import places

LABELS = "node-labels"


class Group(NamedTuple):
    """Steps that are one phase.

    id: of the phase. steps: in their order. interrupted: nodes whose bond or bridge is made anew, or goes; VMs there
    are in the way. leaving: those of them that lose their bridge, for however short. joining: nodes that get the
    cluster network or another configuration of it.
    """

    id: str
    steps: Tuple[Step, ...]
    interrupted: FrozenSet[str]
    leaving: FrozenSet[str]
    joining: FrozenSet[str]

    @property
    def nodes(self) -> FrozenSet[str]:
        """The nodes whose agents have something to do."""
        return self.interrupted | self.joining


def groups(snapshot: Snapshot, name: str, steps: Sequence[Step]) -> List[Group]:
    """The groups of these steps, labels of nodes first, then those with fewest nodes, so that a mistake shows on few.

    A label that moves a node which configurations give up or take as well is changed together with them, so that the
    node is not without any of them for as long as a proof takes.

    steps: of wanted._cluster_network.plan() for cluster network ``name``, without those that write nothing.
    """
    states = judge(snapshot, steps).states
    found = [(step, _touched(state, name, step), _places(state, step)) for step, state in zip(steps, states)]
    labels = [(step, touched) for step, touched, _where in found if step.kind == "nodes"]
    sets: List[Tuple[Set[Tuple[str, str]], List[Tuple[Step, _Touched]]]] = []
    for step, touched, where in found:
        if step.kind == "nodes":
            continue
        same = [one for one in sets if one[0] & where]
        merged = (set(where).union(*(one[0] for one in same)), [item for one in same for item in one[1]])
        merged[1].append((step, touched))
        sets = [*(one for one in sets if one not in same), merged]
    order = {id(step): place for place, step in enumerate(steps)}
    made = [_group(sorted(members, key=lambda item: order[id(item[0])])) for _where, members in sets]
    moving = frozenset().union(*(touched.interrupted | touched.joining for _step, touched in labels))
    same_nodes = [group for group in made if group.nodes & moving]
    if same_nodes:
        alone = [(step, touched) for step, touched in labels if not touched.interrupted | touched.joining]
        with_them = _group([item for item in labels if item not in alone], LABELS)
        made = [group for group in made if group not in same_nodes] + [_joined([with_them, *same_nodes])]
        labels = alone
    made.sort(key=lambda group: (len(group.nodes), group.id))
    return [*([_group(labels, LABELS)] if labels else []), *made]


class _Touched(NamedTuple):
    interrupted: FrozenSet[str]
    leaving: FrozenSet[str]
    joining: FrozenSet[str]


def _touched(state: Snapshot, name: str, step: Step) -> _Touched:
    """What one step does to nodes, in the state that it meets."""
    if step.kind == "nodes":
        return _relabelled(state, name, step)
    request = Request(state, step.change, state.version)
    old, new = request.old_config, request.new_config
    before = frozenset(old.nodes) if old is not None else frozenset()
    after = frozenset(request.selected) if new is not None else frozenset()
    left = before - after
    return _Touched(frozenset(request.affected) | left, left, after - before)


def _relabelled(state: Snapshot, name: str, step: Step) -> _Touched:
    """A label takes the node out of a configuration, or into one, at once."""
    was, now = Node.read(step.before or {}), Node.read(step.object)
    loses = gains = False
    for config in state.user_configs.values():
        if config.cluster_network == name:
            before, after = (bool(_selectors.matched([node], config.selector)) for node in (was, now))
            loses, gains = loses or (before and not after), gains or (after and not before)
    here = frozenset([step.name])
    left = here if loses else frozenset()
    return _Touched(left, left, here if gains else frozenset())


def _places(state: Snapshot, step: Step) -> FrozenSet[Tuple[str, str]]:
    if step.kind == "nodes":
        return frozenset()
    # Its name too, for one that is on no node.
    return places(state, step.before) | places(state, step.after) | {("", step.name)}


def _group(members: Sequence[Tuple[Step, _Touched]], phase_id: str = "") -> Group:
    names = [step.name for step, _touched in members if step.after is not None] or [members[0][0].name]
    return Group(
        id=phase_id or "config-" + names[0].replace(".", "-"),
        steps=tuple(step for step, _touched in members),
        interrupted=frozenset().union(*(touched.interrupted for _step, touched in members)),
        leaving=frozenset().union(*(touched.leaving for _step, touched in members)),
        joining=frozenset().union(*(touched.joining for _step, touched in members)),
    )


def _joined(parts: Sequence[Group]) -> Group:
    """One phase of several groups; its name is that of the last one."""
    return Group(
        id=parts[-1].id,
        steps=tuple(step for part in parts for step in part.steps),
        interrupted=frozenset().union(*(part.interrupted for part in parts)),
        leaving=frozenset().union(*(part.leaving for part in parts)),
        joining=frozenset().union(*(part.joining for part in parts)),
    )


def having(state: Snapshot, name: str) -> Tuple[str, ...]:
    """The nodes that have a cluster network by its configurations, by name."""
    configs: List[NetworkConfig] = [one for one in state.user_configs.values() if one.cluster_network == name]
    return tuple(sorted({node for config in configs for node in config.nodes}))
