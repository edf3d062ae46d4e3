# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which devices of the management network a change of its MTU sets, and how: by profile, or in the kernel alone.

Lower devices are the bond, and the bridge where the node's address is on a VLAN device; frames pass through them. Upper
devices have addresses: the bridge without a management VLAN, and every VLAN device on it. An upper device decides what
the node itself sends, a lower one what it can receive and let through. A boot sets all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError
from . import _network_gate
from ._mgmt_profiles import BOND_DEVICE, BRIDGE_DEVICE, VLAN_ID

LOWER, UPPER, ALL = "lower", "upper", "all"
LAYERS = (LOWER, UPPER, ALL)
WHERE = "management network"

Before = Mapping[str, Iterable[Mapping[str, Any]]]


def mgmt_devices(found: Mapping[str, Any], layer: str) -> list[str]:
    """The names of the devices of a layer, the lowest first. found: result of module profile_info."""
    if layer not in LAYERS:
        raise ValidationError([Problem(WHERE, "layer", layer, "it is one of %s" % ", ".join(LAYERS))])
    links = {link["name"]: link for link in found["links"]}
    absent = [name for name in (BOND_DEVICE, BRIDGE_DEVICE) if name not in links]
    if absent:
        rule = "the node has no device %s" % " and ".join(absent)
        raise ValidationError([Problem(WHERE, "", None, rule, "see nmcli connection show on it")])
    if layer == ALL:
        return [*mgmt_devices(found, LOWER), *mgmt_devices(found, UPPER)]
    vlans = sorted(name for name, link in links.items() if link["kind"] == "vlan" and link["parent"] == BRIDGE_DEVICE)
    if _tagged(found):
        return [BOND_DEVICE, BRIDGE_DEVICE] if layer == LOWER else vlans
    return [BOND_DEVICE] if layer == LOWER else [BRIDGE_DEVICE, *vlans]


def mtu_settings(found: Mapping[str, Any], layer: str, mtu: int, mtu_from: int = 0) -> dict[str, Any]:
    """What brings a layer to an MTU in bytes.

    ``profiles`` for module profiles, ``links`` for module link_mtu (devices without a profile), ``kept`` for it
    afterwards, ``before``: the first two as they are, for the way back, a null where a profile has no mtu. mtu_from: of
    upper devices that keep their MTU while lower ones are raised; 0 when none has to. It goes into their profiles, and
    into the kernel again: NetworkManager lets a VLAN device follow its parent whose profile names no MTU, which is what
    1500 reads as. Of all layers ``before`` has the pod network's device too, which follows with the boot. Raises
    ValidationError.
    """
    owners = _owners(found)
    mtus = {profile["id"]: profile.get("mtu") for profile in found["profiles"]}
    kernel = {link["name"]: link["mtu"] for link in found["links"]}
    wanted = dict.fromkeys(mgmt_devices(found, layer), mtu)
    kept = {}
    if layer == LOWER and mtu_from and mtu > mtu_from:
        kept = {name: mtu_from for name in mgmt_devices(found, UPPER) if name in owners}
    profiles = [{"id": owners[name], "mtu": size} for name, size in {**wanted, **kept}.items() if name in owners]
    links = [{"name": name, "mtu": size} for name, size in wanted.items() if name not in owners]
    follow = _overlays(found, wanted) if layer == ALL else []
    return {
        "profiles": profiles,
        "links": links,
        "kept": [{"name": name, "mtu": size} for name, size in kept.items()],
        "before": {
            "profiles": [{"id": item["id"], "mtu": mtus[item["id"]]} for item in profiles],
            "links": [{"name": name, "mtu": kernel[name]} for name in [*(item["name"] for item in links), *follow]],
        },
    }


def mtu_settings_back(found: Mapping[str, Any], before: Before | None, only: str = ALL) -> dict[str, Any]:
    """The way back: what was recorded, without devices that have gone since. before: ``before`` of mtu_settings.

    only: the layer that goes back, of a change of all of them; the pod network's device is an upper one. Raises
    ValidationError.
    """
    there = {link["name"] for link in found["links"]}
    known = {profile["id"] for profile in found["profiles"]}
    recorded = before or {"profiles": [], "links": []}
    owners = _owners(found)
    low = set() if only == ALL else set(mgmt_devices(found, LOWER))
    low |= {owners[name] for name in low if name in owners}

    def meant(name: str) -> bool:
        return only == ALL or (name in low) == (only == LOWER)

    return {
        "kept": [],
        "profiles": [dict(item) for item in recorded["profiles"] if item["id"] in known and meant(item["id"])],
        "links": [dict(item) for item in recorded["links"] if item["name"] in there and meant(item["name"])],
    }


def bond_ports(found: Mapping[str, Any], bond: str) -> dict[str, list[str]]:
    """The ports of a bond that carry traffic, or could as a backup (``up``), and the others (``down``).

    In mode 802.3ad a port has to be in the active aggregator, too. A driver that says nothing of a port is believed.
    found: result of module profile_info. Raises ValidationError when there is no such bond.
    """
    states = [link["bond"] for link in found["links"] if link["name"] == bond and link.get("bond")]
    if not states:
        raise ValidationError([Problem(WHERE, "bond", bond, "the node has no such bond", "see ip link show type bond")])
    (state,) = states
    sides: dict[str, list[str]] = {"up": [], "down": []}
    for port in state["ports"]:
        joined = state.get("aggregator") is None or port.get("aggregator") == state["aggregator"]
        sides["up" if port["mii_status"] in (None, "", "up") and joined else "down"].append(port["name"])
    return sides


def _tagged(found: Mapping[str, Any]) -> bool:
    """Whether the node's address is on a VLAN device; a node that has lost its address is judged by its profiles."""
    device = _network_gate.endpoint(found).get("device")
    if device:
        return bool(device != BRIDGE_DEVICE)
    return any(profile["id"] == VLAN_ID for profile in found["profiles"])


def _overlays(found: Mapping[str, Any], below: Iterable[str]) -> list[str]:
    """The VXLAN devices on these."""
    under = set(below)
    return [link["name"] for link in found["links"] if link["kind"] == "vxlan" and link["parent"] in under]


def _owners(found: Mapping[str, Any]) -> dict[str, str]:
    """Device -> profile that makes it; the VLAN profile of the installer has no name of a device."""
    active = {device: item["id"] for item in found["connections"] for device in item["devices"]}
    named = {profile["interface_name"]: profile["id"] for profile in found["profiles"] if profile.get("interface_name")}
    return {**named, **active}
