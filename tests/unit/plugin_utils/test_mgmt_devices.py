# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which devices a change of the management network's MTU sets, by profile or in the kernel, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.plugin_utils._mgmt_devices import (
    bond_ports,
    mgmt_devices,
    mtu_settings,
    mtu_settings_back,
)


def link(name: str, kind: str, mtu: int = 1500, parent: str | None = None, address: str = "") -> dict[str, Any]:
    addresses = [{"address": address, "managed": True, "scope": "global"}] if address else []
    return {"name": name, "kind": kind, "mtu": mtu, "parent": parent, "addresses": addresses}


def profile(name: str, device: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"id": name, **({"interface_name": device} if device else {}), **fields}


BOND, BRIDGE = link("mgmt-bo", "bond"), link("mgmt-br", "bridge")
HNC = link("mgmt-br.2030", "vlan", parent="mgmt-br")
PROFILES = [profile("bond-mgmt", "mgmt-bo", mtu=1500), profile("bridge-mgmt", "mgmt-br")]
TAGGED = {
    "links": [
        BOND,
        BRIDGE,
        link("mgmt-br.2017", "vlan", parent="mgmt-br", address="192.0.2.11/24"),
        link("mgmt-br.2018", "vlan", parent="mgmt-br"),
        HNC,
        link("vmnet-br.5", "vlan", parent="vmnet-br"),
        link("flannel.1", "vxlan", 1450, "mgmt-br.2017"),
    ],
    "profiles": [*PROFILES, profile("vlan-mgmt"), profile("mgmt-br.2018", "mgmt-br.2018")],
    "connections": [
        {"id": "bond-mgmt", "devices": ["mgmt-bo"]},
        {"id": "bridge-mgmt", "devices": ["mgmt-br"]},
        {"id": "vlan-mgmt", "devices": ["mgmt-br.2017"]},
        {"id": "mgmt-br.2018", "devices": []},
    ],
}
UNTAGGED = {
    "links": [BOND, link("mgmt-br", "bridge", address="192.0.2.11/24"), HNC],
    "profiles": PROFILES,
    "connections": [],
}
LOST = {**TAGGED, "links": [BOND, BRIDGE, link("mgmt-br.2017", "vlan", parent="mgmt-br")]}


def bond(aggregator: int | None = None, **ports: tuple[str | None, int | None]) -> dict[str, Any]:
    states = [{"name": name, "mii_status": state, "aggregator": own} for name, (state, own) in ports.items()]
    return {**BOND, "bond": {"mode": "active-backup", "aggregator": aggregator, "ports": states}}


PORTS: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "all": (bond(eno1=("up", None), eno2=("up", None)), ["eno1", "eno2"], []),
    "one without a link": (bond(eno1=("down", None), eno2=("up", None)), ["eno2"], ["eno1"]),
    "one whose link is going": (bond(eno1=("up", None), eno2=("going_back", None)), ["eno1"], ["eno2"]),
    "one that LACP has left out": (bond(2, eno1=("up", 1), eno2=("up", 2)), ["eno2"], ["eno1"]),
    "one of which the driver says nothing": (bond(eno1=(None, None), eno2=("up", None)), ["eno1", "eno2"], []),
    "none": (bond(), [], []),
}


@pytest.mark.parametrize("name", PORTS)
def test_the_ports_that_carry_traffic(name: str) -> None:
    link, up, down = PORTS[name]
    assert bond_ports({"links": [link]}, "mgmt-bo") == {"up": up, "down": down}


@pytest.mark.parametrize("links", [[], [BRIDGE], [{**BOND, "bond": None}]], ids=["none", "others", "no state"])
def test_a_bond_that_is_not_there(links: list[dict[str, Any]]) -> None:
    with pytest.raises(NetworkError) as caught:
        bond_ports({"links": links}, "mgmt-bo")
    assert str(caught.value) == (
        "management network: bond=mgmt-bo: the node has no such bond; see ip link show type bond"
    )


DEVICES: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "tagged": (TAGGED, ["mgmt-bo", "mgmt-br"], ["mgmt-br.2017", "mgmt-br.2018", "mgmt-br.2030"]),
    "untagged": (UNTAGGED, ["mgmt-bo"], ["mgmt-br", "mgmt-br.2030"]),
    "without an address the profiles decide": (LOST, ["mgmt-bo", "mgmt-br"], ["mgmt-br.2017"]),
}


@pytest.mark.parametrize("name", DEVICES)
def test_the_devices_of_a_layer(name: str) -> None:
    found, lower, upper = DEVICES[name]
    assert mgmt_devices(found, "lower") == lower
    assert mgmt_devices(found, "upper") == upper


