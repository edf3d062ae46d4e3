# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules and controllers see of a cluster: lists of objects, from the API or from memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .kinds import Kind
from .objects import Obj, name, namespace


class View(Protocol):
    """A read view of a cluster."""

    def list(self, kind: Kind) -> list[Obj]:
        """All objects of a kind; none where the kind is not served."""

    def serves(self, kind: Kind) -> bool:
        """True when the API has the kind."""


class Snapshot:
    """Objects in memory, by kind and name. A kind without an entry is not served."""

    def __init__(self, objects: dict[Kind, Iterable[Obj]] | None = None) -> None:
        self.objects: dict[Kind, dict[tuple[str, str], Obj]] = {}
        for kind, items in (objects or {}).items():
            self.objects[kind] = {}
            for item in items:
                self.put(kind, item)

    def put(self, kind: Kind, obj: Obj) -> None:
        self.objects.setdefault(kind, {})[namespace(obj), name(obj)] = obj

    def remove(self, kind: Kind, object_name: str, object_namespace: str = "") -> None:
        self.objects.get(kind, {}).pop((object_namespace, object_name), None)

    def list(self, kind: Kind) -> list[Obj]:
        return list(self.objects.get(kind, {}).values())

    def serves(self, kind: Kind) -> bool:
        return kind in self.objects


class OneLook:
    """A view that lists each kind at most once: every rule of one review sees the same cluster."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._lists: dict[Kind, list[Obj]] = {}

    def list(self, kind: Kind) -> list[Obj]:
        if kind not in self._lists:
            self._lists[kind] = self._view.list(kind)
        return self._lists[kind]

    def serves(self, kind: Kind) -> bool:
        return self._view.serves(kind)


def get(view: View, kind: Kind, object_name: str, object_namespace: str = "") -> Obj | None:
    """One object, None when it is not there."""
    for obj in view.list(kind):
        if name(obj) == object_name and namespace(obj) == object_namespace:
            return obj
    return None
