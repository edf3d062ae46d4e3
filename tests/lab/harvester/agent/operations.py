# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent does to links: each operation as a command for a node, and as its effect on links in memory.

The same plan so drives a node VM and a played node, which has links in memory only; and a test can hold that a plan
carried out leaves nothing to do.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .links import Link, Links


@dataclass(frozen=True)
class AddBond:
    """A new bond. None, 0 and -1 leave the kernel's value, as upstream's netlink library does."""

    name: str
    mode: str
    miimon: int | None
    mtu: int = 0
    queue: int = -1
    mac: str = ""

    def argv(self) -> list[str]:
        words = ["ip", "link", "add", "name", self.name]
        words += ["mtu", str(self.mtu)] if self.mtu else []
        words += ["txqueuelen", str(self.queue)] if self.queue >= 0 else []
        words += ["address", self.mac] if self.mac else []
        words += ["type", "bond", "mode", self.mode]
        return words + (["miimon", str(self.miimon)] if self.miimon is not None and self.miimon >= 0 else [])

    def apply(self, links: Links) -> Links:
        mac = self.mac or _played_mac(self.name)
        queue = self.queue if self.queue >= 0 else 1000
        miimon = max(self.miimon or 0, 0)
        return links.with_link(
            Link(
                self.name,
                _next_index(links),
                "bond",
                self.mtu or 1500,
                mac,
                up=False,
                state="DOWN",
                queue=queue,
                mode=self.mode,
                miimon=miimon,
            )
        )


@dataclass(frozen=True)
class AddBridge:
    """A new bridge with VLAN filtering; no MTU of its own (3.2)."""

    name: str

    def argv(self) -> list[str]:
        return ["ip", "link", "add", "name", self.name, "type", "bridge", "vlan_filtering", "1"]

    def apply(self, links: Links) -> Links:
        bridge = Link(self.name, _next_index(links), "bridge", 1500, _played_mac(self.name), up=False, state="DOWN")
        return links.with_link(bridge).with_vids(self.name, frozenset({1}))


@dataclass(frozen=True)
class AddVlan:
    """A VLAN device ``<parent>.<id>``."""

    parent: str
    vlan: int

    @property
    def name(self) -> str:
        return f"{self.parent}.{self.vlan}"

    def argv(self) -> list[str]:
        return ["ip", "link", "add", "link", self.parent, "name", self.name, "type", "vlan", "id", str(self.vlan)]

    def apply(self, links: Links) -> Links:
        parent = links.by_name[self.parent]
        device = Link(self.name, _next_index(links), "vlan", parent.mtu, parent.mac, parent=self.parent, vlan=self.vlan)
        return links.with_link(replace(device, up=False, state="DOWN"))


@dataclass(frozen=True)
class Delete:
    """A link goes."""

    name: str

    def argv(self) -> list[str]:
        return ["ip", "link", "del", "dev", self.name]

    def apply(self, links: Links) -> Links:
        return links.without(self.name)


@dataclass(frozen=True)
class SetMaster:
    """A link becomes a port; '' releases it."""

    name: str
    master: str

    def argv(self) -> list[str]:
        last = ["master", self.master] if self.master else ["nomaster"]
        return ["ip", "link", "set", "dev", self.name, *last]

    def apply(self, links: Links) -> Links:
        link, master = links.by_name[self.name], links.get(self.master)
        found = links.with_link(replace(link, master=self.master))
        if master and master.kind == "bond":
            found = found.with_link(replace(found.by_name[self.name], mtu=master.mtu))
        if master and master.kind == "bridge":
            found = found.with_vids(self.name, frozenset({1}))
            mtu = min(port.mtu for port in found.ports(self.master))
            found = found.with_link(replace(found.by_name[self.master], mtu=mtu))
        if not self.master:
            found = replace(found, vids={key: value for key, value in found.vids.items() if key != self.name})
        return found


@dataclass(frozen=True)
class SetUp:
    """A link up or down."""

    name: str
    up: bool = True

    def argv(self) -> list[str]:
        return ["ip", "link", "set", "dev", self.name, "up" if self.up else "down"]

    def apply(self, links: Links) -> Links:
        return links.with_link(replace(links.by_name[self.name], up=self.up, state="UP" if self.up else "DOWN"))


@dataclass(frozen=True)
class SetPromiscuous:
    """A bridge takes every frame."""

    name: str

    def argv(self) -> list[str]:
        return ["ip", "link", "set", "dev", self.name, "promisc", "on"]

    def apply(self, links: Links) -> Links:
        return links.with_link(replace(links.by_name[self.name], promiscuous=True))


@dataclass(frozen=True)
class SetVid:
    """A VLAN id added to a bridge port or taken from it; ``own``: of the bridge itself."""

    name: str
    vid: int
    there: bool = True
    own: bool = False

    def argv(self) -> list[str]:
        words = ["bridge", "vlan", "add" if self.there else "del", "vid", str(self.vid), "dev", self.name]
        return [*words, "self"] if self.own else words

    def apply(self, links: Links) -> Links:
        before = links.vids.get(self.name, frozenset())
        return links.with_vids(self.name, before | {self.vid} if self.there else before - {self.vid})


@dataclass(frozen=True)
class SetAddress:
    """An address with prefix on a link; no effect on links in memory."""

    name: str
    address: str

    def argv(self) -> list[str]:
        return ["ip", "address", "replace", self.address, "dev", self.name]

    def apply(self, links: Links) -> Links:
        return links


Operation = AddBond | AddBridge | AddVlan | Delete | SetMaster | SetUp | SetPromiscuous | SetVid | SetAddress


def apply(links: Links, operations: Iterable[Operation]) -> Links:
    """The links after the operations, as far as a played node needs."""
    for operation in operations:
        links = operation.apply(links)
    return links


def _next_index(links: Links) -> int:
    return max((link.index for link in links.by_name.values()), default=0) + 1


def _played_mac(name: str) -> str:
    number = zlib.crc32(name.encode())
    return "02:00:" + ":".join(f"{number >> shift & 255:02x}" for shift in (24, 16, 8, 0))
