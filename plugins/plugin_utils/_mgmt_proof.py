# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of a management network after a change: on the links and on the wire. Pure; private."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..module_utils.common._vlans import VlanList
from ._mgmt_profiles import BOND_DEVICE, BRIDGE_DEVICE

NAME = "management network"


def proof(desired: Mapping[str, Any], vlan_id: int = 0, holders: Iterable[int] = ()) -> dict[str, Any]:
    """``links`` for role link_proof, ``networks`` for role path_proof.

    desired: ``harvester_mgmt`` as it was applied; what it does not name is not judged. vlan_id: VLAN of the node's
    address, 0 without one. holders: VLAN ids that profiles without addresses held before the change.
    """
    mtu = None if desired.get("mtu") is None else int(desired["mtu"])
    addressed = f"{BRIDGE_DEVICE}.{vlan_id}" if vlan_id > 1 else BRIDGE_DEVICE
    bond: dict[str, Any] = {"name": BOND_DEVICE, "controller": BRIDGE_DEVICE}
    bridge: dict[str, Any] = {"name": BRIDGE_DEVICE}
    given = desired.get("bond") or {}
    bond |= {name: given[name] for name in ("ports", "mode") if given.get(name) is not None}
    devices = [bond, bridge] + ([{"name": addressed}] if addressed != BRIDGE_DEVICE else [])
    if mtu:
        for device in devices:
            device["mtu"] = mtu
    network = {"name": NAME, "device": addressed} | ({"mtu": mtu} if mtu else {})
    if desired.get("secondary_vlans") is None:
        return {"links": {"devices": devices, "absent": []}, "networks": [network]}
    listed = VlanList.parse(desired["secondary_vlans"])
    ids = sorted(listed.ids())
    bond["vlans"] = bridge["vlans"] = VlanList().with_ids({*ids, vlan_id} - {0, 1}).texts()
    held = set(ids) if desired.get("secondary_vlan_devices", True) else set()
    devices += [{"name": f"{BRIDGE_DEVICE}.{vid}"} for vid in sorted(held)]
    gone = [f"{BRIDGE_DEVICE}.{vid}" for vid in sorted(set(holders) - held)]
    return {
        "links": {"devices": devices, "absent": gone},
        "networks": [network] + [{"vlan_id": vid} for vid in ids],
    }
