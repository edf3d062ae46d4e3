# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the cluster's API: six verbs, retries, typed errors. This module util is private to the collection.

Objects are plain dicts. Changes are merge patches, never replacements: the kinds of Harvester have no status
subresource, so that a replacement erases status, labels and finalizers.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import Any, Callable, Dict, List, Mapping, Optional, Protocol, Sequence, Tuple
from urllib.parse import quote, urlencode

from ._api_errors import Conflict, NotServed, Reply, Unreachable, error, retryable

MERGE_PATCH = "application/merge-patch+json"
FIELD_MANAGER = "harvester.network"
# seconds between two tries of one request
RETRY_SLEEP = 2.0

Json = Dict[str, Any]


class Kind(Protocol):
    """What a request needs to know of a kind of object."""

    @property
    def group(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def plural(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def namespaced(self) -> bool: ...


class Send(Protocol):
    """One HTTP request. Raises Unreachable when there is no answer."""

    def __call__(self, method: str, path: str, body: Optional[Json], content_type: str) -> Reply: ...


class Client:
    """The API. retry_timeout: for how long a request is tried again, in seconds.

    requests: how many were sent, by verb and plural.
    """

    def __init__(
        self,
        send: Send,
        retry_timeout: float = 60,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._retry_timeout = retry_timeout
        self._sleep = sleep
        self._clock = clock
        self.requests: Counter[Tuple[str, str]] = Counter()

    def list(self, kind: Kind, namespace: str = "", labels: str = "", fields: str = "") -> List[Json]:
        """All objects of a kind (of a namespace, with a label or field selector) in one request; none when it is not
        served."""
        query = {"labelSelector": labels, "fieldSelector": fields}
        reply, _tries = self._request("GET", "list", kind, namespace, "", query)
        if reply.status == 404:
            return []
        self._raise(reply, "list", kind, namespace, "")
        # The items of a list carry neither kind nor version.
        head = {"apiVersion": _api_version(kind), "kind": kind.kind}
        return [{**head, **item} for item in reply.data().get("items") or []]

    def get(self, kind: Kind, name: str, namespace: str = "") -> Optional[Json]:
        """One object; None when there is none."""
        reply, _tries = self._request("GET", "get", kind, namespace, name)
        if reply.status == 404:
            return None
        self._raise(reply, "get", kind, namespace, name)
        return reply.data()

    def create(self, kind: Kind, body: Mapping[str, Any], dry_run: bool = False) -> Json:
        """Create an object. One that an earlier try of this call created counts, when it is what was asked for."""
        metadata = body["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace", "")
        whole = {"apiVersion": _api_version(kind), "kind": kind.kind, **body}
        reply, tries = self._request("POST", "create", kind, namespace, "", _writing(dry_run), whole)
        if reply.status == 409 and reply.reason == "AlreadyExists" and tries > 1:
            found = self.get(kind, name, namespace)
            if found is not None and contains(found, whole):
                return found
        self._raise(reply, "create", kind, namespace, name)
        return reply.data()

    def patch(
        self,
        kind: Kind,
        name: str,
        patch: Mapping[str, Any],
        namespace: str = "",
        seen: Optional[Mapping[str, Any]] = None,
        dry_run: bool = False,
    ) -> Json:
        """Merge a patch into an object.

        seen: the object that the patch was made for; a change by others since then is a Conflict that names it.
        """
        body = dict(patch)
        if seen is not None:
            version = seen["metadata"]["resourceVersion"]
            body["metadata"] = {**body.get("metadata", {}), "resourceVersion": version}
        reply, _tries = self._request("PATCH", "patch", kind, namespace, name, _writing(dry_run), body)
        if reply.status == 409 and seen is not None:
            now = self.get(kind, name, namespace)
            if now is not None and contains(now, patch):
                return now
            raise Conflict(
                "%s '%s' was changed by others meanwhile (%s); look at it and run again"
                % (resource(kind), _full(namespace, name), ", ".join(differing(seen, now or {})) or "unknown")
            )
        self._raise(reply, "patch", kind, namespace, name)
        return reply.data()

    def delete(
        self,
        kind: Kind,
        name: str,
        namespace: str = "",
        uid: str = "",
        dry_run: bool = False,
        version: str = "",
    ) -> bool:
        """Delete an object; False when it was gone already.

        uid: refuse another object of the same name. version: refuse one that was changed since this resourceVersion.
        """
        body: Json = {"apiVersion": "v1", "kind": "DeleteOptions"}
        conditions = {key: value for key, value in (("uid", uid), ("resourceVersion", version)) if value}
        if conditions:
            body["preconditions"] = conditions
        if dry_run:
            # Beside a body the API server does not look at the query.
            body["dryRun"] = ["All"]
        reply, _tries = self._request("DELETE", "delete", kind, namespace, name, None, body)
        if reply.status == 404:
            return False
        self._raise(reply, "delete", kind, namespace, name)
        return True

    def act(self, kind: Kind, name: str, namespace: str, verb: str, body: Optional[Json] = None) -> None:
        """Call a subresource that does something, as KubeVirt's "stop" of a VM.

        Aggregated APIs serve them in a group of their own, "subresources." and the group of the kind.
        """
        part = "%s/%s" % (kind.plural, verb)
        url = "/apis/subresources.%s/%s/namespaces/%s/%s/%s/%s" % (
            kind.group,
            kind.version,
            quote(namespace, safe=""),
            kind.plural,
            quote(name, safe=""),
            verb,
        )
        self.requests["update", part] += 1
        reply, _tries = self._try("PUT", url, body or {}, "application/json")
        if not 200 <= reply.status < 300:
            raise error(reply, "update", "%s.subresources.%s" % (part, kind.group), _full(namespace, name))

    def evict(self, name: str, namespace: str, uid: str) -> str:
        """Ask for the eviction of a pod: "" when it was granted or the pod is gone, else why it has to wait.

        uid: of the pod that is meant; another one of its name is left alone. Status 429 is an answer here, not a
        failure: a disruption budget or a webhook says "not now". Whoever calls asks again.
        """
        url = "/api/v1/namespaces/%s/pods/%s/eviction" % (quote(namespace, safe=""), quote(name, safe=""))
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": {"preconditions": {"uid": uid}},
        }
        self.requests["create", "pods/eviction"] += 1
        reply, _tries = self._try("POST", url, body, "application/json", patient=False)
        if reply.status == 429:
            causes = (reply.data().get("details") or {}).get("causes") or ()
            return " ".join([reply.message, *(str(cause.get("message")) for cause in causes if cause.get("message"))])
        # a conflict is about the uid: the pod that was meant is gone
        if reply.status not in (404, 409) and not 200 <= reply.status < 300:
            raise error(reply, "create", "pods/eviction", _full(namespace, name))
        return ""

    def urls(self) -> Tuple[str, ...]:
        """Where the API is, and the proxy before it, once something was asked for."""
        known = getattr(self._send, "urls", None)
        return tuple(known()) if known else ()

    def version(self) -> str:
        """The API server's version ("v1.35.0"); proof that it answers."""
        return str(self._try("GET", "/version", None, "")[0].data().get("gitVersion", ""))

    def _request(
        self,
        method: str,
        verb: str,
        kind: Kind,
        namespace: str,
        name: str,
        query: Optional[Mapping[str, str]] = None,
        body: Optional[Json] = None,
    ) -> Tuple[Reply, int]:
        """The answer, and after how many tries it came."""
        given = {key: value for key, value in (query or {}).items() if value}
        url = path(kind, namespace, name) + ("?" + urlencode(given) if given else "")
        self.requests[verb, kind.plural] += 1
        return self._try(method, url, body, MERGE_PATCH if method == "PATCH" else "application/json")

    def _try(
        self, method: str, url: str, body: Optional[Json], content_type: str, patient: bool = True
    ) -> Tuple[Reply, int]:
        """Send until there is an answer that stays. patient: whether status 429 is tried again too."""
        until = self._clock() + self._retry_timeout
        tries = 0
        while True:
            tries += 1
            lost: Optional[Unreachable] = None
            reply = Reply(0, "")
            try:
                reply = self._send(method, url, body, content_type)
            except Unreachable as failure:
                lost = failure
            if lost is None and (not retryable(reply) or (reply.status == 429 and not patient)):
                return reply, tries
            if self._clock() + RETRY_SLEEP > until:
                if lost is not None:
                    raise Unreachable("%s (tried for %d s)" % (lost, self._retry_timeout)) from lost
                return reply, tries
            self._sleep(RETRY_SLEEP)

    def _raise(self, reply: Reply, verb: str, kind: Kind, namespace: str, name: str) -> None:
        if not 200 <= reply.status < 300:
            raise error(reply, verb, resource(kind), _full(namespace, name) if name else "")


def path(kind: Kind, namespace: str = "", name: str = "") -> str:
    """The URL's path of an object, or of a list when there is no name."""
    parts = ["apis", kind.group, kind.version] if kind.group else ["api", kind.version]
    if kind.namespaced and namespace:
        parts += ["namespaces", namespace]
    parts += [kind.plural] + ([name] if name else [])
    return "/" + "/".join(quote(part, safe="") for part in parts)


def resource(kind: Kind) -> str:
    """As RBAC and kubectl name it: "vlanconfigs.network.harvesterhci.io", "nodes"."""
    return "%s.%s" % (kind.plural, kind.group) if kind.group else kind.plural


def contains(whole: Any, part: Any) -> bool:
    """Whether an object has everything that a merge patch, or a body to be created, asks for; null asks for absence."""
    if isinstance(part, Mapping):
        if not isinstance(whole, Mapping):
            return not part
        return all(
            whole.get(key) in (None, {}, []) if value is None else contains(whole.get(key), value)
            for key, value in part.items()
        )
    return bool(whole == part)


def differing(before: Mapping[str, Any], after: Mapping[str, Any], below: str = "") -> List[str]:
    """The paths that two objects differ in, without what the API server counts by itself."""
    found: List[str] = []
    for key in sorted({*before, *after}):
        where = below + key
        if where in ("metadata.resourceVersion", "metadata.managedFields", "metadata.generation"):
            continue
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differing(old, new, where + ".")
        elif old != new:
            found.append(where)
    return found


def _api_version(kind: Kind) -> str:
    return "%s/%s" % (kind.group, kind.version) if kind.group else kind.version


def _full(namespace: str, name: str) -> str:
    return "%s/%s" % (namespace, name) if namespace else name


def _writing(dry_run: bool) -> Dict[str, str]:
    query = {"fieldManager": FIELD_MANAGER}
    return {**query, "dryRun": "All"} if dry_run else query


def encoded(body: Optional[Json]) -> Optional[str]:
    """A body as it goes over the wire."""
    return None if body is None else json.dumps(body, sort_keys=True)


__all__: Sequence[str] = ("Client", "Kind", "NotServed", "Send", "contains", "differing", "path", "resource")
