# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has, what stands against an endpoint there, and the commands that make one."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.probe import _making
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoint import (
    Route,
    Wanted,
    mac_of,
    namespace_of,
    veth_of,
)
from ansible_collections.harvester.network.plugins.module_utils.probe._record import Item
from ansible_collections.harvester.network.plugins.module_utils.probe._surroundings import (
    Device,
    Entry,
    Node,
    Way,
    check,
    parse_devices,
    parse_vlans,
    parse_ways,
    read,
)

LINKS = [
    {},
    {"ifname": "lo", "mtu": 65536, "flags": ["LOOPBACK", "UP"], "link_type": "loopback"},
    {
        "ifname": "mgmt-br",
        "mtu": 1500,
        "flags": ["BROADCAST", "UP"],
        "link_type": "ether",
        "linkinfo": {
            "info_kind": "bridge",
            "info_data": {"forward_delay": 1500, "stp_state": 1, "vlan_filtering": 1, "vlan_default_pvid": 1},
        },
        "addr_info": [
            {"family": "inet6", "local": "fe80::1", "scope": "link"},
            {"family": "inet", "local": "169.254.1.1", "scope": "link"},
        ],
    },
    {
        "ifname": "mgmt-bo",
        "mtu": 1500,
        "flags": ["UP"],
        "link_type": "ether",
        "master": "mgmt-br",
        "linkinfo": {"info_kind": "bond", "info_slave_kind": "bridge", "info_slave_data": {"state": "forwarding"}},
        "addr_info": [],
    },
    {
        "ifname": "mgmt-br.2017",
        "mtu": 1500,
        "flags": ["UP"],
        "link_type": "ether",
        "linkinfo": {"info_kind": "vlan"},
        "addr_info": [
            {"family": "inet", "local": "10.217.0.11", "scope": "global"},
            {"family": "inet", "local": "10.217.0.201", "scope": "global"},
        ],
    },
]
VLANS = [
    {"ifname": "mgmt-bo", "vlans": [{"vlan": 1, "flags": ["PVID", "Egress Untagged"]}, {"vlan": 100, "vlanEnd": 102}]},
    {"ifname": "mgmt-br", "vlans": [{"vlan": 1, "flags": ["PVID", "Egress Untagged"]}, {"vlan": 2017}]},
]
ROUTES: list[dict[str, Any]] = [
    {"dst": "default", "gateway": "10.217.0.1", "dev": "mgmt-br.2017"},
    {"dst": "0.0.0.0/1", "dev": "tun0"},
    {"dst": "10.217.0.0/24", "dev": "mgmt-br.2017"},
    {"dst": "192.0.2.7", "nexthops": [{"dev": "a"}, {"dev": "b"}]},
    {"type": "blackhole", "dst": "192.0.2.0/26"},
]


def test_devices() -> None:
    found = parse_devices(LINKS)
    assert found["mgmt-br"] == Device(
        "mgmt-br", "bridge", 1500, True, filtering=True, default_pvid=1, stp=True, forward_delay=15
    )
    assert found["mgmt-bo"] == Device("mgmt-bo", "bond", 1500, True, controller="mgmt-br", forwarding=True)
    assert found["mgmt-br.2017"] == Device("mgmt-br.2017", "vlan", 1500, True, "10.217.0.11")
    assert found["lo"].kind == "loopback"


def test_vlan_tables_with_ranges() -> None:
    own, tagged = Entry(True, True), Entry(False, False)
    assert parse_vlans(VLANS) == {
        "mgmt-bo": {1: own, 100: tagged, 101: tagged, 102: tagged},
        "mgmt-br": {1: own, 2017: tagged},
    }


def test_routes_that_name_a_subnet() -> None:
    assert [(str(way.to), way.device) for way in parse_ways(ROUTES)] == [
        ("10.217.0.0/24", "mgmt-br.2017"),
        ("192.0.2.7/32", "a, b"),
        ("192.0.2.0/26", "blackhole"),
    ]


class Programs:
    """Answers by the beginning of the command; keeps what was run and what was fed."""

    def __init__(self, answers: dict[str, tuple[int, str, str]]) -> None:
        self.answers, self.ran = answers, list[tuple[str, str]]()

    def __call__(self, argv: Sequence[str], text: str) -> tuple[int, str, str]:
        line = " ".join(argv)
        self.ran.append((line, text))
        return next((answer for start, answer in self.answers.items() if line.startswith(start)), (0, "", ""))


