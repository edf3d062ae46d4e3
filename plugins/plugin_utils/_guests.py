# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which guests are looked at from inside after a change of the MTU, and what has to hold there. Pure; private to the
collection."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

VM, ADDRESS, PEERS = "harvester_guest_vm", "harvester_guest_address", "harvester_guest_peers"
"""Variables of a guest in the inventory."""


class Guest(NamedTuple):
    """A guest of the inventory. vm: "namespace/name". address: the one whose interface is looked at."""

    host: str
    vm: str
    address: str
    peers: tuple[str, ...]


class Link(NamedTuple):
    """The interface of a guest that has its address. mtu: bytes. network: as "192.0.2.0/24"."""

    device: str
    mtu: int
    network: str


def chosen(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], vms: Iterable[str]) -> dict[str, list[str]]:
    """``inside``: hosts of the group whose VMs are among these. ``outside``: VMs that no host of it is."""
    known = {guest.vm: guest.host for guest in (_guest(host, hostvars) for host in hosts)}
    wanted = list(vms)
    return {
        "inside": [known[vm] for vm in wanted if vm in known],
        "outside": [vm for vm in wanted if vm not in known],
    }


def judged(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], mtu: int) -> dict[str, Any]:
    """What was found in these guests, whose facts were gathered.

    ``problems``: a line each. ``paths``: host -> what module path_mtu has to prove from inside, to its own peers or to
    the other guests of its network. ``alone``: hosts that have nobody to send to.
    """
    guests = {host: _guest(host, hostvars) for host in hosts}
    links = {host: _link(hostvars[host].get("ansible_facts") or {}, guest.address) for host, guest in guests.items()}
    problems = []
    for host, guest in guests.items():
        link = links[host]
        if link is None:
            problems.append(
                f"guest {host}: no interface has the address {guest.address}; give {ADDRESS}, the address in the VM"
                " network that has changed"
            )
        elif link.mtu != mtu:
            problems.append(
                f"guest {host}: {link.device} has MTU {link.mtu} instead of {mtu}; see what its DHCP, cloud-init or"
                " network configuration says"
            )
    paths: dict[str, list[dict[str, Any]]] = {}
    for host, guest in guests.items():
        here = links[host]
        if here is None:
            continue
        beside = [
            (other, guests[other].address)
            for other, there in links.items()
            if other != host and there is not None and there.network == here.network
        ]
        peers = [(peer, peer) for peer in guest.peers] or beside
        paths[host] = [
            {"peer": peer, "mtu": mtu, "device": here.device, "name": f"{host} to {name}"} for name, peer in peers
        ]
    return {
        "problems": problems,
        "paths": {host: found for host, found in paths.items() if found},
        "alone": [host for host, found in paths.items() if not found],
    }


def _guest(host: str, hostvars: Mapping[str, Mapping[str, Any]]) -> Guest:
    known = hostvars[host]
    vm = str(known.get(VM) or host)
    address = str(known.get(ADDRESS) or known.get("ansible_host") or host)
    return Guest(host, vm if "/" in vm else f"default/{vm}", address, tuple(map(str, known.get(PEERS) or ())))


def _link(facts: Mapping[str, Any], address: str) -> Link | None:
    """The interface of an IPv4 address in the facts of module setup, under their names without prefix."""
    for name in facts.get("interfaces") or ():
        found = facts.get(str(name).replace("-", "_").replace(".", "_").replace(":", "_")) or {}
        first = found.get("ipv4") or {}
        for one in [first, *(found.get("ipv4_secondaries") or ())]:
            if one.get("address") == address:
                network = ipaddress.ip_network(f"{address}/{one.get('netmask') or 32}", strict=False)
                return Link(str(found.get("device") or name), int(found.get("mtu") or 0), str(network))
    return None
