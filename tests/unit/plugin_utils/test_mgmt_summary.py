# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about each node at the end."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._mgmt_summary import summary

UNCHANGED = {"id": "bond-mgmt", "action": "unchanged", "before": {}, "after": {}}
MTU = {
    "id": "bond-mgmt",
    "action": "changed",
    "before": {"id": "bond-mgmt", "type": "bond", "bond": {"mode": "active-backup"}},
    "after": {"id": "bond-mgmt", "type": "bond", "mtu": 9000, "bond": {"mode": "active-backup"}},
}
VLANS = {
    "id": "bridge-mgmt",
    "action": "changed",
    "before": {"bridge": {"vlans": ["2017"], "stp": True}},
    "after": {"bridge": {"vlans": ["2017-2018", "2100-2103"], "stp": False}},
}

CASES: dict[str, tuple[dict[str, Any], bool, list[str]]] = {
    "nothing to do": ({"profiles": [UNCHANGED], "devices": []}, False, ["n: nothing to do"]),
    "live": (
        {"profiles": [MTU], "devices": [{"name": "mgmt-bo", "how": "kernel", "why": "MTU 1500 to 9000"}]},
        False,
        [
            "n: changed",
            "  profile bond-mgmt changed: mtu unset -> 9000",
            "  device mgmt-bo: live, set in the kernel (MTU 1500 to 9000)",
        ],
    ),
    "check mode": (
        {"profiles": [MTU], "devices": []},
        True,
        ["n: would change", "  profile bond-mgmt changed: mtu unset -> 9000"],
    ),
    "waiting for a boot": (
        {
            "profiles": [VLANS],
            "devices": [{"name": "mgmt-br", "how": "reboot", "why": "VLAN id 2018 added"}],
            "reboot_required": True,
        },
        False,
        [
            "n: changed, needs a reboot",
            "  profile bridge-mgmt changed: bridge.vlans 2017 -> 2017-2018, 2100-2103",
            "  profile bridge-mgmt changed: bridge.stp true -> false",
            "  device mgmt-br: at the next boot (VLAN id 2018 added)",
        ],
    ),
    "rebooted": (
        {
            "profiles": [{"id": "mgmt-br.2018", "action": "created", "before": None, "after": {"id": "mgmt-br.2018"}}],
            "devices": [{"name": "mgmt-br.2018", "how": "reboot", "why": "the device does not exist yet"}],
            "reboot_required": False,
            "rebooted": True,
        },
        False,
        [
            "n: changed, rebooted",
            "  profile mgmt-br.2018 created",
            "  device mgmt-br.2018: live since the reboot (the device does not exist yet)",
        ],
    ),
    "cut, with bystanders put back and a warning": (
        {
            "profiles": [UNCHANGED],
            "devices": [{"name": "mgmt-bo", "how": "activate", "why": "bond mode"}],
            "resumed": True,
            "restored": ["bridge vlan add dev mgmt-bo vid 100"],
            "warnings_found": ["stripped: ..."],
        },
        False,
        [
            "n: changed, the session was cut, the change went on",
            "  device mgmt-bo: live, activated (bond mode)",
            "  put back for a bystander: bridge vlan add dev mgmt-bo vid 100",
            "  warning: stripped: ...",
        ],
    ),
    "only a boot is pending": (
        {"profiles": [UNCHANGED], "devices": [], "reboot_required": True},
        False,
        ["n: needs a reboot"],
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_lines(name: str) -> None:
    result, check, expected = CASES[name]
    assert summary({"n": result}, check) == expected


def test_nodes_stay_in_order() -> None:
    assert summary({"b": {}, "a": {}}) == ["b: nothing to do", "a: nothing to do"]
