# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VLAN lists that bridge, uplinks and VLAN devices share. This module util is private to the collection.

A VLAN device on a filtering bridge works only while its id is in bridge.vlans and in bridge_port.vlans of the bond
below. Both are whole lists: whoever forgets the primary id in one of them cuts the node off. PVID 1 untagged stays
(Harvester issue 8515). Hardware filters overflow (Harvester issues 7650 and 5678).
"""

from __future__ import annotations

from typing import Dict, FrozenSet, List, Set, Tuple

from ...common._vlans import compress
from .._profile import BOND, BRIDGE, Profile
from ._bridge import default_pvid
from ._context import Context, vlan_list

OWN = "bridge.vlans"
PORT = "bridge_port.vlans"
ADDRESSED = {"ipv4.method": ("auto", "manual"), "ipv6.method": ("auto", "dhcp", "manual")}


def check(context: Context) -> None:
    for profile in context.changing:
        if profile.get("port_type") == BRIDGE and profile.type == BOND:
            _pvid(context, profile)
        _filter_limit(context, profile)
    for bridge in context.profiles.values():
        if bridge.type == BRIDGE and bridge.device:
            _lists(context, bridge)


def addressed(profile: Profile) -> bool:
    """Whether the node has an address on the profile's device."""
    return any(profile.get(option) in methods for option, methods in ADDRESSED.items())


def _lists(context: Context, bridge: Profile) -> None:
    """One bridge with its bonds and VLAN devices, as far as the call touches one of them."""
    bonds = [port for port in context.ports(bridge.device) if port.type == BOND]
    vlans = list(context.vlans(bridge.device))
    if not context.any_touched(bridge, *bonds, *vlans):
        return
    if not bridge.get("bridge.vlan_filtering", False):
        for bond in bonds:
            if vlan_list(bond, PORT) and context.any_touched(bridge, bond):
                context.refuse(
                    bond,
                    PORT,
                    "has no effect while bridge.vlan_filtering of profile '%s' is false" % bridge.id,
                    "set it to true, or unset the list (null)",
                )
        return
    told: Dict[str, Set[int]] = {profile.id: set() for profile in [bridge] + bonds}
    for vlan in vlans:
        _device(context, bridge, bonds, vlan, told)
    for bond in bonds:
        if context.any_touched(bridge, bond):
            _agree(context, bridge, bond, told)


def _device(context: Context, bridge: Profile, bonds: List[Profile], vlan: Profile, told: Dict[str, Set[int]]) -> None:
    """The id of a VLAN device is in the bridge's list and in that of every bond below.

    What was so before this call is a warning only: Harvester's agent puts the id of every device mgmt-br.<id> that it
    finds on the bond, whatever the profile says.
    """
    vid = vlan.get("vlan.id")
    if vid is None:
        return
    if vid == default_pvid(bridge) or vid == 1:
        if context.any_touched(vlan):
            context.refuse(
                vlan,
                "vlan.id",
                "VLAN %d is the untagged VLAN of bridge %s and must not be tagged (Harvester issue 8515)"
                % (vid, bridge.device),
                "put the address on profile '%s' itself, or use another id" % bridge.id,
            )
        return
    for holder, option in [(bridge, OWN)] + [(bond, PORT) for bond in bonds]:
        if vid in vlan_list(holder, option).tagged() or not context.any_touched(holder, vlan):
            continue
        told[holder.id].add(vid)
        if addressed(vlan):
            reason = (
                "the primary VLAN id %d, on which the node has its address (profile '%s'), is missing; "
                "the node would be cut off"
            )
        else:
            reason = "VLAN id %d of profile '%s' is missing, so its frames would be dropped"
        old = context.unchanged((holder, option), (vlan, "vlan.id"), (vlan, "vlan.parent"))
        say = context.warn if old else context.refuse
        say(holder, option, reason % (vid, vlan.id), "add %d to the list" % vid)


def _agree(context: Context, bridge: Profile, bond: Profile, told: Dict[str, Set[int]]) -> None:
    """Both lists have the same tagged ids. What was so before this call is a warning only."""
    own, port = vlan_list(bridge, OWN).tagged(), vlan_list(bond, PORT).tagged()
    sides: Tuple[Tuple[Profile, str, FrozenSet[int], Profile, str], ...] = (
        (bridge, OWN, port - own - told[bridge.id] - {1}, bond, PORT),
        (bond, PORT, own - port - told[bond.id] - {1}, bridge, OWN),
    )
    say = context.warn if context.unchanged((bridge, OWN), (bond, PORT)) else context.refuse
    for short, option, missing, full, other in sides:
        if missing:
            one = len(missing) == 1
            say(
                short,
                option,
                "VLAN %s %s %s missing, which %s of profile '%s' has"
                % ("id" if one else "ids", ", ".join(compress(missing)), "is" if one else "are", other, full.id),
                "add %s here, or take %s out there" % (("it", "it") if one else ("them", "them")),
            )


def _pvid(context: Context, bond: Profile) -> None:
    """A list on a bridge's bond keeps the bridge's untagged VLAN untagged, and never tags VLAN 1."""
    vlans = vlan_list(bond, PORT)
    if not vlans:
        return
    bridge = context.maker(bond.get("controller"))
    pvid = default_pvid(bridge) if bridge is not None and bridge.type == BRIDGE else 1
    word = "%d pvid untagged" % pvid
    if 1 in vlans.tagged():
        context.refuse(
            bond,
            PORT,
            "VLAN id 1 must not be tagged: untagged frames of the management network belong to it, and tagging it cuts "
            "the node off (Harvester issue 8515)",
            "write '1 pvid untagged'",
        )
    elif pvid and (vlans.pvid != pvid or pvid not in vlans.untagged()):
        context.refuse(
            bond,
            PORT,
            "'%s' is missing; the list is the whole list, and without it untagged frames are dropped" % word,
            "add '%s'" % word,
        )


def _filter_limit(context: Context, profile: Profile) -> None:
    count, limit = len(vlan_list(profile, PORT).ids()), context.limits.vlan_filter_limit
    if count > limit:
        context.warn(
            profile,
            PORT,
            "has %d VLAN ids, more than the %d (vlan_filter_limit) that a NIC is taken to filter in hardware; some "
            "then drop VLANs silently (Harvester issue 7650)" % (count, limit),
            "name only the ids in use, or raise vlan_filter_limit to what your NICs can do",
        )