def test_lower_devices_rise_while_upper_ones_keep_their_mtu() -> None:
    assert mtu_settings(TAGGED, "lower", 9000, 1500) == {
        "profiles": [
            {"id": "bond-mgmt", "mtu": 9000},
            {"id": "bridge-mgmt", "mtu": 9000},
            {"id": "vlan-mgmt", "mtu": 1500},
            {"id": "mgmt-br.2018", "mtu": 1500},
        ],
        "links": [],
        "kept": [{"name": "mgmt-br.2017", "mtu": 1500}, {"name": "mgmt-br.2018", "mtu": 1500}],
        "before": {
            "profiles": [
                {"id": "bond-mgmt", "mtu": 1500},
                {"id": "bridge-mgmt", "mtu": None},
                {"id": "vlan-mgmt", "mtu": None},
                {"id": "mgmt-br.2018", "mtu": None},
            ],
            "links": [],
        },
    }


def test_upper_devices_without_a_profile_are_set_in_the_kernel() -> None:
    found = mtu_settings(TAGGED, "upper", 9000, 1500)
    assert found["profiles"] == [{"id": "vlan-mgmt", "mtu": 9000}, {"id": "mgmt-br.2018", "mtu": 9000}]
    assert found["links"] == [{"name": "mgmt-br.2030", "mtu": 9000}]
    assert found["before"]["links"] == [{"name": "mgmt-br.2030", "mtu": 1500}]


@pytest.mark.parametrize(("mtu", "mtu_from"), [(1500, 9000), (9000, 0)], ids=["lowering", "nothing to keep"])
def test_nothing_is_kept_otherwise(mtu: int, mtu_from: int) -> None:
    found = mtu_settings(UNTAGGED, "lower", mtu, mtu_from)
    assert (found["profiles"], found["kept"]) == ([{"id": "bond-mgmt", "mtu": mtu}], [])


def test_a_boot_sets_all_devices_and_the_overlay_follows() -> None:
    found = mtu_settings(TAGGED, "all", 9000, 1500)
    names = ("bond-mgmt", "bridge-mgmt", "vlan-mgmt", "mgmt-br.2018")
    assert found["profiles"] == [{"id": name, "mtu": 9000} for name in names]
    assert (found["links"], found["kept"]) == ([{"name": "mgmt-br.2030", "mtu": 9000}], [])
    assert found["before"]["links"] == [{"name": "mgmt-br.2030", "mtu": 1500}, {"name": "flannel.1", "mtu": 1450}]
    assert mgmt_devices(TAGGED, "all") == ["mgmt-bo", "mgmt-br", "mgmt-br.2017", "mgmt-br.2018", "mgmt-br.2030"]


BACK: dict[str, tuple[str, list[str], list[str]]] = {
    "upper": ("upper", ["vlan-mgmt", "mgmt-br.2018"], ["mgmt-br.2030", "flannel.1"]),
    "lower": ("lower", ["bond-mgmt", "bridge-mgmt"], []),
    "all": ("all", ["bond-mgmt", "bridge-mgmt", "vlan-mgmt", "mgmt-br.2018"], ["mgmt-br.2030", "flannel.1"]),
}


@pytest.mark.parametrize("name", BACK)
def test_what_a_boot_has_set_goes_back_by_layers(name: str) -> None:
    only, profiles, links = BACK[name]
    found = mtu_settings_back(TAGGED, mtu_settings(TAGGED, "all", 9000, 1500)["before"], only)
    assert [item["id"] for item in found["profiles"]] == profiles
    assert [item["name"] for item in found["links"]] == links


def test_the_way_back_leaves_out_what_is_gone() -> None:
    before: dict[str, Any] = {
        "profiles": [{"id": "vlan-mgmt", "mtu": None}, {"id": "gone", "mtu": 1500}],
        "links": [{"name": "mgmt-br.2030", "mtu": 1500}, {"name": "mgmt-br.2031", "mtu": 1500}],
    }
    assert mtu_settings_back(TAGGED, before) == {
        "kept": [],
        "profiles": [{"id": "vlan-mgmt", "mtu": None}],
        "links": [{"name": "mgmt-br.2030", "mtu": 1500}],
    }


def test_nothing_recorded_nothing_to_put_back() -> None:
    assert mtu_settings_back(TAGGED, None) == {"profiles": [], "links": [], "kept": []}


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no bridge": (
        {**UNTAGGED, "links": [BOND]},
        "lower",
        "management network: the node has no device mgmt-br; see nmcli connection show on it",
    ),
    "no such layer": (TAGGED, "middle", "management network: layer=middle: it is one of lower, upper, all"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(name: str) -> None:
    found, layer, message = REFUSED[name]
    with pytest.raises(NetworkError) as error:
        mgmt_devices(found, layer)
    assert str(error.value) == message