def test_a_node_is_three_programs() -> None:
    run = Programs(
        {
            "ip -j -d address": (0, json.dumps(LINKS), ""),
            "bridge": (0, json.dumps(VLANS), ""),
            "ip -j -4 route": (0, json.dumps(ROUTES), ""),
        }
    )
    found = read(run, ["cni-1"])
    assert (len(found.devices), len(found.vlans), len(found.ways), found.namespaces) == (4, 2, 3, frozenset({"cni-1"}))
    assert [line for line, _text in run.ran] == [
        "ip -j -d address show",
        "bridge -j vlan show",
        "ip -j -4 route show table main",
    ]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((1, "", 'Object "x" is unknown\n'), 'ip -j -d address show: exit status 1 (Object "x" is unknown)'),
        (
            (127, "", "ip: No such file or directory"),
            "ip -j -d address show: exit status 127 (ip: No such file or directory)",
        ),
        ((0, "2: eth0", ""), "ip -j -d address show: no JSON: 2: eth0"),
    ],
)
def test_a_program_that_fails_is_named(answer: tuple[int, str, str], text: str) -> None:
    with pytest.raises(NetworkError) as caught:
        read(Programs({"ip": answer}), [])
    assert str(caught.value) == text


OWN, TAGGED = Entry(True, True), Entry(False, False)
NODE = Node(
    devices={
        "mgmt-br": Device("mgmt-br", "bridge", 1500, True, filtering=True, default_pvid=1),
        "mgmt-bo": Device("mgmt-bo", "bond", 1500, True, controller="mgmt-br", forwarding=True),
        "vethvm1": Device("vethvm1", "veth", 1500, True, controller="mgmt-br", forwarding=True),
        "mgmt-br.2017": Device("mgmt-br.2017", "vlan", 1500, True, "10.217.0.11"),
        "flat-br": Device("flat-br", "bridge", 9000, True),
        "down-br": Device("down-br", "bridge", 1500, False),
        "eno3": Device("eno3", "ether", 1500, True),
        "eno4": Device("eno4", "ether", 1500, True, controller="flat-br"),
    },
    vlans={
        "mgmt-bo": {1: OWN, 100: TAGGED, 2017: TAGGED},
        "mgmt-br": {1: OWN, 2017: TAGGED, 2018: TAGGED},
        "vethvm1": {100: OWN},
    },
    ways=(Way(ipaddress.IPv4Network("10.217.0.0/24"), "mgmt-br.2017"),),
    namespaces=frozenset({"vm1"}),
)
WANTED = Wanted("v18", None, "mgmt-br", 2018, "198.18.0.1", 24)


def said(item: Wanted, node: Node = NODE, ours: frozenset[str] = frozenset()) -> list[str]:
    return [str(problem) for problem in check("a", [item], node, ours)]


AGAINST: list[tuple[dict[str, Any], str]] = [
    ({"bridge": "mgmt-bx"}, "endpoint 'v18': bridge=mgmt-bx: no such device; like it: mgmt-br"),
    ({"bridge": "x"}, "endpoint 'v18': bridge=x: no such device"),
    ({"bridge": "eno3"}, "endpoint 'v18': bridge=eno3: is no bridge but of kind 'ether'"),
    ({"bridge": "down-br", "vlan_id": 1}, "endpoint 'v18': bridge=down-br: is down; set it up first"),
    (
        {"bridge": "flat-br"},
        (
            "endpoint 'v18': vlan_id=2018: flat-br has no VLAN filtering, so all its ports are in one network; use"
            " vlan_id 1 (untagged) there"
        ),
    ),
    (
        {"mtu": 9000},
        ("endpoint 'v18': mtu=9000: is above the MTU of mgmt-br, 1500 bytes; raise that first, or leave mtu out"),
    ),
    ({"uplink": "mgmt-b0"}, "endpoint 'v18': uplink=mgmt-b0: no such device; like it: mgmt-br, mgmt-bo, mgmt-br.2017"),
    (
        {"uplink": "eno3"},
        "endpoint 'v18': uplink=eno3: is no port of mgmt-br; its ports are mgmt-bo, vethvm1",
    ),
    (
        {"uplink": "eno4"},
        "endpoint 'v18': uplink=eno4: is no port of mgmt-br but of flat-br; its ports are mgmt-bo, vethvm1",
    ),
    (
        {"uplink": "vethvm1", "vlan_id": 1},
        (
            "endpoint 'v18': vlan_id=1: VLAN id 1 is missing on vethvm1, and a probe never adds it: a node can lose its"
            " network by that; put '1 pvid untagged' into the VLAN list of its profile"
        ),
    ),
    (
        {"address": "10.217.0.99", "prefix": 25},
        (
            "endpoint 'v18': address=10.217.0.99/25: 10.217.0.0/25 overlaps the node's route to 10.217.0.0/24"
            " (mgmt-br.2017); choose another subnet; 198.18.0.0/15 is reserved for measurements"
        ),
    ),
    (
        {"address": "10.217.9.9", "prefix": 16},
        (
            "endpoint 'v18': address=10.217.9.9/16: 10.217.0.0/16 overlaps the node's route to 10.217.0.0/24"
            " (mgmt-br.2017); choose another subnet; 198.18.0.0/15 is reserved for measurements"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "text"), AGAINST)
def test_what_stands_against_an_endpoint(changes: dict[str, Any], text: str) -> None:
    assert said(WANTED._replace(**changes)) == [text]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mtu": 1500},
        {"uplink": "mgmt-bo"},
        {"uplink": "mgmt-bo", "vlan_id": 1},
        {"bridge": "flat-br", "vlan_id": 1, "mtu": 9000},
        {"bridge": "flat-br", "vlan_id": 1, "uplink": "eno4"},
    ],
)
def test_nothing_stands_against_these(changes: dict[str, Any]) -> None:
    assert said(WANTED._replace(**changes)) == []


