# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that put back what a change of the network took from others. Pure; private to the collection.

Only what the kernel can be given back while the device is there: ports, administrative state, MTU, VLAN ids, addresses,
routes. A device that is gone, or an address that a lease made, is its owner's to make again.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Set, Tuple

from ._links_compare import key, lost_routes, mac_moves, wanted_table
from ._links_expected import Expected, guest, volatile_address
from ._links_types import Address, NextHop, Route, Snapshot, VlanEntry, spans

Argv = Tuple[str, ...]


def restore_actions(before: Snapshot, after: Snapshot, expected: Optional[Expected] = None) -> List[Argv]:
    """Commands in the order in which they must run; empty when nothing is missing.

    Each may be run on its own: one that fails leaves a difference that compare() shows.
    """
    asked = expected or Expected()
    kept = [
        name for name in before.links if name in after.links and name not in asked.removed and name not in asked.created
    ]
    found: List[Argv] = []
    found += _ports(kept, before, after, asked)
    found += _mtus(kept, before, after, asked)
    found += _macs(kept, before, after)
    for name in kept:
        found += _vlans(name, before, after, asked)
    for name in kept:
        if before.links[name].up and not after.links[name].up and name not in asked.ports:
            found.append(("ip", "link", "set", "dev", name, "up"))
    back: Dict[str, List[Address]] = {name: _lost(name, before, after, asked) for name in kept}
    for name, addresses in back.items():
        found += [_add_address(name, address) for address in addresses]
    return found + list(_routes(before, after, asked, back))


def _moved(name: str, before: Snapshot, after: Snapshot, asked: Expected) -> bool:
    old, new = before.links[name], after.links[name]
    return old.controller != new.controller and not asked.new_controller(old, new)


def _ports(kept: List[str], before: Snapshot, after: Snapshot, asked: Expected) -> Iterable[Argv]:
    """Ports of bridges only: a NIC goes back to its bond through its profile."""
    for name in kept:
        if not _moved(name, before, after, asked):
            continue
        old, new = before.links[name].controller, after.links[name].controller
        if old is None:
            if new in after.links and after.links[str(new)].kind == "bridge":
                yield ("ip", "link", "set", "dev", name, "nomaster")
        elif old in after.links and after.links[old].kind == "bridge":
            yield ("ip", "link", "set", "dev", name, "master", old)


def _mtus(kept: List[str], before: Snapshot, after: Snapshot, asked: Expected) -> Iterable[Argv]:
    """Raised from the NIC outward, lowered from the outside in, so that no child exceeds its parent."""
    raised: List[Tuple[int, str, int]] = []
    lowered: List[Tuple[int, str, int]] = []
    for name in kept:
        old, new = before.links[name], after.links[name]
        target = asked.mtu.get(name, old.mtu)
        if new.mtu == target or name in asked.ports or old.port is not None or guest(old):
            continue  # a bond's ports follow the bond
        (raised if target > new.mtu else lowered).append((_depth(name, before, set()), name, target))
    for _level, name, target in sorted(lowered, reverse=True) + sorted(raised):
        yield ("ip", "link", "set", "dev", name, "mtu", str(target))


def _macs(kept: List[str], before: Snapshot, after: Snapshot) -> Iterable[Argv]:
    """A bond that is activated again takes the MAC of its first port; the switch and LACP partners knew the old one."""
    for name in kept:
        old, new = before.links[name], after.links[name]
        if old.bond is not None and old.mac != new.mac and not mac_moves(old, before):
            yield ("ip", "link", "set", "dev", name, "address", old.mac)


def _depth(name: str, snapshot: Snapshot, seen: Set[str]) -> int:
    """0 for a device that lies on no other."""
    link = snapshot.links.get(name)
    if link is None or name in seen:
        return 0
    below = list(snapshot.ports(name)) + ([link.parent] if link.parent else [])
    return 1 + max(_depth(item, snapshot, seen | {name}) for item in below) if below else 0


