# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks as whole objects, and labels of nodes: what a change records of them, and what it puts in their place.

What Harvester itself writes is left out: status, server-side metadata, and the labels and annotations of its webhooks
and controllers, which are made anew (NC pkg/webhook/vlanconfig/mutator.go). This module util is private to the
collection.
"""

from __future__ import annotations

import copy
import json
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...common._errors import Problem, ValidationError
from .. import _effects, _keys, _objects
from .._config import with_defaults
from .._kinds import BY_KEY, title
from .._plan import Step, step
from .._snapshot import Snapshot
from . import _host_config, _network_config, _node_labels, _vm_network

KINDS = tuple(dict.fromkeys((*_network_config.KINDS, *_host_config.KINDS, *_vm_network.KINDS)))
"""What the plan and the rules for it look at."""

OPTIONS = {
    "networks": "clusternetworks",
    "configs": "vlanconfigs",
    "vm_networks": "nads",
    "host_configs": "hostnetworkconfigs",
}
"""Option -> kind of its objects."""
PARTS = ("labels", "annotations")
"""Of the metadata, what is recorded."""
MADE_ANEW = dict.fromkeys(("vlanconfigs", "hostnetworkconfigs"), (_keys.CLUSTER_NETWORK, _keys.MATCHED_NODES))
"""Kind -> labels and annotations that Harvester makes anew; all others are recorded."""
OWN = {"clusternetworks": (), "nads": (_keys.CLUSTER_NETWORK, _keys.ROUTE)}
"""Kind -> labels and annotations of Harvester's prefix that users write, others it makes anew; of mgmt also its MTU."""
FIRST = ("hostnetworkconfigs", "nads")
"""Kinds whose objects go before anything else changes."""
THEN = ("clusternetworks", "vlanconfigs", "nads", "hostnetworkconfigs")
"""In this order objects come and change; configurations also go here, cluster networks after all else."""

REMEDY = "put it back as it was recorded, or roll back with harvester.network.rollback"

ENTRY_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "object": {"type": "dict"},
    "expected": {"type": "dict"},
}
VM_NETWORK_ARGSPEC: Dict[str, Dict[str, Any]] = {"namespace": {"type": "str", "default": "default"}, **ENTRY_ARGSPEC}
LABELS_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "labels": {"type": "dict", "required": True},
    "expected": {"type": "dict"},
}
WHOLE_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "node_labels": {"type": "list", "elements": "dict", "options": LABELS_ARGSPEC},
    **{
        option: {
            "type": "list",
            "elements": "dict",
            "options": VM_NETWORK_ARGSPEC if BY_KEY[kind].namespaced else ENTRY_ARGSPEC,
        }
        for option, kind in OPTIONS.items()
    },
    "strict": {"type": "bool", "default": False},
    "restoring": {"type": "bool", "default": False},
    "gone_nodes": {"type": "list", "elements": "str"},
}


def portable(kind: str, item: Optional[_objects.Object]) -> Optional[Dict[str, Any]]:
    """What is recorded of an object: ``metadata`` with labels and annotations, and ``spec``. None for none."""
    if item is None:
        return None
    own = OWN.get(kind, ())
    if kind == "clusternetworks" and _objects.name(item) == _keys.MGMT:
        own = (_keys.UPLINK_MTU,)
    made = MADE_ANEW.get(kind)
    metadata: Dict[str, Any] = {}
    for part in PARTS:
        given = (item.get("metadata") or {}).get(part) or {}
        kept = {
            key: value
            for key, value in given.items()
            if (key not in made if made is not None else key in own or not key.startswith(_keys.PREFIX))
        }
        if kept:
            metadata[part] = kept
    if kind == "clusternetworks":
        # It has no spec.
        return {"metadata": metadata}
    return {"metadata": metadata, "spec": copy.deepcopy(dict(item.get("spec") or {}))}


def entry(
    kind: str, name: str, wanted: Optional[_objects.Object], now: Optional[_objects.Object], within: str = ""
) -> Dict[str, Any]:
    """An object as it is to be, and as it is: labels and annotations that go are null. None for none.

    within: its namespace.
    """
    after, before = portable(kind, wanted), portable(kind, now)
    if after is not None and before is not None:
        for part in PARTS:
            gone = set(before["metadata"].get(part) or {}) - set(after["metadata"].get(part) or {})
            if gone:
                after["metadata"][part] = {**(after["metadata"].get(part) or {}), **dict.fromkeys(sorted(gone))}
    where = {"namespace": within} if within else {}
    return {**where, "name": name, "object": after, "expected": before}


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
                now = snapshot.get(kind, item.name, item.namespace)
                there = entry(kind, item.name, now, item.after, item.namespace)
                found[option].append({key: value for key, value in there.items() if key != "expected"})
    return {"recorded": found}


