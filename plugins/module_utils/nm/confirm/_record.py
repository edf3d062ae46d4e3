# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a checkpoint records of a node, from its profiles and its kernel. This module util is private to the collection.

Recorded is every device that a stored profile has and that is there, whatever the change names: what a change took
along by accident is brought back too. Of others' things only what goes when a bridge or a bond is made anew: ports of
virtual machines with their VLAN ids, and routes. Addresses that others gave (a VIP) are theirs: minutes later another
node may hold them.
"""

from __future__ import annotations

import hashlib
import os
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple

from ...common._errors import NetworkError
from .._host import Disk
from .._links_compare import mac_moves
from .._links_expected import OWN_PROTOCOLS
from .._links_restore import route_argv
from .._links_types import Link, Snapshot, spans
from .._places import PERSISTENT
from .._profile import BOND, BRIDGE, ETHERNET, VLAN, Profile
from .._properties import TABLE
from ._manifest import NONE, File

# Controllers come before their ports, parents before what lies on them.
_UP_ORDER = {BRIDGE: 0, BOND: 1, ETHERNET: 2, VLAN: 3}
# MTUs are raised from the inside out.
_DEPTH = {ETHERNET: 0, BOND: 1, BRIDGE: 2, VLAN: 3}
_BOND_OPTIONS = tuple(row.key for row in TABLE if row.section == "bond")

Lines = List[Tuple[str, str]]
Ids = Mapping[str, Iterable[int]]


def files(paths: Sequence[str], root: str = "/") -> Tuple[Tuple[File, ...], List[bytes], Tuple[str, ...]]:
    """The profile files at these paths: what is recorded of each, their bytes, and the names of those not there.

    Raises NetworkError for a file outside system-connections.
    """
    found: List[File] = []
    copies: List[bytes] = []
    absent: List[str] = []
    for path in sorted(set(paths)):
        folder, name = os.path.split(path)
        if folder != PERSISTENT:
            raise NetworkError("%s: only files in %s can be put back" % (path, PERSISTENT))
        target = os.path.join(root, path.lstrip("/"))
        try:
            status = os.lstat(target)
        except FileNotFoundError:
            absent.append(name)
            continue
        with open(target, "rb") as stream:
            content = stream.read()
        digest = hashlib.sha256(content).hexdigest()
        mode = "%o" % (status.st_mode & 0o7777)
        found.append(File(name, len(copies), status.st_uid, status.st_gid, mode, _context(target), digest))
        copies.append(content)
    return tuple(found), copies, tuple(absent)


def _context(path: str) -> str:
    """SELinux context of a file; '-' where there is none."""
    try:
        return os.getxattr(path, "security.selinux").decode("ascii").rstrip("\0") or NONE
    except (OSError, AttributeError, UnicodeDecodeError):
        return NONE


def kernel(disk: Disk, now: Snapshot, coming: Iterable[str] = (), added: Optional[Ids] = None) -> Lines:
    """The kernel's lines of a manifest.

    coming: devices that the change makes. added: VLAN ids that the change adds, by device.
    """
    profiles = _profiles(disk, now)
    devices = [(str(profile.device), profile) for profile in profiles]
    links = now.links
    lines: Lines = []
    for device, profile in sorted(devices, key=lambda pair: _UP_ORDER[pair[1].type]):
        lines.append(("up", "%s %s %s" % (device, links[device].controller or NONE, profile.id)))
    lines += [("gone", device) for device in sorted(set(coming)) if device not in links]
    for device, profile in devices:
        lines += _addresses(device, profile, disk, links[device])
    for device, profile in devices:
        if profile.type == BOND:
            lines += _bond(device, links[device], now)
    lines += _mtus([(device, profile) for device, profile in devices if links[device].port is None], links)
    lines += _tables({device for device, _profile in devices}, now)
    for device, vids in sorted((added or {}).items()):
        if device in links:
            known = {entry.vid for entry in now.vlans.get(device, ())}
            where = _where(links[device])
            lines += [("novlan", "%s %s %d" % (device, where, vid)) for vid in sorted(set(vids) - known)]
    lines += _over({device for device, _profile in devices}, now)
    return lines + _routes({device for device, _profile in devices}, now)


def _profiles(disk: Disk, now: Snapshot) -> List[Profile]:
    """The profiles whose devices are there, by depth; the first one when several name a device."""
    found: Dict[str, Profile] = {}
    for profile in disk.profiles.values():
        device = profile.device
        if profile.type in _DEPTH and device and device in now.links:
            found.setdefault(device, profile)
    return sorted(found.values(), key=lambda profile: _DEPTH[profile.type])


def _addresses(device: str, profile: Profile, disk: Disk, link: Link) -> Lines:
    """NetworkManager marks the addresses that it gives with 'noprefixroute'; those of leases count down."""
    methods = {profile.get("ipv4.method"), profile.get("ipv6.method")}
    if not methods - {None, "disabled", "ignore", "link-local"}:
        return []
    lines = [("addressed", "%s %s" % (device, os.path.basename(disk.stored[profile.id].path)))]
    for address in link.addresses:
        if address.noprefixroute and not address.dynamic and not address.link_local:
            lines.append(("address", "%s %s" % (device, address)))
    if any(address.dynamic and not address.temporary for address in link.addresses):
        lines.append(("lease", device))
    return lines


def _bond(device: str, link: Link, now: Snapshot) -> Lines:
    options = link.bond.options if link.bond is not None else {}
    lines: Lines = [
        ("bond", "%s %s %s" % (device, name, options[name] or NONE)) for name in _BOND_OPTIONS if name in options
    ]
    return lines if mac_moves(link, now) else [*lines, ("mac", "%s %s" % (device, link.mac))]


def _mtus(devices: Sequence[Tuple[str, Profile]], links: Mapping[str, Link]) -> Lines:
    """No child ever exceeds its parent: lowered from the outside in, then raised from the inside out."""
    words = ["%s %d" % (device, links[device].mtu) for device, _profile in devices]
    return [("lower", line) for line in reversed(words)] + [("raise", line) for line in words]


def _tables(own: Set[str], now: Snapshot) -> Lines:
    lines: Lines = []
    for device, table in now.vlans.items():
        link = now.links.get(device)
        if link is None or (device not in own and link.controller not in own):
            continue
        if device not in own and link.controller:
            bridge = now.links[link.controller].bridge
            default = bridge.vlan_default_pvid if bridge is not None else 0
            stray = default if default and default not in {entry.vid for entry in table} else NONE
            lines.append(("port", "%s %s %s" % (device, link.controller, stray)))
        # The PVID last: setting it takes the flag from the id that has it.
        entries = sorted(table, key=lambda entry: (entry.pvid, entry.vid))
        lines += [("vlan", "%s %s %s" % (device, _where(link), span)) for span in spans(tuple(entries))]
    return lines


def _over(own: Set[str], now: Snapshot) -> Lines:
    """What others made on our devices: it goes when one of these is made anew, and only its maker can make it again.

    With its MTU: the kernel lowers it with that of the device below, and does not raise it again. NetworkManager itself
    lowers that of an existing bridge by one byte for a moment when it starts (seen with 1.52).
    """
    return [
        ("over", "%s %s %d" % (name, link.parent, link.mtu))
        for name, link in now.links.items()
        if name not in own and link.parent in own
    ]


def _where(link: Link) -> str:
    return "self" if link.controller is None else "master"


def _routes(own: Set[str], now: Snapshot) -> Lines:
    """Routes that others made; those of NetworkManager, leases and daemons come by themselves."""
    routes = [
        route
        for route in now.routes
        if route.devices
        and own.issuperset(route.devices)
        and route.protocol not in OWN_PROTOCOLS - {"static"}
        and not route.dst.startswith("fe80:")
    ]
    # Neighbours first: a gateway must be reachable when its route is added.
    routes.sort(key=lambda route: bool(route.gateway or route.hops))
    return [("route", " ".join(route_argv(route, "add")[1:])) for route in routes]
