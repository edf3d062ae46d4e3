# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs of devices that lie on one another. This module util is private to the collection.

0 or nothing reads as 1500. Harvester's order, from the wire up: bond, bridge, VLAN; none may exceed what it lies on.
"""

from __future__ import annotations

from typing import Iterator, Tuple

from ...common import _mtu
from .._profile import BOND, BRIDGE, ETHERNET, VLAN, Profile
from ._context import Context


def check(context: Context) -> None:
    for profile in context.changing:
        wrong = _mtu.objection(profile.get("mtu"), context.limits.mtu_min, context.limits.mtu_max)
        if wrong:
            context.refuse(profile, "mtu", wrong)
    for upper, lower in _pairs(context):
        if context.any_touched(upper, lower):
            _above(context, upper, lower)
    for profile in context.changing:
        _above_link(context, profile)
    _ports(context)


def _pairs(context: Context) -> Iterator[Tuple[Profile, Profile]]:
    """(a device, one that it lies on): VLANs on their parent, bridges on their ports."""
    for profile in context.profiles.values():
        if profile.type == VLAN:
            lower = context.maker(profile.get("vlan.parent"))
            if lower is not None:
                yield profile, lower
        elif profile.type == BRIDGE:
            for port in context.ports(profile.device):
                yield profile, port


def _above(context: Context, upper: Profile, lower: Profile) -> None:
    high, low = _mtu.effective(upper.get("mtu")), _mtu.effective(lower.get("mtu"))
    if high <= low:
        return
    if context.any_touched(upper):
        context.refuse(
            upper,
            "mtu",
            "%s%d bytes are above the %d of profile '%s', on which %s lies"
            % (_read_as(upper), high, low, lower.id, upper.device),
            "raise '%s' too, or give at most %d" % (lower.id, low),
        )
    else:
        context.refuse(
            lower,
            "mtu",
            "%s%d bytes are below the %d of profile '%s', which lies on %s"
            % (_read_as(lower), low, high, upper.id, lower.device),
            "lower '%s' too, or give at least %d" % (upper.id, high),
        )


def _above_link(context: Context, profile: Profile) -> None:
    """A VLAN on a device that has no profile: the kernel's MTU counts."""
    parent = profile.get("vlan.parent")
    if profile.type != VLAN or context.links is None or context.makers(parent) or parent not in context.links:
        return
    high, low = _mtu.effective(profile.get("mtu")), context.links[parent].mtu
    if high > low:
        context.refuse(
            profile,
            "mtu",
            "%s%d bytes are above the %d of %s, on which it lies" % (_read_as(profile), high, low, parent),
            "give at most %d" % low,
        )


def _ports(context: Context) -> None:
    """A bond gives its MTU to its ports; one of their own can only contradict it."""
    for port in context.profiles.values():
        bond = context.maker(port.get("controller"))
        if port.type != ETHERNET or bond is None or bond.type != BOND or not context.any_touched(port, bond):
            continue
        if port.get("mtu") and not _mtu.equal(port.get("mtu"), bond.get("mtu")):
            context.refuse(
                port,
                "mtu",
                "differs from the %d bytes of its bond (profile '%s'), which a port follows"
                % (_mtu.effective(bond.get("mtu")), bond.id),
                "unset it (null)",
            )


def _read_as(profile: Profile) -> str:
    """Where no MTU is given, say what that means."""
    return "" if profile.get("mtu") else "none given means 1500: "
