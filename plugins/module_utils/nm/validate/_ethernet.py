# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for NICs, above all as ports. This module util is private to the collection.

A NIC in use elsewhere (as a port of a custom cluster network's bond, or with an address of its own) is never taken
silently: Harvester's agent has no profile of it, so only the kernel shows it.
"""

from __future__ import annotations

import re
from typing import Any, List

from ...common import _mac
from ...common._names import near
from .._profile import ETHERNET, Profile
from ._context import Context, names

NO_NIC = ("bond", "bridge", "vlan", "vxlan", "loopback")
MAC_WORDS = ("preserve", "permanent", "random", "stable", "stable-ssid")


def check(context: Context) -> None:
    for profile in context.of(ETHERNET):
        nic = profile.get("interface_name")
        if not nic or context.links is None:
            continue
        if nic not in context.links:
            _missing(context, profile, nic)
            continue
        link = context.links[nic]
        if link.kind in NO_NIC:
            context.refuse(profile, "interface_name", "is a device of kind %s, not a NIC" % link.kind, "name a NIC")
            continue
        _taken(context, profile, link)
        _in_use(context, profile, link)
    for profile in context.changing:
        _cloned_mac(context, profile)
    _shared(context)


def _missing(context: Context, profile: Profile, nic: str) -> None:
    nics = sorted(name for name, link in (context.links or {}).items() if link.kind == "ether")
    listed = "its NICs are %s" % (", ".join(nics) or "none")
    # eno7 is no slip of eno1; ens1 may be called ens1np0 after an upgrade (Harvester issues 9802 and 10397).
    found = [name for name in near(nic, nics) if _numbers(name)[: len(_numbers(nic))] == _numbers(nic)]
    remedy = "did you mean %s? %s" % (" or ".join("'%s'" % name for name in found), listed) if found else listed
    context.refuse(profile, "interface_name", "this node has no such NIC", remedy)


def _numbers(name: str) -> List[int]:
    return [int(digits) for digits in re.findall("[0-9]+", name)]


def _taken(context: Context, profile: Profile, link: Any) -> None:
    """The kernel has the NIC in another bond or bridge, and this call does not take it out there."""
    if not link.controller or link.controller == profile.get("controller"):
        return
    if any(other.get("controller") == link.controller for other in _let_go(context, profile)):
        return
    context.refuse(
        profile,
        "interface_name",
        "this NIC is a port of %s now" % link.controller,
        "take it out there first; a bond without a profile belongs to a cluster network's configuration in Harvester",
    )


def _in_use(context: Context, profile: Profile, link: Any) -> None:
    """A NIC with an address of its own would lose it when it becomes a port."""
    if not profile.get("controller") or link.controller:
        return
    own = [str(address) for address in link.addresses if not _by_itself(address)]
    if own and not _let_go(context, profile):
        context.refuse(
            profile,
            "interface_name",
            "this NIC carries %s and would lose it as a port of %s" % (", ".join(own), profile.get("controller")),
            "name another NIC, or remove the profile that gives it the address in the same call",
        )


def _by_itself(address: Any) -> bool:
    """Link-local addresses that the kernel makes by itself."""
    return getattr(address, "scope", "global") in ("link", "host") or str(address).lower().startswith("fe80:")


def _let_go(context: Context, profile: Profile) -> List[Profile]:
    """Profiles of the same NIC as they were before this call, which removes or changes them."""
    return [
        context.before[name]
        for name in sorted(context.removed | context.touched)
        if name in context.before and context.before[name].get("interface_name") == profile.get("interface_name")
    ]


def _cloned_mac(context: Context, profile: Profile) -> None:
    mac = profile.get("cloned_mac_address")
    if mac is None or str(mac).lower() in MAC_WORDS:
        return
    wrong = _mac.objection(str(mac))
    if wrong:
        words = "" if re.search("[:-]", str(mac)) else "words are %s" % ", ".join(MAC_WORDS)
        context.refuse(profile, "cloned_mac_address", wrong, words)


def _shared(context: Context) -> None:
    """One NIC, several profiles: a port of one controller only, and by one profile only."""
    told = set()
    for profile in context.of(ETHERNET):
        nic, controller = profile.get("interface_name"), profile.get("controller")
        others = [
            other
            for other in context.makers(nic)
            if other.id != profile.id and other.type == ETHERNET and other.id not in told
        ]
        if not controller or not others:
            continue
        told.add(profile.id)
        for other in others:
            wanted = other.get("controller")
            if wanted and wanted != controller:
                context.refuse(
                    profile,
                    "interface_name",
                    "would be a port of %s, and of %s by profile '%s'" % (controller, wanted, other.id),
                    "take it out of one of them",
                )
            elif wanted:
                context.refuse(
                    profile,
                    "interface_name",
                    "is a port of %s by profile %s already" % (controller, names([other])),
                    "keep one of the two profiles",
                )
            elif other.get("autoconnect", True):
                context.warn(
                    profile,
                    "interface_name",
                    "profile '%s' starts by itself on the same NIC %s, and either may win at boot" % (other.id, nic),
                    "remove it, or set its autoconnect to false",
                )
