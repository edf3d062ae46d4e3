# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens on nodes, and to their labels. This module util is private to the collection."""

from __future__ import annotations

from ...cluster._snapshot import Snapshot
from ...cluster.wanted import _node_labels
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind


def _reboot(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    unknown = [name for name in given["nodes"] if name not in state.nodes]
    if unknown:
        known = ", ".join(sorted(state.nodes))
        rule = "the cluster has no such node"
        raise ValidationError([Problem(where, "nodes", name, rule, "it has %s" % known) for name in unknown])
    return Effect(reboots=tuple(given["nodes"]))


def _interruption(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return Effect(interrupts=(given["text"],))


def _proof(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    return Effect(proves=(given["text"],))


def _labels(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """Null removes a label; what is not named stays."""
    return Effect(_node_labels.plan(state, {"labels": {given["name"]: given["labels"]}}))


REBOOT = StepKind(("nodes",), (), ("nodes",), _reboot)
INTERRUPTION = StepKind(("text",), (), (), _interruption)
PROOF = StepKind(("text",), (), (), _proof)
LABELS = StepKind(("name", "labels"), (), _node_labels.KINDS, _labels)
