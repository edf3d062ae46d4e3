# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens on nodes, and to their labels. This module util is private to the collection."""

from __future__ import annotations

from typing import Sequence

from ...cluster._snapshot import Snapshot
from ...cluster.wanted import _node_labels
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind, Value

NODE = "Node"


def _reboot(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    _known(state, where, "nodes", given["nodes"])
    return Effect(reboots=tuple(given["nodes"]))


def _host(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """No object of the cluster has what a node has in its kernel and on its disk."""
    _known(state, where, "name", [given["name"]])
    return Effect(
        values=tuple(
            Value(NODE, "", given["name"], one["field"], one.get("from") or "", one["to"]) for one in given["values"]
        )
    )


def _known(state: Snapshot, where: str, option: str, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in state.nodes]
    if unknown:
        known = ", ".join(sorted(state.nodes))
        rule = "the cluster has no such node"
        raise ValidationError([Problem(where, option, name, rule, "it has %s" % known) for name in unknown])


def _interruption(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return Effect(interrupts=(given["text"],))


def _proof(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return Effect(proves=(given["text"],))


def _labels(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """Null removes a label; what is not named stays."""
    return Effect(_node_labels.plan(state, {"labels": {given["name"]: given["labels"]}}))


HOST = StepKind(("name", "values"), (), ("nodes",), _host)
REBOOT = StepKind(("nodes",), (), ("nodes",), _reboot)
INTERRUPTION = StepKind(("text",), (), (), _interruption)
PROOF = StepKind(("text",), (), (), _proof)
LABELS = StepKind(("name", "labels"), (), _node_labels.KINDS, _labels)