def plan(snapshot: Snapshot, given: Mapping[str, Any]) -> Tuple[Step, ...]:
    """The steps of module config_objects. given: of WHOLE_ARGSPEC, only what the user gave.

    Labels of nodes come first, so that the configurations meet them. What others carry goes after them and comes before
    them: VM networks and host network configurations, configurations, cluster networks.
    Raises ValidationError with every object that is neither as expected nor as it is to be.
    """
    problems: List[Problem] = []
    for item in _entries(given, "node_labels") if given.get("strict") else ():
        problems += _relabelled(snapshot, item)
    entries: Dict[str, Sequence[Mapping[str, Any]]] = {}
    for option, kind in OPTIONS.items():
        entries[kind] = _entries(given, option)
        for item in entries[kind]:
            problems += _overtaken(snapshot, kind, item) if given.get("strict") else []
    if problems:
        raise ValidationError(problems)
    labels = {item["name"]: item["labels"] for item in _entries(given, "node_labels")}
    found: List[Step] = list(_node_labels.plan(snapshot, {"labels": labels}))
    snapshot = _effects.after_all(snapshot, [item.change for item in found if item.writes])
    for kind, item in in_order(entries):
        before = snapshot.get(kind, item["name"], namespace(kind, item))
        found += step(kind, before, _after(kind, item, before))
    return tuple(found)


def in_order(
    entries: Mapping[str, Sequence[Mapping[str, Any]]],
) -> List[Tuple[str, Mapping[str, Any]]]:
    """Kind and entry, in the order in which they are written. entries: by kind; one without ``object`` goes."""

    def goes(item: Mapping[str, Any]) -> bool:
        return item.get("object") is None

    found: List[Tuple[str, Mapping[str, Any]]] = []
    for kind in FIRST:
        found += [(kind, item) for item in entries.get(kind) or () if goes(item)]
    for kind in THEN:
        found += [(kind, item) for item in entries.get(kind) or () if kind == "vlanconfigs" or not goes(item)]
    return found + [("clusternetworks", item) for item in entries.get("clusternetworks") or () if goes(item)]


def namespace(kind: str, item: Mapping[str, Any]) -> str:
    """Of an entry's object; empty where the kind has none."""
    return str(item.get("namespace") or "default") if BY_KEY[kind].namespaced else ""


def _entries(given: Mapping[str, Any], option: str) -> Sequence[Mapping[str, Any]]:
    return given.get(option) or ()


def _after(kind: str, given: Mapping[str, Any], before: Optional[_objects.Object]) -> Optional[_objects.Object]:
    """The whole spec, and the labels and annotations of the entry, null for those that go; others stay."""
    wanted = given.get("object")
    if wanted is None:
        return None
    metadata = {**((before or {}).get("metadata") or {}), "name": given["name"]}
    if BY_KEY[kind].namespaced:
        metadata["namespace"] = namespace(kind, given)
    for part in PARTS:
        changes = (wanted.get("metadata") or {}).get(part) or {}
        if changes:
            merged = {**(metadata.get(part) or {}), **changes}
            metadata[part] = {key: value for key, value in merged.items() if value is not None}
    known = BY_KEY[kind]
    found: Dict[str, Any] = {
        **(before or {"apiVersion": known.api_version, "kind": known.kind}),
        "metadata": metadata,
    }
    if kind == "clusternetworks":
        return found
    same = before is not None and _spec(kind, before) == _spec(kind, wanted)
    spec = (before or {}).get("spec") if same else wanted.get("spec")
    return {**found, "spec": copy.deepcopy(dict(spec or {}))}


def _overtaken(snapshot: Snapshot, kind: str, given: Mapping[str, Any]) -> List[Problem]:
    """Whether others changed the object since it was recorded: only specs count."""
    where = title(kind, namespace(kind, given), given["name"])
    now = _spec(kind, snapshot.get(kind, given["name"], namespace(kind, given)))
    expected, wanted = _spec(kind, given.get("expected")), _spec(kind, given.get("object"))
    if now in (expected, wanted):
        return []
    if now is None:
        return [Problem(where, "", None, "it is gone; somebody has deleted it since it was recorded", REMEDY)]
    if expected is None:
        return [Problem(where, "", None, "it is there; somebody has created it since it was recorded as gone", REMEDY)]
    keys = sorted(key for key in {*now, *expected} if now.get(key) != expected.get(key))
    rule = "somebody has changed it since it was recorded: spec.%s" % ", spec.".join(keys)
    return [Problem(where, "", None, rule, REMEDY)]


def _relabelled(snapshot: Snapshot, given: Mapping[str, Any]) -> List[Problem]:
    """Whether others changed a label that the entry sets since it was recorded."""
    now = _objects.labels_of(snapshot.get("nodes", given["name"]) or {})
    wanted, expected = given["labels"], given.get("expected") or {}
    return [
        Problem(
            title("nodes", "", given["name"]),
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
    if kind == "clusternetworks":
        return {}
    if kind == "nads":
        return {"config": _meaning(spec.get("config"))}
    return with_defaults(spec) if kind == "vlanconfigs" else spec


def _meaning(text: Any) -> Any:
    """Of a CNI configuration, without the MTU, which is Harvester's to write; the text itself where it is no JSON."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return text
    return {key: value for key, value in found.items() if key != "mtu"} if isinstance(found, dict) else text
