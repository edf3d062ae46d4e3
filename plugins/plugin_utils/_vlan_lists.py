# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two VLAN lists of a management network, in lines. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._mgmt_profiles import BOND_DEVICE, BOND_ID, BRIDGE_DEVICE, BRIDGE_ID

PLACES = ((BOND_ID, "bridge_port", BOND_DEVICE), (BRIDGE_ID, "bridge", BRIDGE_DEVICE))


def lines(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Per node what profile and kernel have. found: results of module ``profile_info`` by node."""
    return [line for node, result in found.items() for line in _of_node(node, result)]


def _of_node(node: str, result: Mapping[str, Any]) -> list[str]:
    profiles = {profile["id"]: profile for profile in result.get("profiles", ())}
    tables = result.get("vlans", {})
    shown = []
    for name, group, device in PLACES:
        listed = ((profiles.get(name) or {}).get(group) or {}).get("vlans")
        profile = "no list" if listed is None else ", ".join(map(str, listed)) or "none"
        kernel = ", ".join(tables.get(device, ())) or "none"
        shown.append(f"{node}: {device}: profile {name}: {profile}; kernel: {kernel}")
    stripped = {vid for hint in (result.get("hints") or {}).get("stripped", ()) for vid in hint["vlans"]}
    if stripped:
        shown.append(f"{node}: stripped by Harvester's agent: {', '.join(map(str, sorted(stripped)))}")
    return shown
