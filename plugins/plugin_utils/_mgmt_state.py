# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the others know a node by: its addresses, its MACs and its default routes. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import _network_gate
from ._network_gate import BOND, BRIDGE

FAMILIES = {"inet": "IPv4", "inet6": "IPv6"}


def noted(found: Mapping[str, Any], internal_ip: str = "") -> dict[str, Any]:
    """What has to be the same after a change of the management network, for :func:`differences`.

    found: result of module ``profile_info``. internal_ip: of the Kubernetes node; empty when nobody has asked for it.
    ``macs`` has the bond's, and that of the bridge and of the device with the address where it is the bond's: the
    kernel gives a bridge that nobody has pinned the lowest of its ports.
    """
    links = {link["name"]: link for link in found["links"]}
    endpoint = _network_gate.endpoint(found)
    own = _mac(links, BOND)
    names = dict.fromkeys((BOND, BRIDGE, endpoint.get("device", BRIDGE)))
    return {
        "boot_id": found.get("boot_id"),
        "internal_ip": internal_ip,
        "address": endpoint.get("address"),
        "macs": {name: own for name in names if own and _mac(links, name) == own},
        "default_routes": _default_routes(found.get("routes") or ()),
    }


def differences(before: Mapping[str, Any] | None, found: Mapping[str, Any], internal_ip: str = "") -> list[str]:
    """What is not as before, a line each; empty when all is.

    before: result of :func:`noted`, or what an older version has recorded. What it lacks is not compared. found,
    internal_ip: as they are now. After a boot the bond may have the MAC of another of its NICs, which join it in any
    order, and the devices on it have the bond's; a bridge with more ports may have one of theirs. So may a bond whose
    MAC is that of its active port (fail_over_mac=active), at any time.
    """
    known = before or {}
    now = noted(found, internal_ip)
    lines = []
    if known.get("internal_ip") and internal_ip and internal_ip != known["internal_ip"]:
        lines.append(f"InternalIP {internal_ip} instead of {known['internal_ip']}")
    if known.get("address") and now["address"] != known["address"]:
        lines.append(f"address {now['address'] or 'none'} instead of {known['address']}")
    lines += _macs(known.get("macs") or {}, found["links"], known.get("boot_id") != now["boot_id"])
    have = now["default_routes"]
    for family, wanted in (known.get("default_routes") or {}).items():
        if have.get(family) != wanted:
            told = ", ".join(have.get(family) or ()) or "none"
            lines.append(f"default route of {FAMILIES.get(family, family)} {told} instead of {', '.join(wanted)}")
    return lines


def _macs(before: Mapping[str, str], found: Iterable[Mapping[str, Any]], booted: bool) -> Iterable[str]:
    links = {link["name"]: link for link in found}
    options = ((links.get(BOND) or {}).get("bond") or {}).get("options") or {}
    moves = booted or options.get("fail_over_mac") == "active"
    bond = _mac(links, BOND)
    nics = {link.get("permanent_mac") for link in links.values() if link.get("controller") == BOND}
    shared = any(link.get("controller") == BRIDGE and link["name"] != BOND for link in links.values())
    for name, mac in before.items():
        have, wanted = _mac(links, name), mac
        if moves and name == BOND:
            if bond and bond in nics:
                continue
        elif moves:
            if shared:
                continue
            wanted = bond or mac
        if have != wanted:
            yield f"{name}: MAC {have or 'none'} instead of {wanted}"


def _mac(links: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    found: str | None = (links.get(name) or {}).get("mac")
    return found


def _default_routes(routes: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Family -> its default routes of the main table, the preferred one first.

    Without those that a router announces: they come and go with its announcements.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for route in routes:
        own = route.get("destination") == "default" and str(route.get("table") or "main") == "main"
        if not own or route.get("protocol") == "ra" or route.get("type", "unicast") != "unicast":
            continue
        hops = [route, *(route.get("next_hops") or ())]
        ways = [
            f"{hop.get('next_hop') or 'no gateway'} on {hop['device']}" for hop in hops if hop.get("device") is not None
        ]
        found.setdefault(route["family"], []).append((route.get("metric") or 0, " and ".join(sorted(ways))))
    return {family: [way for metric, way in sorted(ways)] for family, ways in sorted(found.items())}
