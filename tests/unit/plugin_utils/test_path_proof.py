# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is proved between nodes, and whose fault a failed proof is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.plugin_utils._path_proof import (
    culprits,
    endpoints,
    label,
    of_hosts,
    paths,
    seen,
)

HOSTS = ["n1", "n2", "n3"]
MANAGEMENT = {"name": "management network", "device": "mgmt-br.2017", "mtu": 9000}
SUBNET = "198.18.0.0/24"


# Endpoints


def test_nodes_of_the_cluster_become_hosts() -> None:
    network = {"vlan_id": 300, "bridge": "vm-a-br", "nodes": ["n1", "n3"]}
    assert of_hosts([network], {"host1": "n1", "host2": "n2", "host3": "n3"}) == [
        {**network, "nodes": ["host1", "host3"]}
    ]


def test_a_node_without_a_host_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        of_hosts([{"vlan_id": 300, "bridge": "vm-a-br", "nodes": ["n1", "n3"]}], {"host1": "n1"})
    assert str(caught.value) == (
        "path_proof_networks: VLAN 300 of vm-a is on n3, which no host of harvester_nodes is; add the hosts, or set"
        " harvester_node_name where the names differ"
    )


def test_every_node_has_its_place_on_every_vlan() -> None:
    networks = [
        MANAGEMENT,
        {"vlan_id": "2018", "mtu": 9000},
        {"vlan_id": 2100, "bridge": "vm-a-br", "uplink": "vm-a-bo"},
    ]
    assert endpoints(networks, HOSTS, "n2", SUBNET) == [
        {"key": "mgmt-br-2017", "device": "mgmt-br.2017"},
        {"key": "vlan2018", "vlan_id": 2018, "address": "198.18.0.2/24", "mtu": 9000},
        {"key": "vm-a-2100", "vlan_id": 2100, "address": "198.18.0.2/24", "bridge": "vm-a-br", "uplink": "vm-a-bo"},
    ]


def test_one_vlan_id_on_two_cluster_networks_is_two_networks() -> None:
    networks = [{"vlan_id": 5}, {"vlan_id": 5, "bridge": "mgmt-br", "name": "x"}, {"vlan_id": 5, "bridge": "vm-a-br"}]
    assert [label(network) for network in networks] == ["VLAN 5", "x", "VLAN 5 of vm-a"]
    assert [item["key"] for item in endpoints([networks[0], networks[2]], HOSTS, "n1", SUBNET)] == ["vlan5", "vm-a-5"]
    with pytest.raises(ValidationError) as caught:
        endpoints(networks[:2], HOSTS, "n1", SUBNET)
    assert str(caught.value) == (
        "path_proof_networks: x is there twice; list each device and each VLAN of a bridge once"
    )


def test_a_network_that_a_node_does_not_have_gets_no_endpoint_there() -> None:
    networks = [
        {"vlan_id": 5, "nodes": ["n1", "n3"]},
        {"device": "x-br", "nodes": ["n2"]},
        {"vlan_id": 6, "nodes": None},
    ]
    assert [item["key"] for item in endpoints(networks, HOSTS, "n1", SUBNET)] == ["vlan5", "vlan6"]
    assert [item["key"] for item in endpoints(networks, HOSTS, "n2", SUBNET)] == ["x-br", "vlan6"]


def test_options_that_are_null_are_left_out() -> None:
    network = {"vlan_id": 5, "device": None, "bridge": None, "uplink": None, "mtu": None}
    assert endpoints([network], HOSTS, "n3", SUBNET) == [
        {"key": "vlan5", "vlan_id": 5, "address": "198.18.0.3/24"},
    ]
    assert label(network) == "VLAN 5"
    assert label({"device": "BR0"}) == "BR0"
    assert endpoints([], HOSTS, "n1", SUBNET) == []


def test_a_subnet_that_is_just_large_enough() -> None:
    assert endpoints([{"vlan_id": 5}], [f"n{number}" for number in range(6)], "n5", "10.0.0.8/29") == [
        {"key": "vlan5", "vlan_id": 5, "address": "10.0.0.14/29"}
    ]


