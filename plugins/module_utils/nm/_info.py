# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node as users see it: profiles and kernel in one vocabulary. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Callable, Collection, Dict, List, Mapping, Optional

from . import _host, _links, _liveness, _request
from ._host import Disk, Run
from ._links_types import Address, BondState, Link, Route, Snapshot, spans
from ._liveness_vlans import ids as vlan_ids
from ._liveness_vlans import live_ids
from ._nmcli import Loaded
from ._profile import TYPES, VLAN
from ._properties import BY_OPTION
from ._request import Request


def gather(
    run: Run, ids: Optional[Collection[str]] = None, devices: Optional[Collection[str]] = None, root: str = "/"
) -> Dict[str, Any]:
    """Profiles, links, VLAN tables, routes and hints. ids, devices: limit what is returned (None: everything).

    At most four processes. Raises NetworkError when a keyfile does not parse or a program does not answer.
    """
    disk = _managed(_host.read_disk(root))
    loaded = _host.read_loaded(run, list(disk.stored))
    now = _links.read(run, root)
    chosen = _filter(ids)
    named = _filter(devices)
    return {
        "profiles": _request.public(profile for name, profile in disk.profiles.items() if chosen(name)),
        "connections": [connection(name, disk, loaded) for name in disk.stored if chosen(name)],
        "links": [public_link(link, now) for link in now.links.values() if named(link.name)],
        "vlans": {device: spans(table) for device, table in now.vlans.items() if named(device)},
        "routes": [
            public_route(route)
            for route in now.routes
            if any(named(name) for name in route.devices) or (devices is None and not route.devices)
        ],
        "boot_id": now.boot_id,
        "hints": hints(disk, now),
    }


def _filter(words: Optional[Collection[str]]) -> Callable[[str], bool]:
    return (lambda _word: True) if words is None else (lambda word: word in words)


def _managed(disk: Disk) -> Disk:
    """Only profiles of the types that the collection knows, and none that mirrors a device of somebody else."""
    kept = {name: item for name, item in disk.stored.items() if item.profile.type in TYPES}
    return Disk(kept, disk.doubles)


def connection(name: str, disk: Disk, loaded: Mapping[str, Loaded]) -> Dict[str, Any]:
    """Where a profile is stored, and what NetworkManager makes of it."""
    stored, memory = disk.stored[name], loaded.get(name)
    return {
        "id": name,
        "path": stored.path,
        "persistent": stored.persistent,
        "loaded": memory is not None,
        "current": memory is not None
        and all(
            row.same(stored.profile.values.get(option), memory.profile.values.get(option))
            for option, row in BY_OPTION.items()
            if row.comparable and stored.profile.type in row.types
        ),
        "uuid": memory.uuid if memory is not None else None,
        "active": memory is not None and memory.state == "activated",
        "devices": list(memory.devices) if memory is not None else [],
    }


def public_link(link: Link, now: Snapshot) -> Dict[str, Any]:
    """A link with every key, None where it does not apply."""
    return {
        "name": link.name,
        "ifindex": link.ifindex,
        "kind": link.kind,
        "mtu": link.mtu,
        "operstate": link.operstate,
        "up": link.up,
        "mac": link.mac,
        "permanent_mac": link.permanent_mac,
        "controller": link.controller,
        "ports": list(now.ports(link.name)),
        "parent": link.parent,
        "vlan_id": link.vlan_id,
        "peer": link.peer,
        "peer_netns": link.peer_netns,
        "addresses": [public_address(address) for address in link.addresses],
        "bond": None if link.bond is None else _bond(link.bond, now),
        "bridge": None if link.bridge is None else link.bridge._asdict(),
        "bridge_port": None if link.bridge_port is None else link.bridge_port._asdict(),
    }


def public_address(address: Address) -> Dict[str, Any]:
    return {
        "address": str(address),
        "family": address.family,
        "scope": address.scope,
        "peer": address.peer or None,
        "dynamic": address.dynamic,
        "managed": address.noprefixroute,
    }


def _bond(bond: BondState, now: Snapshot) -> Dict[str, Any]:
    """Options typed as in a profile, and the state of the bond and its ports."""
    options = {}
    for name, text in bond.options.items():
        row = BY_OPTION.get("bond." + name)
        word = _liveness.bond_value(text)
        if row is not None and word:
            options[name] = row.codec.plain(row.codec.from_keyfile(word))
    ports = []
    for name in bond.ports:
        port = now.links[name].port if name in now.links else None
        if port is not None:
            ports.append(dict(port._asdict(), name=name, operstate=now.links[name].operstate))
    return {
        "mode": bond.mode,
        "options": options,
        "mii_status": bond.mii_status,
        "active_port": bond.active_port,
        "aggregator": bond.aggregator,
        "partner_mac": bond.partner_mac,
        "ports": ports,
    }


def public_route(route: Route) -> Dict[str, Any]:
    return {
        "destination": route.dst,
        "next_hop": route.gateway or None,
        "device": route.dev or None,
        "metric": route.metric,
        "table": route.table,
        "protocol": route.protocol,
        "scope": route.scope,
        "source": route.src or None,
        "family": route.family,
        "type": route.type,
        "next_hops": [
            {"next_hop": hop.gateway or None, "device": hop.dev or None, "weight": hop.weight} for hop in route.hops
        ],
    }


def hints(disk: Disk, now: Snapshot) -> Dict[str, Any]:
    """What follows from profiles and kernel together, computed anew at every call.

    pending: what the profiles say and the kernel does not have yet, by device. reboot: what of it only a boot brings.
    """
    request = Request(named=disk.profiles)
    plan = _liveness.plan(request, _request.changes(request, disk), disk.profiles, now)
    return {
        "pending": plan.device_list(),
        "reboot": plan.reboot,
        "stripped": stripped(disk, now),
        "unmanaged": unmanaged(disk, now),
        "doubles": {name: list(paths) for name, paths in disk.doubles.items()},
    }


def stripped(disk: Disk, now: Snapshot) -> List[Dict[str, Any]]:
    """VLAN ids of a profile that Harvester's agent took off its port, since nothing on the node uses them.

    An id that the bridge itself lacks too was never live: it is pending, not stripped.
    """
    own = {profile.device for profile in disk.profiles.values()}
    found = []
    for name, profile in disk.profiles.items():
        link = now.links.get(profile.device or "")
        if link is None or link.controller is None:
            continue
        missing = vlan_ids(profile, "bridge_port.vlans") - live_ids(now, link.name)
        vids = [
            vid
            for vid in sorted(missing & live_ids(now, link.controller))
            if "%s.%d" % (link.controller, vid) not in now.links and "%s.%d" % (link.controller, vid) not in own
        ]
        if vids:
            found.append({"profile": name, "device": link.name, "bridge": link.controller, "vlans": vids})
    return found


def unmanaged(disk: Disk, now: Snapshot) -> List[Dict[str, Any]]:
    """VLAN devices on a bridge of the profiles that no profile makes: an agent's, to be left alone."""
    own = {profile.device for profile in disk.profiles.values()}
    return [
        {"device": link.name, "bridge": link.parent, "vlan_id": link.vlan_id}
        for link in now.links.values()
        if link.kind == VLAN and link.parent in own and link.name not in own
    ]
