# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for: names, addresses, and every refusal that needs no node, with its exact text."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.module_utils.probe._endpoint import (
    Route,
    Wanted,
    mac_of,
    namespace_of,
    parse,
    veth_of,
)

PLAIN = {"key": "v18", "bridge": "mgmt-br", "vlan_id": 2018, "address": "198.18.0.1/24"}


def one(**changes: Any) -> list[dict[str, Any]]:
    return [{**PLAIN, **changes}]


def objections(name: str, lifetime: int, items: list[dict[str, Any]]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        parse(name, lifetime, items)
    return str(caught.value).splitlines()


def test_what_is_asked_for_is_sorted_and_typed() -> None:
    routes = [{"to": "198.19.0.0/24", "via": "198.18.0.254"}]
    items = one(mtu=1400, uplink="mgmt-bo", routes=routes) + [
        {"key": "a", "device": "mgmt-br.2017", "bridge": "mgmt-br"}
    ]
    assert parse("probe", 600, items) == (
        Wanted("a", device="mgmt-br.2017"),
        Wanted(
            "v18", None, "mgmt-br", 2018, "198.18.0.1", 24, 1400, "mgmt-bo", (Route("198.19.0.0/24", "198.18.0.254"),)
        ),
    )


def test_options_that_are_null_are_options_that_are_not_given() -> None:
    items = one(device=None, mtu=None, uplink=None, routes=None)
    assert parse("probe", 600, items) == parse("probe", 600, one())


NAME = "must be 1 to 31 of the characters a-z, 0-9 and '-', and not begin with '-'"
EXAMPLE = "choose a host's address, for example 198.18.0.1/24"
MIXED = (
    "the address of that device is used as it is and nothing is made; give device alone, or bridge, vlan_id and address"
)

REFUSED: list[tuple[str, int, list[dict[str, Any]], list[str]]] = [
    ("", 600, one(), [f"probe '': name=: {NAME}"]),
    ("-a", 600, one(), [f"probe '-a': name=-a: {NAME}"]),
    ("Probe", 600, one(), [f"probe 'Probe': name=Probe: {NAME}"]),
    ("a/../b", 600, one(), [f"probe 'a/../b': name=a/../b: {NAME}"]),
    ("a\n", 600, one(), ["probe 'a", "': name=a", f": {NAME}"]),
    ("a" * 32, 600, one(), [f"probe '{'a' * 32}': name={'a' * 32}: {NAME}"]),
    ("a", 29, one(), ["probe 'a': lifetime=29: must be 30 to 86400 seconds"]),
    ("a", 86401, one(), ["probe 'a': lifetime=86401: must be 30 to 86400 seconds"]),
    ("a", 600, [], ["probe 'a': endpoints: is empty; name at least one endpoint"]),
    ("a", 600, one(key="V 18"), ["endpoint 'V 18': key=V 18: must be 1 to 20 of the characters a-z, 0-9 and '-'"]),
    ("a", 600, one(key=""), ["endpoint '': key=: must be 1 to 20 of the characters a-z, 0-9 and '-'"]),
    ("a", 600, one(vlan_id=0), ["endpoint 'v18': vlan_id=0: must be 1 to 4094, where 1 means untagged"]),
    ("a", 600, one(vlan_id=4095), ["endpoint 'v18': vlan_id=4095: must be 1 to 4094, where 1 means untagged"]),
    ("a", 600, one(mtu=575), ["endpoint 'v18': mtu=575: must be at least 576 bytes"]),
    (
        "a",
        600,
        [{"key": "v18"}],
        [
            "endpoint 'v18': vlan_id: is missing; give vlan_id and address, or only device",
            "endpoint 'v18': address: is missing; give vlan_id and address, or only device",
        ],
    ),
    (
        "a",
        600,
        one(device="mgmt-br.2018"),
        [f"endpoint 'v18': device=mgmt-br.2018: excludes vlan_id, address: {MIXED}"],
    ),
    (
        "a",
        600,
        [{"key": "v18", "device": "x", "bridge": "br1", "uplink": "bo1"}],
        [f"endpoint 'v18': device=x: excludes uplink, bridge: {MIXED}"],
    ),
    (
        "a",
        600,
        one(bridge="br 0"),
        ["endpoint 'v18': bridge=br 0: is no device name of letters, digits, '.', '_' and '-'"],
    ),
    (
        "a",
        600,
        one(uplink="-f"),
        ["endpoint 'v18': uplink=-f: is no device name of letters, digits, '.', '_' and '-'"],
    ),
    *(
        (
            "a",
            600,
            one(address=text),
            [f"endpoint 'v18': address={text}: is no IPv4 address with a prefix length; give one as 198.18.0.1/24"],
        )
        for text in ("198.18.0.1", "198.18.0.256/24", "198.18.0.1/33", "fd00::1/64", "", "host", "198.18.0.01/24")
    ),
    (
        "a",
        600,
        one(address="198.18.0.0/24"),
        [f"endpoint 'v18': address=198.18.0.0/24: is the address of the network 198.18.0.0/24 itself; {EXAMPLE}"],
    ),
    (
        "a",
        600,
        one(address="198.18.1.255/23"),
        [f"endpoint 'v18': address=198.18.1.255/23: is the broadcast address of 198.18.0.0/23; {EXAMPLE}"],
    ),
    (
        "a",
        600,
        one(address="198.18.0.1/32"),
        [f"endpoint 'v18': address=198.18.0.1/32: the prefix length must be 8 to 31; {EXAMPLE}"],
    ),
    (
        "a",
        600,
        one(address="198.18.0.1/7"),
        [f"endpoint 'v18': address=198.18.0.1/7: the prefix length must be 8 to 31; {EXAMPLE}"],
    ),
    *(
        (
            "a",
            600,
            one(address=text),
            [f"endpoint 'v18': address={text}: is no address that a host can have; {EXAMPLE}"],
        )
        for text in ("224.0.0.1/24", "127.0.0.2/24", "240.0.0.1/24", "0.0.0.1/24")
    ),
    (
        "a",
        600,
        one(routes=[{"to": "198.19.0.1/24", "via": "198.18.0.2"}]),
        [
            (
                "endpoint 'v18': routes=198.19.0.1/24 via 198.18.0.2: '198.19.0.1/24' is no IPv4 network; give one as"
                " 198.19.0.0/24"
            )
        ],
    ),
    (
        "a",
        600,
        one(routes=[{"to": "198.19.0.0/24", "via": "gw"}]),
        ["endpoint 'v18': routes=198.19.0.0/24 via gw: 'gw' is no IPv4 address"],
    ),
    (
        "a",
        600,
        one(routes=[{"to": "198.19.0.0/24", "via": "198.18.1.1"}]),
        [
            (
                "endpoint 'v18': routes=198.19.0.0/24 via 198.18.1.1: 198.18.1.1 is not in 198.18.0.0/24, the network"
                " of the endpoint"
            )
        ],
    ),
    (
        "a",
        600,
        one(routes=[{"to": "198.19.0.0/24", "via": "198.18.0.1"}]),
        ["endpoint 'v18': routes=198.19.0.0/24 via 198.18.0.1: 198.18.0.1 is the endpoint's own address"],
    ),
    (
        "a",
        600,
        one(routes=[{"to": "198.19.0.0/24", "via": "198.18.0.2"}, {"to": "198.19.0.0/24", "via": "198.18.0.3"}]),
        ["endpoint 'v18': routes=198.19.0.0/24 via 198.18.0.3: 198.19.0.0/24 is given twice"],
    ),
    (
        "a",
        600,
        one() + one(address="198.18.0.2/24") + one(address="198.18.0.3/24"),
        ["endpoint 'v18': key=v18: is given twice; every endpoint needs its own"],
    ),
    (
        "a",
        600,
        one() + one(key="v19", address="198.18.0.1/25"),
        [
            (
                "endpoint 'v19': address=198.18.0.1/25: endpoint 'v18' has the same address on the same VLAN; every"
                " endpoint needs its own"
            )
        ],
    ),
]


@pytest.mark.parametrize(("name", "lifetime", "items", "texts"), REFUSED)
def test_bad_input_is_refused(name: str, lifetime: int, items: list[dict[str, Any]], texts: list[str]) -> None:
    assert objections(name, lifetime, items) == texts


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(objections("A", 1, one(vlan_id=0, address="x", mtu=1))) == 5


def test_a_route_is_not_measured_against_an_address_that_is_wrong() -> None:
    items = one(address="x", routes=[{"to": "0.0.0.0/0", "via": "198.18.0.254"}])
    assert len(objections("a", 600, items)) == 1


NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,30}", fullmatch=True)
KEYS = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)


@given(NAMES, KEYS)
def test_names_fit_the_kernel_and_are_told_from_what_is_asked(name: str, key: str) -> None:
    veth = veth_of(name, key)
    assert len(veth) == 11
    assert veth == veth_of(name, key)
    assert veth not in (veth_of(name + "-", key), veth_of(name, key + "-"))
    assert len(namespace_of(name, key)) < 64
    mac = mac_of(veth)
    assert mac.replace(":", "") == "feff" + veth[3:]
    # A unicast address of nobody's: bit 1 of the first byte set, bit 0 not.
    assert int(mac[:2], 16) & 3 == 2


@given(st.integers(0, 2**32 - 1), st.integers(8, 31))
def test_an_address_is_taken_as_it_is_or_refused(number: int, prefix: int) -> None:
    address = ipaddress.IPv4Address(number)
    try:
        (wanted,) = parse("a", 600, one(address=f"{address}/{prefix}"))
    except ValidationError:
        return
    assert wanted.cidr == f"{address}/{prefix}"
    assert address in wanted.network
    assert prefix == 31 or address not in (wanted.network.network_address, wanted.network.broadcast_address)
