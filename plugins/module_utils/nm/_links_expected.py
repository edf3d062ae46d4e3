# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change may alter in the kernel; everything else is an unasked difference.

This module util is private to the collection. A node's other inhabitants (virtual machines, pods, agents, a VIP) do not
wait for a change: what only they make and remove is told apart here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, FrozenSet, Iterable, Mapping, Optional, Union

from ._links_types import INET6, Address, Link, Route, Snapshot

# Kinds of devices that virtual machines and pods make and remove at any time, and that no NetworkManager action makes.
GUEST_KINDS = frozenset(("veth", "tun", "macvtap", "macvlan", "ipvlan", "ipvtap"))
# Protocols of routes that NetworkManager itself makes from addresses and leases.
LEASE_PROTOCOLS = frozenset(("kernel", "dhcp", "ra"))
# Protocols of every route that NetworkManager makes; routing daemons and agents use their own, a plain 'ip route' boot.
OWN_PROTOCOLS = LEASE_PROTOCOLS | frozenset(("static",))
# Kinds of devices that profiles make or configure.
PROFILE_KINDS = frozenset(("ether", "bond", "bridge", "vlan"))

Words = Optional[FrozenSet[str]]


@dataclass(frozen=True)
class Expected:
    """What was asked for, by device.

    mtu: device to bytes; the value must be there afterwards.
    followers: device to bytes that its MTU may have afterwards: NetworkManager lets a VLAN whose profile names no MTU
    follow its parent, when it gets round to it.
    vlans_added, vlans_removed: device to ids; must be there (gone) afterwards.
    created, removed: devices; must be there (gone) afterwards.
    ports: devices whose controller may change, and with it MAC, MTU and state.
    addresses: devices whose addresses may change, with the routes that follow from them. A device maps to the addresses
    ("192.0.2.7/24") that may come or go, or to None: whatever NetworkManager manages (it sets 'noprefixroute' on every
    address of its own, so a VIP stays protected).
    routes: devices whose static routes may change; a device maps to destinations, or to None for any.
    bond_options, bridge_options: devices whose options may change.
    active_port: bond to the port that must be active; of other bonds the active port may change by itself.
    reactivated: bonds that were activated anew; as bond_options, and the port list's order may change.
    """

    mtu: Mapping[str, int] = field(default_factory=dict)
    followers: Mapping[str, int] = field(default_factory=dict)
    vlans_added: Mapping[str, FrozenSet[int]] = field(default_factory=dict)
    vlans_removed: Mapping[str, FrozenSet[int]] = field(default_factory=dict)
    created: FrozenSet[str] = frozenset()
    removed: FrozenSet[str] = frozenset()
    ports: FrozenSet[str] = frozenset()
    addresses: Mapping[str, Words] = field(default_factory=dict)
    routes: Mapping[str, Words] = field(default_factory=dict)
    bond_options: FrozenSet[str] = frozenset()
    bridge_options: FrozenSet[str] = frozenset()
    active_port: Mapping[str, str] = field(default_factory=dict)
    reactivated: FrozenSet[str] = frozenset()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Expected:
        """From JSON-clean data. 'addresses' and 'routes' may be lists of devices or map devices to words.

        Raises ValueError for an unknown aspect: a typing error here would hide differences.
        """
        values: Dict[str, Any] = {}
        for name, value in data.items():
            if name in ("mtu", "followers", "active_port"):
                values[name] = dict(value)
            elif name in ("vlans_added", "vlans_removed"):
                values[name] = {device: frozenset(vids) for device, vids in value.items()}
            elif name in ("addresses", "routes"):
                values[name] = _words(value)
            elif name in cls.__dataclass_fields__:
                values[name] = frozenset(value)
            else:
                raise ValueError("unknown aspect '%s' of what a change may alter" % name)
        return cls(**values)

    def concerns(self, device: str) -> bool:
        """Whether the change names the device at all."""
        return any(device in getattr(self, name) for name in self.__dataclass_fields__)

    def new_controller(self, before: Link, after: Link) -> bool:
        """Whether the device's controller may change from the one to the other."""
        return (
            before.name in self.ports
            or after.controller in self.created
            or (after.controller is None and before.controller in self.removed)
        )

    def address(self, device: str, address: Address) -> bool:
        """Whether this address may come or go on the device."""
        if device in self.created or device in self.removed:
            return True
        if address.link_local:
            return self.concerns(device)
        if device not in self.addresses:
            return False
        words = self.addresses[device]
        return address.noprefixroute if words is None else str(address) in words

    def route(self, route: Route) -> bool:
        """Whether this route may come or go."""
        return any(self._route_on(device, route) for device in route.devices)

    def _route_on(self, device: str, route: Route) -> bool:
        if device in self.created or device in self.removed:
            return True
        if route.dst.startswith("fe80:"):
            return self.concerns(device)
        if device in self.addresses and (route.protocol in LEASE_PROTOCOLS or route.dst == "default"):
            return True
        if device not in self.routes:
            return False
        words = self.routes[device]
        return route.protocol in OWN_PROTOCOLS if words is None else route.dst in words


def _words(value: Union[Iterable[str], Mapping[str, Optional[Iterable[str]]]]) -> Dict[str, Words]:
    if isinstance(value, Mapping):
        return {device: None if words is None else frozenset(words) for device, words in value.items()}
    return dict.fromkeys(value)


def guest(link: Link) -> bool:
    """A virtual machine's or pod's device that is not a port of a bridge: it comes and goes as its owner likes."""
    return link.kind in GUEST_KINDS and link.controller is None


def volatile_address(address: Address) -> bool:
    """IPv6 addresses with a lifetime come and go with router advertisements."""
    return address.family == INET6 and (address.dynamic or address.temporary)


def vip(address: Address) -> bool:
    """A single address that an agent, not NetworkManager, moves from node to node."""
    return address.prefix in (32, 128) and not address.noprefixroute


def volatile_route(route: Route, *snapshots: Snapshot) -> bool:
    """Routes of router advertisements, and routes to guests."""
    if route.protocol == "ra":
        return True
    links = [snapshot.links[name] for snapshot in snapshots for name in route.devices if name in snapshot.links]
    return bool(links) and all(guest(link) for link in links)
