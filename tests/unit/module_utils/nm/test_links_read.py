# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's side read from what ip, bridge and sysfs said on real nodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from links_fixtures import Captured

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _links_parse
from ansible_collections.harvester.network.plugins.module_utils.nm._links import read
from ansible_collections.harvester.network.plugins.module_utils.nm._links_compare import compare
from ansible_collections.harvester.network.plugins.module_utils.nm._links_restore import restore_actions
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondPortState,
    BridgePortState,
    BridgeState,
    NextHop,
    Route,
    Snapshot,
    VlanEntry,
    spans,
)


@pytest.fixture
def node(tmp_path: Path) -> Snapshot:
    captured = Captured("links_node", tmp_path)
    return read(captured.run, str(tmp_path))


@pytest.fixture
def lacp(tmp_path: Path) -> Snapshot:
    captured = Captured("links_lacp", tmp_path)
    return read(captured.run, str(tmp_path))


def test_three_processes_read_everything(tmp_path: Path) -> None:
    captured = Captured("links_node", tmp_path)
    read(captured.run, str(tmp_path))
    assert captured.calls == [
        "ip -j -d addr show",
        "bridge -j -compressvlans vlan show",
        "ip -j -d route show table all",
    ]


def test_devices_and_what_they_lie_on(node: Snapshot) -> None:
    assert {name: (link.kind, link.controller, link.parent, link.vlan_id) for name, link in node.links.items()} == {
        "lo": ("loopback", None, None, None),
        "oob0": ("ether", None, None, None),
        "eno1": ("ether", "mgmt-bo", None, None),
        "eno2": ("ether", "mgmt-bo", None, None),
        "mgmt-bo": ("bond", "mgmt-br", None, None),
        "mgmt-br": ("bridge", None, None, None),
        "mgmt-br.2017": ("vlan", None, "mgmt-br", 2017),
        "mgmt-br.2030": ("vlan", None, "mgmt-br", 2030),
        "vm0": ("veth", "mgmt-br", None, None),
        "flannel.1": ("vxlan", None, "mgmt-br.2017", None),
        "dum0": ("dummy", None, None, None),
    }
    assert node.ports("mgmt-br") == ("mgmt-bo", "vm0")


def test_link_state(node: Snapshot) -> None:
    assert (node.links["mgmt-bo"].mtu, node.links["mgmt-bo"].operstate, node.links["mgmt-bo"].up) == (1500, "up", True)
    assert (node.links["flannel.1"].operstate, node.links["dum0"].operstate, node.links["dum0"].up) == (
        "unknown",
        "down",
        False,
    )
    assert (node.links["vm0"].peer, node.links["vm0"].peer_netns) == (None, 0)


def test_macs_of_the_hardware(node: Snapshot) -> None:
    macs = {name: (link.mac, link.permanent_mac) for name, link in node.links.items()}
    assert macs["eno2"][0] == macs["eno1"][0] == macs["mgmt-bo"][0]
    assert macs["eno1"][1] == "52:54:00:00:03:01"
    assert macs["eno2"][1] == "52:54:00:00:03:02"
    assert macs["oob0"] == ("52:54:00:00:03:00", "52:54:00:00:03:00")
    assert [macs[name][1] for name in ("mgmt-bo", "mgmt-br", "mgmt-br.2017", "vm0", "lo")] == [None] * 5


def test_addresses(node: Snapshot) -> None:
    assert node.links["mgmt-br.2017"].addresses == (
        Address("10.217.0.13", 24, broadcast="10.217.0.255", noprefixroute=True),
        Address("10.217.0.203", 32),
    )
    assert node.links["mgmt-br.2030"].addresses[:4] == (
        Address("10.30.0.3", 24),
        Address("10.31.0.1", 32, peer="10.31.0.2"),
        Address("10.30.0.33", 24, broadcast="10.30.0.255", label="mgmt-br.2030:1"),
        Address("2001:db8::3", 64, "inet6"),
    )
    assert node.links["mgmt-br.2030"].addresses[4].link_local


def test_addresses_with_a_lifetime_are_dynamic_whatever_is_left_of_it() -> None:
    item = {"family": "inet", "local": "192.0.2.5", "prefixlen": 24, "scope": "global", "dynamic": True, "label": "x"}
    head = {"ifindex": 2, "ifname": "x", "flags": [], "mtu": 1500, "link_type": "ether", "address": "52:54:00:00:00:01"}
    found = [
        _links_parse.links(json.dumps([{**head, "addr_info": [{**item, "valid_life_time": left}]}]))
        for left in (600, 3)
    ]
    assert found[0] == found[1]
    assert found[0]["x"].addresses == (Address("192.0.2.5", 24, dynamic=True),)


def test_vlan_tables_with_spans(node: Snapshot) -> None:
    assert {device: spans(table) for device, table in node.vlans.items()} == {
        "mgmt-br": ["1 pvid untagged", "2017", "2030"],
        "mgmt-bo": ["1 pvid untagged", "100", "2017", "2030", "2100-2110"],
        "vm0": ["100 pvid untagged"],
    }
    assert node.vlans["mgmt-bo"][0] == VlanEntry(1, True, True)
    assert node.vlans["mgmt-bo"][-1] == VlanEntry(2110)


def test_vlan_tables_without_spans_read_the_same() -> None:
    text = '[{"ifname":"x","vlans":[{"vlan":3},{"vlan":1,"flags":["PVID","Egress Untagged"]},{"vlan":2}]}]'
    assert spans(_links_parse.vlans(text)["x"]) == ["1 pvid untagged", "2-3"]


