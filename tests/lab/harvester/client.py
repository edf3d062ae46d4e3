# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's view of the API: fresh lists for webhooks, watches for controllers, writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..apiserver.client import MERGE_PATCH, ApiError, Client
from ..host import LabError
from .kinds import Kind
from .objects import Obj
from .writes import Create, Delete, Patch, Write

NOT_FOUND, CONFLICT, GONE = 404, 409, 410
PAGE = 500
MANAGER = {"fieldManager": "harvester-network-controller"}
"""As upstream's controllers stand in managedFields."""
WATCH_SECONDS = 240
"""How long the API server keeps one watch open."""


class ApiView:
    """A `View` of the API: each list is a fresh one, so that no rule sees less than what was accepted before."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def list(self, kind: Kind) -> list[Obj]:
        return [*self.listed(kind)[0]]

    def listed(self, kind: Kind) -> tuple[Sequence[Obj], str]:
        """All objects of a kind and the list's resource version; none and '' where the kind is not served."""
        items = []
        query = {"limit": str(PAGE)}
        while True:
            try:
                answer = self.client.request("GET", kind.path(), query=query)
            except ApiError as error:
                if error.status == NOT_FOUND:
                    return [], ""
                raise
            # a list names apiVersion and kind once, not in its items
            items += [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in answer["items"]]
            metadata = answer.get("metadata") or {}
            if not metadata.get("continue"):
                return items, str(metadata.get("resourceVersion") or "")
            query["continue"] = metadata["continue"]

    def serves(self, kind: Kind) -> bool:
        path = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
        try:
            served = self.client.request("GET", path)
        except ApiError as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return any(item["name"] == kind.plural for item in served["resources"])

    def write(self, writes: Iterable[Write], note: Callable[[str], None]) -> bool:
        """Carry the writes out; True when all were taken. ``note`` is told what the API refused.

        What changed meanwhile is no refusal: the next look at the cluster finds what is to be done then.
        """
        taken = True
        for item in writes:
            try:
                self._write(item)
            except ApiError as error:
                gone = error.status == NOT_FOUND and isinstance(item, Delete)
                taken &= gone
                if error.status not in (NOT_FOUND, CONFLICT):
                    note(str(error))
        return taken

    def _write(self, item: Write) -> None:
        if isinstance(item, Create):
            obj = {"apiVersion": item.kind.api_version, "kind": item.kind.kind, **item.obj}
            place = str(obj["metadata"].get("namespace") or "")
            self.client.request("POST", item.kind.path(place), obj, query=MANAGER)
        elif isinstance(item, Delete):
            query = {} if item.grace is None else {"gracePeriodSeconds": str(item.grace)}
            self.client.request("DELETE", item.kind.path(item.namespace, item.name), query=query)
        else:
            self._patch(item)

    def _patch(self, item: Patch) -> None:
        body: dict[str, Any] = dict(item.patch)
        if item.version:
            body["metadata"] = {**(body.get("metadata") or {}), "resourceVersion": item.version}
        path = item.kind.path(item.namespace, item.name)
        if item.status:
            try:
                self.client.request("PATCH", f"{path}/status", body, MERGE_PATCH, MANAGER)
                return
            except ApiError as error:
                if error.status != NOT_FOUND:
                    raise
        self.client.request("PATCH", path, body, MERGE_PATCH, MANAGER)

    def watch(self, kind: Kind, version: str) -> Iterator[tuple[str, Obj]]:
        """Changes of a kind after ``version`` (type and object), until the server ends the watch.

        Raises Expired when the server no longer knows that version: list again.
        """
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        for event in self.client.stream(kind.path(), query):
            if event["type"] == "ERROR":
                raise Expired(str(event["object"].get("message", "")))
            yield event["type"], event["object"]


class Expired(LabError):
    """A watch cannot go on where it was."""


def wait_served(view: ApiView, kinds: Iterable[Kind], timeout: float = 60.0) -> None:
    """Wait until the API has the kinds. Raises LabError after ``timeout`` seconds."""
    end = time.monotonic() + timeout
    for kind in kinds:
        while not view.serves(kind):
            if time.monotonic() > end:
                raise LabError(f"{kind.plural}.{kind.group} is not served after {timeout:.0f} s: are the CRDs there?")
            time.sleep(0.2)
