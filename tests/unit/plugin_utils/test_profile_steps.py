# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of profiles and devices, as steps of a plan."""

from __future__ import annotations

from typing import Any

from ansible_collections.harvester.network.plugins.plugin_utils import _profile_steps


def result(*profiles: dict[str, Any], devices: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    return {"profiles": list(profiles), "devices": list(devices)}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {"id": "bond-mgmt", "action": "changed", "before": before, "after": after}


def values(*profiles: dict[str, Any]) -> list[dict[str, str]]:
    (step,) = _profile_steps.steps({"node1": result(*profiles)})
    return list(step["values"])


def test_a_step_for_each_node_on_which_something_changes() -> None:
    same = {"id": "bond-mgmt", "action": "unchanged", "before": {"mtu": 1500}, "after": {"mtu": 1500}}
    device = {"name": "mgmt-bo", "how": "kernel", "why": "MTU 1500 to 9000"}
    assert _profile_steps.steps({"node1": result(same), "node2": result(same, devices=(device,))}) == [
        {"kind": "host", "name": "node2", "values": [{"field": "device mgmt-bo", "to": "kernel (MTU 1500 to 9000)"}]}
    ]
    assert _profile_steps.steps({}) == []


def test_what_differs_in_a_profile_is_told_and_nothing_else() -> None:
    before = {"id": "bond-mgmt", "mtu": 1500, "bond": {"mode": "active-backup", "miimon": 100}, "ports": ["eno1"]}
    after = {"id": "bond-mgmt", "mtu": 9000, "bond": {"mode": "802.3ad", "miimon": 100}, "ports": ["eno1", "eno2"]}
    assert values(changed(before, after)) == [
        {"field": "profile bond-mgmt mtu", "from": "1500", "to": "9000"},
        {"field": "profile bond-mgmt bond.mode", "from": "active-backup", "to": "802.3ad"},
        {"field": "profile bond-mgmt ports", "from": "eno1", "to": "eno1 eno2"},
    ]


def test_what_comes_has_no_from_and_what_goes_becomes_none() -> None:
    before = {"id": "bond-mgmt", "mtu": 9000, "bridge_port": {"vlans": [2017]}, "ipv4": {"routes": [{"to": "::/0"}]}}
    after = {"id": "bond-mgmt", "stp": False, "bridge_port": {"vlans": []}, "ipv4": {"routes": []}}
    assert values(changed(before, after)) == [
        {"field": "profile bond-mgmt mtu", "from": "9000", "to": "none"},
        {"field": "profile bond-mgmt bridge_port.vlans", "from": "2017", "to": "none"},
        {"field": "profile bond-mgmt ipv4.routes", "from": "to=::/0", "to": "none"},
        {"field": "profile bond-mgmt stp", "to": "false"},
    ]


def test_new_removed_and_loaded_profiles() -> None:
    new = {"id": "vlan-mgmt", "type": "vlan", "vlan": {"id": 2017}}
    assert values({"id": "vlan-mgmt", "action": "created", "before": None, "after": new}) == [
        {"field": "profile vlan-mgmt", "to": "created"},
        {"field": "profile vlan-mgmt type", "to": "vlan"},
        {"field": "profile vlan-mgmt vlan.id", "to": "2017"},
    ]
    for action, after in (("removed", None), ("loaded", new)):
        assert values({"id": "vlan-mgmt", "action": action, "before": new, "after": after}) == [
            {"field": "profile vlan-mgmt", "to": action}
        ]
