# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the network of a node is back after its boot."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._network_gate import endpoint, missing


def _address(text: str, managed: bool = True, scope: str = "global") -> dict[str, Any]:
    return {"address": text, "managed": managed, "scope": scope}


def _node(boot_id: str) -> dict[str, Any]:
    return {
        "boot_id": boot_id,
        "links": [
            {"name": "eno1", "addresses": [_address("192.0.2.99/24")], "bond": None},
            {
                "name": "mgmt-bo",
                "addresses": [],
                "bond": {"ports": [{"name": "eno1", "mii_status": "up"}, {"name": "eno2", "mii_status": "down"}]},
            },
            {"name": "mgmt-br", "addresses": [], "bond": None},
            {
                "name": "mgmt-br.2017",
                "addresses": [
                    _address("192.0.2.11/24"),
                    _address("192.0.2.200/32", managed=False),
                    _address("fe80::1/64", scope="link"),
                ],
                "bond": None,
            },
            {"name": "mgmt-br.2030", "addresses": [_address("10.30.0.1/24", managed=False)], "bond": None},
        ],
    }


def _link(node: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(link for link in node["links"] if link["name"] == name)
    return found


def _without(*names: str) -> Callable[[dict[str, Any]], None]:
    def drop(node: dict[str, Any]) -> None:
        node["links"] = [link for link in node["links"] if link["name"] not in names]

    return drop


def _no_address(node: dict[str, Any]) -> None:
    _link(node, "mgmt-br.2017")["addresses"] = []


def _other_address(node: dict[str, Any]) -> None:
    _link(node, "mgmt-br.2017")["addresses"] = [_address("192.0.2.77/24")]


def _no_port(node: dict[str, Any]) -> None:
    for port in _link(node, "mgmt-bo")["bond"]["ports"]:
        port["mii_status"] = "down"


def _same_boot(node: dict[str, Any]) -> None:
    node["boot_id"] = "old"


CASES: dict[str, tuple[Callable[[dict[str, Any]], None], list[str]]] = {
    "all is back": (lambda node: None, []),
    "others' devices and addresses are not waited for": (_without("mgmt-br.2030", "eno1"), []),
    "no address yet": (_no_address, ["address 192.0.2.11/24 on mgmt-br.2017"]),
    "another address": (_other_address, ["address 192.0.2.11/24 on mgmt-br.2017"]),
    "no port with link": (_no_port, ["a port with link on mgmt-bo"]),
    "the same boot": (_same_boot, ["a new boot id (it is still old)"]),
    "no devices yet": (
        _without("mgmt-bo", "mgmt-br", "mgmt-br.2017"),
        ["device mgmt-bo", "device mgmt-br", "device mgmt-br.2017"],
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_is_missing(name: str) -> None:
    change, expected = CASES[name]
    now = copy.deepcopy(_node("new"))
    change(now)
    assert missing(now, _node("old")) == expected


def test_a_failed_look_is_named() -> None:
    assert missing({"failed": True, "msg": "ip: command not found"}, _node("old")) == [
        "an answer of the node: ip: command not found"
    ]


def _on(name: str, *addresses: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "mtu": 9000, "addresses": list(addresses)}


OWN = _address("192.0.2.11/24")
VIP = _address("192.0.2.200/32", managed=False)

ENDPOINTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "with a management VLAN": (
        [_on("eno1", _address("192.0.2.99/24")), _on("mgmt-br"), _on("mgmt-br.2017", VIP, OWN)],
        {"device": "mgmt-br.2017", "address": "192.0.2.11", "mtu": 9000},
    ),
    "without one": ([_on("mgmt-br", OWN)], {"device": "mgmt-br", "address": "192.0.2.11", "mtu": 9000}),
    "an IPv6 address before it": (
        [_on("mgmt-br", _address("2001:db8::1/64"), OWN)],
        {"device": "mgmt-br", "address": "192.0.2.11", "mtu": 9000},
    ),
    "IPv6 only": ([_on("mgmt-br", _address("2001:db8::1/64"))], {}),
    "link-local only": ([_on("mgmt-br", _address("169.254.1.1/16", scope="link"))], {}),
    "a VIP only": ([_on("mgmt-br.2017", VIP)], {}),
    "an address of a HostNetworkConfig": (
        [_on("mgmt-br.2030", _address("10.30.0.1/24", managed=False)), _on("mgmt-br.2040", OWN)],
        {"device": "mgmt-br.2040", "address": "192.0.2.11", "mtu": 9000},
    ),
    "another bridge": ([_on("mgmt-br2", OWN), _on("mgmt-bo", OWN), _on("other", OWN)], {}),
    "no devices": ([], {}),
}


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_endpoint(name: str) -> None:
    links, expected = ENDPOINTS[name]
    assert endpoint({"links": links}) == expected


def test_a_node_that_told_nothing_has_no_endpoint() -> None:
    assert endpoint({"skipped": True}) == {}