def _vlans(name: str, before: Snapshot, after: Snapshot, asked: Expected) -> Iterable[Argv]:
    old, new = before.links[name], after.links[name]
    if name not in before.vlans or name in asked.ports:
        return
    wanted = wanted_table(name, before.vlans[name], asked)
    have = {entry.vid: entry for entry in after.vlans.get(name, ())}
    if old.controller != new.controller:
        bridge = after.links.get(old.controller or "")
        if not _moved(name, before, after, asked) or bridge is None or bridge.bridge is None:
            return
        # Back on the bridge, the port has the bridge's default id and no other.
        default = bridge.bridge.vlan_default_pvid
        have = {default: VlanEntry(default, True, True)} if default else {}
    where: Argv = ("dev", name) + (("self",) if old.kind == "bridge" and old.controller is None else ())
    for span in _spans(have[vid] for vid in sorted(set(have) - set(wanted))):
        yield ("bridge", "vlan", "del", "vid", span[0]) + where
    missing = [wanted[vid] for vid in sorted(wanted) if have.get(vid) != wanted[vid]]
    # The PVID last: setting it takes the flag from the id that has it.
    for span in _spans(entry for entry in missing if not entry.pvid):
        yield ("bridge", "vlan", "add", "vid", span[0]) + where + tuple(span[1:])
    for span in _spans(entry for entry in missing if entry.pvid):
        yield ("bridge", "vlan", "add", "vid", span[0]) + where + tuple(span[1:])


def _spans(entries: Iterable[VlanEntry]) -> List[List[str]]:
    return [item.split() for item in spans(tuple(entries))]


def _lost(name: str, before: Snapshot, after: Snapshot, asked: Expected) -> List[Address]:
    """Addresses to be given back: not those with a lifetime (their client's), nor fe80:: (the kernel's)."""
    if guest(before.links[name]):
        return []
    have = set(after.links[name].addresses)
    return [
        address
        for address in before.links[name].addresses
        if address not in have
        and not address.dynamic
        and not address.link_local
        and not volatile_address(address)
        and not asked.address(name, address)
    ]


def _add_address(device: str, address: Address) -> Argv:
    # 'replace' also mends an address whose flags were changed.
    words: Argv = ("ip", "addr", "replace")
    words += (address.address, "peer", "%s/%d" % (address.peer, address.prefix)) if address.peer else (str(address),)
    words += ("broadcast", address.broadcast) if address.broadcast else ()
    words += ("scope", address.scope) if address.scope != "global" else ()
    words += ("label", address.label) if address.label else ()
    words += ("metric", str(address.metric)) if address.metric else ()
    words += ("dev", device)
    return words + (("noprefixroute",) if address.noprefixroute else ())


def _routes(before: Snapshot, after: Snapshot, asked: Expected, back: Dict[str, List[Address]]) -> Iterable[Argv]:
    sources = {address.address for link in after.links.values() for address in link.addresses}
    sources |= {address.address for addresses in back.values() for address in addresses}
    rivals = {key(route) for route in after.routes if route not in before.routes}
    for route in sorted(lost_routes(before, after, asked), key=_reach):
        if route.src and route.src not in sources:
            continue  # the kernel would refuse a source that the node no longer has
        if route.dst.startswith("fe80:") or _comes_with_address(route, back):
            continue  # the kernel's to make
        yield route_argv(route, "replace" if key(route) in rivals else "add")


def _reach(route: Route) -> int:
    """Routes to neighbours first: a gateway must be reachable when its route is added."""
    return 1 if route.gateway or any(hop.gateway for hop in route.hops) else 0


def _comes_with_address(route: Route, back: Dict[str, List[Address]]) -> bool:
    """The kernel makes the route of a prefix itself, unless the address was added without it."""
    return route.protocol == "kernel" and any(
        route.src in ("", address.address) and route.family == address.family and not address.noprefixroute
        for address in back.get(route.dev, ())
    )


def route_argv(route: Route, verb: str) -> Argv:
    """The command that gives the kernel a route; verb: add or replace."""
    words: Argv = ("ip",) + (("-6",) if route.family == "inet6" else ("-4",)) + ("route", verb)
    words += (route.dst,) if route.type == "unicast" else (route.type, route.dst)
    if not route.hops:
        words += _way(route.dev, route.gateway, route.family)
    words += ("proto", route.protocol)
    words += ("metric", str(route.metric)) if route.metric else ()
    words += ("table", route.table) if route.table != "main" else ()
    words += ("scope", route.scope) if route.family == "inet" and route.scope != "global" else ()
    words += ("src", route.src) if route.src else ()
    words += ("mtu", str(route.mtu)) if route.mtu else ()
    words += ("onlink",) if route.onlink and not route.hops else ()
    for hop in route.hops:
        words += _hop(hop, route.family)
    return words


def _way(device: str, gateway: str, family: str) -> Argv:
    words: Argv = ()
    if gateway:
        words += ("via", "inet6", gateway) if ":" in gateway and family == "inet" else ("via", gateway)
    return words + (("dev", device) if device else ())


def _hop(hop: NextHop, family: str) -> Argv:
    words = ("nexthop",) + _way(hop.dev, hop.gateway, family) + ("weight", str(hop.weight))
    return words + (("onlink",) if hop.onlink else ())