def test_devices_are_taken_with_an_address_only() -> None:
    assert said(Wanted("a", device="mgmt-br.2017")) == []
    assert said(Wanted("a", device="eno3")) == [
        "endpoint 'a': device=eno3: has no IPv4 address; give the device one, or use bridge, vlan_id and address"
    ]
    assert said(Wanted("a", device="mgmt-br.2071")) == [
        "endpoint 'a': device=mgmt-br.2071: no such device; like it: mgmt-br.2017, mgmt-br, mgmt-bo"
    ]


def test_names_that_others_have_are_not_taken_over() -> None:
    veth, namespace = veth_of("a", "v18"), namespace_of("a", "v18")
    node = NODE._replace(
        devices={**NODE.devices, veth: Device(veth, "veth", 1500, True)}, namespaces=frozenset({namespace})
    )
    assert said(WANTED, node) == [
        (
            f"endpoint 'v18': {what} exists already, and no record of probe 'a' says that it was made by it; use"
            f" another name, or remove it with '{how}'"
        )
        for what, how in (
            (f"network namespace {namespace}", f"ip netns del {namespace}"),
            (f"device {veth}", f"ip link del {veth}"),
        )
    ]
    assert said(WANTED, node, frozenset({veth, namespace})) == []


# --- the plan and its commands

VETH, NAMESPACE = veth_of("a", "v18"), namespace_of("a", "v18")


def test_what_a_vlan_on_an_uplink_takes() -> None:
    wanted = WANTED._replace(
        uplink="mgmt-bo", mtu=1400, routes=(Route("198.19.0.0/24", "198.18.0.9"), Route("198.20.0.0/24", "198.18.0.9"))
    )
    plan = _making.plan("a", [wanted, Wanted("z", device="mgmt-br.2017")], NODE, ())
    assert plan.items == (
        Item("veth", VETH, ("mgmt-br",)),
        Item("namespace", NAMESPACE),
        Item("vlan", "2018", ("mgmt-bo", "mgmt-br", "mgmt-br")),
    )
    assert plan.made == {
        "v18": [f"network namespace {NAMESPACE}", f"veth {VETH} on mgmt-br", "VLAN id 2018 on mgmt-bo"],
        "z": [],
    }
    assert _making.attach(plan.endpoints, ipv6=True) == [
        f"netns add {NAMESPACE}",
        f"link add {VETH} address {mac_of(VETH)} mtu 1500 type veth peer name eth0 mtu 1400 netns {NAMESPACE}",
        f"link set dev {VETH} addrgenmode none",
        f"link set dev {VETH} master mgmt-br",
    ]
    assert _making.tables(plan.endpoints, plan.uplinks) == [
        f"vlan add dev {VETH} vid 2018 pvid untagged",
        f"vlan del dev {VETH} vid 1",
        "vlan add dev mgmt-bo vid 2018",
    ]
    assert _making.raise_hosts(plan.endpoints) == [f"link set dev {VETH} up"]
    assert _making.raise_inner(ipv6=True) == [
        "link set dev lo up",
        "link set dev eth0 addrgenmode none",
        "link set dev eth0 up",
    ]
    assert _making.address(wanted) == [
        "address add 198.18.0.1/24 dev eth0",
        "route add 198.19.0.0/24 via 198.18.0.9",
        "route add 198.20.0.0/24 via 198.18.0.9",
    ]


