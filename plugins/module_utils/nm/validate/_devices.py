# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids, types, names of devices, and who names whom as controller. This module util is private to the collection."""

from __future__ import annotations

from typing import Dict, List, Set

from ...common import _names
from .._profile import BOND, BRIDGE, ETHERNET, TYPES, VLAN, Profile
from .._properties import BY_OPTION
from ._context import Context, is_uuid

CONTROLLERS = (BOND, BRIDGE)
LONGEST_ID = 200
"""Characters: the id makes the name of a file."""


def check(context: Context) -> None:
    for name in sorted(context.touched & set(context.profiles)):
        _id(context, name)
    for profile in context.changing:
        if not _type(context, profile):
            continue
        _options(context, profile)
        _device_names(context, profile)
        _controller(context, profile)
    _same_device(context)
    _circles(context)


def _id(context: Context, name: str) -> None:
    profile = context.profiles[name]
    if not name.strip():
        context.refuse(profile, "id", "a profile needs an id", "give one, as bond-mgmt")
    elif "/" in name or "\0" in name or not name.isprintable() or name[0] == "." or name[-1] == "~":
        context.refuse(
            profile, "id", "makes the name of a file: no '/', nothing unprintable, no '.' first and no '~' last"
        )
    elif len(name.encode("utf-8", "surrogateescape")) > LONGEST_ID:
        context.refuse(profile, "id", "has more than %d bytes; it makes the name of a file" % LONGEST_ID)


def _type(context: Context, profile: Profile) -> bool:
    if profile.type not in TYPES:
        near = _names.suggest(profile.type, TYPES)
        context.refuse(
            profile,
            "type",
            "'%s' is no type that this collection manages" % profile.type,
            near or "known are %s" % ", ".join(TYPES),
        )
        return False
    old = context.before.get(profile.id)
    if old is not None and old.type != profile.type:
        context.refuse(
            profile,
            "type",
            "the profile is of type %s, and the type of a profile cannot be changed to %s" % (old.type, profile.type),
            "remove it with state=absent first, or use another id",
        )
        return False
    return True


def _options(context: Context, profile: Profile) -> None:
    """Options of another type; what was in the profile before is left alone."""
    old = context.before.get(profile.id)
    for option in profile.values:
        row = BY_OPTION.get(option)
        if row is None or profile.type in row.types or profile.get(option) is None:
            continue
        if old is None or old.get(option) != profile.get(option):
            context.refuse(
                profile,
                option,
                "is no option of a profile of type %s" % profile.type,
                "it is for %s" % ", ".join(sorted(row.types)),
            )


def _device_names(context: Context, profile: Profile) -> None:
    if profile.type != VLAN and not profile.get("interface_name"):
        context.refuse(
            profile,
            "interface_name",
            "a profile of type %s needs the name of its device" % profile.type,
            "give the name, as %s" % {BOND: "mgmt-bo", BRIDGE: "mgmt-br"}.get(profile.type, "eno1"),
        )
    for option in ("interface_name", "controller", "vlan.parent", "bond.primary"):
        name = profile.get(option)
        if name is None or (is_uuid(name) and option in ("controller", "vlan.parent")):
            continue
        wrong = _names.objection(name)
        if wrong:
            context.refuse(profile, option, wrong)


def _controller(context: Context, profile: Profile) -> None:
    controller, kind = profile.get("controller"), profile.get("port_type")
    if controller is None:
        if kind is not None:
            context.refuse(
                profile, "port_type", "a port needs its controller too", "give controller, the device's name"
            )
        return
    if kind is None:
        context.refuse(profile, "controller", "a port needs port_type too", "give bond or bridge")
        return
    if kind not in CONTROLLERS:
        context.refuse(profile, "port_type", "unknown value", "known are bond, bridge")
        return
    if is_uuid(controller):
        return
    maker = context.maker(controller)
    link = (context.links or {}).get(controller) if not context.gone(controller) else None
    found = maker.type if maker is not None else link.kind if link is not None else None
    if found is None and context.links is None:
        return
    if found is None:
        known = {other.device or "" for other in context.profiles.values() if other.type == kind}
        known |= {name for name, other in (context.links or {}).items() if other.kind == kind}
        context.refuse(
            profile,
            "controller",
            "this node has no such %s and no profile makes it" % kind,
            _names.suggest(controller, known - {controller}) or "name one, or give its profile in the same call",
        )
    elif found != kind:
        context.refuse(
            profile,
            "controller",
            "is a device of type %s, but port_type says %s" % (found, kind),
            "correct one of them",
        )


def _same_device(context: Context) -> None:
    """One device is made by one profile. Several profiles of one NIC are judged in _ethernet.py."""
    seen: Dict[str, Profile] = {}
    for profile in context.profiles.values():
        if not profile.device or profile.type not in TYPES:
            continue
        other = seen.setdefault(profile.device, profile)
        if other is profile or not context.any_touched(profile, other):
            continue
        if profile.type == other.type and (profile.type == ETHERNET or _same_vlan(profile, other)):
            continue
        judged, rest = (profile, other) if context.any_touched(profile) else (other, profile)
        context.refuse(
            judged,
            "interface_name" if judged.get("interface_name") else "vlan.id",
            "profile '%s' of type %s makes the device %s already" % (rest.id, rest.type, rest.device),
            "give another name, or remove that profile",
        )


def _same_vlan(one: Profile, other: Profile) -> bool:
    """Judged in _vlan.py."""
    return one.type == VLAN and all(
        one.get(option) is not None and one.get(option) == other.get(option) for option in ("vlan.parent", "vlan.id")
    )


def _circles(context: Context) -> None:
    """No device may lie on itself, however long the way."""
    below: Dict[str, List[str]] = {}
    for profile in context.profiles.values():
        device = profile.device
        if device and profile.get("controller"):
            below.setdefault(profile.get("controller"), []).append(device)
        if device and profile.type == VLAN:
            below.setdefault(device, []).append(profile.get("vlan.parent"))
    for profile in context.changing:
        way = _way_back(profile.device or "", below)
        if way:
            option = "controller" if profile.get("controller") else "vlan.parent"
            context.refuse(profile, option, "%s would lie on itself: %s" % (profile.device, " on ".join(way)))
            return


def _way_back(start: str, below: Dict[str, List[str]]) -> List[str]:
    """The devices from ``start`` down to ``start`` again; empty when there is no such way."""
    seen: Set[str] = set()
    ways = [[start]]
    while ways:
        way = ways.pop()
        for device in below.get(way[-1], ()):
            if device == start:
                return way + [device]
            if device not in seen:
                seen.add(device)
                ways.append(way + [device])
    return []
