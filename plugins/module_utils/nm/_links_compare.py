# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two looks at the kernel compared: what was not asked for, and what was asked for and is not there.

Pure; this module util is private to the collection.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional

from ._links_expected import (
    OWN_PROTOCOLS,
    PROFILE_KINDS,
    Expected,
    guest,
    vip,
    volatile_address,
    volatile_route,
)
from ._links_types import Link, Route, Snapshot, VlanEntry, VlanTable, spans

DOWN = frozenset(("down", "lowerlayerdown", "notpresent"))


def compare(before: Snapshot, after: Snapshot, expected: Optional[Expected] = None) -> List[str]:
    """Differences as texts that name device, before and after; empty when the kernel is as it should be.

    Not counted, because it changes by itself: lifetimes, counters, a bond's active port, port MACs that the bonding
    driver moves about, new devices and routes of guests, a VIP that arrives, routes of router advertisements.
    """
    asked = expected or Expected()
    found = list(_devices(before, after, asked))
    for name in sorted(set(before.links) & set(after.links)):
        if name not in asked.removed and name not in asked.created:
            found += _link(before.links[name], after.links[name], before, asked)
            found += _addresses(before.links[name], after.links[name], asked)
            found += _vlans(name, before, after, asked)
    for name in sorted(asked.created & set(after.links)):
        found += _asked_of_new(after.links[name], after, asked)
    found += _routes(before, after, asked)
    return found


def _devices(before: Snapshot, after: Snapshot, asked: Expected) -> Iterable[str]:
    for name in sorted(set(before.links) - set(after.links) - asked.removed):
        if not guest(before.links[name]):
            yield _text(name, "device", _what(before.links[name]), "gone")
    for name in sorted(asked.removed & set(after.links)):
        yield "%s: asked to be removed, after still there" % name
    for name in sorted(asked.created - set(after.links)):
        yield "%s: asked to be made, after not there" % name
    for name in sorted(set(after.links) - set(before.links) - asked.created):
        if after.links[name].kind in PROFILE_KINDS:
            yield _text(name, "device", None, _what(after.links[name]))


def _what(link: Link) -> str:
    return "%s with ifindex %d" % (link.kind, link.ifindex)


def _link(old: Link, new: Link, before: Snapshot, asked: Expected) -> Iterable[str]:
    name = old.name
    moved = old.controller != new.controller and asked.new_controller(old, new)
    loose = moved or name in asked.ports
    if old.ifindex != new.ifindex and not guest(old):
        yield _text(name, "made anew, ifindex", old.ifindex, new.ifindex)
    if old.kind != new.kind:
        yield _text(name, "kind", old.kind, new.kind)
    if name in asked.mtu:
        if new.mtu != asked.mtu[name]:
            yield "%s: MTU before %d, after %d, asked for %d" % (name, old.mtu, new.mtu, asked.mtu[name])
    elif old.mtu != new.mtu and not loose and asked.followers.get(name) != new.mtu:
        yield _text(name, "MTU", old.mtu, new.mtu)
    if old.controller != new.controller and not moved:
        yield _text(name, "controller", old.controller, new.controller)
    if old.mac != new.mac and not loose and not mac_moves(old, before):
        yield _text(name, "MAC", old.mac, new.mac)
    for aspect in ("parent", "vlan_id"):
        if getattr(old, aspect) != getattr(new, aspect):
            yield _text(name, "VLAN id" if aspect == "vlan_id" else aspect, getattr(old, aspect), getattr(new, aspect))
    if not loose and not guest(old):
        if old.operstate not in DOWN and new.operstate in DOWN:
            yield _text(name, "operstate", old.operstate, new.operstate)
        elif old.up and not new.up:
            yield _text(name, "administrative state", "up", "down")
    yield from _bond(old, new, asked)
    yield from _bridge(old, new, asked)


def mac_moves(link: Link, before: Snapshot) -> bool:
    """The bonding driver lends, swaps and (fail_over_mac=active) follows MACs."""
    if link.port is not None:
        return True
    bond = link.bond
    if bond is None:
        below = [other for other in before.links.values() if other.controller == link.name or other.name == link.parent]
        return any(mac_moves(other, before) for other in below)
    return bond.options.get("fail_over_mac", "").startswith("active")


def _bond(old: Link, new: Link, asked: Expected) -> Iterable[str]:
    if old.bond is None or new.bond is None:
        return
    wanted = asked.active_port.get(old.name)
    if wanted is not None and new.bond.active_port != wanted:
        yield "%s: active port before %s, after %s, asked for %s" % (
            old.name,
            old.bond.active_port or "none",
            new.bond.active_port or "none",
            wanted,
        )
    if old.name in asked.bond_options or old.name in asked.reactivated:
        return
    if old.bond.mode != new.bond.mode:
        yield _text(old.name, "bond mode", old.bond.mode, new.bond.mode)
    for option in sorted(set(old.bond.options) & set(new.bond.options) - {"mode"}):
        if old.bond.options[option] != new.bond.options[option]:
            yield _text(old.name, "bond option " + option, old.bond.options[option], new.bond.options[option])


