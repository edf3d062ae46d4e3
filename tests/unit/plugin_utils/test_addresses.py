# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address arithmetic: networks, first hosts, usable addresses, overlaps."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import MissingLibrary
from ansible_collections.harvester.network.plugins.plugin_utils import _addresses
from ansible_collections.harvester.network.plugins.plugin_utils._addresses import (
    AddressError,
    first_hosts,
    network,
    overlaps,
    usable,
)


@pytest.mark.parametrize(
    ("text", "host_bits", "expected"),
    [
        ("198.18.0.0/24", False, "198.18.0.0/24"),
        ("198.18.0.0/255.255.255.0", False, "198.18.0.0/24"),
        ("198.18.0.1", False, "198.18.0.1/32"),
        ("198.18.0.5/24", True, "198.18.0.0/24"),
    ],
)
def test_networks(text: str, host_bits: bool, expected: str) -> None:
    assert str(network(text, host_bits)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("198.18.0.1/24", "198.18.0.1/24 has host bits set"),
        ("198.18/16", "198.18/16 is no IPv4 network in CIDR form"),
        ("198.18.0.0/33", "198.18.0.0/33 is no IPv4 network in CIDR form"),
        ("198.18.0.300", "198.18.0.300 is no IPv4 network in CIDR form"),
        ("fd00::/64", "fd00::/64 is no IPv4 network in CIDR form"),
        ("", " is no IPv4 network in CIDR form"),
        ("storage", "storage is no IPv4 network in CIDR form"),
    ],
)
def test_what_is_no_network(text: str, message: str) -> None:
    with pytest.raises(AddressError) as caught:
        network(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("subnet", "count", "exclude", "expected"),
    [
        ("198.18.0.0/24", 2, [], ["198.18.0.1/24", "198.18.0.2/24"]),
        ("198.18.0.0/24", 2, ["198.18.0.1", "198.18.0.3/31"], ["198.18.0.4/24", "198.18.0.5/24"]),
        ("198.18.0.0/30", 2, ["203.0.113.0/24"], ["198.18.0.1/30", "198.18.0.2/30"]),
        ("10.0.0.0/8", 1, ["10.0.0.0/16"], ["10.1.0.0/8"]),
        ("198.18.0.0/24", 0, [], []),
    ],
)
def test_first_hosts(subnet: str, count: int, exclude: list[str], expected: list[str]) -> None:
    assert first_hosts(subnet, count, exclude) == expected


@pytest.mark.parametrize(
    ("subnet", "count", "exclude", "message"),
    [
        ("198.18.0.0/30", 3, [], "198.18.0.0/30 has 2 addresses for hosts, 3 are wanted"),
        ("198.18.0.0/31", 1, [], "198.18.0.0/31 has 0 addresses for hosts, 1 are wanted"),
        ("198.18.0.1/32", 1, [], "198.18.0.1/32 has 0 addresses for hosts, 1 are wanted"),
        ("198.18.0.0/29", 3, ["198.18.0.0/30"], "198.18.0.0/29 has 3 addresses for hosts, 4 are wanted"),
    ],
)
def test_too_few_hosts(subnet: str, count: int, exclude: list[str], message: str) -> None:
    wanted = int(message.split()[-3])
    with pytest.raises(AddressError) as caught:
        first_hosts(subnet, max(count, wanted), exclude)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("192.0.2.100", None, ["192.0.2.100/24", "192.0.2.102/24"]),
        ("192.0.2.0", "192.0.2.2", ["192.0.2.1/24", "192.0.2.2/24"]),
        (None, "192.0.2.2", ["192.0.2.1/24", "192.0.2.2/24"]),
        ("192.0.2.253", "192.0.2.255", ["192.0.2.253/24", "192.0.2.254/24"]),
    ],
)
def test_first_hosts_of_a_range(first: str | None, last: str | None, expected: list[str]) -> None:
    assert first_hosts("192.0.2.0/24", 2, ["192.0.2.101"], first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("192.0.2.254", None, "192.0.2.0/24 from 192.0.2.254 to its last has 1 addresses for hosts, 2 are wanted"),
        (
            "192.0.2.9",
            "192.0.2.8",
            "192.0.2.0/24 from 192.0.2.9 to 192.0.2.8 has 0 addresses for hosts, 2 are wanted",
        ),
        ("198.51.100.1", None, "192.0.2.0/24 from 198.51.100.1 to its last has 0 addresses for hosts, 2 are wanted"),
        ("first", None, "first is no IPv4 network in CIDR form"),
    ],
)
def test_a_range_with_too_few_hosts(first: str, last: str | None, message: str) -> None:
    with pytest.raises(AddressError) as caught:
        first_hosts("192.0.2.0/24", 2, (), first, last)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("subnet", "exclude", "expected"),
    [
        ("192.0.2.0/24", [], 254),
        ("192.0.2.0/24", ["192.0.2.0/28"], 239),
        ("192.0.2.0/24", ["192.0.2.0/28", "192.0.2.0/30"], 239),
        ("192.0.2.0/24", ["192.0.2.0/24"], 0),
        ("192.0.2.0/24", ["203.0.113.0/24"], 254),
        ("192.0.2.0/31", [], 0),
        ("192.0.2.0/32", [], 0),
    ],
)
def test_usable_addresses_of_a_range(subnet: str, exclude: list[str], expected: int) -> None:
    assert usable(subnet, exclude) == expected


PREFIXES = st.integers(24, 30)
PLACES = st.integers(0, 255)


@given(PREFIXES, st.lists(st.tuples(PLACES, st.integers(26, 32)), max_size=4))
def test_usable_addresses_are_those_that_counting_finds(prefix: int, exclude: list[tuple[int, int]]) -> None:
    net = ipaddress.IPv4Network(f"192.0.2.0/{prefix}")
    parts = [ipaddress.IPv4Network(f"192.0.2.{place}/{length}", strict=False) for place, length in exclude]
    counted = [host for host in net.hosts() if not any(host in part for part in parts)]
    assert usable(str(net), [str(part) for part in parts]) == len(counted)
    assert first_hosts(str(net), len(counted), [str(part) for part in parts]) == [
        f"{host}/{prefix}" for host in counted
    ]


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ({}, []),
        ({"a": "192.0.2.0/24", "b": "198.51.100.0/24"}, []),
        ({"a": "192.0.2.0/24", "b": "192.0.2.128/25"}, [("a", "b")]),
        ({"small": "192.0.2.7/32", "other": "10.0.0.0/8", "large": "192.0.0.0/16"}, [("small", "large")]),
        ({"a": "192.0.2.1/24", "b": "192.0.2.9/24", "c": "192.0.2.5"}, [("a", "b"), ("a", "c"), ("b", "c")]),
    ],
)
def test_overlaps(networks: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert overlaps(networks) == expected


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_addresses, "LIBRARY_ERROR", "Traceback")
    with pytest.raises(MissingLibrary) as caught:
        network("192.0.2.0/24")
    assert str(caught.value).startswith("Failed to import the required Python library (netaddr) on ")
