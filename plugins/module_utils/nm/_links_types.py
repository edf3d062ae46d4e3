# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's links, addresses, routes and VLAN tables as typed values.

This module util is private to the collection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

INET = "inet"
INET6 = "inet6"

Seconds = Union[int, float]


class Address(NamedTuple):
    """One address of a device. Lifetimes are left out: they count down by themselves.

    scope: global, link or host. metric: of the prefix route, 0 for the kernel's choice. protocol: who made it
    (kernel_ll, kernel_ra, kernel_lo), empty when the kernel does not say.
    dynamic: it has a lifetime (DHCP, router advertisement).
    """

    address: str
    prefix: int
    family: str = INET
    scope: str = "global"
    label: str = ""
    peer: str = ""
    broadcast: str = ""
    dynamic: bool = False
    noprefixroute: bool = False
    temporary: bool = False
    metric: int = 0
    protocol: str = ""

    def __str__(self) -> str:
        return "%s/%d" % (self.address, self.prefix)

    @property
    def link_local(self) -> bool:
        """An fe80:: address that the kernel makes by itself."""
        return self.family == INET6 and self.scope == "link"


class NextHop(NamedTuple):
    """One way of a route: device and gateway, either may be empty."""

    dev: str = ""
    gateway: str = ""
    weight: int = 1
    onlink: bool = False


class Route(NamedTuple):
    """One route outside the table 'local'.

    dst: destination in CIDR form, "default", or a bare address for a host route. type: unicast, blackhole, ...
    metric: 0 when the kernel shows none. mtu: locked path MTU in bytes, 0 for none.
    hops: the ways of a multipath route; empty for a route with one way.
    """

    dst: str
    dev: str = ""
    gateway: str = ""
    protocol: str = "boot"
    metric: int = 0
    table: str = "main"
    scope: str = "global"
    src: str = ""
    family: str = INET
    type: str = "unicast"
    mtu: int = 0
    onlink: bool = False
    hops: Tuple[NextHop, ...] = ()

    def __str__(self) -> str:
        words = [self.dst] if self.type == "unicast" else [self.type, self.dst]
        for hop in self.hops or (NextHop(self.dev, self.gateway),):
            words += ["via", hop.gateway] if hop.gateway else []
            words += ["dev", hop.dev] if hop.dev else []
        words += ["metric", str(self.metric)] if self.metric else []
        words += ["table", self.table] if self.table != "main" else []
        return " ".join(words)

    @property
    def devices(self) -> Tuple[str, ...]:
        """Every device that the route uses."""
        return tuple(hop.dev for hop in self.hops) if self.hops else ((self.dev,) if self.dev else ())


class VlanEntry(NamedTuple):
    """One VLAN id of a bridge port, or of the bridge itself."""

    vid: int
    pvid: bool = False
    untagged: bool = False

    def __str__(self) -> str:
        return "%d%s%s" % (self.vid, " pvid" if self.pvid else "", " untagged" if self.untagged else "")


@dataclass(frozen=True)
class BondState:
    """A bond. ``options`` holds the files of /sys/class/net/<bond>/bonding as they read ("active-backup 1").

    aggregator, partner_mac: of the active aggregator, None outside 802.3ad. ports: in the kernel's order.
    """

    mode: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    mii_status: str = ""
    active_port: Optional[str] = None
    aggregator: Optional[int] = None
    partner_mac: Optional[str] = None
    ports: Tuple[str, ...] = ()


class BondPortState(NamedTuple):
    """A NIC as a port of a bond. state: active or backup. mii_status: up or down. aggregator: None outside 802.3ad."""

    state: str = ""
    mii_status: str = ""
    link_failures: int = 0
    queue: int = 0
    aggregator: Optional[int] = None


class BridgeState(NamedTuple):
    """A bridge. Times in seconds."""

    stp: bool = False
    forward_delay: Seconds = 15
    hello_time: Seconds = 2
    max_age: Seconds = 20
    ageing_time: Seconds = 300
    priority: int = 32768
    multicast_snooping: bool = True
    vlan_filtering: bool = False
    vlan_default_pvid: int = 1


class BridgePortState(NamedTuple):
    """A device as a port of a bridge. state: forwarding, blocking, disabled, listening or learning."""

    state: str = ""
    path_cost: int = 0
    priority: int = 32


