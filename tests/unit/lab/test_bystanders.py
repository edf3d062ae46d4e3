# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing bystanders, and reading ping."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from lab.bystanders import compare, parse_ping, read
from lab.host import LabError


def link(name: str, **more: object) -> dict[str, Any]:
    return {"ifname": name, "ifindex": 1, "address": "m", "mtu": 1500, "operstate": "UP", "flags": ["UP"], **more}


def v4(text: str) -> dict[str, Any]:
    address, _, length = text.partition("/")
    return {"family": "inet", "local": address, "prefixlen": int(length)}


LOOKED: list[Any] = [
    [
        {
            "ifname": "mgmt-bo",
            "vlans": [{"vlan": 1, "flags": ["PVID"]}, {"vlan": 100}, {"vlan": 2029, "vlanEnd": 2031}],
        },
        {"ifname": "mgmt-br", "vlans": [{"vlan": 1, "flags": ["PVID"]}, {"vlan": 2017}, {"vlan": 2030}]},
        {"ifname": "vethvm1", "vlans": [{"vlan": 100, "flags": ["PVID", "Egress Untagged"]}]},
    ],
    [link("mgmt-bo", mtu=1500), link("vethvm1", master="mgmt-br"), link("flannel.1", mtu=1450), link("eno1")],
    [
        {"ifname": "mgmt-br.2017", "addr_info": [v4("10.217.0.11/24"), v4("10.217.0.201/32")]},
        {"ifname": "mgmt-br.2030", "addr_info": [v4("10.30.0.1/24"), {"family": "inet6", "local": "fe80::1"}]},
    ],
    [{"dst": "192.0.2.0/24", "gateway": "10.217.0.1", "dev": "mgmt-br.2017", "protocol": "static"}, {"dst": "default"}],
    [{**link("eth0"), "addr_info": [v4("10.100.0.1/24")]}],
    [{"dst": "10.100.0.0/24"}],
]


def changed(change: Any) -> list[str]:
    after = copy.deepcopy(LOOKED)
    change(after)
    return [line.partition(":")[0] for line in compare(read(LOOKED), read(after))]


def test_what_was_asked_for_is_no_difference() -> None:
    def asked(looked: list[Any]) -> None:
        looked[0][0]["vlans"].append({"vlan": 2018})
        looked[1][0]["mtu"] = 9000
        looked[2][0]["addr_info"][0] = v4("10.217.0.99/24")

    assert changed(asked) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda looked: looked[0][0]["vlans"].pop(1), ["VLAN 100 on mgmt-bo"]),
        (lambda looked: looked[0][0]["vlans"].pop(2), ["VLAN 2030 on mgmt-bo"]),
        (lambda looked: looked[0][1]["vlans"][0].pop("flags"), ["PVID of mgmt-br"]),
        (lambda looked: looked[0][2]["vlans"].append({"vlan": 1, "flags": ["PVID"]}), ["VLANs of vethvm1"]),
        (lambda looked: looked[1][1].update(master=None), ["link vethvm1"]),
        (lambda looked: looked[1][0].update(address="other"), ["link mgmt-bo"]),
        (lambda looked: looked[1].pop(2), ["link flannel.1"]),
        (lambda looked: looked[2][0]["addr_info"].pop(1), ["address 10.217.0.201/32"]),
        (lambda looked: looked[2][1]["addr_info"].pop(0), ["address 10.30.0.1/24"]),
        (lambda looked: looked[3].pop(0), ["route 192.0.2.0/24 main"]),
        (lambda looked: looked[4][0].update(mtu=1499), ["NIC of vm1"]),
    ],
)
def test_each_harm_is_named(change: Any, names: list[str]) -> None:
    assert changed(change) == names


def ping(answered: list[int], sent: int) -> str:
    lines = [f"64 bytes from 10.0.0.1: icmp_seq={number} ttl=64 time=1.0 ms" for number in answered]
    return "\n".join([*lines, f"{sent} packets transmitted, {len(answered)} received, 0% packet loss"])


def test_ping_without_loss() -> None:
    result = parse_ping(ping([1, 2, 3], 3), alive_at_end=True)
    assert (result.sent, result.received, result.lost, str(result)) == (3, 3, 0, "3 of 3")


def test_ping_with_a_gap() -> None:
    result = parse_ping(ping([1, 2, 6, 7, 9], 9), alive_at_end=True)
    assert (result.lost, str(result)) == (4, "5 of 9, longest gap 0.6 s")


def test_pings_on_their_way_at_the_end_are_not_lost() -> None:
    assert parse_ping(ping([1, 2, 3], 5), alive_at_end=True).lost == 0
    assert parse_ping(ping([1, 2, 3], 5), alive_at_end=False).lost == 2
    assert parse_ping(ping([1, 2, 3], 20), alive_at_end=True).lost == 17


def test_nothing_answered() -> None:
    result = parse_ping(ping([], 30), alive_at_end=False)
    assert result.lost == 30
    assert result.longest_gap == pytest.approx(6.0)


def test_output_without_statistics_is_an_error() -> None:
    with pytest.raises(LabError, match="connect: Network is unreachable"):
        parse_ping("ping: connect: Network is unreachable", alive_at_end=True)
