# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLAN ids of a bridge and of the ports on it, live. This module util is private to the collection.

From Harvester 1.7 on an agent owns part of the bond's VLAN table: it adds the ids of VM networks and, at every boot,
strips those that neither a VM network nor a device <bridge>.<vid> uses. So ids that no profile has are left alone, and
an id that was stripped is a warning with its remedy: adding it again, or rebooting, would be undone again.
"""

from __future__ import annotations

from typing import Iterable, List, Optional, Set, Tuple

from ..common._vlans import compress
from ._links_types import Link, Snapshot
from ._profile import Profile
from ._request import Change
from ._steps import KERNEL, Plan, Step

OPTIONS = ("bridge.vlans", "bridge_port.vlans")


def ids(profile: Optional[Profile], option: str) -> Set[int]:
    """The tagged ids of a profile's list."""
    value = profile.get(option) if profile is not None else None
    return set(value.tagged()) if value is not None else set()


def live_ids(now: Snapshot, device: str) -> Set[int]:
    """The ids in the kernel's table of a bridge or a port."""
    return {entry.vid for entry in now.vlans.get(device, ())}


def add(
    made: Plan,
    change: Change,
    link: Link,
    named: Profile,
    now: Snapshot,
    coming: Set[str],
    going: Set[str],
) -> None:
    """Ids of the profile that the kernel lacks; those that an agent stripped become a warning."""
    for option in OPTIONS:
        if option not in named.values:
            continue
        own = option == "bridge.vlans"
        bridge = link.name if own else link.controller
        if not own and not bridge:
            continue
        wanted = ids(change.after, option)
        missing = wanted - live_ids(now, link.name)
        stripped = set()
        if not own and bridge:
            stripped = _stripped(missing, ids(change.before, option), bridge, now, coming)
        if stripped:
            made.warnings.append(
                "stripped: VLAN id %s is in profile '%s' but not on %s, and there is no device %s.<id>:"
                " Harvester's agent removes such ids at every boot; give each a VLAN profile"
                " (%s.<id>, without addresses) or a VM network"
                % (", ".join(compress(stripped)), change.id, link.name, bridge, bridge)
            )
        _table_steps(made, link, missing - stripped, own, now, adding=True)


def _stripped(missing: Set[int], before: Set[int], bridge: str, now: Snapshot, coming: Set[str]) -> Set[int]:
    """Ids that the profile had before, that the bridge itself still carries, and that nothing holds on the port."""
    return {
        vid
        for vid in missing & before & live_ids(now, bridge)
        if "%s.%d" % (bridge, vid) not in now.links and "%s.%d" % (bridge, vid) not in coming
    }


def remove(made: Plan, change: Change, link: Link, now: Snapshot, going: Set[str]) -> None:
    """Ids that this change takes out of the profile; those still in use stay, with a warning."""
    for option in OPTIONS:
        own = option == "bridge.vlans"
        bridge = link.name if own else link.controller
        gone = (ids(change.before, option) - ids(change.after, option)) & live_ids(now, link.name)
        if not gone or not bridge:
            continue
        used = {vid: user for vid in gone for user in [_user(vid, bridge, link.name, now, going)] if user}
        for vid, user in sorted(used.items()):
            made.warnings.append(
                "VLAN id %d was taken out of profile '%s' but stays on %s until the next boot: %s uses it"
                % (vid, change.id, link.name, user)
            )
        _table_steps(made, link, gone - set(used), own, now, adding=False)


def _user(vid: int, bridge: str, port: str, now: Snapshot, going: Set[str]) -> Optional[str]:
    device = "%s.%d" % (bridge, vid)
    if device in now.links and device not in going:
        return device
    for name, link in now.links.items():
        if link.controller == bridge and name != port and vid in live_ids(now, name) and link.kind != "bond":
            return "port %s" % name
    return None


def _table_steps(made: Plan, link: Link, vids: Iterable[int], own: bool, now: Snapshot, adding: bool) -> None:
    chosen = sorted(set(vids))
    if not chosen:
        return
    verb, back = ("add", "del") if adding else ("del", "add")
    where = ("dev", link.name) + (("self",) if own else ())
    key = "vlans_added" if adding else "vlans_removed"
    made.expected.setdefault(key, {}).setdefault(link.name, []).extend(chosen)
    steps: List[Step] = []
    for span in compress(chosen):
        flags = _flags(now, link.name, span) if not adding else ()
        do = ("bridge", "vlan", verb, "vid", span) + where
        undo: Tuple[str, ...] = ("bridge", "vlan", back, "vid", span) + where + flags
        steps.append(
            Step(link.name, KERNEL, "VLAN id %s %s" % (span, "added" if adding else "removed"), do=do, undo=(undo,))
        )
    made.add(*steps)


def _flags(now: Snapshot, device: str, span: str) -> Tuple[str, ...]:
    """How the first id of a span stood in the table, so that undo puts it back the same way."""
    first = int(span.split("-")[0])
    for entry in now.vlans.get(device, ()):
        if entry.vid == first:
            return (("pvid",) if entry.pvid else ()) + (("untagged",) if entry.untagged else ())
    return ()
