# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired state of a management network as profiles."""

from __future__ import annotations

import configparser
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.module_utils.nm import _engine
from ansible_collections.harvester.network.plugins.module_utils.nm.validate import Limits
from ansible_collections.harvester.network.plugins.plugin_utils._mgmt_profiles import mgmt_profiles

NOTHING: list[dict[str, Any]] = []

CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "nothing given, nothing asked": ({}, NOTHING),
    "the primary VLAN alone asks for nothing": ({"vlan_id": 2017}, NOTHING),
    "a bond option": (
        {"bond": {"miimon": 200}},
        [{"id": "bond-mgmt", "type": "bond", "bond": {"miimon": 200}}],
    ),
    "null unsets": (
        {"bond": {"primary": None}},
        [{"id": "bond-mgmt", "type": "bond", "bond": {"primary": None}}],
    ),
    "ports alone": (
        {"bond": {"ports": ["eno1", "eno2"]}},
        [{"id": "bond-mgmt", "type": "bond", "ports": ["eno1", "eno2"]}],
    ),
    "MTU with a management VLAN": (
        {"vlan_id": 2017, "mtu": 9000},
        [
            {"id": "bond-mgmt", "type": "bond", "mtu": 9000},
            {"id": "bridge-mgmt", "type": "bridge", "mtu": 9000},
            {"id": "vlan-mgmt", "type": "vlan", "mtu": 9000},
        ],
    ),
    "MTU without management VLAN": (
        {"vlan_id": 0, "mtu": 9000},
        [{"id": "bond-mgmt", "type": "bond", "mtu": 9000}, {"id": "bridge-mgmt", "type": "bridge", "mtu": 9000}],
    ),
    "VLAN 1 is no management VLAN": (
        {"vlan_id": 1, "mtu": 9000},
        [{"id": "bond-mgmt", "type": "bond", "mtu": 9000}, {"id": "bridge-mgmt", "type": "bridge", "mtu": 9000}],
    ),
    "MTU null takes it out": (
        {"vlan_id": 0, "mtu": None},
        [{"id": "bond-mgmt", "type": "bond", "mtu": None}, {"id": "bridge-mgmt", "type": "bridge", "mtu": None}],
    ),
    "strings as -e gives them": (
        {"vlan_id": "2017", "mtu": "9000"},
        [
            {"id": "bond-mgmt", "type": "bond", "mtu": "9000"},
            {"id": "bridge-mgmt", "type": "bridge", "mtu": "9000"},
            {"id": "vlan-mgmt", "type": "vlan", "mtu": "9000"},
        ],
    ),
    "secondary VLANs keep the primary and the untagged one": (
        {"vlan_id": 2017, "secondary_vlans": [2018, "2100-2103"], "secondary_vlan_devices": False},
        [
            {
                "id": "bond-mgmt",
                "type": "bond",
                "bridge_port": {"vlans": ["1 pvid untagged", "2017-2018", "2100-2103"]},
            },
            {"id": "bridge-mgmt", "type": "bridge", "bridge": {"vlans": ["2017-2018", "2100-2103"]}},
        ],
    ),
    "an empty list: only the primary VLAN": (
        {"vlan_id": 2017, "secondary_vlans": []},
        [
            {"id": "bond-mgmt", "type": "bond", "bridge_port": {"vlans": ["1 pvid untagged", "2017"]}},
            {"id": "bridge-mgmt", "type": "bridge", "bridge": {"vlans": ["2017"]}},
        ],
    ),
    "secondary VLANs without management VLAN": (
        {"vlan_id": 0, "secondary_vlans": [2018], "secondary_vlan_devices": False},
        [
            {"id": "bond-mgmt", "type": "bond", "bridge_port": {"vlans": ["1 pvid untagged", "2018"]}},
            {"id": "bridge-mgmt", "type": "bridge", "bridge": {"vlans": ["2018"]}},
        ],
    ),
    "addressing goes to the VLAN device": (
        {"vlan_id": 2017, "ipv4": {"dns": ["192.0.2.53"]}},
        [{"id": "vlan-mgmt", "type": "vlan", "ipv4": {"dns": ["192.0.2.53"]}}],
    ),
    "addressing without management VLAN goes to the bridge": (
        {"vlan_id": 0, "ipv4": {"dns": ["192.0.2.53"]}},
        [{"id": "bridge-mgmt", "type": "bridge", "ipv4": {"dns": ["192.0.2.53"]}}],
    ),
    "a device per secondary VLAN": (
        {"vlan_id": 2017, "secondary_vlans": ["2100-2101"]},
        [
            {"id": "bond-mgmt", "type": "bond", "bridge_port": {"vlans": ["1 pvid untagged", "2017", "2100-2101"]}},
            {"id": "bridge-mgmt", "type": "bridge", "bridge": {"vlans": ["2017", "2100-2101"]}},
        ]
        + [
            {
                "id": f"mgmt-br.{vid}",
                "type": "vlan",
                "interface_name": f"mgmt-br.{vid}",
                "vlan": {"id": vid, "parent": "mgmt-br"},
                "ipv4": {"method": "disabled"},
                "ipv6": {"method": "disabled"},
            }
            for vid in (2100, 2101)
        ],
    ),
}


