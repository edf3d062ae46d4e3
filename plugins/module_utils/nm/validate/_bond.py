# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for bonds. This module util is private to the collection.

Sources: the bonding driver's documentation and NetworkManager's own checks; Harvester passes 'miimon: 0' on silently.
"""

from __future__ import annotations

import ipaddress
from typing import List, Sequence, Set

from ...common import _mac
from ...common._names import suggest
from .._profile import BOND, Profile
from .._properties import MODES
from ._bond_options import AD, ARP_MODES, ARP_TARGETS, MIIMON, OPTIONS
from ._context import Context

NICKNAMES = {"lacp": AD, "802.3AD": AD, "8023ad": AD, "ab": "active-backup", "failover": "active-backup"}


def check(context: Context) -> None:
    for profile in context.of(BOND):
        _mode(context, profile)
        _values(context, profile)
        _monitoring(context, profile)
        _delays(context, profile)
        _arp(context, profile)
        _addresses_of_lacp(context, profile)
        _notifications(context, profile)
    _primary(context)


def mode_of(profile: Profile) -> str:
    """The mode; balance-rr is what NetworkManager takes when none is given."""
    return str(profile.get("bond.mode", MODES[0]))


def miimon_of(profile: Profile) -> int:
    """The interval that holds, ms: with ARP monitoring 0, else 100, unless it is given."""
    given = profile.get("bond.miimon")
    if given is not None:
        return int(given)
    return 0 if _arp_interval(profile) else MIIMON


def _arp_interval(profile: Profile) -> int:
    return int(profile.get("bond.arp_interval", 0))


def _mode(context: Context, profile: Profile) -> None:
    mode = profile.get("bond.mode")
    if mode is None:
        if profile.id not in context.before:
            context.warn(
                profile,
                "bond.mode",
                "not given, so NetworkManager makes a balance-rr bond, which reorders packets and needs a static "
                "channel on the switch",
                "name the mode",
            )
        return
    if mode in MODES:
        return
    near = "did you mean '%s'?" % NICKNAMES[mode] if mode in NICKNAMES else suggest(mode, MODES)
    context.refuse(profile, "bond.mode", "unknown mode", near or "known are %s" % ", ".join(MODES))


def _values(context: Context, profile: Profile) -> None:
    """Words, ranges, and options that do not act in the bond's mode."""
    mode = mode_of(profile)
    for name, option in OPTIONS.items():
        path = "bond." + name
        value = profile.get(path)
        if value is None or value == []:
            continue
        if option.words and value not in option.words:
            remedy = suggest(str(value), option.words) or "known are %s" % ", ".join(option.words)
            context.refuse(profile, path, "unknown value", remedy)
        elif option.least is not None and option.most is not None and not option.least <= value <= option.most:
            context.refuse(profile, path, "must be within %d..%d%s" % (option.least, option.most, option.unit))
        elif option.modes and mode in MODES and mode not in option.modes and value != option.default:
            context.refuse(
                profile,
                path,
                "acts in mode %s only, and this bond is %s" % (_alternatives(option.modes), mode),
                "unset it (null), or change bond.mode",
            )


def _monitoring(context: Context, profile: Profile) -> None:
    if _arp_interval(profile) > 0:
        if (profile.get("bond.miimon") or 0) > 0:
            context.refuse(
                profile,
                "bond.arp_interval",
                "ARP monitoring and miimon=%d exclude one another; NetworkManager would drop the first silently"
                % profile.get("bond.miimon"),
                "set bond.miimon to 0, or unset bond.arp_interval",
            )
    elif profile.get("bond.miimon") == 0:
        remedy = "set it to %d" % MIIMON
        if mode_of(profile) in ARP_MODES:
            remedy += ", or give bond.arp_interval and bond.arp_ip_target"
        context.refuse(
            profile,
            "bond.miimon",
            "without link monitoring a dead NIC stays in use, and Harvester passes this on without a word",
            remedy,
        )


