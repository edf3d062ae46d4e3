# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's kernel as typed values: Harvester's five devices and everything that lives beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondPortState,
    BondState,
    BridgePortState,
    BridgeState,
    Link,
    Route,
    Snapshot,
    VlanEntry,
)

PVID = VlanEntry(1, True, True)
ON_BRIDGE = BridgePortState("forwarding", 100, 32)
MANAGED = Address("10.217.0.11", 24, broadcast="10.217.0.255", noprefixroute=True)
VIP = Address("10.217.0.201", 32)
HOST_NETWORK = Address("10.30.0.1", 24)
ADDRESSED = "mgmt-br.2017"
SUBNET = Route("10.217.0.0/24", ADDRESSED, protocol="kernel", scope="link", src="10.217.0.11", metric=400)
DEFAULT = Route("default", ADDRESSED, "10.217.0.1", protocol="static", metric=400)
FOREIGN = Route("198.51.100.0/24", ADDRESSED, "10.217.0.9", protocol="boot")
HOST_NETWORK_ROUTE = Route("10.30.0.0/24", "mgmt-br.2030", protocol="kernel", scope="link", src="10.30.0.1")


def table(*vids: int) -> tuple[VlanEntry, ...]:
    """A trunk's VLAN table: 1 pvid untagged, and the ids tagged."""
    return (PVID, *(VlanEntry(vid) for vid in vids))


def node() -> Snapshot:
    """A node as the lab has it, with an agent's id, a VM, a HostNetworkConfig, a VIP, a foreign route and flannel."""
    bond = BondState(
        "active-backup",
        {"mode": "active-backup 1", "miimon": "100", "fail_over_mac": "none 0"},
        "up",
        "eno1",
        ports=("eno1", "eno2"),
    )
    bridge = BridgeState(stp=False, forward_delay=0, vlan_filtering=True)
    up, mac = "up", "52:54:00:00:00:11"
    links = (
        Link("lo", 1, "loopback", 65536, "unknown", up=True, addresses=(Address("127.0.0.1", 8, scope="host"),)),
        Link("eno1", 2, "ether", 1500, up, mac, True, "mgmt-bo", port=BondPortState("active", "up")),
        Link("eno2", 3, "ether", 1500, up, mac, True, "mgmt-bo", port=BondPortState("backup", "up")),
        Link("eno3", 4, "ether", 1500, up, "52:54:00:00:00:13", True),
        Link("mgmt-bo", 6, "bond", 1500, up, mac, True, "mgmt-br", bond=bond, bridge_port=ON_BRIDGE),
        Link("mgmt-br", 7, "bridge", 1500, up, mac, True, bridge=bridge),
        Link(ADDRESSED, 8, "vlan", 1500, up, mac, True, None, "mgmt-br", 2017, addresses=(MANAGED, VIP)),
        Link("mgmt-br.2030", 9, "vlan", 1500, up, mac, True, None, "mgmt-br", 2030, addresses=(HOST_NETWORK,)),
        Link("vm1", 10, "veth", 1500, up, "fe:00:00:00:00:01", True, "mgmt-br", peer_netns=0, bridge_port=ON_BRIDGE),
        Link("cali1", 11, "veth", 1450, up, "ee:ee:ee:ee:ee:ee", True, peer_netns=1),
        Link("flannel.1", 12, "vxlan", 1450, "unknown", "0a:00:00:00:00:01", True, None, ADDRESSED),
    )
    return Snapshot(
        {link.name: link for link in links},
        {"mgmt-bo": table(100, 2017, 2030), "mgmt-br": table(2017, 2030), "vm1": (VlanEntry(100, True, True),)},
        (DEFAULT, SUBNET, FOREIGN, HOST_NETWORK_ROUTE, Route("10.52.0.7", "cali1", protocol="boot", scope="link")),
        "b0",
    )


def changed(now: Snapshot, device: str, **values: Any) -> Snapshot:
    """The same kernel with other values of one link."""
    return replace(now, links={**now.links, device: now.links[device]._replace(**values)})


def tabled(now: Snapshot, device: str, *entries: VlanEntry) -> Snapshot:
    """The same kernel with another VLAN table of one device."""
    return replace(now, vlans={**now.vlans, device: tuple(entries)})


def without(now: Snapshot, *devices: str) -> Snapshot:
    """The same kernel without some devices, their tables and routes."""
    return replace(
        now,
        links={name: link for name, link in now.links.items() if name not in devices},
        vlans={name: entries for name, entries in now.vlans.items() if name not in devices},
        routes=tuple(route for route in now.routes if not set(route.devices) & set(devices)),
    )


def unrouted(now: Snapshot, *routes: Route) -> Snapshot:
    """The same kernel without some routes."""
    return replace(now, routes=tuple(route for route in now.routes if route not in routes))


def added(now: Snapshot, *items: Link | Route) -> Snapshot:
    """The same kernel with more links or routes."""
    links = {**now.links, **{item.name: item for item in items if isinstance(item, Link)}}
    return replace(now, links=links, routes=now.routes + tuple(item for item in items if isinstance(item, Route)))
