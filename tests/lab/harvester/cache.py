# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controllers' picture of the cluster: one watch per kind; they look at the whole and wait for a change."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ..apiserver.client import ApiError
from ..host import LabError
from .client import ApiView, Expired
from .kinds import Kind
from .objects import Obj, name, namespace
from .view import Snapshot

AGAIN = 0.5
"""Seconds before a failed list or watch is tried again."""


class Cache:
    """Objects of some kinds as the API has them, a moment late."""

    def __init__(self, view: ApiView, kinds: Iterable[Kind]) -> None:
        self._view = view
        self._kinds = tuple(kinds)
        self._objects: dict[Kind, dict[tuple[str, str], Obj]] = {}
        self._floors: dict[Kind, int] = {}
        """Events up to this version are known from a list."""
        self._latest: dict[Kind, int] = {}
        """The version of the last event that a watch told."""
        self._changed = threading.Condition()
        self._count = 0
        self._ended = threading.Event()

    def start(self) -> None:
        for kind in self._kinds:
            threading.Thread(target=self._keep, args=(kind,), name=f"watch {kind.plural}", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()
        with self._changed:
            self._changed.notify_all()

    def complete(self) -> bool:
        """True once every kind was listed."""
        return len(self._objects) == len(self._kinds)

    def snapshot(self) -> tuple[Snapshot, int]:
        """All objects, and the number of changes so far."""
        with self._changed:
            found = Snapshot()
            for kind, items in self._objects.items():
                found.objects[kind] = dict(items)
            return found, self._count

    def wait(self, seen: int, timeout: float) -> int:
        """Wait until there were more changes than ``seen``, or ``timeout`` seconds; returns their number."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > seen or self._ended.is_set(), timeout)
            return self._count

    def refresh(self) -> None:
        """List everything anew, at once; watches go on behind it."""
        for kind in self._kinds:
            while not self._replace(kind, *self._view.listed(kind)):
                pass

    def _keep(self, kind: Kind) -> None:
        version = ""
        while not self._ended.is_set():
            try:
                if not version:
                    items, version = self._view.listed(kind)
                    if not self._replace(kind, items, version):
                        version = ""
                        continue
                    if not version:
                        # not served (yet)
                        self._ended.wait(5)
                        continue
                version = self._follow(kind, version)
            except Expired:
                version = ""
            except (LabError, OSError) as error:
                if isinstance(error, ApiError) and error.status == 410:
                    version = ""
                self._ended.wait(AGAIN)

    def _follow(self, kind: Kind, version: str) -> str:
        for event, obj in self._view.watch(kind, version):
            version = str(obj["metadata"]["resourceVersion"])
            if event == "BOOKMARK" or int(version) <= self._floors.get(kind, 0):
                continue
            with self._changed:
                self._latest[kind] = int(version)
                place = self._objects.setdefault(kind, {})
                if event == "DELETED":
                    place.pop((namespace(obj), name(obj)), None)
                else:
                    place[namespace(obj), name(obj)] = obj
                self._count += 1
                self._changed.notify_all()
            if self._ended.is_set():
                break
        return version

    def _replace(self, kind: Kind, items: Iterable[Obj], version: str) -> bool:
        """Take over a list; False for one that a watch has overtaken meanwhile, whose event would be lost for good."""
        with self._changed:
            if version and int(version) < self._latest.get(kind, 0):
                return False
            self._floors[kind] = int(version or 0)
            self._objects[kind] = {(namespace(item), name(item)): item for item in items}
            self._count += 1
            self._changed.notify_all()
            return True
