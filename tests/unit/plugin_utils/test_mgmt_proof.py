# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be true of a management network after a change."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._link_proof import mismatches
from ansible_collections.harvester.network.plugins.plugin_utils._mgmt_proof import proof

BOND = {"name": "mgmt-bo", "controller": "mgmt-br"}
BRIDGE = {"name": "mgmt-br"}

# Desired state, VLAN of the node, VLANs that were held; devices, absent, networks.
CASES: dict[str, tuple[dict[str, Any], int, list[int], list[Any], list[str], list[Any]]] = {
    "what is not named is not judged": (
        {},
        2017,
        [2018],
        [BOND, BRIDGE, {"name": "mgmt-br.2017"}],
        [],
        [{"name": "management network", "device": "mgmt-br.2017"}],
    ),
    "the whole": (
        {"bond": {"ports": ["eno1", "eno2"], "mode": "802.3ad", "miimon": 100}, "mtu": "9000"},
        2017,
        [],
        [
            BOND | {"ports": ["eno1", "eno2"], "mode": "802.3ad", "mtu": 9000},
            BRIDGE | {"mtu": 9000},
            {"name": "mgmt-br.2017", "mtu": 9000},
        ],
        [],
        [{"name": "management network", "device": "mgmt-br.2017", "mtu": 9000}],
    ),
    "null is not judged": (
        {"bond": {"mode": None, "ports": None}, "mtu": None, "secondary_vlans": None},
        0,
        [],
        [BOND, BRIDGE],
        [],
        [{"name": "management network", "device": "mgmt-br"}],
    ),
    "no bond": ({"bond": None}, 1, [], [BOND, BRIDGE], [], [{"name": "management network", "device": "mgmt-br"}]),
    "secondary VLANs": (
        {"secondary_vlans": ["2100-2101", 2018], "mtu": 9000},
        2017,
        [2018, 2030],
        [
            BOND | {"mtu": 9000, "vlans": ["2017-2018", "2100-2101"]},
            BRIDGE | {"mtu": 9000, "vlans": ["2017-2018", "2100-2101"]},
            {"name": "mgmt-br.2017", "mtu": 9000},
            {"name": "mgmt-br.2018"},
            {"name": "mgmt-br.2100"},
            {"name": "mgmt-br.2101"},
        ],
        ["mgmt-br.2030"],
        [
            {"name": "management network", "device": "mgmt-br.2017", "mtu": 9000},
            {"vlan_id": 2018},
            {"vlan_id": 2100},
            {"vlan_id": 2101},
        ],
    ),
    "secondary VLANs without devices": (
        {"secondary_vlans": "2018", "secondary_vlan_devices": False},
        0,
        [2018],
        [BOND | {"vlans": ["2018"]}, BRIDGE | {"vlans": ["2018"]}],
        ["mgmt-br.2018"],
        [{"name": "management network", "device": "mgmt-br"}, {"vlan_id": 2018}],
    ),
    "all secondary VLANs removed": (
        {"secondary_vlans": []},
        2017,
        [2103, 2018],
        [BOND | {"vlans": ["2017"]}, BRIDGE | {"vlans": ["2017"]}, {"name": "mgmt-br.2017"}],
        ["mgmt-br.2018", "mgmt-br.2103"],
        [{"name": "management network", "device": "mgmt-br.2017"}],
    ),
    "none, and none before, without a management VLAN": (
        {"secondary_vlans": []},
        0,
        [],
        [BOND | {"vlans": []}, BRIDGE | {"vlans": []}],
        [],
        [{"name": "management network", "device": "mgmt-br"}],
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_proof(name: str) -> None:
    desired, vlan_id, holders, devices, absent, networks = CASES[name]
    found = proof(desired, vlan_id, holders)
    assert found == {"links": {"devices": devices, "absent": absent}, "networks": networks}
    # Role link_proof can read it.
    assert "mgmt-bo: there is no such device" in mismatches({}, found["links"])