ROUTER = {"vlan_id": 100, "bridge": "vm-a-br", "subnet": "192.168.100.0/24", "gateway": "192.168.100.1"}
"""VLAN 100 of vm-a with its gateway."""
BEHIND = {**ROUTER, "range_start": "192.168.100.100", "target": "203.0.113.8", "target_mtu": 1500}


def test_a_network_with_a_gateway_has_addresses_of_its_own() -> None:
    """The gateway's is passed over, and only nodes that have the network count."""
    networks = [{**ROUTER, "nodes": ["n2", "n3"]}, {"vlan_id": 5}]
    assert endpoints(networks, HOSTS, "n3", SUBNET) == [
        {"key": "vm-a-100", "vlan_id": 100, "address": "192.168.100.3/24", "bridge": "vm-a-br"},
        {"key": "vlan5", "vlan_id": 5, "address": "198.18.0.3/24"},
    ]


def test_an_endpoint_with_a_target_has_a_default_route() -> None:
    assert endpoints([BEHIND], HOSTS, "n2", SUBNET) == [
        {
            "key": "vm-a-100",
            "vlan_id": 100,
            "address": "192.168.100.101/24",
            "bridge": "vm-a-br",
            "routes": [{"to": "0.0.0.0/0", "via": "192.168.100.1"}],
        }
    ]


