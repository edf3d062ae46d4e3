# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the desired state of a management network to a set of profiles. Pure; private to the collection.

Profile ids, device names and properties are those of Harvester's installer (pkg/config/templates/nm-*.nmconnection,
the same from 1.7.0 to 1.9). What is not given is not in the result, so the node keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError
from ..module_utils.common._names import suggest
from ..module_utils.common._vlans import VlanList
from ..module_utils.nm._properties import groups

BOND_ID, BRIDGE_ID, VLAN_ID = "bond-mgmt", "bridge-mgmt", "vlan-mgmt"
BOND_DEVICE, BRIDGE_DEVICE = "mgmt-bo", "mgmt-br"
PVID = "1 pvid untagged"

OPTIONS = ("bond", "vlan_id", "secondary_vlans", "mtu", "ipv4", "ipv6", "secondary_vlan_devices")
GROUPS = ("bond", "ipv4", "ipv6")

WHERE = "harvester_mgmt"

# What the installer writes into every profile; only a complete set (for state=rendered) carries it.
IDENTITY: dict[str, dict[str, Any]] = {
    BOND_ID: {"interface_name": BOND_DEVICE, "controller": BRIDGE_DEVICE, "port_type": "bridge"},
    BRIDGE_ID: {"interface_name": BRIDGE_DEVICE},
    VLAN_ID: {},
}
BOND_DEFAULTS = {"mode": "active-backup", "miimon": 100}
BRIDGE_DEFAULTS = {"forward_delay": 0, "stp": False, "vlan_filtering": True, "vlan_default_pvid": 1}


def mgmt_profiles(
    desired: Mapping[str, Any], complete: bool = False, holders: Iterable[int] = ()
) -> list[dict[str, Any]]:
    """The value of the option ``profiles`` of module ``profiles``.

    desired: ``bond`` (options of the bond, and ``ports``, the whole list of NICs), ``vlan_id`` (primary VLAN; 0 or 1:
    none), ``secondary_vlans`` (whole list of ids and ranges beside the primary VLAN), ``mtu`` (bytes), ``ipv4`` and
    ``ipv6`` (of the device with the node's address), ``secondary_vlan_devices`` (default true: a profile without
    addresses for each secondary VLAN).
    complete: everything that the installer would write, for keyfiles of a new node; the default leaves out what is not
    given. holders: VLAN ids that such a profile of the node holds; those of ids that are not listed any more go.
    Raises ValidationError with every problem found.
    """
    problems = _problems(desired, complete)
    if problems:
        raise ValidationError(problems)
    primary = _primary(desired)
    profiles = [_bond(desired, primary, complete), _bridge(desired, primary, complete)]
    if primary:
        profiles.append(_vlan(desired, primary, complete))
    profiles += _secondary_devices(desired, holders)
    return [profile for profile in profiles if set(profile) - {"id", "type"}]


def _bond(desired: Mapping[str, Any], primary: int | None, complete: bool) -> dict[str, Any]:
    given = dict(desired.get("bond") or {})
    profile = _profile(BOND_ID, "bond", complete)
    if "ports" in given:
        profile["ports"] = given.pop("ports")
    if complete:
        given = BOND_DEFAULTS | given
    if given:
        profile["bond"] = given
    if "secondary_vlans" in desired or complete:
        profile["bridge_port"] = {"vlans": VlanList.parse([PVID]).with_ids(_vids(desired, primary)).texts()}
    return profile | _mtu(desired)


def _bridge(desired: Mapping[str, Any], primary: int | None, complete: bool) -> dict[str, Any]:
    profile = _profile(BRIDGE_ID, "bridge", complete)
    bridge: dict[str, Any] = dict(BRIDGE_DEFAULTS) if complete else {}
    vids = _vids(desired, primary)
    if "secondary_vlans" in desired or (complete and vids):
        bridge["vlans"] = VlanList().with_ids(vids).texts()
    if bridge:
        profile["bridge"] = bridge
    profile |= _mtu(desired)
    if not primary:
        return profile | _addressing(desired, complete)
    return profile | ({"ipv4": {"method": "disabled"}, "ipv6": {"method": "disabled"}} if complete else {})


def _vlan(desired: Mapping[str, Any], primary: int, complete: bool) -> dict[str, Any]:
    """vlan-mgmt; the id of an existing one is never written: changing the management VLAN is not supported."""
    profile = _profile(VLAN_ID, "vlan", complete)
    if complete:
        profile["vlan"] = {"flags": 1, "id": primary, "parent": BRIDGE_DEVICE}
    return profile | _mtu(desired) | _addressing(desired, complete)


def _secondary_devices(desired: Mapping[str, Any], holders: Iterable[int]) -> list[dict[str, Any]]:
    """A device per secondary VLAN: Harvester's agent strips VLAN ids that have none from the bond at every boot."""
    if "secondary_vlans" not in desired:
        return []
    devices = desired.get("secondary_vlan_devices", True)
    wanted = VlanList.parse(desired["secondary_vlans"]).ids() if devices else frozenset()
    gone = [{"id": f"{BRIDGE_DEVICE}.{vid}", "state": "absent"} for vid in sorted(set(holders) - wanted)]
    return gone + [
        {
            "id": f"{BRIDGE_DEVICE}.{vid}",
            "type": "vlan",
            "interface_name": f"{BRIDGE_DEVICE}.{vid}",
            "vlan": {"id": vid, "parent": BRIDGE_DEVICE},
            "ipv4": {"method": "disabled"},
            "ipv6": {"method": "disabled"},
        }
        for vid in sorted(wanted)
    ]


def _profile(name: str, kind: str, complete: bool) -> dict[str, Any]:
    return {"id": name, "type": kind} | (IDENTITY[name] if complete else {})


