# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links of hosts, VM networks and VMs as boxes that stand on one another. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._model import Item

BRIDGE_SUFFIX = "-br"


def of_host(links: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """NICs, bonds, bridges and VLAN devices, as module profile_info gives links; others are left out."""
    shown = {str(link["name"]): link for link in links if _layer(link)}
    found = [_item(name, link, shown) for name, link in shown.items()]
    return tuple(sorted(found, key=lambda item: item.key))


def of_cluster(networks: Iterable[Mapping[str, Any]], vms: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
    """VM networks on their bridges, and VMs on their networks, as module network_info gives them."""
    found = [
        Item(
            f"network {network['reference']}",
            "network",
            str(network["reference"]),
            f"VLAN {network['vlan_id']}" if network.get("vlan_id") else str(network.get("type") or ""),
            (f"{network['cluster_network']}{BRIDGE_SUFFIX}",),
        )
        for network in networks
    ]
    known = {item.label for item in found}
    found += [
        Item(
            f"vm {vm['reference']}",
            "vm",
            str(vm["reference"]),
            str(vm.get("node") or vm.get("status") or ""),
            tuple(f"network {name}" for name in sorted(vm.get("vm_networks") or ()) if name in known),
        )
        for vm in vms
    ]
    return tuple(sorted(found, key=lambda item: item.key))


def _layer(link: Mapping[str, Any]) -> str:
    kind = link.get("kind")
    if kind in ("bond", "bridge", "vlan"):
        return str(kind)
    # A NIC has a hardware address of its own; ports of VMs and loopback have none.
    return "nic" if link.get("permanent_mac") and kind in (None, "", "ether") else ""


def _item(name: str, link: Mapping[str, Any], shown: Mapping[str, Any]) -> Item:
    below = [*(link.get("ports") or ()), *([link["parent"]] if link.get("parent") else [])]
    state = str(link.get("operstate") or "unknown")
    return Item(
        name,
        _layer(link),
        name,
        f"MTU {link.get('mtu')}, {state}",
        tuple(sorted(port for port in below if port in shown)),
    )
