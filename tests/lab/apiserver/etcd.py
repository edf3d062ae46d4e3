# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""States of the API, taken and brought back in etcd itself, below webhooks, finalizers and controllers.

An API cannot be wound back while it runs, and asking it to delete and create everything would run into the very
refusals that tests are about. So the keys that differ from the kept state are written in one transaction: for
the API and for whoever watches it these are ordinary changes at ordinary, rising revisions.

Kept out are the API's own housekeeping keys. An object that is gone comes back under a new uid, in its dependents'
ownerReferences too, as it would when somebody created it again: the garbage collector remembers the uids of owners
that are gone and would take the dependents away.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import uuid
from pathlib import Path
from typing import Any

from ..host import LabError

ROOT = b"/registry/"
HOUSEKEEPING = tuple(
    ROOT + name
    for name in (
        b"events/",
        b"leases/kube-system/apiserver-",
        b"leases/kube-node-lease/",
        b"masterleases/",
        b"peerserverleases/",
    )
)
CRDS = ROOT + b"apiextensions.k8s.io/customresourcedefinitions/"
MAX_OPERATIONS = 20000
"""Writes in one transaction; etcd is started with it."""
MAX_BYTES = 64 * 1024 * 1024
"""Size of one request to etcd; etcd is started with it."""
_PAGE = 2000
_UID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

State = dict[bytes, bytes]
"""Key -> value as etcd has them."""


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket with a path."""

    def __init__(self, path: Path) -> None:
        super().__init__("etcd", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Etcd:
    """etcd through its JSON gateway, at a socket with a path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _call(self, what: str, body: dict[str, Any]) -> Any:
        connection = _Connection(self.path)
        try:
            connection.request("POST", f"/v3/kv/{what}", json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise LabError(f"etcd at {self.path}: {what}: {error!r}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise LabError(f"etcd: {what}: HTTP {answer.status}: {said[:500].decode(errors='replace')}")
        return json.loads(said)

    def read(self) -> State:
        """Everything that the API keeps, but for housekeeping."""
        found: State = {}
        start, end = ROOT, ROOT[:-1] + bytes([ROOT[-1] + 1])
        while True:
            body = {"key": _encode(start), "range_end": _encode(end), "limit": _PAGE}
            answer = self._call("range", body)
            for pair in answer.get("kvs", []):
                found[base64.b64decode(pair["key"])] = base64.b64decode(pair.get("value", ""))
            if not answer.get("more"):
                return {key: value for key, value in found.items() if not key.startswith(HOUSEKEEPING)}
            start = max(found) + b"\0"

    def write(self, puts: State, deletes: list[bytes]) -> None:
        """All in one transaction."""
        operations: list[dict[str, Any]] = [{"request_delete_range": {"key": _encode(key)}} for key in deletes]
        operations += [{"request_put": {"key": _encode(key), "value": _encode(puts[key])}} for key in sorted(puts)]
        if operations:
            self._call("txn", {"success": operations})


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def uid(value: bytes) -> bytes | None:
    """The uid of a stored object, JSON or protobuf, None for one without."""
    if value.startswith(b"{"):
        found = json.loads(value).get("metadata", {}).get("uid")
        return found.encode() if found else None
    match = _UID.search(value)
    return match[0] if match else None


def difference(now: State, wanted: State) -> tuple[State, list[bytes], State]:
    """What to put and what to delete to come from ``now`` to ``wanted``; third, ``wanted`` with its new uids."""
    fresh: dict[bytes, bytes] = {}
    for key, value in wanted.items():
        old = uid(value)
        if old and (key not in now or uid(now[key]) != old):
            fresh[old] = str(uuid.uuid4()).encode()
    if fresh:
        pattern = re.compile(b"|".join(map(re.escape, fresh)))
        # of the same length, so what counts bytes (protobuf) stays right
        wanted = {key: pattern.sub(lambda match: fresh[match[0]], value) for key, value in wanted.items()}
    puts = {key: value for key, value in wanted.items() if now.get(key) != value}
    return puts, [key for key in now if key not in wanted], wanted


def save(state: State, path: Path) -> None:
    text = json.dumps({key.decode(): _encode(value) for key, value in sorted(state.items())})
    work = path.with_suffix(".new")
    work.write_text(text)
    work.replace(path)


def load(path: Path) -> State:
    return {key.encode(): base64.b64decode(value) for key, value in json.loads(path.read_text()).items()}
