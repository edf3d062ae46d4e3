# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client of the Kubernetes API, by the standard library: for seed data, tests and the stand-in for Harvester.

Tests of modules use the modules' own client (kubernetes.core's); this one is for what surrounds them.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ..host import LabError

Object = dict[str, Any]
"""A Kubernetes object as JSON has it."""

JSON = "application/json"
YAML = "application/yaml"
MERGE_PATCH = "application/merge-patch+json"
TIMEOUT = 60.0
"""Seconds for one request."""
WATCH_TIMEOUT = 300.0
"""Seconds without an event; the server says something every minute (bookmarks)."""

PUT_TRIES = 5


class ApiError(LabError):
    """An answer of the API that is no success. ``status``: HTTP code; ``reason``: the API's word, such as Forbidden."""

    def __init__(self, method: str, path: str, status: int, body: bytes) -> None:
        try:
            said = json.loads(body)
        except ValueError:
            said = {"message": body.decode(errors="replace")}
        self.status = status
        self.reason = str(said.get("reason", ""))
        self.message = str(said.get("message", ""))
        super().__init__(f"{method} {path}: HTTP {status} {self.reason}: {self.message}")


@dataclass(frozen=True)
class Resource:
    """How the API serves a kind."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    has_status: bool
    """There is a status subresource: the plain endpoint ignores status."""

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        root = "/api/v1" if self.api_version == "v1" else f"/apis/{self.api_version}"
        parts = [root]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts += [self.plural]
        parts += [quote(name, safe="")] if name else []
        parts += [subresource] if subresource else []
        return "/".join(parts)


class Client:
    """One user's client. Connections are kept, one per thread; ``impersonate`` and
    ``impersonate_group`` act as another user (``--as``, ``--as-group``)."""

    def __init__(
        self,
        host: str,
        port: int,
        authority: Path,
        certificate: Path,
        key: Path,
        impersonate: str | None = None,
        impersonate_group: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._connections: list[http.client.HTTPSConnection] = []
        self.host = host
        self.port = port
        self.impersonate = impersonate
        self.impersonate_group = impersonate_group
        self.timeout = timeout
        self._tls = ssl.create_default_context(cafile=str(authority))
        self._tls.load_cert_chain(str(certificate), str(key))
        self._own = threading.local()
        self._resources: dict[tuple[str, str], Resource] = {}

    def close(self) -> None:
        """Close the connections. A later request opens new ones."""
        while self._connections:
            self._connections.pop().close()
        # one that is closed would open itself again, unknown here
        self._own = threading.local()

    __del__ = close

    # --- requests

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = JSON,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        """One request; returns the answer read as JSON, or as text when it is none.

        Raises ApiError for an answer that is no success, LabError when there is no answer.
        """
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Accept": JSON, **({"Content-Type": content_type} if data is not None else {})}
        headers |= self._impersonation()
        url = f"{path}?{urlencode(query)}" if query else path
        status, answer = self._exchange(method, url, data, headers)
        if status >= 300:
            raise ApiError(method, path, status, answer)
        try:
            return json.loads(answer)
        except ValueError:
            return answer.decode(errors="replace")

    def _exchange(self, method: str, url: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        for attempt in ("kept", "fresh"):
            connection = getattr(self._own, "connection", None)
            if connection is None:
                attempt = "fresh"
                connection = http.client.HTTPSConnection(self.host, self.port, context=self._tls, timeout=self.timeout)
                self._own.connection = connection
                self._connections.append(connection)
            try:
                connection.request(method, url, data, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                with contextlib.suppress(ValueError):  # another thread may have closed all of them
                    self._connections.remove(connection)
                self._own.connection = None
                # a kept connection may have been closed by the other end meanwhile
                if attempt == "fresh" or not isinstance(error, (ConnectionError, ssl.SSLError)):
                    raise LabError(f"{method} https://{self.host}:{self.port}{url}: {error!r}") from error
        raise AssertionError("not reached")

    def stream(self, path: str, query: Mapping[str, str]) -> Iterator[Object]:
        """The events of a watch, one by one, over a connection of its own, until the server ends it.

        Raises ApiError for an answer that is no success, LabError when the connection breaks.
        """
        url = f"{path}?{urlencode(query)}"
        headers = {"Accept": JSON, **self._impersonation()}
        connection = http.client.HTTPSConnection(self.host, self.port, context=self._tls, timeout=WATCH_TIMEOUT)
        try:
            connection.request("GET", url, headers=headers)
            answer = connection.getresponse()
            if answer.status >= 300:
                raise ApiError("GET", path, answer.status, answer.read())
            for line in answer:
                yield json.loads(line)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LabError(f"GET https://{self.host}:{self.port}{url}: {error!r}") from error
        finally:
            connection.close()

    def _impersonation(self) -> dict[str, str]:
        given = {"Impersonate-User": self.impersonate, "Impersonate-Group": self.impersonate_group}
        return {name: value for name, value in given.items() if value}

    def ready(self) -> str:
        """Empty when the API says that it is ready, else what it says."""
        try:
            said = self.request("GET", "/readyz")
        except LabError as error:
            return str(error)
        return "" if said == "ok" else str(said)

    # --- kinds

    def resource(self, api_version: str, kind: str) -> Resource:
        """How a kind is served. Raises LabError when it is not."""
        if (api_version, kind) not in self._resources:
            path = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
            served = self.request("GET", path)["resources"]
            with_status = {entry["name"].partition("/")[0] for entry in served if entry["name"].endswith("/status")}
            for entry in served:
                if "/" not in entry["name"]:
                    self._resources[(api_version, entry["kind"])] = Resource(
                        api_version, entry["kind"], entry["name"], entry["namespaced"], entry["name"] in with_status
                    )
        try:
            return self._resources[(api_version, kind)]
        except KeyError:
            raise LabError(f"{api_version} {kind} is not served by this API.") from None

    # --- objects

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object:
        found: Object = self.request("GET", self.resource(api_version, kind).path(namespace, name))
        return found

    def find(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """The object, None when there is none."""
        try:
            return self.get(api_version, kind, name, namespace)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str | None = None, **query: str) -> list[Object]:
        """All objects, or those of one namespace; ``labelSelector`` and ``fieldSelector`` as keywords."""
        found: list[Object] = self.request("GET", self.resource(api_version, kind).path(namespace), query=query)[
            "items"
        ]
        return found

    def create(self, item: Object) -> Object:
        made: Object = self.request("POST", self._path(item, named=False), item)
        return made

    def patch(
        self, api_version: str, kind: str, name: str, patch: Object, namespace: str | None = None, status: bool = False
    ) -> Object:
        """Merge patch; ``status``: of the status subresource."""
        path = self.resource(api_version, kind).path(namespace, name, "status" if status else None)
        changed: Object = self.request("PATCH", path, patch, MERGE_PATCH)
        return changed

    def delete(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> None:
        """Delete; dependents go in the background. An object that is gone already is no error."""
        try:
            self.request("DELETE", self.resource(api_version, kind).path(namespace, name))
        except ApiError as error:
            if error.status != 404:
                raise

    def put(self, items: Iterable[Object]) -> Sequence[Object]:
        """Make the objects as given, in this order: created, or replaced where they are; status too.

        An ownerReference without uid gets the uid of the owner that is there.
        """
        return [self._put(item) for item in items]

    def _put(self, item: Object) -> Object:
        """A controller that writes the object in between is no reason to fail: what is asked for is the end."""
        for _try in range(PUT_TRIES - 1):
            try:
                return self._put_once(item)
            except ApiError as error:
                if error.reason != "Conflict":
                    raise
        return self._put_once(item)

    def _put_once(self, item: Object) -> Object:
        metadata = dict(item["metadata"])
        if "ownerReferences" in metadata:
            metadata["ownerReferences"] = [self._owner(owner, metadata) for owner in metadata["ownerReferences"]]
        wanted = {**item, "metadata": metadata}
        try:
            made = self.create(wanted)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            there: Object = self.request("GET", self._path(item))
            metadata["resourceVersion"] = there["metadata"]["resourceVersion"]
            made = self.request("PUT", self._path(item), wanted)
        if "status" in item and self.resource(item["apiVersion"], item["kind"]).has_status:
            metadata["resourceVersion"] = made["metadata"]["resourceVersion"]
            made = self.request("PUT", f"{self._path(item)}/status", wanted)
        return made

    def _owner(self, owner: Object, metadata: Object) -> Object:
        if "uid" in owner:
            return owner
        there = self.get(owner["apiVersion"], owner["kind"], owner["name"], metadata.get("namespace"))
        return {**owner, "uid": there["metadata"]["uid"]}

    def _path(self, item: Object, named: bool = True) -> str:
        metadata = item["metadata"]
        name = metadata["name"] if named else None
        return self.resource(item["apiVersion"], item["kind"]).path(metadata.get("namespace"), name)
