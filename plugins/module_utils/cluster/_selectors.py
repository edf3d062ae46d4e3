# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Node selectors as Harvester and Kubernetes read them. This module util is private to the collection."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from . import _keys, _objects
from ._nodes import Node


def matches(selector: Optional[Mapping[str, str]], labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy an equality selector; all its pairs count, and an empty one is satisfied by all labels."""
    return all(labels.get(key) == value for key, value in (selector or {}).items())


def matched(nodes: Iterable[Node], selector: Optional[Mapping[str, str]]) -> Tuple[str, ...]:
    """The names of the nodes that a configuration with this selector is for, sorted.

    Nodes with the label key of witness nodes are left out whatever its value (NC pkg/webhook/vlanconfig/mutator.go).
    """
    return tuple(sorted(node.name for node in nodes if not node.witness and matches(selector, node.labels)))


def annotated(item: _objects.Object) -> Optional[Tuple[str, ...]]:
    """The nodes in a configuration's annotation matched-nodes, sorted; None when it has none or one without meaning."""
    try:
        found = json.loads(_objects.annotations_of(item).get(_keys.MATCHED_NODES) or "null")
    except ValueError:
        return None
    return tuple(sorted(str(node) for node in found)) if isinstance(found, list) else None


def as_annotation(nodes: Iterable[str]) -> str:
    """The value of annotation matched-nodes."""
    return json.dumps(sorted(nodes), separators=(",", ":"))


def matches_label_selector(selector: Optional[Mapping[str, Any]], labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a LabelSelector (matchLabels and matchExpressions); None and {} are satisfied by all."""
    given = selector or {}
    if not matches(given.get("matchLabels"), labels):
        return False
    return all(matches_expression(expression, labels) for expression in given.get("matchExpressions") or ())


def matches_expression(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """One requirement, with the operators of node affinity: In, NotIn, Exists, DoesNotExist, Gt and Lt."""
    key, operator = str(expression.get("key")), expression.get("operator")
    values: List[str] = [str(value) for value in expression.get("values") or ()]
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    try:
        label, bound = int(labels.get(key, "")), int(values[0])
    except (ValueError, IndexError):
        return False
    return label > bound if operator == "Gt" else operator == "Lt" and label < bound


def shown(selector: Optional[Mapping[str, str]]) -> str:
    """A selector in a message: "rack=a, kind=gpu", or "all nodes"."""
    pairs: Dict[str, str] = dict(selector or {})
    return ", ".join("%s=%s" % pair for pair in sorted(pairs.items())) or "all nodes"
