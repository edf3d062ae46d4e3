# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the user gave and what is on disk to the changes of keyfiles. Pure; private to the collection."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import Problem, ValidationError
from . import _keyfile
from ._host import Disk, new_path
from ._profile import BOND, ETHERNET, PORT_PREFIX, VLAN, Profile
from ._properties import BY_OPTION, plain, typed

CREATED = "created"
CHANGED = "changed"
REMOVED = "removed"
UNCHANGED = "unchanged"
LOADED = "loaded"  # the file was right already, NetworkManager still held an older version of it


class Change(NamedTuple):
    """What happens to one profile: values and keyfile text, before and after (None: no such profile)."""

    id: str
    action: str
    path: str
    before: Optional[Profile]
    after: Optional[Profile]
    text_before: str = ""
    text_after: str = ""

    @property
    def writes(self) -> bool:
        return self.action in (CREATED, CHANGED)

    def result(self) -> Dict[str, Any]:
        """The change as the modules return it."""
        return {
            "id": self.id,
            "action": self.action,
            "before": None if self.before is None else _public(self.before),
            "after": None if self.after is None else _public(self.after),
        }

    def diff(self) -> Dict[str, str]:
        return {
            "before_header": self.path,
            "after_header": self.path,
            "before": _keyfile.shown(self.text_before),
            "after": _keyfile.shown(self.text_after),
        }


@dataclass(frozen=True)
class Request:
    """What is wanted, ports already expanded: ``named`` holds exactly the options that the user gave.

    ports: bond device to the whole list of its NICs, where one was given.
    """

    named: Mapping[str, Profile] = field(default_factory=dict)
    removed: Tuple[str, ...] = ()
    ports: Mapping[str, Tuple[str, ...]] = field(default_factory=dict)


def _public(profile: Profile) -> Dict[str, Any]:
    return dict({"id": profile.id, "type": profile.type}, **plain(profile.values))


def public(profiles: Iterable[Profile]) -> List[Dict[str, Any]]:
    """Profiles as the nested dicts that users write and read."""
    return [_public(profile) for profile in profiles]


def present(items: Sequence[Mapping[str, Any]], disk: Disk) -> Request:
    """A request from pruned option dicts (only what the user gave). Raises ValidationError.

    An item with ``state`` absent is one to remove.
    """
    named: Dict[str, Profile] = {}
    gone_items = [item for item in items if item.get("state") == "absent"]
    items = [item for item in items if item.get("state") != "absent"]
    removed: List[str] = list(absent(gone_items, disk).removed)
    problems: List[Problem] = []
    ports: Dict[str, Tuple[str, ...]] = {}
    for item in items:
        where = "profile '%s'" % item["id"]
        if item["id"] in named or any(item["id"] == gone["id"] for gone in gone_items):
            problems.append(Problem(where, "id", item["id"], "the profile is given twice", "merge the two entries"))
            continue
        problems += _null_groups(where, item)
        old = disk.stored.get(item["id"])
        kind = item.get("type") or (old.profile.type if old else None)
        if kind is None:
            problems.append(
                Problem(where, "type", None, "a new profile needs a type", "give bond, bridge, vlan or ethernet")
            )
            continue
        named[item["id"]] = Profile(item["id"], kind, typed(item, where))
    for item in items:
        if item.get("ports") is not None and item["id"] in named:
            extra, gone, found = _expand(item, named, disk)
            device = _device(named[item["id"]], disk)
            if device:
                ports[device] = tuple(item["ports"])
            problems += found
            named.update(extra)
            removed += gone
    if problems:
        raise ValidationError(problems)
    return Request(named, tuple(name for name in removed if name not in named), ports)


def absent(items: Sequence[Mapping[str, Any]], disk: Disk) -> Request:
    """A request that removes exactly the profiles named."""
    removed = []
    for item in items:
        if item["id"] in disk.stored and item["id"] not in removed:
            removed.append(item["id"])
    return Request({}, tuple(removed))


def _null_groups(where: str, item: Mapping[str, Any]) -> List[Problem]:
    groups = {option.split(".")[0] for option in BY_OPTION if "." in option} | {"type", "ports"}
    return [
        Problem(where, name, "null", "null unsets a single option only", "name the option to unset below '%s'" % name)
        for name in item
        if name in groups and item[name] is None
    ]


