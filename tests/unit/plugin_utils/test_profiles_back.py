# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What undoes a change of profiles."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._profiles_back import back

BOND = {"id": "bond-mgmt", "type": "bond", "interface_name": "mgmt-bo", "mtu": 1500, "bond": {"mode": "802.3ad"}}
VLAN = {"id": "vlan-mgmt", "type": "vlan", "vlan": {"id": 2017, "parent": "mgmt-br"}}
PORT = {"id": "bond-slave-eno3", "type": "ethernet", "interface_name": "eno3", "controller": "mgmt-bo"}

CASES: dict[str, tuple[list[tuple[str, Any, Any]], list[dict[str, Any]]]] = {
    "nothing": ([("unchanged", BOND, BOND), ("loaded", VLAN, VLAN)], []),
    "new": ([("created", None, PORT)], [{"id": "bond-slave-eno3", "state": "absent"}]),
    "removed": ([("removed", PORT, None)], [PORT]),
    "an option": ([("changed", BOND, {**BOND, "mtu": 9000})], [{"id": "bond-mgmt", "mtu": 1500}]),
    "an option that was not set": (
        [("changed", VLAN, {**VLAN, "mtu": 9000})],
        [{"id": "vlan-mgmt", "mtu": None}],
    ),
    "an option that was unset": (
        [("changed", BOND, {name: value for name, value in BOND.items() if name != "mtu"})],
        [{"id": "bond-mgmt", "mtu": 1500}],
    ),
    "options of the bond": (
        [("changed", BOND, {**BOND, "bond": {"mode": "active-backup", "miimon": 100}})],
        [{"id": "bond-mgmt", "bond": {"mode": "802.3ad", "miimon": None}}],
    ),
    "options of a port that had none": (
        [("changed", BOND, {**BOND, "bridge_port": {"vlans": ["1 pvid untagged", 2017]}})],
        [{"id": "bond-mgmt", "bridge_port": {"vlans": None}}],
    ),
    "a list": (
        [("changed", {**BOND, "ports": ["eno1"]}, {**BOND, "ports": ["eno1", "eno3"]}), ("created", None, PORT)],
        [
            {"id": "bond-mgmt", "ports": ["eno1"]},
            {"id": "bond-slave-eno3", "state": "absent"},
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_undoes_it(name: str) -> None:
    given, wanted = CASES[name]
    changes = [
        {"id": (before or after)["id"], "action": action, "before": before, "after": after}
        for action, before, after in given
    ]
    assert back(changes) == wanted