def _delays(context: Context, profile: Profile) -> None:
    miimon = miimon_of(profile)
    for name in ("updelay", "downdelay", "peer_notif_delay"):
        path = "bond." + name
        delay = profile.get(path) or 0
        if delay <= 0 or miimon < 0:
            continue
        if miimon == 0:
            context.refuse(
                profile,
                path,
                "needs link monitoring by miimon, which is off",
                "set bond.miimon, or unset %s (null)" % path,
            )
        elif delay % miimon:
            lower = delay - delay % miimon
            choices = [str(value) for value in (lower, lower + miimon) if value]
            context.refuse(
                profile,
                path,
                "must be a multiple of miimon (%d ms); the kernel rounds it down to %d" % (miimon, lower),
                "give %s" % " or ".join(choices),
            )


def _arp(context: Context, profile: Profile) -> None:
    interval, targets = _arp_interval(profile), profile.get("bond.arp_ip_target") or []
    validate = profile.get("bond.arp_validate", "none")
    if interval > 0 and not targets:
        context.refuse(
            profile,
            "bond.arp_interval",
            "ARP monitoring needs addresses to ask",
            "give bond.arp_ip_target, for instance the gateway",
        )
    if targets and interval == 0:
        context.refuse(
            profile,
            "bond.arp_ip_target",
            "has no effect without bond.arp_interval",
            "give bond.arp_interval in ms, or unset the targets (null)",
        )
    if validate != "none" and interval == 0:
        context.refuse(
            profile,
            "bond.arp_validate",
            "has no effect without ARP monitoring",
            "give bond.arp_interval and bond.arp_ip_target, or unset it (null)",
        )
    if profile.get("bond.arp_all_targets") == "all" and validate == "none":
        context.refuse(
            profile,
            "bond.arp_all_targets",
            "acts with bond.arp_validate only",
            "give bond.arp_validate, or unset it (null)",
        )
    _targets(context, profile, targets)


def _targets(context: Context, profile: Profile, targets: List[str]) -> None:
    if len(targets) > ARP_TARGETS:
        context.refuse(
            profile, "bond.arp_ip_target", "%d targets; the kernel takes at most %d" % (len(targets), ARP_TARGETS)
        )
    seen: Set[str] = set()
    for target in targets:
        try:
            address = ipaddress.IPv4Address(target)
        except ValueError:
            context.refuse(profile, "bond.arp_ip_target", "'%s' is no IPv4 address" % target)
            continue
        if str(address) in ("0.0.0.0", "255.255.255.255") or address.is_multicast:
            context.refuse(profile, "bond.arp_ip_target", "no host answers ARP for %s" % address)
        if str(address) in seen:
            context.refuse(profile, "bond.arp_ip_target", "%s is given twice" % address)
        seen.add(str(address))


def _addresses_of_lacp(context: Context, profile: Profile) -> None:
    mac = profile.get("bond.ad_actor_system")
    wrong = None if mac is None else _mac.objection(mac, zero=True)
    if wrong:
        context.refuse(profile, "bond.ad_actor_system", wrong)


def _notifications(context: Context, profile: Profile) -> None:
    one, other = profile.get("bond.num_grat_arp"), profile.get("bond.num_unsol_na")
    if one is not None and other is not None and one != other:
        context.refuse(
            profile,
            "bond.num_grat_arp",
            "differs from bond.num_unsol_na=%s, and the kernel has one value for both" % other,
            "give one of them, or both the same",
        )


def _primary(context: Context) -> None:
    """The primary is one of the bond's ports, also after a port was taken out."""
    for profile in context.profiles.values():
        primary, device = profile.get("bond.primary"), profile.device
        if profile.type != BOND or not primary or not device or not _concerned(context, profile):
            continue
        ports = sorted(str(port.device) for port in context.ports(device) if port.device)
        if not ports and context.links is not None:
            ports = sorted(name for name, link in context.links.items() if link.controller == device)
        elif not ports:
            continue
        if primary not in ports:
            context.refuse(
                profile,
                "bond.primary",
                "is not a port of this bond, whose ports are %s" % (", ".join(ports) or "none"),
                "name one of them, or unset it (null)",
            )


def _concerned(context: Context, bond: Profile) -> bool:
    """Whether the call touches the bond, gives it a port or takes one away."""
    if context.any_touched(bond, *context.ports(bond.device)):
        return True
    return any(
        context.before[name].get("controller") == bond.device
        for name in context.touched | context.removed
        if name in context.before
    )


def _alternatives(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else "%s or %s" % (", ".join(words[:-1]), words[-1])
