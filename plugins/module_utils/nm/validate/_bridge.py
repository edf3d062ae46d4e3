# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for bridges and their ports, one profile at a time. This module util is private to the collection.

Ranges: those of NetworkManager and of the kernel's bridge (net/bridge/br_stp.c); Harvester's bridges run without STP
and with forward_delay 0. Lists that several profiles share are judged in _bridge_vlans.py.
"""

from __future__ import annotations

from ...common import _mac
from .._profile import BRIDGE, Profile
from ._context import Context, vlan_list

RANGES = (
    ("bridge.hello_time", 1, 10, " s"),
    ("bridge.max_age", 6, 40, " s"),
    ("bridge.ageing_time", 0, 1000000, " s"),
    ("bridge.priority", 0, 65535, ""),
    ("bridge.vlan_default_pvid", 0, 4094, ""),
    ("bridge_port.path_cost", 0, 65535, ""),
    ("bridge_port.priority", 0, 63, ""),
)
FORWARD_DELAY = (2, 30)


def check(context: Context) -> None:
    for profile in context.changing:
        _ranges(context, profile)
    for profile in context.of(BRIDGE):
        _forward_delay(context, profile)
        _filtering(context, profile)
        _own_vlans(context, profile)
        mac = profile.get("bridge.mac_address")
        wrong = None if mac is None else _mac.objection(mac)
        if wrong:
            context.refuse(profile, "bridge.mac_address", wrong)


def default_pvid(bridge: Profile) -> int:
    """The VLAN id of untagged frames on a bridge; 0 for none."""
    return int(bridge.get("bridge.vlan_default_pvid", 1))


def _ranges(context: Context, profile: Profile) -> None:
    for option, least, most, unit in RANGES:
        value = profile.get(option)
        if value is not None and not least <= value <= most:
            context.refuse(profile, option, "must be within %d..%d%s" % (least, most, unit))


def _forward_delay(context: Context, profile: Profile) -> None:
    delay = profile.get("bridge.forward_delay")
    least, most = FORWARD_DELAY
    if delay is None or least <= delay <= most:
        return
    if delay != 0:
        context.refuse(
            profile, "bridge.forward_delay", "must be within %d..%d s, or 0 on a bridge without STP" % (least, most)
        )
    elif profile.get("bridge.stp", True):
        context.refuse(
            profile,
            "bridge.forward_delay",
            "0 is for bridges without STP; with it the bridge would forward before it knows of loops",
            "set bridge.stp to false as Harvester does, or give %d..%d s" % (least, most),
        )


def _filtering(context: Context, profile: Profile) -> None:
    if vlan_list(profile, "bridge.vlans") and not profile.get("bridge.vlan_filtering", False):
        context.refuse(
            profile,
            "bridge.vlans",
            "has no effect while bridge.vlan_filtering is false",
            "set bridge.vlan_filtering to true, or unset the list (null)",
        )


def _own_vlans(context: Context, profile: Profile) -> None:
    """The bridge's own list holds tagged ids; its untagged VLAN is vlan_default_pvid."""
    vlans, pvid = vlan_list(profile, "bridge.vlans"), default_pvid(profile)
    untagged = [entry for entry in vlans.entries if (entry.untagged or entry.pvid) and entry.span != str(pvid)]
    if untagged:
        context.refuse(
            profile,
            "bridge.vlans",
            "'%s' would move the node's untagged traffic to another VLAN" % str(untagged[0]),
            "write '%s', and set the untagged VLAN with bridge.vlan_default_pvid" % untagged[0].span,
        )
    if 1 in vlans.tagged():
        context.refuse(
            profile,
            "bridge.vlans",
            "VLAN id 1 must not be tagged: it is the untagged VLAN of the management network, and tagging it cuts the "
            "node off (Harvester issue 8515)",
            "take 1 out of the list",
        )
