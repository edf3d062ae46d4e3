# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an agent's links are: on a node VM, reached by ssh, or in memory for a Node object without VM."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ...host import LabError
from .links import LOOK, Link, Links, read
from .operations import Operation, apply

LAB_LINKS = ("oob0",)
"""Links of the lab itself, which no Harvester node has."""

Run = Callable[[str], str]
"""Runs a shell line on the node as root and gives its output. Raises LabError when it fails."""


class LinkError(LabError):
    """The node did not answer, or a command on a link failed; the message goes into the VlanStatus."""


class NodeLinks(Protocol):
    """A node's links."""

    done: list[Operation]
    """Every operation carried out so far."""

    def look(self) -> Links: ...

    def do(self, operations: Sequence[Operation]) -> None:
        """Carry the operations out in order. Raises LinkError at the first that fails."""


class RealLinks:
    """The links of a node VM."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen: Links | None = None
        self.done: list[Operation] = []

    def look(self) -> Links:
        """A look serves until `do` or `forget`: one round trip takes a tenth of a second on the lab."""
        if self._seen is None:
            found = read(json.loads(self._said(LOOK)))
            kept = {key: link for key, link in found.by_name.items() if key not in LAB_LINKS}
            self._seen = replace(found, by_name=kept)
        return self._seen

    def forget(self) -> None:
        """Look anew next time."""
        self._seen = None

    def do(self, operations: Sequence[Operation]) -> None:
        if not operations:
            return
        self._seen = None
        self._said(" && ".join(shlex.join(operation.argv()) for operation in operations))
        self.done += operations

    def _said(self, line: str) -> str:
        try:
            return self._run(line)
        except LabError as error:
            raise LinkError(str(error)) from error


class PlayedLinks:
    """Links in memory."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self.done: list[Operation] = []

    def look(self) -> Links:
        return self._links

    def forget(self) -> None:
        """Nothing to look at."""

    def do(self, operations: Sequence[Operation]) -> None:
        self._links = apply(self._links, operations)
        self.done += operations


def played(nics: Sequence[str] = ("eno1", "eno2", "eno3", "eno4"), mgmt: int = 2, number: int = 1) -> Links:
    """Links of a Harvester node as installed, the first ``mgmt`` NICs in the management bond."""
    mac = f"52:54:00:0a:{number & 255:02x}:"
    links = [Link(nic, index, mac=f"{mac}{index:02x}") for index, nic in enumerate(nics, start=2)]
    first = len(nics) + 2
    links = [replace(link, master="mgmt-bo") if place < mgmt else link for place, link in enumerate(links)]
    links += [
        Link("mgmt-bo", first, "bond", mac=links[0].mac, master="mgmt-br", mode="active-backup", miimon=100),
        Link("mgmt-br", first + 1, "bridge", mac=links[0].mac, promiscuous=True),
    ]
    return Links({link.name: link for link in links}, {"mgmt-bo": frozenset({1}), "mgmt-br": frozenset({1})})
