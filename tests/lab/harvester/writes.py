# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What controllers want written, as values: carried out against the API, or on objects in memory by tests."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .kinds import POD, Kind
from .objects import Obj, name, namespace
from .view import Snapshot, get

DELETED = "2026-01-01T00:00:00Z"
"""The time of every deletion in memory."""


@dataclass(frozen=True)
class Create:
    kind: Kind
    obj: Obj


@dataclass(frozen=True)
class Patch:
    """A merge patch (RFC 7386). ``version``: refused by the API when the object has changed since."""

    kind: Kind
    name: str
    patch: Obj
    namespace: str = ""
    version: str = ""
    status: bool = False
    """Through the status subresource where the kind has one."""


@dataclass(frozen=True)
class Delete:
    """``grace``: seconds that a pod gets; None: its own (``terminationGracePeriodSeconds``)."""

    kind: Kind
    name: str
    namespace: str = ""
    grace: int | None = None


Write = Create | Patch | Delete


def patch(kind: Kind, obj: Obj, wanted: Obj, status: bool = False) -> Patch:
    """A patch of an object that was read: only as long as it is still that one."""
    version = str(obj["metadata"].get("resourceVersion") or "")
    return Patch(kind, name(obj), wanted, namespace(obj), version, status)


def merged(target: Any, wanted: Any) -> Any:
    """The merge patch ``wanted`` applied to ``target``."""
    if not isinstance(wanted, dict):
        return copy.deepcopy(wanted)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in wanted.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def apply(snapshot: Snapshot, writes: Iterable[Write]) -> None:
    """The writes on objects in memory, as the API would take them: finalizers and a pod's grace put a deletion off."""
    for write in writes:
        if isinstance(write, Create):
            made = {"apiVersion": write.kind.api_version, "kind": write.kind.kind, **copy.deepcopy(write.obj)}
            made["metadata"].setdefault("uid", str(uuid.uuid4()))
            snapshot.put(write.kind, made)
            continue
        there = get(snapshot, write.kind, write.name, write.namespace)
        if there is None:
            continue
        if isinstance(write, Delete):
            waits = write.kind == POD and write.grace != 0 and (there.get("spec") or {}).get("nodeName")
            if waits or there["metadata"].get("finalizers"):
                snapshot.put(write.kind, merged(there, {"metadata": {"deletionTimestamp": DELETED}}))
            else:
                snapshot.remove(write.kind, write.name, write.namespace)
            continue
        result = merged(there, write.patch)
        metadata = result["metadata"]
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers") and write.kind != POD:
            snapshot.remove(write.kind, write.name, write.namespace)
        else:
            snapshot.put(write.kind, result)
