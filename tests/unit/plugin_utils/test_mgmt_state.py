# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the others know a node by: noted before a change, compared after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils._mgmt_state import differences, noted

MAC, OTHER, FOREIGN = "52:54:00:aa:00:11", "52:54:00:aa:00:12", "fa:16:3e:00:00:01"
BOND = {"name": "mgmt-bo", "mac": MAC, "controller": "mgmt-br", "addresses": []}
NICS = [
    {"name": "eno1", "mac": MAC, "permanent_mac": MAC, "controller": "mgmt-bo", "addresses": []},
    {"name": "eno2", "mac": MAC, "permanent_mac": OTHER, "controller": "mgmt-bo", "addresses": []},
]
VETH = {"name": "veth1", "mac": FOREIGN, "controller": "mgmt-br", "addresses": []}
ADDRESS = {"address": "10.217.0.11/24", "managed": True, "scope": "global", "family": "inet"}
VIP = {"address": "10.217.0.10/32", "managed": False, "scope": "global", "family": "inet"}


def _route(gateway: str | None = "10.217.0.1", device: str | None = "mgmt-br.2017", **more: Any) -> dict[str, Any]:
    return {
        "destination": "default",
        "next_hop": gateway,
        "device": device,
        "metric": 400,
        "table": "main",
        "protocol": "static",
        "family": "inet",
        "type": "unicast",
        "next_hops": [],
        **more,
    }


def _node(**more: Any) -> dict[str, Any]:
    bridge = {"name": "mgmt-br", "mac": MAC, "controller": None, "addresses": []}
    vlan = {"name": "mgmt-br.2017", "mac": MAC, "mtu": 1500, "controller": None, "addresses": [ADDRESS, VIP]}
    found = {"boot_id": "b1", "links": [BOND, bridge, vlan, *NICS], "routes": [_route()], **more}
    copied: dict[str, Any] = json.loads(json.dumps(found))
    return copied


def _with(**macs: str | None) -> Callable[[dict[str, Any]], None]:
    """Other MACs by device, its dashes and dots as underscores; None when the device is gone."""

    def change(node: dict[str, Any]) -> None:
        for link in [*node["links"]]:
            key = link["name"].replace("-", "_").replace(".", "_")
            if key in macs and macs[key] is None:
                node["links"].remove(link)
            elif key in macs:
                link["mac"] = macs[key]

    return change


def _set(**keys: Any) -> Callable[[dict[str, Any]], None]:
    return lambda node: node.update(keys)


