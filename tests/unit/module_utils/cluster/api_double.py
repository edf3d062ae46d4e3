# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster's API for reading: objects in memory, RBAC, kinds that are not served; in the process or over HTTP.

For tests of what is asked and of what is made of the answers. What the real API does is tested against the lab's.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from ansible_collections.harvester.network.plugins.module_utils.cluster._api_errors import Reply
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY

Rule = Mapping[str, Any]
"""A rule of a ClusterRole, or one of a Role with the key ``namespace`` besides."""


class Asked(NamedTuple):
    """One request. name: empty for a list."""

    group: str
    plural: str
    namespace: str
    name: str

    @property
    def verb(self) -> str:
        return "get" if self.name else "list"

    @property
    def resource(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural


def asked(path: str) -> Asked:
    parts = [unquote(part) for part in path.strip("/").split("/")]
    group = "" if parts[0] == "api" else parts[1]
    rest = parts[2 if parts[0] == "api" else 3 :]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    return Asked(group, rest[0], namespace, rest[1] if len(rest) > 1 else "")


def allowed(rules: Iterable[Rule], what: Asked) -> bool:
    """As RBAC judges: one rule that has group, resource and verb, and the name where it names any."""
    return any(
        what.group in rule["apiGroups"]
        and what.plural in rule["resources"]
        and what.verb in rule["verbs"]
        and rule.get("namespace") in (None, what.namespace)
        and (not rule.get("resourceNames") or what.name in rule["resourceNames"])
        for rule in rules
    )


class Api:
    """Answers requests for objects.

    items: objects by kind, keys of _kinds.BY_KEY. rules: what the account may do; everything when None. not_served:
    plurals that the cluster does not know. requests: how many came, by verb and resource. credentials: what was shown
    over HTTP.
    """

    def __init__(
        self,
        items: Mapping[str, Iterable[Mapping[str, Any]]],
        rules: Sequence[Rule] | None = None,
        not_served: Iterable[str] = (),
    ) -> None:
        self._found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for key, found in items.items():
            self._found.setdefault((BY_KEY[key].group, BY_KEY[key].plural), []).extend(found)
        self._rules = rules
        self._not_served = frozenset(not_served)
        self.requests: Counter[tuple[str, str]] = Counter()
        self.credentials: set[str] = set()

    def __call__(self, method: str, path: str, body: Any = None, content_type: str = "") -> Reply:
        split = urlsplit(path)
        if split.path == "/version":
            return Reply(200, json.dumps({"gitVersion": "v1.35.0", "major": "1", "minor": "35"}))
        if split.path in ("/api", "/apis"):
            return Reply(200, json.dumps({"kind": "APIGroupList", "groups": [], "versions": ["v1"]}))
        assert method == "GET", method
        what = asked(split.path)
        self.requests[what.verb, what.resource] += 1
        if what.plural in self._not_served:
            return Reply(404, "404 page not found\n")
        if self._rules is not None and not allowed(self._rules, what):
            text = (
                f'{what.resource} is forbidden: User "tester" cannot {what.verb} resource "{what.plural}" in API group'
                f' "{what.group}" at the cluster scope'
            )
            return _status(403, "Forbidden", text)
        here = [item for item in self._found.get((what.group, what.plural), ()) if _in(item, what.namespace)]
        if what.name:
            named = [item for item in here if item["metadata"]["name"] == what.name]
            return Reply(200, json.dumps(named[0])) if named else _status(404, "NotFound", "not found")
        selector = parse_qs(split.query).get("labelSelector", [""])[0]
        # The items of a list carry neither kind nor version.
        kept = [
            {word: value for word, value in item.items() if word not in ("kind", "apiVersion")}
            for item in here
            if _selected(item, selector)
        ]
        return Reply(200, json.dumps({"items": kept}))


@contextlib.contextmanager
def serving(api: Api) -> Iterator[str]:
    """The URL at which the API answers over HTTP while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.credentials.add(self.headers.get("Authorization", ""))
            reply = api("GET", self.path)
            data = reply.text.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Nothing: the output is the tests'."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _status(code: int, reason: str, message: str) -> Reply:
    return Reply(code, json.dumps({"kind": "Status", "code": code, "reason": reason, "message": message}))


def _in(item: Mapping[str, Any], namespace: str) -> bool:
    return not namespace or item["metadata"].get("namespace") == namespace


def _selected(item: Mapping[str, Any], selector: str) -> bool:
    """Labels have these values; a word alone asks for a label with any value."""
    labels = item["metadata"].get("labels", {})
    wanted = [part.partition("=") for part in selector.split(",") if part]
    return all(word in labels and (not equals or labels[word] == value) for word, equals, value in wanted)
