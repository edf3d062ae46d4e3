# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations as whole objects, and labels of nodes: what a change records of them, and what it puts in their place.

What Harvester itself writes is left out: status, server-side metadata, and the label and annotation of its webhook,
which are made anew (NC pkg/webhook/vlanconfig/mutator.go). This module util is private to the collection.
"""

from __future__ import annotations

import copy
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...common._errors import Problem, ValidationError
from .. import _effects, _keys, _objects
from .._config import with_defaults
from .._kinds import BY_KEY, title
from .._plan import Step, step
from .._snapshot import Snapshot
from . import _host_config, _network_config, _node_labels

KINDS = tuple(dict.fromkeys((*_network_config.KINDS, *_host_config.KINDS)))
"""What the plan and the rules for it look at."""

OPTIONS = {"configs": "vlanconfigs", "host_configs": "hostnetworkconfigs"}
"""Option -> kind of its objects."""
MADE_ANEW = {"labels": (_keys.CLUSTER_NETWORK,), "annotations": (_keys.MATCHED_NODES,)}

REMEDY = "put it back as it was recorded, or roll back with harvester.network.rollback"

ENTRY_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "object": {"type": "dict"},
    "expected": {"type": "dict"},
}
LABELS_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "labels": {"type": "dict", "required": True},
    "expected": {"type": "dict"},
}
WHOLE_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "node_labels": {"type": "list", "elements": "dict", "options": LABELS_ARGSPEC},
    **{option: {"type": "list", "elements": "dict", "options": ENTRY_ARGSPEC} for option in OPTIONS},
    "strict": {"type": "bool", "default": False},
    "restoring": {"type": "bool", "default": False},
}


def portable(item: Optional[_objects.Object]) -> Optional[Dict[str, Any]]:
    """What is recorded of an object: ``metadata`` with labels and annotations, and ``spec``. None for none."""
    if item is None:
        return None
    metadata: Dict[str, Any] = {}
    for part, made in MADE_ANEW.items():
        given = (item.get("metadata") or {}).get(part) or {}
        kept = {key: value for key, value in given.items() if key not in made}
        if kept:
            metadata[part] = kept
    return {"metadata": metadata, "spec": copy.deepcopy(dict(item.get("spec") or {}))}


def recorded(snapshot: Snapshot, steps: Sequence[Step]) -> Dict[str, Any]:
    """The objects of the steps as they were, in the words of the options, so that they can be given again.

    Of nodes only labels that change.
    """
    found: Dict[str, List[Dict[str, Any]]] = {"node_labels": [], **{option: [] for option in OPTIONS}}
    for item in steps:
        if item.kind == "nodes" and item.writes:
            before = _objects.labels_of(item.before or {})
            changes = _objects.dig(item.patch, "metadata", "labels") or {}
            labels = {key: before.get(key) for key in sorted(changes)}
            found["node_labels"].append({"name": item.name, "labels": labels})
    for option, kind in OPTIONS.items():
        for item in steps:
            if item.kind == kind:
                found[option].append({"name": item.name, "object": portable(snapshot.get(kind, item.name))})
    return {"recorded": found}


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """The steps of module config_objects. given: of WHOLE_ARGSPEC, only what the user gave.

    Labels of nodes come first, so that the configurations meet them. Host network configurations that go, go before the
    configurations that carry them; the others come after.
    Raises ValidationError with every object that is neither as expected nor as it is to be.
    """
    problems: List[Problem] = []
    for entry in _entries(given, "node_labels") if given.get("strict") else ():
        problems += _relabelled(snapshot, entry)
    hosts = list(_entries(given, "host_configs"))
    for option, kind in OPTIONS.items():
        for entry in _entries(given, option):
            problems += _overtaken(snapshot, kind, entry) if given.get("strict") else []
    if problems:
        raise ValidationError(problems)
    first = [entry for entry in hosts if entry.get("object") is None]
    last = [entry for entry in hosts if entry.get("object") is not None]
    labels = {entry["name"]: entry["labels"] for entry in _entries(given, "node_labels")}
    found: List[Step] = list(_node_labels.plan(snapshot, {"labels": labels}))
    snapshot = _effects.after_all(snapshot, [item.change for item in found if item.writes])
    for kind, entries in (
        ("hostnetworkconfigs", first),
        ("vlanconfigs", list(_entries(given, "configs"))),
        ("hostnetworkconfigs", last),
    ):
        for entry in entries:
            before = snapshot.get(kind, entry["name"])
            found += step(kind, before, _after(kind, entry, before))
    return tuple(found)


def _entries(given: Mapping[str, Any], option: str) -> Sequence[Mapping[str, Any]]:
    return given.get(option) or ()


def _after(kind: str, entry: Mapping[str, Any], before: Optional[_objects.Object]) -> Optional[_objects.Object]:
    """The whole spec, and the labels and annotations of the entry; others that an object has stay."""
    wanted = entry.get("object")
    if wanted is None:
        return None
    metadata = {**((before or {}).get("metadata") or {}), "name": entry["name"]}
    for part in MADE_ANEW:
        given = (wanted.get("metadata") or {}).get(part) or {}
        if given:
            metadata[part] = {**(metadata.get(part) or {}), **given}
    known = BY_KEY[kind]
    start: Mapping[str, Any] = before or {"apiVersion": known.api_version, "kind": known.kind}
    same = before is not None and _spec(kind, before) == _spec(kind, wanted)
    spec = (before or {}).get("spec") if same else wanted.get("spec")
    return {**start, "metadata": metadata, "spec": copy.deepcopy(dict(spec or {}))}


def _overtaken(snapshot: Snapshot, kind: str, entry: Mapping[str, Any]) -> List[Problem]:
    """Whether others changed the object since it was recorded: only specs count."""
    now = _spec(kind, snapshot.get(kind, entry["name"]))
    expected, wanted = _spec(kind, entry.get("expected")), _spec(kind, entry.get("object"))
    if now in (expected, wanted):
        return []
    where = title(kind, "", entry["name"])
    if now is None:
        return [Problem(where, "", None, "it is gone; somebody has deleted it since it was recorded", REMEDY)]
    if expected is None:
        return [Problem(where, "", None, "it is there; somebody has created it since it was recorded as gone", REMEDY)]
    keys = sorted(key for key in {*now, *expected} if now.get(key) != expected.get(key))
    rule = "somebody has changed it since it was recorded: spec.%s" % ", spec.".join(keys)
    return [Problem(where, "", None, rule, REMEDY)]


def _relabelled(snapshot: Snapshot, entry: Mapping[str, Any]) -> List[Problem]:
    """Whether others changed a label that the entry sets since it was recorded."""
    now = _objects.labels_of(snapshot.get("nodes", entry["name"]) or {})
    wanted, expected = entry["labels"], entry.get("expected") or {}
    return [
        Problem(
            title("nodes", "", entry["name"]),
            "labels.%s" % key,
            now.get(key),
            "somebody has changed it since it was recorded",
            REMEDY,
        )
        for key in sorted(wanted)
        if now.get(key) not in (wanted[key], expected.get(key))
    ]


def _spec(kind: str, item: Optional[Mapping[str, Any]]) -> Optional[Mapping[str, Any]]:
    """Specs are compared as the API stores them."""
    if item is None:
        return None
    spec: Mapping[str, Any] = item.get("spec") or {}
    return with_defaults(spec) if kind == "vlanconfigs" else spec