ANOTHER = "; give another, as 198.18.0.0/24"
REFUSALS: dict[str, tuple[list[dict[str, Any]], str, list[str]]] = {
    "neither device nor VLAN": (
        [{"mtu": 9000}],
        SUBNET,
        ["path_proof_networks: {'mtu': 9000} needs either device or vlan_id; give one of the two"],
    ),
    "both": (
        [{"device": "x", "vlan_id": 5}],
        SUBNET,
        ["path_proof_networks: {'device': 'x', 'vlan_id': 5} needs either device or vlan_id; give one of the two"],
    ),
    "a VLAN twice": (
        [{"vlan_id": 5}, {"vlan_id": "5", "mtu": 1500}],
        SUBNET,
        ["path_proof_networks: VLAN 5 is there twice; list each device and each VLAN of a bridge once"],
    ),
    "devices with one key": (
        [{"device": "br.1"}, {"device": "br-1", "name": "two"}],
        SUBNET,
        ["path_proof_networks: two is there twice; list each device and each VLAN of a bridge once"],
    ),
    "a small subnet": (
        [{"vlan_id": 5}],
        "10.0.0.0/30",
        ["path_proof_subnet=10.0.0.0/30: 10.0.0.0/30 has 2 addresses for hosts, 3 are wanted" + ANOTHER],
    ),
    "a host route": (
        [{"vlan_id": 5}],
        "10.0.0.1/32",
        ["path_proof_subnet=10.0.0.1/32: 10.0.0.1/32 has 0 addresses for hosts, 3 are wanted" + ANOTHER],
    ),
    "host bits, and no network": (
        [{}],
        "10.0.0.1/24",
        [
            "path_proof_networks: {} needs either device or vlan_id; give one of the two",
            "path_proof_subnet=10.0.0.1/24: 10.0.0.1/24 has host bits set" + ANOTHER,
        ],
    ),
    "a gateway without a subnet, a target without a gateway": (
        [
            {"vlan_id": 5, "gateway": "10.0.0.1"},
            {"vlan_id": 6, "subnet": "10.0.0.0/24", "target": "203.0.113.8", "target_mtu": 1400},
        ],
        SUBNET,
        [
            "path_proof_networks, VLAN 5: gateway=10.0.0.1: needs subnet; give subnet of the VLAN",
            "path_proof_networks, VLAN 6: target=203.0.113.8: needs gateway; give gateway of the VLAN",
            "path_proof_networks, VLAN 6: target_mtu=1400: needs gateway; give gateway of the VLAN",
        ],
    ),
    "a subnet of a device": (
        [{"device": "mgmt-br", "subnet": "10.0.0.0/24"}],
        SUBNET,
        [
            (
                "path_proof_networks, mgmt-br: subnet=10.0.0.0/24: has no meaning for a device, whose own address is"
                " used; leave it out"
            )
        ],
    ),
    "a small range": (
        [{**ROUTER, "range_start": "192.168.100.253"}, {**ROUTER, "vlan_id": 6, "range_end": "192.168.100.3"}],
        SUBNET,
        [
            (
                "path_proof_networks, VLAN 100 of vm-a: 192.168.100.0/24 from 192.168.100.253 to its last has 2"
                " addresses for hosts, 3 are wanted; give a range of free addresses"
            ),
            (
                "path_proof_networks, VLAN 6 of vm-a: 192.168.100.0/24 from its first to 192.168.100.3 has 2 addresses"
                " for hosts, 3 are wanted; give a range of free addresses"
            ),
        ],
    ),
    "IPv6": (
        [],
        "fd00::/64",
        ["path_proof_subnet=fd00::/64: fd00::/64 is no IPv4 network in CIDR form" + ANOTHER],
    ),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refusals(name: str) -> None:
    networks, subnet, expected = REFUSALS[name]
    with pytest.raises(ValidationError) as error:
        endpoints(networks, HOSTS, "n1", subnet)
    assert str(error.value).split("\n") == expected


# Paths


def _end(key: str, address: str, mtu: int = 9000, namespace: str | None = None) -> dict[str, Any]:
    device = "eth0" if namespace else key
    return {"key": key, "device": device, "address": address, "mtu": mtu, "namespace": namespace, "made": []}


def test_paths_go_to_every_other_node() -> None:
    made = {
        "n1": [_end("mgmt-br-2017", "10.0.0.1"), _end("vlan2018", "198.18.0.1", 1500, "hn1")],
        "n2": [_end("mgmt-br-2017", "10.0.0.2"), _end("vlan2018", "198.18.0.2", 9000, "hn2")],
        # A node without an endpoint of the VLAN.
        "n3": [_end("mgmt-br-2017", "10.0.0.3")],
        "n4": [],
    }
    networks = [MANAGEMENT | {"mtu": None}, {"vlan_id": 2018, "larger": "allow", "mtu": None}]
    assert paths(networks, made, "n1") == [
        {"name": "management network|n2", "peer": "10.0.0.2", "mtu": 9000, "device": "mgmt-br-2017"},
        {"name": "management network|n3", "peer": "10.0.0.3", "mtu": 9000, "device": "mgmt-br-2017"},
        {
            "name": "VLAN 2018|n2",
            "peer": "198.18.0.2",
            "mtu": 1500,
            "device": "eth0",
            "namespace": "hn1",
            "larger": "allow",
        },
    ]
    assert [path["name"] for path in paths(networks, made, "n3")] == ["management network|n1", "management network|n2"]
    assert paths(networks, made, "n4") == []
    assert paths(networks, made, "n5") == []


def test_a_given_size_counts() -> None:
    made = {"n1": [_end("mgmt-br-2017", "10.0.0.1", 1500)], "n2": [_end("mgmt-br-2017", "10.0.0.2", 1500)]}
    assert [path["mtu"] for path in paths([MANAGEMENT | {"mtu": "9000"}], made, "n1")] == [9000]


def test_a_path_goes_to_the_gateway_or_through_it() -> None:
    made = {
        "n1": [_end("vm-a-100", "192.168.100.2", namespace="hn1")],
        "n2": [_end("vm-a-100", "192.168.100.3", namespace="hn2")],
    }
    between = {
        "name": "VLAN 100 of vm-a|n2",
        "peer": "192.168.100.3",
        "mtu": 9000,
        "device": "eth0",
        "namespace": "hn1",
    }
    gateway = {**between, "name": "VLAN 100 of vm-a|gateway 192.168.100.1", "peer": "192.168.100.1"}
    assert paths([ROUTER], made, "n1") == [between, gateway]
    # What is less than the MTU of the network is a lower bound; the MTU itself is exact.
    target = {**between, "name": "VLAN 100 of vm-a|203.0.113.8 through 192.168.100.1", "peer": "203.0.113.8"}
    assert paths([BEHIND], made, "n1") == [between, {**target, "mtu": 1500, "larger": "allow"}]
    assert paths([{**BEHIND, "target_mtu": 9000}], made, "n1") == [between, target]
    assert paths([{**ROUTER, "larger": "allow"}], {"n1": made["n1"]}, "n1") == [{**gateway, "larger": "allow"}]


# Culprits

LARGEST = {"proved": 9000, "mtu_larger": 9001, "mtu_too_small": 1500}


def _path(
    network: str, peer: str, status: str = "proved", largest: int | None = None, mtu: int = 9000
) -> dict[str, Any]:
    return {
        "name": f"{network}|{peer}",
        "mtu": mtu,
        "status": status,
        "largest": LARGEST.get(status) if largest is None else largest,
        "why": f"{status} to {peer}",
    }


def _leg(
    port: str, active: bool, items: list[dict[str, Any]], status: str | None = None, why: str = ""
) -> dict[str, Any]:
    # The order in which module path_mtu names a leg after its failures; not_proved paths do not count beside others.
    kinds = [item["status"] for item in items]
    found = next((kind for kind in ("mtu_too_small", "mtu_larger", "no_path") if kind in kinds), "proved")
    return {"port": port, "was_active": active, "status": status or found, "paths": items, "why": why}


Fails = Mapping[tuple[str, str], str]


def _results(
    nodes: Iterable[str],
    fails: Mapping[str, Fails] | None = None,
    networks: Iterable[str] = ("VLAN 2018",),
) -> dict[str, dict[str, Any]]:
    """Results without legs. fails: by network and (from, to) the status."""
    nodes, fails = list(nodes), fails or {}
    return {
        node: {
            "paths": [
                _path(network, peer, fails.get(network, {}).get((node, peer), "proved"))
                for network in networks
                for peer in nodes
                if peer != node
            ],
            "legs": [],
        }
        for node in nodes
    }


def _all(nodes: Iterable[str], status: str, only: str = "") -> dict[tuple[str, str], str]:
    """Every pair, or every pair with one node."""
    nodes = list(nodes)
    return {(one, other): status for one in nodes for other in nodes if one != other and only in ("", one, other)}


CABLE = "see its cable and switch port"
CARRY = "see whether its switch ports carry VLAN 2018, and whether bond and bridge have it"
SMALL = "9000 bytes do not pass, at most 1500 do"
BETWEEN = "see the MTU of its switch ports, and of what lies between"

NETWORKS: dict[str, tuple[list[str], Fails, list[str]]] = {
    "all is proved": (HOSTS, {}, []),
    "a VLAN that nobody has": (
        HOSTS,
        _all(HOSTS, "no_path"),
        [f"VLAN 2018: no pair of n1, n2, n3: no frame passes; {CARRY}"],
    ),
    "a VLAN that one node lacks": (
        HOSTS,
        _all(HOSTS, "no_path", "n2"),
        [f"VLAN 2018: n2, with every other node: no frame passes; {CARRY}"],
    ),
    "one node of four, in one direction only": (
        [*HOSTS, "n4"],
        {("n1", "n4"): "no_path", ("n2", "n4"): "no_path", ("n4", "n3"): "no_path"},
        [f"VLAN 2018: n4, with every other node: no frame passes; {CARRY}"],
    ),
    "a small MTU for everybody": (
        HOSTS,
        _all(HOSTS, "mtu_too_small"),
        [f"VLAN 2018: no pair of n1, n2, n3: {SMALL}; {BETWEEN}"],
    ),
    "a small MTU of one node": (
        HOSTS,
        _all(HOSTS, "mtu_too_small", "n3"),
        [f"VLAN 2018: n3, with every other node: {SMALL}; {BETWEEN}"],
    ),
    "a larger MTU than asked for": (
        HOSTS,
        _all(HOSTS, "mtu_larger"),
        [
            (
                "VLAN 2018: no pair of n1, n2, n3: 9000 bytes pass, and one byte more does too; see the MTU of the"
                " devices on the nodes, it is larger than asked for"
            )
        ],
    ),
    "one direction of one pair": (HOSTS, {("n1", "n2"): "no_path"}, ["VLAN 2018: n1 to n2: no_path to n2"]),
    "both directions of one pair": (
        HOSTS,
        {("n2", "n1"): "no_path", ("n1", "n2"): "mtu_too_small"},
        ["VLAN 2018: n1 to n2: mtu_too_small to n2", "VLAN 2018: n2 to n1: no_path to n1"],
    ),
    "two nodes only blame none": (
        ["n1", "n2"],
        _all(["n1", "n2"], "no_path"),
        ["VLAN 2018: n1 to n2: no_path to n2", "VLAN 2018: n2 to n1: no_path to n1"],
    ),
    "two nodes, one direction": (["n1", "n2"], {("n2", "n1"): "no_path"}, ["VLAN 2018: n2 to n1: no_path to n1"]),
    "one node for several reasons": (
        HOSTS,
        _all(HOSTS, "no_path", "n2") | {("n2", "n3"): "mtu_too_small"},
        [
            "VLAN 2018: n1 to n2: no_path to n2",
            "VLAN 2018: n2 to n1: no_path to n1",
            "VLAN 2018: n2 to n3: mtu_too_small to n3",
            "VLAN 2018: n3 to n2: no_path to n2",
        ],
    ),
    "not tried": (
        HOSTS,
        _all(HOSTS, "not_proved", "n1"),
        [
            "VLAN 2018: n1 to n2: not_proved to n2",
            "VLAN 2018: n1 to n3: not_proved to n3",
            "VLAN 2018: n2 to n1: not_proved to n1",
            "VLAN 2018: n3 to n1: not_proved to n1",
        ],
    ),
}


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_culprits_of_a_network(name: str) -> None:
    nodes, fails, expected = NETWORKS[name]
    assert culprits(_results(nodes, {"VLAN 2018": fails})) == expected


GATEWAY = "gateway 192.168.100.1"
ROUTED: dict[str, tuple[list[str], Fails, list[str]]] = {
    "all is proved": (HOSTS, {}, []),
    "a small router": (
        HOSTS,
        {(node, GATEWAY): "mtu_too_small" for node in HOSTS},
        [
            (
                f"VLAN 2018: {GATEWAY}, from every node: {SMALL}; see the MTU of the router on this VLAN, and of what"
                " lies between"
            )
        ],
    ),
    "a router that is away": (
        HOSTS[:2],
        {(node, GATEWAY): "no_path" for node in HOSTS[:2]},
        [
            (
                f"VLAN 2018: {GATEWAY}, from every node: no frame passes; see whether it is up and answers pings, and"
                " whether the VLAN reaches its router"
            )
        ],
    ),
    "a larger MTU than asked for": (
        HOSTS,
        {(node, GATEWAY): "mtu_larger" for node in HOSTS},
        [
            (
                f"VLAN 2018: {GATEWAY}, from every node: 9000 bytes pass, and one byte more does too; see the MTU of"
                " the devices on the nodes, it is larger than asked for"
            )
        ],
    ),
    "a small port of one node": (
        HOSTS,
        {**_all(HOSTS, "mtu_too_small", "n3"), ("n3", GATEWAY): "mtu_too_small"},
        [f"VLAN 2018: n3, with every other node: {SMALL}; {BETWEEN}"],
    ),
    "one node has no way to it": (
        HOSTS,
        {("n2", GATEWAY): "no_path"},
        [f"VLAN 2018: n2 to {GATEWAY}: no_path to {GATEWAY}"],
    ),
    "everything": (
        HOSTS,
        {**_all(HOSTS, "no_path"), **{(node, GATEWAY): "no_path" for node in HOSTS}},
        [f"VLAN 2018: no pair of n1, n2, n3, {GATEWAY}: no frame passes; {CARRY}"],
    ),
    "the only node": (
        ["n1"],
        {("n1", GATEWAY): "mtu_too_small"},
        [f"VLAN 2018: n1 to {GATEWAY}: mtu_too_small to {GATEWAY}"],
    ),
}


@pytest.mark.parametrize("name", sorted(ROUTED))
def test_culprits_with_a_router(name: str) -> None:
    nodes, fails, expected = ROUTED[name]
    results = _results(nodes, {"VLAN 2018": fails})
    for node in nodes:
        results[node]["paths"].append(_path("VLAN 2018", GATEWAY, fails.get((node, GATEWAY), "proved")))
    assert culprits(results) == expected


def test_nothing_was_asked() -> None:
    assert culprits({}) == []
    assert culprits({"n1": {}, "n2": {"paths": [], "legs": []}}) == []


def test_each_network_has_its_own_culprit() -> None:
    fails = {"management network": _all(HOSTS, "mtu_too_small", "n1"), "VLAN 2018": _all(HOSTS, "no_path", "n3")}
    assert culprits(_results(HOSTS, fails, ["management network", "VLAN 2018", "VLAN 2019"])) == [
        f"management network: n1, with every other node: {SMALL}; {BETWEEN}",
        f"VLAN 2018: n3, with every other node: no frame passes; {CARRY}",
    ]


def test_a_node_without_an_endpoint_is_nobodys_peer() -> None:
    results = _results(HOSTS, {"VLAN 2018": _all(HOSTS, "no_path", "n1")})
    assert culprits(results | {"n4": {"paths": []}}) == [
        f"VLAN 2018: n1, with every other node: no frame passes; {CARRY}"
    ]


def test_several_sizes_are_all_told() -> None:
    results = _results(HOSTS, {"VLAN 2018": _all(HOSTS, "mtu_too_small", "n2")})
    results["n2"]["paths"][1] |= {"largest": 4000}
    results["n1"]["paths"][0] |= {"largest": None}
    assert culprits(results) == [
        f"VLAN 2018: n2, with every other node: 9000 bytes do not pass, at most 1500 or 4000 do; {BETWEEN}"
    ]


def _with_legs(results: dict[str, dict[str, Any]], bad: Mapping[tuple[str, str], str], active: str = "eno1") -> None:
    """Legs of active-backup bonds. bad: status of a leg by node and port.

    A leg of a peer fails from here too, as long as it is the peer's active one.
    """
    for node, result in results.items():
        result["legs"] = []
        for port in ("eno1", "eno2"):
            items = []
            for item in result["paths"]:
                network, _separator, peer = item["name"].partition("|")
                status = bad.get((node, port)) or bad.get((peer, active)) or "proved"
                items.append(_path(network, peer, status))
            result["legs"].append(_leg(port, port == active, items))
            if port == active:
                result["paths"] = items


LEGS: dict[str, tuple[list[str], dict[tuple[str, str], str], list[str]]] = {
    "all legs are proved": (HOSTS, {}, []),
    "the active leg": (
        HOSTS,
        {("n2", "eno1"): "mtu_too_small"},
        [f"VLAN 2018: n2, leg eno1: {SMALL} (the active one); {CABLE}"],
    ),
    "the passive leg": (
        HOSTS,
        {("n2", "eno2"): "mtu_too_small"},
        [f"VLAN 2018: n2, leg eno2: {SMALL} (not the active one); {CABLE}"],
    ),
    "the active leg of one of two nodes": (
        ["n1", "n2"],
        {("n2", "eno1"): "no_path"},
        [f"VLAN 2018: n2, leg eno1: no frame passes (the active one); {CABLE}"],
    ),
    "the passive legs of all nodes": (
        HOSTS,
        {(node, "eno2"): "no_path" for node in HOSTS},
        [f"VLAN 2018: {node}, leg eno2: no frame passes (not the active one); {CABLE}" for node in HOSTS],
    ),
    "both legs of a node are the node": (
        HOSTS,
        {("n2", "eno1"): "no_path", ("n2", "eno2"): "no_path"},
        [f"VLAN 2018: n2, with every other node: no frame passes; {CARRY}"],
    ),
    "all legs of all nodes are the network": (
        HOSTS,
        {(node, port): "mtu_too_small" for node in HOSTS for port in ("eno1", "eno2")},
        [f"VLAN 2018: no pair of n1, n2, n3: {SMALL}; {BETWEEN}"],
    ),
}


@pytest.mark.parametrize("name", sorted(LEGS))
def test_culprits_among_legs(name: str) -> None:
    nodes, bad, expected = LEGS[name]
    results = _results(nodes)
    _with_legs(results, bad)
    assert culprits(results) == expected


def test_of_several_proofs_the_last_result_of_each_path_is_kept() -> None:
    first = {"paths": [_path("VLAN 2017", "n2", "no_path"), _path("VLAN 2018", "n2")], "legs": [_leg("eno1", True, [])]}
    again = {"paths": [_path("VLAN 2017", "n2"), _path("pod network", "n2")], "legs": []}
    found = seen(seen({}, first), again)
    assert [(item["name"], item["status"]) for item in found["paths"]] == [
        ("VLAN 2017|n2", "proved"),
        ("VLAN 2018|n2", "proved"),
        ("pod network|n2", "proved"),
    ]
    assert found["legs"] == first["legs"]
    assert seen(found, {"skipped": True, "changed": False}) == found


def test_a_leg_that_was_down_before_is_no_finding_and_another_is() -> None:
    results = _results(HOSTS)
    _with_legs(results, {})
    for node in ("n1", "n2"):
        results[node]["legs"][1] = _leg("eno2", False, [], "down", "eno2 is down (no carrier)")
    both = [f"{node}, leg eno2: down: eno2 is down (no carrier)" for node in ("n1", "n2")]
    assert culprits(results) == both
    assert culprits(results, {"n1": ["eno1"]}) == both[1:]
    assert culprits(results, {"n1": ["eno1"], "n2": ["eno1", "eno2"]}) == both[1:]
    assert culprits(results, {"n1": ["eno1"], "n2": ["eno1"]}) == []


def test_a_leg_is_named_for_each_network_that_it_lacks() -> None:
    results = _results(HOSTS, networks=["management network", "VLAN 2018", "VLAN 2019"])
    _with_legs(results, {})
    for item in results["n3"]["legs"][1]["paths"]:
        if item["name"].startswith("VLAN"):
            item |= {"status": "no_path", "largest": None}
    assert culprits(results) == [
        f"VLAN 2018: n3, leg eno2: no frame passes (not the active one); {CABLE}",
        f"VLAN 2019: n3, leg eno2: no frame passes (not the active one); {CABLE}",
    ]


def test_a_passive_leg_does_not_excuse_a_path_that_fails_by_the_active_one() -> None:
    results = _results(HOSTS)
    _with_legs(results, {("n2", "eno2"): "no_path"})
    results["n2"]["paths"] = [dict(item) for item in results["n2"]["paths"]]
    results["n2"]["paths"][0] |= {"status": "no_path", "why": "n1 is gone"}
    assert culprits(results) == [
        f"VLAN 2018: n2, leg eno2: no frame passes (not the active one); {CABLE}",
        "VLAN 2018: n2 to n1: n1 is gone",
    ]


def test_a_leg_that_fails_to_one_peer_only_is_told_with_that_peer() -> None:
    results = _results(HOSTS)
    _with_legs(results, {})
    results["n1"]["legs"][1]["paths"][1] |= {"status": "mtu_too_small", "largest": 1500, "why": "too small to n3"}
    assert culprits(results) == ["VLAN 2018: n1, leg eno2, to n3: too small to n3"]


def test_paths_that_did_not_take_a_leg_are_no_failures_of_it() -> None:
    """Modes that use all ports, with a policy by addresses: each peer is reached by one leg."""
    results = _results(HOSTS)
    for node, result in results.items():
        one, other = (peer for peer in HOSTS if peer != node)
        result["legs"] = [
            _leg("eno1", True, [_path("VLAN 2018", one), _path("VLAN 2018", other, "not_proved")]),
            _leg("eno2", True, [_path("VLAN 2018", one, "not_proved"), _path("VLAN 2018", other)]),
        ]
    assert culprits(results) == []


def test_a_leg_of_a_bond_that_spreads_is_not_blamed_for_the_leg_of_a_peer() -> None:
    """eno2 of n2 is small; what the others send meets it on one of their legs by chance."""
    results = _results(HOSTS, {"VLAN 2018": {("n1", "n2"): "mtu_too_small"}})
    small = _path("VLAN 2018", "n2", "mtu_too_small")
    for node in ("n1", "n3"):
        other = "n3" if node == "n1" else "n1"
        results[node]["legs"] = [
            _leg("eno1", True, [small, _path("VLAN 2018", other)]),
            _leg("eno2", True, [_path("VLAN 2018", "n2"), _path("VLAN 2018", other)]),
        ]
    results["n2"]["legs"] = [
        _leg("eno1", True, [_path("VLAN 2018", "n1"), _path("VLAN 2018", "n3")]),
        _leg("eno2", True, [_path("VLAN 2018", peer, "mtu_too_small") for peer in ("n1", "n3")]),
    ]
    assert culprits(results) == [f"VLAN 2018: n2, leg eno2: {SMALL} (in use); {CABLE}"]


def test_a_leg_that_fails_in_several_ways_is_called_after_the_most_certain() -> None:
    results = _results(HOSTS)
    _with_legs(results, {})
    for item, status in zip(results["n1"]["legs"][1]["paths"], ("no_path", "mtu_larger"), strict=True):
        item |= {"status": status}
    assert culprits(results) == [
        f"VLAN 2018: n1, leg eno2: 9000 bytes pass, and one byte more does too (not the active one); {CABLE}"
    ]


def test_legs_that_were_not_probed_are_told() -> None:
    results = _results(HOSTS)
    results["n1"]["legs"] = [
        _leg("eno1", True, [_path("VLAN 2018", "n2"), _path("VLAN 2018", "n3")]),
        _leg("eno2", False, [], "down", "eno2 is down (no link)"),
        _leg("eno3", True, [_path("VLAN 2018", "n2", "not_proved")], "not_proved", "none of 64 flows left by eno3"),
    ]
    assert culprits(results) == [
        "n1, leg eno2: down: eno2 is down (no link)",
        "n1, leg eno3: not proved: none of 64 flows left by eno3",
    ]


STATUS = st.sampled_from(["proved", "proved", "proved", "no_path", "mtu_too_small", "mtu_larger", "not_proved"])


@given(st.data())
def test_there_are_findings_exactly_when_something_is_not_proved(data: st.DataObject) -> None:
    nodes = HOSTS[: data.draw(st.integers(2, 3))]
    networks = ["VLAN 1", "VLAN 2"][: data.draw(st.integers(1, 2))]
    results: dict[str, dict[str, Any]] = {}
    proved = True
    for node in nodes:
        names = [(network, peer) for network in networks for peer in nodes if peer != node]
        found = [_path(network, peer, data.draw(STATUS)) for network, peer in names]
        legs = []
        for port in ("eno1", "eno2"):
            items = [_path(network, peer, data.draw(STATUS)) for network, peer in names]
            hit = any(item["status"] != "not_proved" for item in items)
            legs.append(_leg(port, data.draw(st.booleans()), items, None if hit else "not_proved"))
        results[node] = {"paths": found, "legs": legs}
        proved = proved and all(item["status"] == "proved" for item in [*found, *legs])
    assert (culprits(results) == []) is proved
