# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster network gets another MTU by its annotation, and its VM networks follow.

This module util is private to the collection.
"""

from __future__ import annotations

from ...cluster import _effects, _keys, _nad, _network_mtu
from ...cluster._kinds import BY_KEY
from ...cluster._snapshot import Snapshot
from ...cluster.wanted import _cluster_network
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind, Value


def _effect(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """The annotation is the step; what Harvester does to the VM networks then is told as values alone."""
    name = given["name"]
    before = state.get("clusternetworks", name)
    if before is None:
        raise ValidationError([Problem(where, "name", name, "the cluster has no such cluster network")])
    steps = _cluster_network.plan(state, {"name": name, "uplink_mtu": given["mtu"]})
    writing = [step for step in steps if step.writes]
    if not writing:
        return Effect(steps)
    field = "annotation " + _keys.UPLINK_MTU
    own = Value(
        BY_KEY["clusternetworks"].kind, "", name, field, _network_mtu.annotated(before) or "", str(given["mtu"])
    )
    end = _effects.after_all(state, [step.change for step in writing])
    followers = [
        Value(BY_KEY["nads"].kind, nad.namespace, nad.name, "mtu", _shown(nad), _shown(end.nads[nad.reference]))
        for nad in state.nads_of(name)
    ]
    return Effect(steps, values=(own, *(one for one in followers if one.was != one.becomes)))


def _shown(nad: _nad.Nad) -> str:
    return "" if nad.mtu is None else str(nad.mtu)


KIND = StepKind(("name", "mtu"), (), _cluster_network.KINDS, _effect)