@pytest.mark.parametrize(
    ("desired", "gone"),
    [
        ({"vlan_id": 2017, "secondary_vlans": [2018]}, ["mgmt-br.2100"]),
        ({"vlan_id": 2017, "secondary_vlans": []}, ["mgmt-br.2018", "mgmt-br.2100"]),
        (
            {"vlan_id": 2017, "secondary_vlans": [2018], "secondary_vlan_devices": False},
            ["mgmt-br.2018", "mgmt-br.2100"],
        ),
        ({"vlan_id": 2017}, []),
    ],
)
def test_a_holder_goes_with_its_vlan(desired: dict[str, Any], gone: list[str]) -> None:
    found = mgmt_profiles(desired, holders=[2018, 2100])
    assert [item["id"] for item in found if item.get("state") == "absent"] == gone
    assert {item["id"] for item in found if item.get("state") != "absent"}.isdisjoint(gone)


@pytest.mark.parametrize("name", sorted(CASES))
def test_profiles(name: str) -> None:
    desired, expected = CASES[name]
    assert mgmt_profiles(desired) == expected


NO_VLAN_ID = "it needs vlan_id: the device with the node's address is mgmt-br.<vlan_id>, or mgmt-br without a management VLAN; give vlan_id, 0 when the nodes have no management VLAN"  # noqa: E501

