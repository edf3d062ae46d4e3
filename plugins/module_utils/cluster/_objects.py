# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and copying raw objects of the API. This module util is private to the collection.

Objects are never changed in place: what changes is a copy, so that every snapshot that shares them stays as it was.
"""

from __future__ import annotations

import copy
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

Object = Mapping[str, Any]


class Condition(NamedTuple):
    """One entry of ``status.conditions``."""

    status: str
    reason: str
    message: str

    @property
    def true(self) -> bool:
        return self.status == "True"

    @property
    def false(self) -> bool:
        return self.status == "False"


def dig(item: Any, *path: str) -> Any:
    """The value below these keys; None when one of them is missing, null, or not below a mapping."""
    for key in path:
        if not isinstance(item, Mapping):
            return None
        item = item.get(key)
    return item


def name(item: Object) -> str:
    return str(dig(item, "metadata", "name") or "")


def namespace(item: Object) -> str:
    return str(dig(item, "metadata", "namespace") or "")


def key(item: Object) -> Tuple[str, str]:
    """(namespace, name); the namespace is empty for objects of the cluster."""
    return namespace(item), name(item)


def labels_of(item: Object) -> Mapping[str, str]:
    found = dig(item, "metadata", "labels")
    return found if isinstance(found, Mapping) else {}


def annotations_of(item: Object) -> Mapping[str, str]:
    found = dig(item, "metadata", "annotations")
    return found if isinstance(found, Mapping) else {}


def deleting(item: Object) -> bool:
    """Whether the object is being deleted and only waits for its finalizers."""
    return bool(dig(item, "metadata", "deletionTimestamp"))


def condition(item: Object, kind: str) -> Optional[Condition]:
    """The condition of this type; None when the object has none."""
    for entry in dig(item, "status", "conditions") or ():
        if isinstance(entry, Mapping) and entry.get("type") == kind:
            return Condition(*(str(entry.get(field) or "") for field in ("status", "reason", "message")))
    return None


def with_labels(item: Object, changes: Mapping[str, Optional[str]]) -> Dict[str, Any]:
    """A copy with these labels; None takes a label away."""
    return _with_metadata(item, "labels", changes)


def with_annotations(item: Object, changes: Mapping[str, Optional[str]]) -> Dict[str, Any]:
    """A copy with these annotations; None takes an annotation away."""
    return _with_metadata(item, "annotations", changes)


def _with_metadata(item: Object, field: str, changes: Mapping[str, Optional[str]]) -> Dict[str, Any]:
    metadata = dict(item.get("metadata") or {})
    values = dict(metadata.get(field) or {})
    for word, value in changes.items():
        if value is None:
            values.pop(word, None)
        else:
            values[word] = value
    if values:
        metadata[field] = values
    else:
        metadata.pop(field, None)
    return {**item, "metadata": metadata}


def with_condition(item: Object, kind: str, status: str, reason: str = "") -> Dict[str, Any]:
    """A copy whose condition of this type has this status; an entry that is there keeps its place."""
    entry: Dict[str, Any] = {"type": kind, "status": status}
    if reason:
        entry["reason"] = reason
    entries = list(dig(item, "status", "conditions") or ())
    places = [place for place, found in enumerate(entries) if dig(found, "type") == kind]
    if places:
        entries[places[0]] = entry
    else:
        entries.append(entry)
    return {**item, "status": {**(item.get("status") or {}), "conditions": entries}}


def merged(item: Any, patch: Any) -> Any:
    """The object after a JSON merge patch (RFC 7386): null takes a key away, a list replaces a list."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    found = dict(item) if isinstance(item, Mapping) else {}
    for word, value in patch.items():
        if value is None:
            found.pop(word, None)
        else:
            found[word] = merged(found.get(word), value)
    return found


def listed(words: Any) -> str:
    """Words of a message in their order: "a, b and c"."""
    found = [str(word) for word in words]
    return found[0] if len(found) == 1 else "%s and %s" % (", ".join(found[:-1]), found[-1]) if found else ""