def test_a_kernel_without_ipv6_is_not_asked_about_it() -> None:
    plan = _making.plan("a", [WANTED], NODE, ())
    lines = _making.attach(plan.endpoints, ipv6=False) + _making.raise_inner(ipv6=False)
    assert not [line for line in lines if "addrgenmode" in line]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"vlan_id": 1}, []),
        ({"vlan_id": 2017, "uplink": "mgmt-bo"}, ["vlan add dev {} vid 2017 pvid untagged", "vlan del dev {} vid 1"]),
        ({"bridge": "flat-br", "vlan_id": 1, "uplink": "eno4"}, []),
    ],
)
def test_tables_that_are_right_are_left_alone(changes: dict[str, Any], lines: list[str]) -> None:
    plan = _making.plan("a", [WANTED._replace(**changes)], NODE, ())
    assert _making.tables(plan.endpoints, plan.uplinks) == [line.format(VETH) for line in lines]
    assert not [item for item in plan.items if item.kind == "vlan"]


def test_a_bridge_that_gives_new_ports_no_pvid() -> None:
    bridge = NODE.devices["mgmt-br"]._replace(default_pvid=0)
    node = NODE._replace(devices={**NODE.devices, "mgmt-br": bridge})
    plan = _making.plan("a", [WANTED._replace(vlan_id=1)], node, ())
    assert _making.tables(plan.endpoints, ()) == [f"vlan add dev {VETH} vid 1 pvid untagged"]


def test_an_id_for_two_endpoints_is_added_once() -> None:
    first = WANTED._replace(uplink="mgmt-bo")
    plan = _making.plan("a", [first, first._replace(key="v18b", address="198.18.0.2")], NODE, ())
    assert plan.uplinks == ((2018, "mgmt-bo"),)
    assert [len(plan.made[key]) for key in ("v18", "v18b")] == [3, 2]
    assert [item.kind for item in plan.items] == ["veth", "veth", "namespace", "namespace", "vlan"]


WITH_ID = NODE._replace(vlans={**NODE.vlans, "mgmt-bo": {**NODE.vlans["mgmt-bo"], 2018: TAGGED}})
SHARED = Item("vlan", "2018", ("mgmt-bo", "mgmt-br", "mgmt-br"))


@pytest.mark.parametrize(
    ("node", "shared", "leaving", "items", "added"),
    [
        (WITH_ID, [], [], 0, False),
        (WITH_ID, [SHARED], [], 1, False),
        (WITH_ID, [], [SHARED], 1, True),
        (WITH_ID, [SHARED], [SHARED], 1, False),
        (NODE, [SHARED], [], 1, True),
    ],
    ids=["there before", "of another probe", "of this one", "of both", "stripped"],
)
def test_whose_an_id_is(node: Node, shared: list[Item], leaving: list[Item], items: int, added: bool) -> None:
    plan = _making.plan("a", [WANTED._replace(uplink="mgmt-bo")], node, shared, leaving)
    assert len([item for item in plan.items if item.kind == "vlan"]) == items
    assert plan.uplinks == (((2018, "mgmt-bo"),) if added else ())
    assert ("VLAN id 2018 on mgmt-bo" in plan.made["v18"]) is added


def test_a_batch_that_fails_names_its_line() -> None:
    lines = ["netns add x", "link add y"]
    run = Programs({"ip -batch": (1, "", "RTNETLINK answers: File exists\nCommand failed -:2\n")})
    with pytest.raises(NetworkError) as caught:
        _making.batch(run, _making.IP, lines)
    assert str(caught.value) == "ip link add y: exit status 1 (RTNETLINK answers: File exists)"
    assert run.ran == [("ip -batch -", "netns add x\nlink add y\n")]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((127, "", "ip: No such file or directory"), "ip -n x: exit status 127 (ip: No such file or directory)"),
        ((1, "", "Command failed -:9\n"), "ip -n x: exit status 1 (no message)"),
    ],
)
def test_a_batch_that_fails_without_a_line(answer: tuple[int, str, str], text: str) -> None:
    with pytest.raises(NetworkError) as caught:
        _making.batch(Programs({"ip": answer}), ("ip", "-n", "x", "-batch", "-"), ["link set dev lo up"])
    assert str(caught.value) == text


def test_no_lines_are_no_process() -> None:
    run = Programs({})
    _making.batch(run, _making.BRIDGE, [])
    assert run.ran == []