def _mtu(desired: Mapping[str, Any]) -> dict[str, Any]:
    """Null is handed on: it takes the property out of the profiles."""
    return {"mtu": desired["mtu"]} if "mtu" in desired else {}


def _addressing(desired: Mapping[str, Any], complete: bool) -> dict[str, Any]:
    found = {family: dict(desired[family]) for family in ("ipv4", "ipv6") if family in desired}
    if complete:
        found["ipv4"] = {"method": "auto"} | found.get("ipv4", {})
        found["ipv6"] = {"method": "disabled"} | found.get("ipv6", {})
    return found


def _primary(desired: Mapping[str, Any]) -> int | None:
    """The VLAN id of the management network; None without one (the installer takes 0 and 1 for none)."""
    vid = int(desired.get("vlan_id") or 0)
    return vid if vid > 1 else None


def _vids(desired: Mapping[str, Any], primary: int | None) -> set[int]:
    secondary = set(VlanList.parse(desired.get("secondary_vlans") or []).ids())
    return secondary | ({primary} if primary else set())


# -- objections ---------------------------------------------------------------------------------------------------


def _problems(desired: Any, complete: bool) -> list[Problem]:
    if not isinstance(desired, Mapping):
        return [Problem(WHERE, "", None, "it must be a dictionary", f"known options are {', '.join(OPTIONS)}")]
    found = _unknown("", desired, OPTIONS)
    for group in GROUPS:
        if group in desired:
            found += _group_problems(group, desired[group])
    found += _vlan_problems(desired)
    found += _completeness(desired, complete)
    return found


def _unknown(path: str, given: Iterable[str], known: Iterable[str]) -> list[Problem]:
    known = tuple(known)
    return [
        Problem(
            WHERE, path + name, None, "unknown option", suggest(name, known) or f"known are {', '.join(sorted(known))}"
        )
        for name in map(str, given)
        if name not in known
    ]


def _group_problems(group: str, value: Any) -> list[Problem]:
    if not isinstance(value, Mapping):
        rule = "it must be a dictionary" if value is not None else "null unsets a single option only"
        return [Problem(WHERE, group, None, rule, f"name the options below '{group}'")]
    known = tuple(groups()[group]) + (("ports",) if group == "bond" else ())
    found = _unknown(f"{group}.", value, known)
    if "ports" in value:
        ports = value["ports"]
        if isinstance(ports, str) or not isinstance(ports, Iterable) or not list(ports):
            found.append(
                Problem(WHERE, "bond.ports", ports, "the ports are a list of NICs, at least one", "name the NICs")
            )
    return found


def _vlan_problems(desired: Mapping[str, Any]) -> list[Problem]:
    found = []
    primary = desired.get("vlan_id")
    if primary is not None and not _is_vid(primary):
        found.append(
            Problem(
                WHERE,
                "vlan_id",
                primary,
                "the primary VLAN is one id, 2 to 4094, or 0 without management VLAN",
                "give the id that the node was installed with",
            )
        )
    if "secondary_vlans" in desired:
        found += _secondary_problems(desired, primary)
    elif desired.get("secondary_vlan_devices"):
        found.append(
            Problem(WHERE, "secondary_vlan_devices", None, "it needs secondary_vlans", "list the secondary VLANs")
        )
    return found


def _secondary_problems(desired: Mapping[str, Any], primary: Any) -> list[Problem]:
    value = desired["secondary_vlans"]
    option = "secondary_vlans"
    if value is None:
        return [Problem(WHERE, option, None, "null is no list", "write [] for none, or leave it out to keep them")]
    found = []
    if primary is None:
        found.append(
            Problem(
                WHERE,
                option,
                _shown(value),
                "it needs vlan_id: the node's VLAN lists are replaced whole, and without the primary VLAN the node"
                " would be cut off",
                "give vlan_id, 0 when the nodes have no management VLAN",
            )
        )
    try:
        listed = VlanList.parse(value)
    except (ValueError, TypeError) as error:
        return found + [Problem(WHERE, option, _shown(value), str(error))]
    if listed.pvid is not None or listed.untagged() or 1 in listed.ids():
        found.append(
            Problem(
                WHERE,
                option,
                _shown(value),
                "secondary VLANs are tagged, 2 to 4094; VLAN 1 is the untagged one of the bridge",
                "leave it out: '1 pvid untagged' is always kept",
            )
        )
    if primary is not None and _is_vid(primary) and int(primary) > 1 and int(primary) in listed.ids():
        found.append(
            Problem(WHERE, option, _shown(value), f"VLAN {primary} is the primary VLAN (vlan_id)", "list the others")
        )
    return found


def _completeness(desired: Mapping[str, Any], complete: bool) -> list[Problem]:
    found = []
    if not complete:
        found += [
            Problem(
                WHERE,
                option,
                None,
                "it needs vlan_id: the device with the node's address is mgmt-br.<vlan_id>, or mgmt-br without a"
                " management VLAN",
                "give vlan_id, 0 when the nodes have no management VLAN",
            )
            for option in ("mtu", "ipv4", "ipv6")
            if option in desired and desired.get("vlan_id") is None
        ]
    elif "ports" not in (desired.get("bond") or {}):
        found.append(Problem(WHERE, "bond.ports", None, "a complete set needs the NICs of the bond", "list the NICs"))
    return found


def _is_vid(value: Any) -> bool:
    """0 to 4094, also as text: -e gives strings."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return False
    text = str(value)
    return text.isascii() and text.isdigit() and int(text) <= 4094


def _shown(value: Any) -> str:
    if isinstance(value, (str, int)) or not isinstance(value, Iterable):
        return str(value)
    return ", ".join(str(item) for item in value)