class Link(NamedTuple):
    """One network device.

    kind: ether, bond, bridge, vlan, veth, vxlan, dummy, tun, ..., loopback. mtu in bytes. operstate: in lower case.
    controller: the bond, bridge or VRF that it is a port of. parent: the device that a VLAN, VXLAN or macvlan lies on.
    peer: the other end of a veth when it is in this network namespace; peer_netns: id of the namespace of the
    other end otherwise. permanent_mac: of the hardware, also while a bond lends another one; None where there is none.
    up: set up by the administrator, whatever the carrier.
    """

    name: str
    ifindex: int
    kind: str
    mtu: int
    operstate: str = "unknown"
    mac: str = ""
    up: bool = False
    controller: Optional[str] = None
    parent: Optional[str] = None
    vlan_id: Optional[int] = None
    peer: Optional[str] = None
    peer_netns: Optional[int] = None
    permanent_mac: Optional[str] = None
    addresses: Tuple[Address, ...] = ()
    bond: Optional[BondState] = None
    port: Optional[BondPortState] = None
    bridge: Optional[BridgeState] = None
    bridge_port: Optional[BridgePortState] = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Link:
        """The inverse of to_dict()."""
        values = dict(data)
        values["addresses"] = tuple(Address(**item) for item in data.get("addresses", ()))
        if "bond" in data:
            values["bond"] = BondState(**dict(data["bond"], ports=tuple(data["bond"].get("ports", ()))))
        for name, kind in (("port", BondPortState), ("bridge", BridgeState), ("bridge_port", BridgePortState)):
            if name in data:
                values[name] = kind(**data[name])
        return cls(**values)


VlanTable = Tuple[VlanEntry, ...]


@dataclass(frozen=True)
class Snapshot:
    """What the kernel has at one moment.

    links: by name. vlans: VLAN table by device, of bridge ports and of bridges themselves, ids ascending.
    routes: all tables but 'local'. boot_id: changes with every boot.
    """

    links: Mapping[str, Link] = field(default_factory=dict)
    vlans: Mapping[str, VlanTable] = field(default_factory=dict)
    routes: Tuple[Route, ...] = ()
    boot_id: str = ""

    def to_dict(self) -> Dict[str, Any]:
        """JSON-clean and without loss; a value that equals its default is left out, VLAN ids are joined to spans."""
        return {
            "links": [plain(link) for link in self.links.values()],
            "vlans": {device: spans(table) for device, table in self.vlans.items()},
            "routes": [plain(route) for route in self.routes],
            "boot_id": self.boot_id,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Snapshot:
        """The inverse of to_dict()."""
        links = [Link.from_dict(item) for item in data["links"]]
        return cls(
            links={link.name: link for link in links},
            vlans={device: _entries(table) for device, table in data["vlans"].items()},
            routes=tuple(
                Route(**dict(item, hops=tuple(NextHop(**hop) for hop in item.get("hops", ()))))
                for item in data["routes"]
            ),
            boot_id=data["boot_id"],
        )

    def ports(self, controller: str) -> Tuple[str, ...]:
        """Names of the devices that are ports of a bond or bridge, sorted."""
        return tuple(sorted(link.name for link in self.links.values() if link.controller == controller))


def plain(value: Any) -> Any:
    """A typed value as JSON-clean data; fields that equal their default are left out."""
    if isinstance(value, BondState):
        start = BondState()
        return {name: plain(content) for name, content in vars(value).items() if content != getattr(start, name)}
    if hasattr(value, "_field_defaults"):
        return {
            name: plain(content)
            for name, content in zip(value._fields, value)
            if name not in value._field_defaults or content != value._field_defaults[name]
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return value


def spans(table: VlanTable) -> List[str]:
    """A VLAN table as words: "1 pvid untagged", "2100-2110"."""
    found: List[List[Any]] = []
    for entry in table:
        if found and found[-1][1] == entry.vid - 1 and found[-1][2:] == [entry.pvid, entry.untagged]:
            found[-1][1] = entry.vid
        else:
            found.append([entry.vid, entry.vid, entry.pvid, entry.untagged])
    return [
        "%s%s%s"
        % (
            first if first == last else "%d-%d" % (first, last),
            " pvid" if pvid else "",
            " untagged" if untagged else "",
        )
        for first, last, pvid, untagged in found
    ]


def _entries(table: List[str]) -> VlanTable:
    found = []
    for item in table:
        span, *flags = item.split()
        first, _dash, last = span.partition("-")
        for vid in range(int(first), int(last or first) + 1):
            found.append(VlanEntry(vid, "pvid" in flags, "untagged" in flags))
    return tuple(found)
