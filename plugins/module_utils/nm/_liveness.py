# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a change becomes live: computed from the kernel against the profiles at every call, never remembered.

This module util is private to the collection. The order of preference was measured on nodes that carry what real ones
carry (VM ports, an agent's VLAN ids, a VIP, foreign routes); the reapply of the manual and any activation of a bridge
hurt those, so: the kernel directly; ``connection up`` only for a device that does not exist yet; D-Bus Reapply with
preserve-external-ip for addresses, DNS and routes; activation of the bond only for options that the kernel does not
take while ports are attached; else a reboot. Never ``connection down``, never the activation of an existing bridge.
"""

from __future__ import annotations

from typing import AbstractSet, Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from ..common._mtu import effective
from . import _liveness_vlans as vlan_ids
from . import _nmcli, _properties
from ._bond_value import bond_value
from ._links_types import Link, Snapshot
from ._profile import BOND, BRIDGE, ETHERNET, VLAN, Profile
from ._properties import BY_OPTION
from ._request import CREATED, REMOVED, Change, Request
from ._steps import ACTIVATE, KERNEL, REAPPLY, REAPPLY_DEVICE, REMOVE, UP, WRITE, Plan, Step

DEPTH = {ETHERNET: 0, BOND: 1, BRIDGE: 2, VLAN: 3}

# Seconds for nmcli to bring a device up; LACP and DHCP need their time.
UP_TIMEOUT = 90

_BRIDGE_LINK: Dict[str, Tuple[str, str, Callable[[Any], str]]] = {
    "bridge.stp": ("stp", "stp_state", lambda value: str(int(value))),
    "bridge.forward_delay": ("forward_delay", "forward_delay", lambda value: str(int(value) * 100)),
    "bridge.hello_time": ("hello_time", "hello_time", lambda value: str(int(value) * 100)),
    "bridge.max_age": ("max_age", "max_age", lambda value: str(int(value) * 100)),
    "bridge.ageing_time": ("ageing_time", "ageing_time", lambda value: str(int(value) * 100)),
    "bridge.priority": ("priority", "priority", str),
    "bridge.multicast_snooping": ("multicast_snooping", "mcast_snooping", lambda value: str(int(value))),
}


def plan(request: Request, changes: Sequence[Change], profiles: Mapping[str, Profile], now: Snapshot) -> Plan:
    """The live steps that bring the kernel to the named options of the request.

    profiles: every profile of the node after the change. now: the kernel as it is.
    """
    made = Plan()
    by_id = {change.id: change for change in changes}
    ordered = sorted(
        (change for change in changes if change.after is not None),
        key=lambda change: DEPTH.get(change.after.type if change.after else "", 9),
    )
    coming = _coming_devices(ordered, now)
    _mtus(made, request, ordered, profiles, now)
    for change in ordered:
        link = _link(change, now)
        if link is not None:
            vlan_ids.add(made, change, link, request.named[change.id], now, coming, _removed_devices(changes))
    for change in ordered:
        link = _link(change, now)
        if link is not None and change.after is not None:
            named = request.named[change.id]
            _bridge_options(made, change.after, named, link)
            _bond_options(made, change.after, named, link)
            _fixed(made, change, change.after, named, link)
    for change in ordered:
        _ups(made, change, now, by_id)
    _stray_ports(made, request, changes, now)
    for change in ordered:
        _addresses(made, change, request.named[change.id], now)
    for change in ordered:
        link = _link(change, now)
        if link is not None:
            vlan_ids.remove(made, change, link, now, _removed_devices(changes))
    _removals(made, changes, now)
    return made


def _link(change: Change, now: Snapshot) -> Optional[Link]:
    device = change.after.device if change.after is not None else None
    return now.links.get(device) if device else None


def _coming_devices(changes: Sequence[Change], now: Snapshot) -> Set[str]:
    found = set()
    for change in changes:
        device = change.after.device if change.after is not None else None
        if device and device not in now.links:
            found.add(device)
    return found


def _removed_devices(changes: Sequence[Change]) -> Set[str]:
    return {
        change.before.device
        for change in changes
        if change.action == REMOVED and change.before is not None and change.before.device
    }


def _mtus(
    made: Plan, request: Request, changes: Sequence[Change], profiles: Mapping[str, Profile], now: Snapshot
) -> None:
    """MTU by the kernel: lowered from the outside in, raised from the inside out; no child ever exceeds its parent."""
    lower: List[Step] = []
    raise_: List[Step] = []
    followers = {item.device for item in profiles.values() if item.type == VLAN and not item.get("mtu")}
    for change in changes:
        link = _link(change, now)
        named = request.named[change.id]
        if link is None or change.after is None or "mtu" not in named.values:
            continue
        if change.after.type == ETHERNET and change.after.get("port_type") == BOND:
            continue  # the bonding driver keeps its ports at the bond's MTU
        target = effective(change.after.get("mtu"))
        if link.mtu == target:
            continue
        step = Step(
            link.name,
            KERNEL,
            "MTU %d to %d" % (link.mtu, target),
            do=("ip", "link", "set", "dev", link.name, "mtu", str(target)),
            undo=(("ip", "link", "set", "dev", link.name, "mtu", str(link.mtu)),),
        )
        (raise_ if target > link.mtu else lower).append(step)
        _expect_mtu(made, link, target, followers, now)
    made.add(*(list(reversed(lower)) + raise_))


def _expect_mtu(made: Plan, link: Link, target: int, followers: AbstractSet[Optional[str]], now: Snapshot) -> None:
    """The device gets the MTU; a bond's ports follow, and VLAN devices above never stay larger than it.

    followers: VLAN devices whose profiles name no MTU.
    """
    mtus = made.expected.setdefault("mtu", {})
    mtus[link.name] = target
    for other in now.links.values():
        if link.kind == BOND and other.controller == link.name:
            mtus[other.name] = target
        if other.kind == VLAN and other.parent == link.name and other.mtu > target:
            mtus.setdefault(other.name, target)
        elif other.kind == VLAN and other.parent == link.name and other.name in followers:
            made.expected.setdefault("followers", {})[other.name] = target


def _bridge_options(made: Plan, after: Profile, named: Profile, link: Link) -> None:
    if link.bridge is None:
        return
    for option, (attribute, keyword, text) in _BRIDGE_LINK.items():
        if option not in named.values:
            continue
        wanted = BY_OPTION[option].meaning(after.values.get(option))
        have = getattr(link.bridge, attribute, None)
        if option == "bridge.forward_delay" and not BY_OPTION["bridge.stp"].meaning(after.values.get("bridge.stp")):
            continue  # without STP NetworkManager and the kernel leave the timers alone
        if option in ("bridge.hello_time", "bridge.max_age") and not after.get("bridge.stp", True):
            continue
        if have is None or have == wanted:
            continue
        made.expected.setdefault("bridge_options", []).append(link.name)
        prefix = ("ip", "link", "set", "dev", link.name, "type", "bridge", keyword)
        made.add(
            Step(
                link.name,
                KERNEL,
                "%s %s to %s" % (option, have, wanted),
                do=prefix + (text(wanted),),
                undo=(prefix + (text(have),),),
            )
        )


def _bond_options(made: Plan, after: Profile, named: Profile, link: Link) -> None:
    """Options that the kernel takes with ports attached go to sysfs; any other one needs the bond activated."""
    if link.bond is None:
        return
    writes: List[Step] = []
    activate: List[str] = []
    for option in named.values:
        if not option.startswith("bond."):
            continue
        row = BY_OPTION[option]
        wanted = row.meaning(after.values.get(option))
        have = link.bond.options.get(row.key)
        if wanted is None or have is None or bond_value(have) == row.codec.to_keyfile(wanted):
            continue
        why = "%s %s to %s" % (option, bond_value(have) or "none", row.codec.to_keyfile(wanted))
        made.bond_options.setdefault(link.name, {})[row.key] = row.codec.to_keyfile(wanted)
        if row.live == _properties.SYSFS:
            path = "/sys/class/net/%s/bonding/%s" % (link.name, row.key)
            writes.append(
                Step(
                    link.name,
                    KERNEL,
                    why,
                    kind=WRITE,
                    do=(path, row.codec.to_keyfile(wanted)),
                    undo=((path, bond_value(have)),),
                )
            )
        else:
            activate.append(why)
    if not activate:
        if writes:
            made.expected.setdefault("bond_options", []).append(link.name)
        made.add(*writes)
        return
    made.add(
        Step(
            link.name,
            ACTIVATE,
            "; ".join(activate + [step.why for step in writes]),
            do=tuple(_nmcli.up(after.id, UP_TIMEOUT)),
            undo=(tuple(_nmcli.up(after.id, UP_TIMEOUT)),),
            timeout=UP_TIMEOUT + 10,
        )
    )
    made.expected.setdefault("reactivated", []).append(link.name)


def _fixed(made: Plan, change: Change, after: Profile, named: Profile, link: Link) -> None:
    """What an existing device cannot take live, from the kernel where it shows it, else from the change itself."""
    seen: Dict[str, Any] = {}
    if link.bridge is not None:
        seen = {
            "bridge.vlan_filtering": link.bridge.vlan_filtering,
            "bridge.vlan_default_pvid": link.bridge.vlan_default_pvid,
        }
    if after.type == VLAN:
        seen = {"vlan.id": link.vlan_id, "vlan.parent": link.parent}
    if after.type != ETHERNET:
        seen["controller"] = link.controller
    for option in named.values:
        row = BY_OPTION[option]
        if row.live != _properties.REBOOT or option in ("interface_name", "port_type"):
            continue
        if option == "controller" and after.type == ETHERNET:
            continue  # _ups attaches NICs
        target = row.meaning(after.values.get(option))
        if option in seen:
            if target != seen[option]:
                made.needs_reboot(link.name, "%s %s to %s" % (option, seen[option], target))
        elif change.before is not None and not row.same(change.before.values.get(option), target):
            made.needs_reboot(link.name, "%s %s to %s" % (option, change.before.get(option), target))


def _ups(made: Plan, change: Change, now: Snapshot, by_id: Mapping[str, Change]) -> None:
    """Devices that do not exist yet, and NICs that are not attached to their bond."""
    after = change.after
    if after is None or not after.device or not after.get("autoconnect", True):
        return
    device = after.device
    link = now.links.get(device)
    controller = after.get("controller")
    if link is not None and (after.type != ETHERNET or not controller or link.controller == controller):
        return
    if link is None and after.type == ETHERNET:
        return  # a missing NIC is a matter of validation
    undo: Tuple[Tuple[str, ...], ...] = ()
    if link is None and change.action != CREATED:
        # The profile was there without its device; the file put back leaves a device behind that was not there before.
        undo = (("ip", "link", "delete", "dev", device),)
    why = "attached to %s" % controller if link is not None else "the device does not exist yet"
    made.add(
        Step(
            device,
            UP,
            why,
            do=tuple(_nmcli.up(after.id, UP_TIMEOUT)),
            undo=undo,
            timeout=UP_TIMEOUT + 10,
            controller=str(controller or ""),
        )
    )
    made.expected.setdefault("ports" if link is not None else "created", []).append(device)


def _stray_ports(made: Plan, request: Request, changes: Sequence[Change], now: Snapshot) -> None:
    """NICs that are still attached though neither the wanted list nor a profile has them: the next boot frees them."""
    going = _removed_devices(changes)
    for bond, ports in request.ports.items():
        for nic in now.ports(bond):
            if nic not in ports and nic not in going:
                made.needs_reboot(bond, "port %s is attached and not in the list of ports" % nic)


def _addresses(made: Plan, change: Change, named: Profile, now: Snapshot) -> None:
    """Addresses, DNS and routes: from the kernel where it shows them, else from the change of the profile."""
    after = change.after
    if after is None or change.action == CREATED or not after.device or after.device not in now.links:
        return
    reasons = []
    for option in named.values:
        row = BY_OPTION[option]
        if row.live != _properties.REAPPLY:
            continue
        old = change.before.values.get(option) if change.before is not None else None
        new = after.values.get(option)
        if not row.same(old, new):
            reasons.append(option)
        elif option.endswith(".addresses") and new:
            link = now.links[after.device]
            have = {"%s/%s" % (address.address, address.prefix) for address in link.addresses}
            reasons += ["%s %s is missing" % (option, item) for item in new if item not in have]
    if reasons:
        made.add(
            Step(
                after.device,
                REAPPLY,
                ", ".join(reasons),
                kind=REAPPLY_DEVICE,
                do=(after.device,),
                undo=((after.device,),),
                timeout=60,
            )
        )
        made.expected.setdefault("addresses", []).append(after.device)
        if any(".routes" in reason for reason in reasons):
            made.expected.setdefault("routes", []).append(after.device)


def _removals(made: Plan, changes: Sequence[Change], now: Snapshot) -> None:
    gone = [change for change in changes if change.action == REMOVED]
    if not gone:
        return
    undo = []
    for change in gone:
        device = change.before.device if change.before is not None else None
        link = now.links.get(device) if device else None
        if link is None or change.before is None:
            continue
        if change.before.type == ETHERNET:
            made.note(link.name, REMOVE, "profile '%s' removed" % change.id)
            made.expected.setdefault("ports", []).append(link.name)
            # A NIC that is somebody else's by now has nothing to be brought back to.
            if link.controller == change.before.get("controller"):
                undo.append(tuple(_nmcli.up(change.id, UP_TIMEOUT)))
        else:
            made.note(link.name, REMOVE, "profile '%s' removed" % change.id)
            made.expected.setdefault("removed", []).append(link.name)
            undo.append(tuple(_nmcli.up(change.id, UP_TIMEOUT)))
    first = gone[0].before.device if gone[0].before is not None and gone[0].before.device else gone[0].id
    made.steps.append(
        Step(
            first,
            REMOVE,
            "profiles removed: %s" % ", ".join(change.id for change in gone),
            do=tuple(_nmcli.delete([change.id for change in gone])),
            undo=tuple(undo),
            timeout=60,
        )
    )
