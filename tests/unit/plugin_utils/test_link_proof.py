# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether links are as they should be."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError, ValidationError
from ansible_collections.harvester.network.plugins.plugin_utils._link_proof import joined, mismatches


def _link(name: str, controller: str | None = None, mtu: int = 9000, **more: Any) -> dict[str, Any]:
    return {"name": name, "mtu": mtu, "controller": controller, "operstate": "up", "bond": None} | more


FOUND: dict[str, Any] = {
    "links": [
        _link("lo", mtu=65536, operstate="unknown"),
        _link("eno2", "mgmt-bo", operstate="down"),
        _link("eno1", "mgmt-bo"),
        _link("mgmt-bo", "mgmt-br", bond={"mode": "active-backup"}),
        _link("mgmt-br"),
        _link("mgmt-br.2017", mtu=1500),
    ],
    "vlans": {"mgmt-bo": ["1 pvid untagged", "2017-2019"], "mgmt-br": ["1 pvid untagged", "2017"]},
}

# One device, or the whole expectation; the lines.
CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, []),
    "null": ({"devices": None, "absent": None}, []),
    "all of it": (
        {
            "devices": [
                {
                    "name": "mgmt-bo",
                    "mtu": 9000,
                    "ports": ["eno1", "eno2"],
                    "mode": "active-backup",
                    "controller": "mgmt-br",
                    "vlans": [1, 2017, "2018-2019"],
                    "not_vlans": ["2020-4094"],
                    "up": True,
                },
                {"name": "mgmt-br"},
            ],
            "absent": ["mgmt-br.2018"],
        },
        [],
    ),
    "options that are null are not judged": (
        {
            "devices": [
                dict.fromkeys(["mtu", "ports", "mode", "controller", "vlans", "not_vlans", "up"], None)
                | {"name": "mgmt-br.2017"}
            ]
        },
        [],
    ),
    "no such device": (
        {"devices": [{"name": "mgmt-br.2018", "mtu": 9000}]},
        ["mgmt-br.2018: there is no such device"],
    ),
    "still there": ({"absent": ["mgmt-br.2017", "mgmt-br.2018"]}, ["mgmt-br.2017: it is still there"]),
    "MTU": ({"devices": [{"name": "mgmt-br.2017", "mtu": "9000"}]}, ["mgmt-br.2017: MTU 1500 instead of 9000"]),
    "a port too many": (
        {"devices": [{"name": "mgmt-bo", "ports": ["eno1"]}]},
        ["mgmt-bo: ports eno1, eno2 instead of eno1"],
    ),
    "no ports": ({"devices": [{"name": "mgmt-bo", "ports": []}]}, ["mgmt-bo: ports eno1, eno2 instead of none"]),
    "another port": ({"devices": [{"name": "eno1", "ports": ["x"]}]}, ["eno1: ports none instead of x"]),
    "mode": (
        {"devices": [{"name": "mgmt-bo", "mode": "802.3ad"}, {"name": "mgmt-br", "mode": "802.3ad"}]},
        ["mgmt-bo: mode active-backup instead of 802.3ad", "mgmt-br: mode none instead of 802.3ad"],
    ),
    "controller": (
        {"devices": [{"name": "mgmt-bo", "controller": "br0"}, {"name": "mgmt-br", "controller": "br0"}]},
        ["mgmt-bo: controller mgmt-br instead of br0", "mgmt-br: controller none instead of br0"],
    ),
    "down": (
        {"devices": [{"name": "eno2", "up": True}, {"name": "eno1", "up": False}]},
        ["eno2: it is down", "eno1: it is up"],
    ),
    "MTU of ports": (
        {"devices": [{"name": "mgmt-bo", "ports_mtu": 9000}, {"name": "mgmt-br", "ports_mtu": 1500}]},
        ["mgmt-br: port mgmt-bo: MTU 9000 instead of 1500"],
    ),
    "ports that are left out": (
        {"devices": [{"name": "mgmt-br", "ports_mtu": 1500, "ports_left_out": ["mgmt-bo", "veth1"]}]},
        [],
    ),
    "other ports are left out": (
        {"devices": [{"name": "mgmt-br", "ports_mtu": 1500, "ports_left_out": ["veth1"]}]},
        ["mgmt-br: port mgmt-bo: MTU 9000 instead of 1500"],
    ),
    "unknown": (
        {"devices": [{"name": "lo", "up": True}]},
        ["lo: it is unknown, as where the switch has another MTU"],
    ),
    "VLAN ids": (
        {"devices": [{"name": "mgmt-br", "vlans": ["2017-2019", 2100]}, {"name": "mgmt-bo", "vlans": ["2100"]}]},
        ["mgmt-br: VLAN ids 2018-2019, 2100 are missing", "mgmt-bo: VLAN id 2100 is missing"],
    ),
    "VLAN ids of a device without a list": (
        {"devices": [{"name": "eno1", "vlans": ["5"]}]},
        ["eno1: VLAN id 5 is missing"],
    ),
    "VLAN ids that must not be": (
        {"devices": [{"name": "mgmt-bo", "not_vlans": ["2017-4094"]}, {"name": "mgmt-br", "not_vlans": [1, 2]}]},
        ["mgmt-bo: VLAN ids 2017-2019 are still there", "mgmt-br: VLAN id 1 is still there"],
    ),
    "several": (
        {"devices": [{"name": "mgmt-br.2017", "mtu": 9000, "vlans": ["7"]}], "absent": ["lo"]},
        ["mgmt-br.2017: MTU 1500 instead of 9000", "mgmt-br.2017: VLAN id 7 is missing", "lo: it is still there"],
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_mismatches(name: str) -> None:
    expect, lines = CASES[name]
    assert mismatches(FOUND, expect) == lines


def test_a_node_that_told_nothing_has_no_devices() -> None:
    assert mismatches({}, {"devices": [{"name": "mgmt-bo"}], "absent": ["x"]}) == ["mgmt-bo: there is no such device"]


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no name": (
        {"devices": [{"mtu": 9000}]},
        "link_proof_expect: devices={'mtu': 9000}: a device needs a name; give name",
    ),
    "misspelt": (
        {"devices": [{"name": "x", "port": []}]},
        "link_proof_expect: devices.port: unknown key; did you mean 'ports'?",
    ),
    "unknown": (
        {"devices": [{"name": "x", "speed": 1}]},
        (
            "link_proof_expect: devices.speed: unknown key; known are controller, mode, mtu, name, not_vlans, ports,"
            " ports_left_out, ports_mtu, up, vlans"
        ),
    ),
    "misspelt list": ({"device": []}, "link_proof_expect: device: unknown key; did you mean 'devices'?"),
    "unknown list": ({"routes": []}, "link_proof_expect: routes: unknown key; known are absent, devices"),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refusals(name: str) -> None:
    expect, text = REFUSALS[name]
    with pytest.raises(ValidationError) as error:
        mismatches(FOUND, expect)
    assert str(error.value) == text


def test_vlan_ids_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(NetworkError, match="VLAN id 4095 is out of range"):
        mismatches(FOUND, {"devices": [{"name": "mgmt-br", "vlans": [4095]}]})


def test_several_expectations_are_joined() -> None:
    one = {"devices": [{"name": "vm-bo", "mtu": 9000, "vlans": ["300", "310-311"]}], "absent": ["a-br", "b-br"]}
    other = {"devices": [{"name": "vm-bo", "vlans": ["310"], "up": True}, {"name": "a-br"}], "absent": []}
    assert joined([one, {}, other]) == {
        "devices": [{"name": "vm-bo", "mtu": 9000, "vlans": ["300", "310-311"], "up": True}, {"name": "a-br"}],
        "absent": ["b-br"],
    }
    assert joined([other, one]) == {
        "devices": [{"name": "vm-bo", "vlans": ["300", "310-311"], "up": True, "mtu": 9000}],
        "absent": ["a-br", "b-br"],
    }
    assert joined([]) == {"devices": [], "absent": []}
