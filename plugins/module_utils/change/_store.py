# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records and the Lease in the cluster's API. This module util is private to the collection.

Every write of something that was read carries its resourceVersion: who was overtaken learns it by a Conflict.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ..cluster._api_errors import Conflict
from ..cluster._client import Client
from ..cluster._kinds import BY_KEY
from . import _configmap, _lease
from ._record import ChangeError, Record

Object = Mapping[str, Any]

CONFIG_MAPS, LEASES = BY_KEY["config_maps"], BY_KEY["leases"]


class Stored(NamedTuple):
    """A record with the ConfigMap that it was read from."""

    main: Object
    record: Record


class Store:
    """The records and the Lease of one namespace."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._client = client
        self.namespace = namespace

    def records(self, state: str = "") -> List[Stored]:
        """All changes in the order in which they were opened. state: only those in this one.

        Raises ValidationError for a ConfigMap that is no record, ApiError.
        """
        labels = _configmap.CHANGE_LABEL + (",%s=%s" % (_configmap.STATE_LABEL, state) if state else "")
        mains = self._client.list(CONFIG_MAPS, self.namespace, labels)
        found = [self._stored(main) for main in mains]
        return sorted(found, key=lambda stored: (stored.record.opened, stored.record.id))

    def load(self, change_id: str) -> Stored:
        """One change. Raises ChangeError when there is none of this id."""
        main = self._client.get(CONFIG_MAPS, _configmap.name(change_id), self.namespace)
        if main is None:
            raise ChangeError(
                "there is no change '%s' in namespace '%s'; see harvester.network.change_info"
                % (change_id, self.namespace)
            )
        return self._stored(main)

    def create(self, record: Record) -> None:
        """Write a new record: its parts first."""
        main, parts = _configmap.objects(record, self.namespace)
        self._write_parts(parts)
        data = {key: text for key, text in main["data"].items() if text is not None}
        self._client.create(CONFIG_MAPS, {**main, "data": data})

    def save(self, record: Record, seen: Stored) -> None:
        """Write a record over the one that was read. Raises Conflict when another runner wrote meanwhile."""
        main, parts = _configmap.objects(record, self.namespace)
        old = _configmap.part_names(seen.main)
        self._write_parts([part for part in parts if part["metadata"]["name"] not in old])
        patch = {"metadata": {"labels": main["metadata"]["labels"]}, "data": main["data"]}
        self._client.patch(CONFIG_MAPS, main["metadata"]["name"], patch, self.namespace, seen=seen.main)
        # Also those that a runner which was killed on its way has left.
        kept = {part["metadata"]["name"] for part in parts}
        if old or kept:
            for part in self._client.list(CONFIG_MAPS, self.namespace, _part_selector(record.id)):
                if part["metadata"]["name"] not in kept:
                    self._client.delete(CONFIG_MAPS, part["metadata"]["name"], self.namespace)

    def _write_parts(self, parts: List[Dict[str, Any]]) -> None:
        for part in parts:
            try:
                self._client.create(CONFIG_MAPS, part)
            except Conflict:
                # Its name says what it holds, which is checked when it is read.
                continue

    def _stored(self, main: Object) -> Stored:
        parts = [
            self._client.get(CONFIG_MAPS, name, self.namespace) for name in dict.fromkeys(_configmap.part_names(main))
        ]
        by_name = {part["metadata"]["name"]: part for part in parts if part is not None}
        return Stored(main, _configmap.record(main, by_name))

    # --- the Lease

    def lease(self) -> Optional[Object]:
        """The Lease; None when there is none."""
        return self._client.get(LEASES, _lease.NAME, self.namespace)

    def write_lease(self, item: Optional[Object], patch: Mapping[str, Any]) -> None:
        """Create the Lease, or change the one that was read. Raises Held when another runner was faster."""
        try:
            if item is None:
                metadata = {"name": _lease.NAME, "namespace": self.namespace}
                self._client.create(LEASES, {"metadata": metadata, **patch})
            else:
                self._client.patch(LEASES, _lease.NAME, patch, self.namespace, seen=item)
        except Conflict as error:
            now = _lease.read(self.lease())
            raise _lease.Held(
                "another runner ('%s') took Lease '%s/%s' at the same moment; this one has changed nothing"
                % (now.holder or "unknown", self.namespace, _lease.NAME)
            ) from error

    def delete_lease(self, item: Object) -> None:
        """Delete the Lease as it was read; one that another runner has taken meanwhile stays."""
        metadata = item["metadata"]
        try:
            self._client.delete(
                LEASES,
                _lease.NAME,
                self.namespace,
                uid=str(metadata.get("uid") or ""),
                version=str(metadata.get("resourceVersion") or ""),
            )
        except Conflict:
            return


def _part_selector(change_id: str) -> str:
    return "%s=%s" % (_configmap.PART_LABEL, change_id)
