# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule is given and what it answers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ..kinds import Kind
from ..objects import Obj
from ..versions import Version
from ..view import View
from ..writes import Write

Operation = Literal["CREATE", "UPDATE", "DELETE"]
Server = Literal["network", "harvester", "kubevirt-eviction", "kubevirt-migration"]
Patch = list[dict[str, Any]]
"""A JSON patch (RFC 6902)."""

CONTROLLERS = "system:serviceaccount:harvester-system:harvester-network-controller"
"""The user of upstream's controllers; what only they may do is refused to others (1.9)."""


class Refusal(Exception):
    """A rule says no. ``code`` and ``reason`` are those of the API's Status; ``writes``: what it does besides."""

    def __init__(
        self, message: str, code: int = 500, reason: str = "InternalError", writes: tuple[Write, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        self.writes = writes


@dataclass(frozen=True)
class Request:
    """One admission request. ``old`` is None for CREATE, ``new`` for DELETE."""

    operation: Operation
    old: Obj | None = None
    new: Obj | None = None
    user: str = "admin"

    @property
    def object(self) -> Obj:
        """The object as it would be; for DELETE as it is."""
        found = self.new if self.new is not None else self.old
        assert found is not None
        return found

    @property
    def before(self) -> Obj:
        """The object as it is; for CREATE as it would be."""
        found = self.old if self.old is not None else self.new
        assert found is not None
        return found

    @property
    def verb(self) -> str:
        return self.operation.lower()


Mutate = Callable[[Request, View, Version], Patch]
Validate = Callable[[Request, View, Version], None]
"""Raises Refusal."""


@dataclass(frozen=True)
class Webhook:
    """The rules of one upstream webhook for one kind."""

    kind: Kind
    server: Server
    validate: Validate | None = None
    validated: tuple[Operation, ...] = ()
    mutate: Mutate | None = None
    mutated: tuple[Operation, ...] = ()


def replace(path: str, value: Any) -> Patch:
    """The whole value at ``path`` anew, as upstream patches: 'add' also replaces, and works where nothing is yet."""
    return [{"op": "add", "path": path, "value": value}]


def patched(obj: Obj, patch: Patch) -> Obj:
    """The object with patches of `replace` applied; for what the next rule sees, and for tests."""
    result = copy.deepcopy(obj)
    for item in patch:
        *parents, last = item["path"].strip("/").replace("~1", "/").split("/")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = item["value"]
    return result