def test_routes_of_both_families_and_all_tables_but_local(node: Snapshot) -> None:
    routes = {(route.dst, route.dev): route for route in node.routes}
    assert routes["default", "mgmt-br.2017"] == Route(
        "default", "mgmt-br.2017", "10.217.0.1", protocol="static", metric=400
    )
    assert routes["10.217.0.0/24", "mgmt-br.2017"] == Route(
        "10.217.0.0/24", "mgmt-br.2017", protocol="kernel", metric=400, scope="link", src="10.217.0.13"
    )
    assert routes["10.62.0.0/16", ""] == Route("10.62.0.0/16", type="blackhole")
    assert routes["10.63.0.0/16", "mgmt-br.2017"] == Route(
        "10.63.0.0/16", "mgmt-br.2017", "10.217.0.5", metric=9, table="77", mtu=1400
    )
    assert routes["10.64.0.0/16", ""].hops == (
        NextHop("mgmt-br.2017", "10.217.0.5"),
        NextHop("mgmt-br.2030", "10.30.0.9", 3),
    )
    assert routes["10.65.0.0/16", "mgmt-br.2030"] == Route("10.65.0.0/16", "mgmt-br.2030", "fe80::9")
    assert routes["2001:db8:9::/48", "mgmt-br.2030"] == Route(
        "2001:db8:9::/48", "mgmt-br.2030", "2001:db8::9", metric=7, family="inet6"
    )
    assert all(route.table != "local" for route in node.routes)
    assert len(node.routes) == 16


def test_default_routes_of_the_two_families_are_told_apart() -> None:
    text = json.dumps(
        [
            {"dst": "default", "dev": "a", "protocol": "static", "flags": []},
            {"dst": "default", "dev": "a", "protocol": "static", "flags": ["onlink"], "pref": "medium"},
            {"dst": "10.0.0.1", "dev": "a", "flags": ["cached"]},
        ]
    )
    found = _links_parse.routes(text)
    assert [(route.family, route.onlink) for route in found] == [("inet", False), ("inet6", True)]


def test_bond_and_bridge(node: Snapshot) -> None:
    bond = node.links["mgmt-bo"].bond
    assert bond is not None
    assert (bond.mode, bond.active_port, bond.ports, bond.mii_status) == (
        "active-backup",
        "eno1",
        ("eno1", "eno2"),
        "up",
    )
    assert (bond.aggregator, bond.partner_mac) == (None, None)
    assert (bond.options["mode"], bond.options["miimon"], bond.options["primary"]) == ("active-backup 1", "100", "")
    assert not {"slaves", "active_slave", "mii_status", "ad_partner_mac"} & set(bond.options)
    assert node.links["eno2"].port == BondPortState("backup", "up")
    assert node.links["mgmt-bo"].bridge_port == BridgePortState("forwarding", 100, 32)
    assert node.links["mgmt-br"].bridge == BridgeState(vlan_filtering=True)


def test_lacp(lacp: Snapshot) -> None:
    bond = lacp.links["boa"].bond
    assert bond is not None
    assert (bond.mode, bond.aggregator, bond.active_port) == ("802.3ad", 1, None)
    assert bond.partner_mac == lacp.links["bob"].mac
    assert bond.options["lacp_rate"] == "fast 1"
    assert lacp.links["a1"].port == BondPortState("active", "up", aggregator=1)
    assert (lacp.links["a1"].peer, lacp.links["a1"].parent) == ("b1", None)


def test_arp_monitoring_and_bridge_times(lacp: Snapshot) -> None:
    bond = lacp.links["tlb"].bond
    assert bond is not None
    assert bond.options["arp_ip_target"] == "10.1.1.1 10.1.1.2"
    assert lacp.links["brx"].bridge == BridgeState(
        forward_delay=2.5, ageing_time=123.44, vlan_filtering=True, vlan_default_pvid=0
    )


def test_a_bond_that_vanishes_between_the_looks_keeps_what_ip_said(tmp_path: Path) -> None:
    captured = Captured("links_node", tmp_path)
    found = read(captured.run, str(tmp_path / "nowhere"))
    bond = found.links["mgmt-bo"].bond
    assert bond is not None
    assert (bond.mode, bond.active_port, bond.options, found.boot_id) == ("active-backup", "eno1", {}, "")


@pytest.mark.parametrize("name", ["links_node", "links_lacp"])
def test_a_real_snapshot_is_kept_without_loss(name: str, tmp_path: Path) -> None:
    found = read(Captured(name, tmp_path).run, str(tmp_path))
    again = Snapshot.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again == found
    assert compare(found, again) == []
    assert restore_actions(found, again) == []


def test_empty_output_is_an_empty_list() -> None:
    assert (_links_parse.links(""), _links_parse.vlans("\n"), _links_parse.routes("[{},{}]")) == ({}, {}, ())


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((127, "", "ip: command not found"), "ip -j -d addr show: exit status 127 (ip: command not found)"),
        ((1, "", ""), "ip -j -d addr show: exit status 1 (no message)"),
        ((0, "1: lo: <LOOPBACK>", ""), "ip -j -d addr show: the output is not JSON"),
    ],
)
def test_a_node_without_a_usable_iproute2_is_named(answer: Any, text: str) -> None:
    with pytest.raises(NetworkError) as caught:
        read(lambda _argv: answer)
    assert str(caught.value).startswith(text)
    assert "iproute2" in str(caught.value)
