# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be removed. This module util is private to the collection."""

from __future__ import annotations

from typing import List, Mapping

from ...common._errors import Problem
from .._profile import BOND, BRIDGE, Profile
from ._bridge_vlans import addressed
from ._context import Context, names, where


def check(context: Context) -> None:
    for name in sorted(context.removed):
        old = context.before.get(name)
        if old is not None:
            _in_use(context, old)
    _last_address(context)
    for profile in context.profiles.values():
        if profile.type in (BOND, BRIDGE) and profile.device:
            _without_ports(context, profile)


def _refuse(context: Context, name: str, rule: str, remedy: str) -> None:
    context.report.problems.append(Problem(where(name), "", None, rule, remedy))


def _in_use(context: Context, old: Profile) -> None:
    """A profile whose device other profiles lie on or belong to."""
    if not context.gone(old.device):
        return
    users = list(context.ports(old.device)) + list(context.vlans(old.device))
    if users:
        _refuse(
            context,
            old.id,
            "its device %s is still used by profile%s %s" % (old.device, "" if len(users) == 1 else "s", names(users)),
            "remove %s in the same call" % ("it" if len(users) == 1 else "them"),
        )


def _last_address(context: Context) -> None:
    """The device on which the node has its address and default route: without it the node is cut off."""
    if any(_leads(profile) for profile in _carriers(context.profiles)):
        return
    for old in _carriers(context.before):
        if not _leads(old) or old.id not in context.removed | context.touched:
            continue
        _refuse(
            context,
            old.id,
            "the node has its address and its default route on %s, and no profile would have them any more"
            % (old.device or "the device of this profile"),
            "keep them, or give them to another profile in the same call",
        )


def _carriers(profiles: Mapping[str, Profile]) -> List[Profile]:
    """Bridges with an address, and VLANs on bridges."""
    bridges = {profile.device for profile in profiles.values() if profile.type == BRIDGE}
    return [
        profile
        for profile in profiles.values()
        if addressed(profile) and (profile.type == BRIDGE or profile.get("vlan.parent") in bridges)
    ]


def _leads(profile: Profile) -> bool:
    """Whether a default route comes with the profile."""
    for family in ("ipv4", "ipv6"):
        if profile.get(family + ".never_default", False):
            continue
        if profile.get(family + ".gateway") or profile.get(family + ".method") in ("auto", "dhcp"):
            return True
        if any(route.startswith(("0.0.0.0/0", "::/0")) for route in profile.get(family + ".routes") or []):
            return True
    return False


def _without_ports(context: Context, profile: Profile) -> None:
    """A bond or bridge that had ports by profiles and would have none."""
    if context.ports(profile.device) or profile.id not in context.before:
        return
    gone = [
        context.before[name]
        for name in sorted(context.removed | context.touched)
        if name in context.before and context.before[name].get("controller") == profile.device
    ]
    if gone:
        _refuse(
            context,
            profile.id,
            "%s would be left without a port (it had %s)"
            % (profile.device, ", ".join(str(port.device) for port in gone)),
            "leave it one, or remove this profile too",
        )
