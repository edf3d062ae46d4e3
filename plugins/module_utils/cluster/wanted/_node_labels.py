# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of nodes, which selectors of network configurations read. This module util is private to the collection."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ...common._errors import Problem, ValidationError
from ...common._names import suggest
from .. import _objects
from .._kinds import title
from .._plan import Step
from .._snapshot import Snapshot
from ._metadata import deleting
from ._network_config import KINDS

__all__ = ["KINDS", "NODE_LABELS_ARGSPEC", "plan"]

NODE_LABELS_ARGSPEC: Dict[str, Dict[str, Any]] = {"labels": {"type": "dict", "required": True}}

FOREIGN = ("harvesterhci.io", "kubernetes.io", "k8s.io", "cattle.io", "rancher.io", "longhorn.io", "kubevirt.io")
"""Domains whose labels belong to the programs of a cluster."""
OPERATORS = ("topology.kubernetes.io/zone", "topology.kubernetes.io/region")

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?%s\Z" % _NAME)
_VALUE = re.compile(r"(?:%s)?\Z" % _NAME)


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """A step per node that is named. Raises ValidationError with everything that is wrong.

    given: ``labels``, node -> label -> value, None for a label that has to go.
    """
    problems: List[Problem] = []
    steps = []
    for node, labels in sorted((given["labels"] or {}).items()):
        where = title("nodes", "", str(node))
        before = snapshot.get("nodes", str(node))
        if before is None:
            remedy = suggest(str(node), snapshot.nodes) or "the cluster has %s" % _objects.listed(
                sorted(snapshot.nodes)
            )
            problems.append(Problem(where, "", None, "the cluster has no such node", remedy))
            continue
        found = [*deleting(before, where), *_problems(where, labels)]
        problems += found
        if not found:
            wanted = {str(key): None if value is None else str(value) for key, value in (labels or {}).items()}
            steps.append(Step("nodes", before, _objects.with_labels(before, wanted)))
    if problems:
        raise ValidationError(problems)
    return tuple(steps)


def _problems(where: str, labels: Any) -> Iterator[Problem]:
    if labels is not None and not isinstance(labels, Mapping):
        yield Problem(where, "labels", labels, "its labels are no dictionary", "give label: value")
        return
    for key, value in (labels or {}).items():
        domain = str(key).partition("/")[0] if "/" in str(key) else ""
        if not _KEY.match(str(key)):
            yield Problem(where, "labels", key, "it is no name of a label", "see the syntax of labels in Kubernetes")
        elif key not in OPERATORS and any(domain == name or domain.endswith("." + name) for name in FOREIGN):
            yield Problem(where, "labels", key, "this label belongs to %s" % domain, "use a prefix of your own")
        elif isinstance(value, bool):
            yield Problem(where, "labels.%s" % key, value, "the value of a label is a text", "put it into quotes")
        elif value is not None and not _VALUE.match(str(value)):
            yield Problem(
                where, "labels.%s" % key, value, "it is no value of a label", "see the syntax of labels in Kubernetes"
            )