def _expand(
    item: Mapping[str, Any], named: Mapping[str, Profile], disk: Disk
) -> Tuple[Dict[str, Profile], List[str], List[Problem]]:
    """The port profiles that a bond's whole list of ports means, and the ids of those that it no longer has."""
    bond = named[item["id"]]
    where = "profile '%s'" % bond.id
    if bond.type != BOND:
        return {}, [], [Problem(where, "ports", ", ".join(item["ports"]), "only a bond has ports", "remove it")]
    device = _device(bond, disk)
    if not device:
        return {}, [], [Problem(where, "interface_name", None, "a new bond needs the name of its device")]
    problems = [
        Problem(where, "ports", nic, "the port is given twice", "name each NIC once")
        for nic in sorted({nic for nic in item["ports"] if item["ports"].count(nic) > 1})
    ]
    ports: Dict[str, Profile] = {}
    for nic in item["ports"]:
        name = _port_id(nic, device, disk)
        ports[name] = named.get(name) or Profile(
            name, ETHERNET, {"interface_name": nic, "controller": device, "port_type": BOND}
        )
    gone = []
    for stored in disk.stored.values():
        profile = stored.profile
        nic = profile.get("interface_name")
        if profile.get("controller") != device or nic in item["ports"] or profile.id in named:
            continue
        if profile.id == "%s%s" % (PORT_PREFIX, nic):
            gone.append(profile.id)
        else:
            problems.append(
                Problem(
                    where,
                    "ports",
                    ", ".join(item["ports"]),
                    "NIC %s is a port of %s too, by profile '%s', which is not named after it"
                    % (nic, device, profile.id),
                    "add it to the list, or remove that profile with state=absent",
                )
            )
    return ports, gone, problems


def _device(wanted: Profile, disk: Disk) -> Optional[str]:
    """The device of a wanted profile, by its own words or those of the stored one."""
    old = disk.stored.get(wanted.id)
    return wanted.device or (old.profile.device if old else None)


def _port_id(nic: str, bond_device: str, disk: Disk) -> str:
    """The id of the NIC's port profile: the one that it has already, else Harvester's name."""
    for stored in disk.stored.values():
        profile = stored.profile
        if profile.get("interface_name") == nic and profile.get("controller") == bond_device:
            return profile.id
    return PORT_PREFIX + nic


def changes(request: Request, disk: Disk) -> List[Change]:
    """The change of every profile that the request names, in its order; removed ones last."""
    found = []
    for name, wanted in request.named.items():
        stored = disk.stored.get(name)
        if stored is None:
            after = Profile(name, wanted.type).merged(wanted)
            text = _keyfile.render(after)
            found.append(Change(name, CREATED, new_path(name), None, after, "", text))
            continue
        differing = {
            option: value
            for option, value in wanted.values.items()
            if not BY_OPTION[option].same(stored.profile.values.get(option), value)
        }
        after = Profile(name, wanted.type, stored.profile.values).merged(Profile(name, wanted.type, differing))
        if not differing and wanted.type == stored.profile.type:
            found.append(Change(name, UNCHANGED, stored.path, stored.profile, after, stored.text, stored.text))
            continue
        text = _keyfile.render(after, stored.text)
        found.append(Change(name, CHANGED, stored.path, stored.profile, after, stored.text, text))
    for name in request.removed:
        stored = disk.stored[name]
        found.append(Change(name, REMOVED, stored.path, stored.profile, None, stored.text, ""))
    return found


def after_all(disk: Disk, found: Sequence[Change]) -> Dict[str, Profile]:
    """Every profile of the node as it will be."""
    profiles = disk.profiles
    for change in found:
        if change.after is None:
            profiles.pop(change.id, None)
        else:
            profiles[change.id] = change.after
    return profiles


def foreign(found: Sequence[Change], disk: Disk, links: Mapping[str, Any]) -> Dict[str, str]:
    """New profiles whose device exists though no profile has it, by id: an agent's, to be left alone.

    A profile for such a VLAN device was seen to flush its address (a HostNetworkConfig's mgmt-br.<vid>).
    Raises ValidationError for a bond or bridge, which would be taken over from whoever made it.
    """
    owned = {item.profile.device for item in disk.stored.values()}
    left: Dict[str, str] = {}
    problems = []
    for change in found:
        device = change.after.device if change.after is not None and change.action == CREATED else None
        if (
            not device
            or change.after is None
            or change.after.type == ETHERNET
            or device not in links
            or device in owned
        ):
            continue
        if change.after.type == VLAN:
            left[change.id] = device
            continue
        problems.append(
            Problem(
                "profile '%s'" % change.id,
                "interface_name",
                device,
                "the device exists and no profile has it; Harvester's agent or somebody else made it",
                "give another name, or have its owner remove it first",
            )
        )
    if problems:
        raise ValidationError(problems)
    return left


def without(request: Request, left: Mapping[str, str]) -> Request:
    """The request without the profiles that are left alone."""
    return replace(request, named={name: item for name, item in request.named.items() if name not in left})
