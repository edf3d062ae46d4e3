# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API with a cluster in memory, for tests of what is written and how it is waited for.

It stores what it is sent, fills in the defaults of the CRDs, and lets the controllers have done their part at once, or
not at all. It refuses nothing: what Harvester refuses is tested with the rules and against the lab's API.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.harvester.network.plugins.module_utils.cluster import _objects
from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply
from ansible_collections.harvester.network.plugins.module_utils.cluster._change import Change
from ansible_collections.harvester.network.plugins.module_utils.cluster._effects import after
from ansible_collections.harvester.network.plugins.module_utils.cluster._host_config import HostConfig
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS, Kind
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

WRITING = ("POST", "PATCH", "DELETE")
DEFAULTS: dict[str, dict[str, Any]] = {
    "linkAttributes": {"txQLen": -1},
    "bondOptions": {"mode": "active-backup", "miimon": -1},
}
"""Of the CRD of VlanConfig, below spec.uplink."""


DENIED = 'admission webhook "w" denied the request: Internal error occurred: %s'


class Api:
    """Answers requests.

    state: the cluster. controllers: whether they do their part. sent: (method, path, body). before_write: called once,
    right before the first request that writes. refuses: what a webhook says to anything new of a kind. finalizers:
    whether what is deleted stays until somebody takes its finalizers away.
    """

    def __init__(self, state: Snapshot, controllers: bool = True) -> None:
        self.state = state
        self.controllers = controllers
        self.sent: list[tuple[str, str, Any]] = []
        self.before_write: Callable[[], None] | None = None
        self.refuses: dict[str, str] = {}
        self.finalizers = False

    @property
    def written(self) -> list[tuple[str, str, Any]]:
        return [request for request in self.sent if request[0] in WRITING]

    def __call__(self, method: str, url: str, body: Any, content_type: str) -> Reply:
        change = self.before_write if method in WRITING else None
        if change:
            self.before_write = None
            change()
        parts = urlsplit(url)
        self.sent.append((method, parts.path, body))
        kind, namespace, name = route(parts.path, parse_qs(parts.query).get("labelSelector", [""])[0])
        if method == "GET" and not name:
            return reply({"items": [stored(item) for item in self.state.all(kind.key)]})
        found = self.state.get(kind.key, name or body["metadata"]["name"], namespace)
        if method == "POST" and kind.key in self.refuses:
            return failure(500, DENIED % self.refuses[kind.key])
        if method == "POST":
            return self._put(kind, body) if found is None else failure(409, "AlreadyExists")
        if found is None:
            return failure(404, "NotFound")
        if method == "GET":
            return reply(stored(found))
        if method == "DELETE" and self.finalizers:
            mark = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}
            self.state = self.state.put(kind.key, _objects.merged(found, mark))
            return reply({})
        if method == "DELETE":
            self._apply(Change.delete(kind.key, namespace, name))
            return reply({})
        version = body.get("metadata", {}).get("resourceVersion")
        if version is not None and version != stored(found)["metadata"]["resourceVersion"]:
            return failure(409, "Conflict")
        return self._put(kind, _objects.merged(found, body))

    def _put(self, kind: Kind, item: Mapping[str, Any]) -> Reply:
        metadata = {key: value for key, value in item["metadata"].items() if key != "resourceVersion"}
        whole = with_defaults({**item, "metadata": metadata}) if kind.key == "vlanconfigs" else item
        whole = {**whole, "metadata": metadata}
        self._apply(Change.put(kind.key, whole))
        return reply(stored(self.state.get(kind.key, whole["metadata"]["name"], metadata.get("namespace", "")) or {}))

    def _apply(self, change: Change) -> None:
        if self.controllers:
            self.state = after(self.state, change)
            if change.kind == "hostnetworkconfigs" and change.object is not None:
                self.state = self.state.put(change.kind, with_node_status(self.state, change.object))
        elif change.object is None:
            self.state = self.state.without(change.kind, change.name, change.namespace)
        else:
            self.state = self.state.put(change.kind, change.object)


def route(path: str, selector: str) -> tuple[Kind, str, str]:
    """Kind, namespace and name that a path means."""
    words = [unquote(word) for word in path.strip("/").split("/")]
    group, version, rest = ("", words[1], words[2:]) if words[0] == "api" else (words[1], words[2], words[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    for kind in KINDS:
        same = (kind.group, kind.version, kind.plural) == (group, version, rest[0])
        listed = kind.selector == selector and kind.namespace in ("", namespace)
        if same and (len(rest) > 1 or listed):
            return kind, namespace, rest[1] if len(rest) > 1 else ""
    raise AssertionError("no such kind: %s" % path)


def with_defaults(item: Mapping[str, Any]) -> dict[str, Any]:
    uplink = dict(item["spec"].get("uplink") or {})
    for part, values in DEFAULTS.items():
        if isinstance(uplink.get(part), dict):
            uplink[part] = {**values, **uplink[part]}
    return {**item, "spec": {**item["spec"], "uplink": uplink}}


def with_node_status(state: Snapshot, item: Mapping[str, Any]) -> dict[str, Any]:
    """As the agents leave it: ready on every node that it is for."""
    nodes = HostConfig.read(item).matched(state.nodes.values())
    done = {node: {"conditions": [{"type": "ready", "status": "True"}]} for node in nodes}
    return {**item, "status": {"nodeStatus": done}}


def stored(item: Mapping[str, Any]) -> dict[str, Any]:
    """As the API gives it: with a version that changes with the object."""
    version = str(zlib.crc32(json.dumps(item, sort_keys=True).encode()))
    return {**item, "metadata": {"uid": "uid-1", **item.get("metadata", {}), "resourceVersion": version}}


def reply(body: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(body))


def failure(status: int, reason: str) -> Reply:
    return Reply(status, json.dumps({"kind": "Status", "message": reason, "reason": reason, "code": status}))
