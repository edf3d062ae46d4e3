# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for VLAN devices. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from ...common import _names
from ...common._vlans import FIRST, LAST
from .._profile import VLAN, Profile
from ._context import Context, is_uuid

FLAGS = 15
"""REORDER_HEADERS 1, GVRP 2, LOOSE_BINDING 4, MVRP 8 (nm-settings-nmcli(5))."""


def check(context: Context) -> None:
    for profile in context.of(VLAN):
        _id(context, profile)
        _parent(context, profile)
        _name(context, profile)
        flags = profile.get("vlan.flags")
        if flags is not None and not 0 <= flags <= FLAGS:
            context.refuse(
                profile,
                "vlan.flags",
                "must be within 0..%d: the sum of 1 (reorder), 2 (GVRP), 4 (loose), 8 (MVRP)" % FLAGS,
            )
    _doubles(context)


def _id(context: Context, profile: Profile) -> None:
    vid = profile.get("vlan.id")
    if vid is None:
        context.refuse(profile, "vlan.id", "a VLAN needs its id", "give %d..%d" % (FIRST, LAST))
    elif not FIRST <= vid <= LAST:
        context.refuse(profile, "vlan.id", "a VLAN id is within %d..%d" % (FIRST, LAST))


def _parent(context: Context, profile: Profile) -> None:
    parent = profile.get("vlan.parent")
    if parent is None:
        context.refuse(profile, "vlan.parent", "a VLAN needs the device that it lies on", "give its name, as mgmt-br")
        return
    if is_uuid(parent) or context.links is None or context.makers(parent):
        return
    if parent in context.links and not context.gone(parent):
        return
    known = {name for other in context.profiles.values() for name in [other.device] if name and other is not profile}
    context.refuse(
        profile,
        "vlan.parent",
        "this node has no such device and no profile makes it",
        _names.suggest(parent, (known | set(context.links)) - {parent})
        or "name a device, or give its profile in the same call",
    )


def _name(context: Context, profile: Profile) -> None:
    """A VLAN without a name of its own is called <parent>.<id>, which has to fit."""
    if profile.get("interface_name") or not profile.device or is_uuid(profile.get("vlan.parent")):
        return
    if len(profile.device) > _names.LONGEST and not _names.objection(profile.get("vlan.parent")):
        context.refuse(
            profile,
            "interface_name",
            "not given, and the device would be called '%s', which has %d characters where %d fit"
            % (profile.device, len(profile.device), _names.LONGEST),
            "give a shorter interface_name",
        )


def _doubles(context: Context) -> None:
    """One VLAN id on one parent is one device."""
    seen: Dict[Tuple[Any, Any], Profile] = {}
    for profile in context.profiles.values():
        key = (profile.get("vlan.parent"), profile.get("vlan.id"))
        if profile.type != VLAN or None in key:
            continue
        other = seen.setdefault(key, profile)
        if other is profile or not context.any_touched(profile, other):
            continue
        judged, rest = (profile, other) if context.any_touched(profile) else (other, profile)
        context.refuse(
            judged,
            "vlan.id",
            "profile '%s' has VLAN %d on %s already" % (rest.id, key[1], key[0]),
            "change that profile, or remove it",
        )