REFUSALS: dict[str, tuple[Any, str]] = {
    "not a dictionary": (
        ["eno1"],
        (
            "harvester_mgmt: it must be a dictionary; known options are bond, vlan_id, secondary_vlans, mtu, ipv4,"
            " ipv6, secondary_vlan_devices"
        ),
    ),
    "misspelt option": (
        {"secondry_vlans": [2018]},
        "harvester_mgmt: secondry_vlans: unknown option; did you mean 'secondary_vlans'?",
    ),
    "misspelt bond option": (
        {"bond": {"mimon": 100}},
        "harvester_mgmt: bond.mimon: unknown option; did you mean 'miimon'?",
    ),
    "misspelt addressing option": (
        {"vlan_id": 0, "ipv4": {"gatway": "192.0.2.1"}},
        "harvester_mgmt: ipv4.gatway: unknown option; did you mean 'gateway'?",
    ),
    "null group": (
        {"bond": None},
        "harvester_mgmt: bond: null unsets a single option only; name the options below 'bond'",
    ),
    "group of another type": (
        {"bond": "active-backup"},
        "harvester_mgmt: bond: it must be a dictionary; name the options below 'bond'",
    ),
    "no port": (
        {"bond": {"ports": []}},
        "harvester_mgmt: bond.ports=[]: the ports are a list of NICs, at least one; name the NICs",
    ),
    "ports as a text": (
        {"bond": {"ports": "eno1"}},
        "harvester_mgmt: bond.ports=eno1: the ports are a list of NICs, at least one; name the NICs",
    ),
    "primary VLAN out of range": (
        {"vlan_id": 4095},
        (
            "harvester_mgmt: vlan_id=4095: the primary VLAN is one id, 2 to 4094, or 0 without management VLAN;"
            " give the id that the node was installed with"
        ),
    ),
    "primary VLAN a list": (
        {"vlan_id": [2017]},
        (
            "harvester_mgmt: vlan_id=[2017]: the primary VLAN is one id, 2 to 4094, or 0 without management VLAN;"
            " give the id that the node was installed with"
        ),
    ),
    "secondary VLANs without the primary": (
        {"secondary_vlans": [2018, "2100-2103"]},
        (
            "harvester_mgmt: secondary_vlans=2018, 2100-2103: it needs vlan_id: the node's VLAN lists are replaced"
            " whole, and without the primary VLAN the node would be cut off; give vlan_id, 0 when the nodes have no"
            " management VLAN"
        ),
    ),
    "secondary VLANs null": (
        {"vlan_id": 2017, "secondary_vlans": None},
        "harvester_mgmt: secondary_vlans: null is no list; write [] for none, or leave it out to keep them",
    ),
    "the primary VLAN among the others": (
        {"vlan_id": 2017, "secondary_vlans": ["2010-2020"]},
        "harvester_mgmt: secondary_vlans=2010-2020: VLAN 2017 is the primary VLAN (vlan_id); list the others",
    ),
    "VLAN 1 tagged": (
        {"vlan_id": 0, "secondary_vlans": [1]},
        (
            "harvester_mgmt: secondary_vlans=1: secondary VLANs are tagged, 2 to 4094; VLAN 1 is the untagged one of"
            " the bridge; leave it out: '1 pvid untagged' is always kept"
        ),
    ),
    "MTU without vlan_id": ({"mtu": 9000}, f"harvester_mgmt: mtu: {NO_VLAN_ID}"),
    "addressing without vlan_id": ({"ipv4": {"dns": []}}, f"harvester_mgmt: ipv4: {NO_VLAN_ID}"),
    "devices of no VLANs": (
        {"vlan_id": 2017, "secondary_vlan_devices": True},
        "harvester_mgmt: secondary_vlan_devices: it needs secondary_vlans; list the secondary VLANs",
    ),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refusal(name: str) -> None:
    desired, expected = REFUSALS[name]
    with pytest.raises(ValidationError) as caught:
        mgmt_profiles(desired)
    assert str(caught.value) == expected


def test_bad_vlan_lists_are_named() -> None:
    with pytest.raises(ValidationError, match=r"^harvester_mgmt: secondary_vlans=2018, 2018: .*2018.* twice"):
        mgmt_profiles({"vlan_id": 2017, "secondary_vlans": [2018, 2018]})


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        mgmt_profiles({"bond": {"mod": "x"}, "vlanid": 1, "mtu": 9000})
    assert len(str(caught.value).splitlines()) == 3


# -- round trip: what Harvester's installer writes (property by property) -------------------------------------------

PORT = {"connection": {"type": "ethernet", "master": "mgmt-bo", "slave-type": "bond"}}


def _port(nic: str) -> dict[str, dict[str, str]]:
    connection = PORT["connection"] | {"id": f"bond-slave-{nic}", "interface-name": nic}
    return {"connection": connection}


def _bond(vlans: str, mtu: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {
        "connection": {
            "id": "bond-mgmt",
            "type": "bond",
            "interface-name": "mgmt-bo",
            "master": "mgmt-br",
            "slave-type": "bridge",
        },
        "bond": {"mode": "active-backup", "miimon": "100"},
        "bridge-port": {"vlans": vlans},
    } | mtu


def _bridge(ipv4: dict[str, str], vlans: dict[str, str], mtu: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {
        "connection": {"id": "bridge-mgmt", "type": "bridge", "interface-name": "mgmt-br"},
        "bridge": {"forward-delay": "0", "stp": "false", "vlan-filtering": "true", "vlan-default-pvid": "1"} | vlans,
        "ipv4": ipv4,
        "ipv6": {"method": "disabled"},
    } | mtu


def _vlan(ipv4: dict[str, str], mtu: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    return {
        "connection": {"id": "vlan-mgmt", "type": "vlan"},
        "vlan": {"flags": "1", "id": "2017", "parent": "mgmt-br"},
        "ipv4": ipv4,
        "ipv6": {"method": "disabled"},
    } | mtu


STATIC = {"method": "manual", "address1": "192.0.2.11/24,192.0.2.1", "dns": "192.0.2.53;"}
STATIC_GIVEN = {
    "method": "manual",
    "addresses": ["192.0.2.11/24"],
    "gateway": "192.0.2.1",
    "dns": ["192.0.2.53"],
}
MTU = {"ethernet": {"mtu": "1500"}}

INSTALLED: dict[str, tuple[dict[str, Any], list[dict[str, dict[str, str]]]]] = {
    "VLAN, static, MTU": (
        {"bond": {"ports": ["eno1", "eno2"]}, "vlan_id": 2017, "mtu": 1500, "ipv4": STATIC_GIVEN},
        [
            _bond("1 pvid untagged,2017", MTU),
            _bridge({"method": "disabled"}, {"vlans": "2017"}, MTU),
            _vlan(STATIC, MTU),
            _port("eno1"),
            _port("eno2"),
        ],
    ),
    "VLAN, DHCP, no MTU": (
        {"bond": {"ports": ["ens3f0"]}, "vlan_id": 2017},
        [
            _bond("1 pvid untagged,2017", {}),
            _bridge({"method": "disabled"}, {"vlans": "2017"}, {}),
            _vlan({"method": "auto"}, {}),
            _port("ens3f0"),
        ],
    ),
    "no VLAN, static": (
        {"bond": {"ports": ["eno1"]}, "vlan_id": 0, "mtu": 1500, "ipv4": STATIC_GIVEN},
        [_bond("1 pvid untagged", MTU), _bridge(STATIC, {}, MTU), _port("eno1")],
    ),
    "no VLAN, DHCP": (
        {"bond": {"ports": ["eno1"]}, "vlan_id": 0},
        [_bond("1 pvid untagged", {}), _bridge({"method": "auto"}, {}, {}), _port("eno1")],
    ),
}


def _sections(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_a_complete_set_renders_what_the_installer_writes(name: str) -> None:
    desired, expected = INSTALLED[name]
    found = _engine.rendered(mgmt_profiles(desired, complete=True), Limits())
    keyfiles = {item["path"].rpartition("/")[2]: _sections(item["content"]) for item in found["keyfiles"]}
    assert keyfiles == {f"{section['connection']['id']}.nmconnection": section for section in expected}
    assert found["warnings"] == []


def test_a_complete_set_needs_the_nics() -> None:
    with pytest.raises(ValidationError) as caught:
        mgmt_profiles({"vlan_id": 2017}, complete=True)
    assert str(caught.value) == ("harvester_mgmt: bond.ports: a complete set needs the NICs of the bond; list the NICs")
