# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's links as the kernel has them: read from iproute2's JSON, one value per link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

LOOK = (
    "printf '['; ip -j -d link show; printf ','; bridge -j vlan show; "
    'printf \',"%s"]\' "$(cat /proc/sys/kernel/random/boot_id)"'
)
"""The shell line whose output `read` takes: all in one round trip."""


@dataclass(frozen=True)
class Link:
    """One link. ``kind``: ``device`` for a physical NIC (upstream's type rule), else iproute2's kind."""

    name: str
    index: int
    kind: str = "device"
    mtu: int = 1500
    mac: str = ""
    master: str = ""
    parent: str = ""
    """Of a VLAN or VXLAN device."""
    vlan: int = 0
    """Id of a VLAN device."""
    up: bool = True
    state: str = "UP"
    """``operstate``."""
    promiscuous: bool = False
    queue: int = 1000
    """``txqlen``."""
    mode: str = ""
    """Of a bond."""
    miimon: int = 0
    """Of a bond, milliseconds."""


@dataclass(frozen=True)
class Links:
    """All links of a node by name, and the VLAN ids of each bridge port (for a bridge: its own)."""

    by_name: dict[str, Link] = field(default_factory=dict)
    vids: dict[str, frozenset[int]] = field(default_factory=dict)
    boot: str = ""
    """The boot id at the time of the look."""

    def get(self, name: str) -> Link | None:
        return self.by_name.get(name)

    def index(self, name: str) -> int:
        """The link's index, 0 when there is none."""
        link = self.by_name.get(name)
        return link.index if link else 0

    def ports(self, master: str) -> list[Link]:
        """Links whose master has that name, by index."""
        return sorted((link for link in self.by_name.values() if link.master == master), key=lambda link: link.index)

    def with_link(self, link: Link) -> Links:
        return replace(self, by_name={**self.by_name, link.name: link})

    def with_vids(self, name: str, vids: frozenset[int]) -> Links:
        return replace(self, vids={**self.vids, name: vids})

    def without(self, name: str) -> Links:
        """The link gone, its ports free, VLAN devices over it gone too: as the kernel does."""
        kept = {}
        for link in self.by_name.values():
            if name not in (link.name, link.parent):
                kept[link.name] = replace(link, master="") if link.master == name else link
        vids = {key: value for key, value in self.vids.items() if key in kept and key != name}
        return replace(self, by_name=kept, vids=vids)


def read(looked: Sequence[Any]) -> Links:
    """Links from the parsed output of `LOOK`."""
    links, vlans, boot = looked
    found = [_link(item) for item in links if "ifname" in item]
    ids = {item["ifname"]: frozenset(_spread(item.get("vlans") or [])) for item in vlans or []}
    return Links({link.name: link for link in found}, ids, str(boot))


def _link(item: dict[str, Any]) -> Link:
    info = item.get("linkinfo") or {}
    data = info.get("info_data") or {}
    kind = info.get("info_kind") or ("device" if item.get("link_type") == "ether" else item.get("link_type", ""))
    return Link(
        item["ifname"],
        item["ifindex"],
        kind,
        item.get("mtu", 0),
        item.get("address", ""),
        item.get("master", ""),
        {"vlan": item.get("link", ""), "vxlan": data.get("link", "")}.get(kind, ""),
        int(data.get("id") or 0) if kind == "vlan" else 0,
        "UP" in item.get("flags", []),
        item.get("operstate", "UNKNOWN"),
        bool(item.get("promiscuity")) or "PROMISC" in item.get("flags", []),
        item.get("txqlen", 1000),
        data.get("mode", "") if kind == "bond" else "",
        int(data.get("miimon") or 0) if kind == "bond" else 0,
    )


def _spread(entries: list[dict[str, Any]]) -> set[int]:
    return {vid for entry in entries for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)}