def _bridge(old: Link, new: Link, asked: Expected) -> Iterable[str]:
    if old.bridge is None or new.bridge is None or old.name in asked.bridge_options:
        return
    for name, one, other in zip(old.bridge._fields, old.bridge, new.bridge):
        if one != other:
            yield _text(old.name, "bridge option " + name, one, other)


def _addresses(old: Link, new: Link, asked: Expected) -> Iterable[str]:
    if guest(old) and guest(new):
        return
    have = set(new.addresses)
    for address in old.addresses:
        if address not in have and not volatile_address(address) and not asked.address(old.name, address):
            same = [item for item in new.addresses if str(item) == str(address) and item.peer == address.peer]
            yield _text(old.name, "address", address, str(same[0]) + " with other flags" if same else "gone")
    known = {str(address) for address in old.addresses}
    for address in new.addresses:
        if str(address) in known or volatile_address(address) or vip(address) or address.link_local:
            continue
        if not asked.address(new.name, address):
            yield _text(new.name, "address", None, address)


def wanted_table(device: str, table: VlanTable, asked: Expected) -> Dict[int, VlanEntry]:
    """The VLAN table as it should be after the change, by id."""
    wanted = {entry.vid: entry for entry in table}
    for vid in asked.vlans_removed.get(device, ()):
        wanted.pop(vid, None)
    for vid in asked.vlans_added.get(device, ()):
        wanted.setdefault(vid, VlanEntry(vid))
    return wanted


def _vlans(name: str, before: Snapshot, after: Snapshot, asked: Expected) -> Iterable[str]:
    old, new = before.links[name], after.links[name]
    if old.controller != new.controller or name in asked.ports:
        return []  # another bridge, another table; the controller has its own line
    table = before.vlans.get(name, ())
    wanted = wanted_table(name, table, asked)
    have = {entry.vid: entry for entry in after.vlans.get(name, ())}
    if wanted == have:
        return []
    missing = spans(tuple(wanted[vid] for vid in sorted(wanted) if have.get(vid) != wanted[vid]))
    stray = spans(tuple(have[vid] for vid in sorted(have) if wanted.get(vid) != have[vid]))
    text = "%s: VLAN table before %s, after %s" % (name, _listed(spans(table)), _listed(spans(tuple(have.values()))))
    details = (["missing %s" % ", ".join(missing)] if missing else []) + (
        ["not asked for %s" % ", ".join(stray)] if stray else []
    )
    return ["%s (%s)" % (text, "; ".join(details))]


def _asked_of_new(link: Link, after: Snapshot, asked: Expected) -> Iterable[str]:
    """A device that was made must have what was asked of it; the rest is its own."""
    wanted = asked.mtu.get(link.name)
    if wanted is not None and link.mtu != wanted:
        yield "%s: MTU after %d, asked for %d" % (link.name, link.mtu, wanted)
    missing = set(asked.vlans_added.get(link.name, ())) - {entry.vid for entry in after.vlans.get(link.name, ())}
    if missing:
        table = tuple(VlanEntry(vid) for vid in sorted(missing))
        yield "%s: VLAN table after lacks %s, which was asked for" % (link.name, ", ".join(spans(table)))


def _routes(before: Snapshot, after: Snapshot, asked: Expected) -> Iterable[str]:
    lost = lost_routes(before, after, asked)
    gained = [
        route
        for route in after.routes
        if route not in before.routes
        and route.protocol in OWN_PROTOCOLS
        and not route.dst.startswith("fe80:")
        and not volatile_route(route, before, after)
        and not asked.route(route)
        and all(name in before.links and before.links[name].kind in PROFILE_KINDS for name in route.devices)
    ]
    for route in lost:
        now = [other for other in gained if key(other) == key(route)]
        if now:
            gained.remove(now[0])
        yield _text(_device(route), "route", route, now[0] if now else "gone")
    for route in gained:
        yield _text(_device(route), "route", None, route)


def key(route: Route) -> object:
    """What makes two routes of one family rivals."""
    return (route.family, route.table, route.dst, route.metric)


def lost_routes(before: Snapshot, after: Snapshot, asked: Expected) -> List[Route]:
    """Routes that are gone without being asked to, of devices that are still there."""
    return [
        route
        for route in before.routes
        if route not in after.routes
        and not volatile_route(route, before, after)
        and not asked.route(route)
        and all(name in after.links for name in route.devices)
    ]


def _device(route: Route) -> str:
    return ", ".join(route.devices) or "table %s" % route.table


def _listed(words: List[str]) -> str:
    return ", ".join(words) or "empty"


def _text(device: str, aspect: str, before: object, after: object) -> str:
    return "%s: %s before %s, after %s" % (
        device,
        aspect,
        "none" if before is None else before,
        "none" if after is None else after,
    )