def _both(*changes: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def change(node: dict[str, Any]) -> None:
        for one in changes:
            one(node)

    return change


def _address(node: dict[str, Any], *addresses: dict[str, Any]) -> None:
    next(link for link in node["links"] if link["name"] == "mgmt-br.2017")["addresses"] = [*addresses]


def _fail_over_mac(value: str) -> Callable[[dict[str, Any]], None]:
    return lambda node: node["links"][0].update(bond={"options": {"mode": "active-backup", "fail_over_mac": value}})


BOOT = _set(boot_id="b2")
WAY = "10.217.0.1 on mgmt-br.2017"
LOST = f"default route of IPv4 none instead of {WAY}"
ALL_FOREIGN = {"mgmt_bo": FOREIGN, "mgmt_br": FOREIGN, "mgmt_br_2017": FOREIGN}
ALL_OTHER = {"mgmt_bo": OTHER, "mgmt_br": OTHER, "mgmt_br_2017": OTHER}

CASES: dict[str, tuple[Callable[[dict[str, Any]], None], list[str]]] = {
    "nothing": (_set(), []),
    "the VIP has gone to another node": (lambda node: _address(node, ADDRESS), []),
    "a bond made anew": (
        _with(mgmt_bo=FOREIGN),
        [f"mgmt-bo: MAC {FOREIGN} instead of {MAC}"],
    ),
    "all devices with another NIC's, without a boot": (
        _with(**ALL_OTHER),
        [f"{name}: MAC {OTHER} instead of {MAC}" for name in ("mgmt-bo", "mgmt-br", "mgmt-br.2017")],
    ),
    "the bridge alone": (_with(mgmt_br=FOREIGN), [f"mgmt-br: MAC {FOREIGN} instead of {MAC}"]),
    "a device is gone": (_with(mgmt_bo=None), [f"mgmt-bo: MAC none instead of {MAC}"]),
    "a boot": (BOOT, []),
    "another NIC first after a boot": (_both(BOOT, _with(**ALL_OTHER)), []),
    "another NIC first, and the bridge does not follow": (
        _both(BOOT, _with(mgmt_bo=OTHER)),
        [f"{name}: MAC {MAC} instead of {OTHER}" for name in ("mgmt-br", "mgmt-br.2017")],
    ),
    "a MAC of no NIC after a boot": (
        _both(BOOT, _with(**ALL_FOREIGN)),
        [f"mgmt-bo: MAC {FOREIGN} instead of {MAC}"],
    ),
    "another active port, whose MAC the bond takes": (
        _both(_fail_over_mac("active"), _with(**ALL_OTHER)),
        [],
    ),
    "another MAC of a bond that keeps its own": (
        _both(_fail_over_mac("none"), _with(mgmt_bo=OTHER)),
        [f"mgmt-bo: MAC {OTHER} instead of {MAC}"],
    ),
    "a bridge with a port of somebody else after a boot": (
        _both(BOOT, lambda node: node["links"].append(VETH), _with(mgmt_br=FOREIGN, mgmt_br_2017=FOREIGN)),
        [],
    ),
    "no address": (lambda node: _address(node, VIP), ["address none instead of 10.217.0.11"]),
    "another lease": (
        lambda node: _address(node, {**ADDRESS, "address": "10.217.0.99/24"}),
        ["address 10.217.0.99 instead of 10.217.0.11"],
    ),
    "no default route": (_set(routes=[]), [LOST]),
    "a default route of another table": (_set(routes=[_route(table="100")]), [LOST]),
    "another gateway": (
        _set(routes=[_route("10.217.0.2")]),
        [f"default route of IPv4 10.217.0.2 on mgmt-br.2017 instead of {WAY}"],
    ),
    "another one is preferred": (
        _set(routes=[_route(), _route("10.9.0.1", "eno9", metric=100)]),
        [
            f"default route of IPv4 10.9.0.1 on eno9, {WAY} instead of {WAY}",
        ],
    ),
    "a router announces itself": (_set(routes=[_route(), _route("fe80::1", family="inet6", protocol="ra")]), []),
    "a family that had none": (_set(routes=[_route(), _route("2001:db8::1", family="inet6")]), []),
    "nothing is routed": (_set(routes=[_route(None, None, type="unreachable")]), [LOST]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_differs(name: str) -> None:
    change, wanted = CASES[name]
    now = _node()
    change(now)
    before = json.loads(json.dumps(noted(_node(), "10.217.0.11")))
    assert differences(before, now, "10.217.0.11") == wanted


def test_ways_of_a_route_come_in_any_order() -> None:
    ways = [{"next_hop": f"10.217.0.{number}", "device": "mgmt-br.2017", "weight": 1} for number in (1, 2)]
    before = noted(_node(routes=[_route(None, None, next_hops=ways)]))
    assert before["default_routes"] == {"inet": ["10.217.0.1 on mgmt-br.2017 and 10.217.0.2 on mgmt-br.2017"]}
    assert differences(before, _node(routes=[_route(None, None, next_hops=ways[::-1])])) == []
    assert len(differences(before, _node())) == 1


def test_a_bridge_that_never_had_the_bonds_mac_is_not_noted() -> None:
    node = _node()
    _with(mgmt_br=FOREIGN, mgmt_br_2017=FOREIGN)(node)
    assert noted(node)["macs"] == {"mgmt-bo": MAC}
    assert differences(noted(node), _node()) == []


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        ("10.217.0.11", "10.217.0.99", ["InternalIP 10.217.0.99 instead of 10.217.0.11"]),
        ("10.217.0.11", "10.217.0.11", []),
        ("10.217.0.11", "", []),
        ("", "10.217.0.11", []),
    ],
)
def test_the_internal_ip_of_kubernetes(before: str, now: str, wanted: list[str]) -> None:
    assert differences(noted(_node(), before), _node(), now) == wanted


@pytest.mark.parametrize("before", [None, {}, {"boot_id": "b0"}, {"profiles": [], "links": []}])
def test_what_an_older_run_has_not_noted_is_not_compared(before: dict[str, Any] | None) -> None:
    assert differences(before, _node(routes=[]), "10.217.0.99") == []


def test_a_node_of_which_little_is_known() -> None:
    """As Harvester 1.6 without a bond, or a node that has lost its devices."""
    bare: dict[str, Any] = {"links": [], "boot_id": "b1"}
    assert noted(bare) == {"boot_id": "b1", "internal_ip": "", "address": None, "macs": {}, "default_routes": {}}
    assert len(differences(noted(_node()), bare)) == 5
