# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that put back what a change took from bystanders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from links_samples import (
    ADDRESSED,
    DEFAULT,
    FOREIGN,
    HOST_NETWORK,
    HOST_NETWORK_ROUTE,
    MANAGED,
    PVID,
    SUBNET,
    VIP,
    added,
    changed,
    node,
    table,
    tabled,
    unrouted,
    without,
)

from ansible_collections.harvester.network.plugins.module_utils.nm._links_expected import Expected
from ansible_collections.harvester.network.plugins.module_utils.nm._links_restore import restore_actions
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    NextHop,
    Route,
    Snapshot,
    VlanEntry,
)

NOW = node()
FALLEN = without(NOW, "vm1").vlans
HOPS = Route("10.60.0.0/16", hops=(NextHop("eno3", "192.0.2.1"), NextHop(ADDRESSED, "10.217.0.5", 3, True)))
SIX = Route("2001:db8::/48", ADDRESSED, "fe80::9", "static", 5, "77", family="inet6", mtu=1400, onlink=True)
OVER_SIX = Route("10.61.0.0/16", ADDRESSED, "fe80::9", "static")
HOLE = Route("10.62.0.0/16", type="blackhole", protocol="boot")
LABELLED = Address("10.30.0.9", 24, label="mgmt-br:1", broadcast="10.30.0.255", scope="link", metric=7)
IPV6, LOCAL = Address("2001:db8::3", 64, "inet6"), Address("fe80::3", 64, "inet6", "link", protocol="kernel_ll")
IPV6_ROUTE = Route("2001:db8::/64", "mgmt-br.2030", protocol="kernel", metric=256, family="inet6")
LOCAL_ROUTE = IPV6_ROUTE._replace(dst="fe80::/64")
PEER = Address("10.31.0.1", 32, peer="10.31.0.2")

TABLE: list[tuple[str, Snapshot, Snapshot, dict[str, Any], list[str]]] = [
    ("nothing", NOW, NOW, {}, []),
    (
        "VLAN ids flushed to the profile's list",
        NOW,
        tabled(NOW, "mgmt-bo", *table(2017)),
        {},
        ["bridge vlan add vid 100 dev mgmt-bo", "bridge vlan add vid 2030 dev mgmt-bo"],
    ),
    (
        "spans, and what was asked for stays",
        tabled(NOW, "mgmt-bo", *table(100, 2017, *range(2100, 2111))),
        tabled(NOW, "mgmt-bo", *table(2017, 2018)),
        {"vlans_added": {"mgmt-bo": [2018]}, "vlans_removed": {"mgmt-bo": [100]}},
        ["bridge vlan add vid 2100-2110 dev mgmt-bo"],
    ),
    (
        "ids of the bridge itself",
        NOW,
        tabled(NOW, "mgmt-br", *table(2017)),
        {},
        ["bridge vlan add vid 2030 dev mgmt-br self"],
    ),
    (
        "stray PVID of a VM's port",
        NOW,
        tabled(NOW, "vm1", PVID),
        {},
        ["bridge vlan del vid 1 dev vm1", "bridge vlan add vid 100 dev vm1 pvid untagged"],
    ),
    (
        "flags lost",
        NOW,
        tabled(NOW, "vm1", VlanEntry(100)),
        {},
        ["bridge vlan add vid 100 dev vm1 pvid untagged"],
    ),
    (
        "VM port fell off the bridge",
        NOW,
        replace(changed(NOW, "vm1", controller=None), vlans=FALLEN),
        {},
        [
            "ip link set dev vm1 master mgmt-br",
            "bridge vlan del vid 1 dev vm1",
            "bridge vlan add vid 100 dev vm1 pvid untagged",
        ],
    ),
    (
        "trunk fell off the bridge",
        NOW,
        replace(changed(NOW, "mgmt-bo", controller=None), vlans=without(NOW, "mgmt-bo").vlans),
        {},
        [
            "ip link set dev mgmt-bo master mgmt-br",
            "bridge vlan add vid 100 dev mgmt-bo",
            "bridge vlan add vid 2017 dev mgmt-bo",
            "bridge vlan add vid 2030 dev mgmt-bo",
        ],
    ),
    (
        "stray port of the bridge",
        NOW,
        changed(NOW, "eno3", controller="mgmt-br"),
        {},
        ["ip link set dev eno3 nomaster"],
    ),
    ("port that was asked for", NOW, changed(NOW, "eno3", controller="mgmt-br"), {"ports": ["eno3"]}, []),
    ("NIC that left its bond", NOW, changed(NOW, "eno2", controller=None), {}, []),
    ("bridge gone", NOW, changed(without(NOW, "mgmt-br"), "vm1", controller=None), {}, []),
    (
        "MTU lowered by another change",
        NOW,
        changed(changed(changed(NOW, "eno1", mtu=1400), "mgmt-bo", mtu=1400), ADDRESSED, mtu=1499),
        {},
        ["ip link set dev mgmt-bo mtu 1500", "ip link set dev mgmt-br.2017 mtu 1500"],
    ),
    (
        "MTU raised by another change",
        NOW,
        changed(changed(NOW, "mgmt-bo", mtu=9000), ADDRESSED, mtu=9000),
        {},
        ["ip link set dev mgmt-br.2017 mtu 1500", "ip link set dev mgmt-bo mtu 1500"],
    ),
    (
        "MTU that was asked for and taken back by the activation",
        NOW,
        NOW,
        {"mtu": {"mgmt-br": 9000}},
        ["ip link set dev mgmt-br mtu 9000"],
    ),
    (
        "MAC of a bond that was activated again",
        NOW,
        changed(NOW, "mgmt-bo", mac="52:54:00:00:00:77"),
        {"reactivated": ["mgmt-bo"]},
        ["ip link set dev mgmt-bo address 52:54:00:00:00:11"],
    ),
    ("MAC of another device", NOW, changed(NOW, "eno3", mac="52:54:00:00:00:77"), {}, []),
    ("set down", NOW, changed(NOW, "vm1", up=False), {}, ["ip link set dev vm1 up"]),
    (
        "VIP and foreign route",
        NOW,
        unrouted(changed(NOW, ADDRESSED, addresses=(MANAGED,)), FOREIGN),
        {"addresses": [ADDRESSED]},
        [
            "ip addr replace 10.217.0.201/32 dev mgmt-br.2017",
            "ip -4 route add 198.51.100.0/24 via 10.217.0.9 dev mgmt-br.2017 proto boot",
        ],
    ),
    (
        "address with its subnet's route by the kernel",
        NOW,
        unrouted(changed(NOW, "mgmt-br.2030", addresses=()), HOST_NETWORK_ROUTE),
        {},
        ["ip addr replace 10.30.0.1/24 dev mgmt-br.2030"],
    ),
    (
        "address without it, neighbours before gateways",
        NOW,
        unrouted(changed(NOW, ADDRESSED, addresses=(VIP,)), DEFAULT, SUBNET),
        {},
        [
            "ip addr replace 10.217.0.11/24 broadcast 10.217.0.255 dev mgmt-br.2017 noprefixroute",
            "ip -4 route add 10.217.0.0/24 dev mgmt-br.2017 proto kernel metric 400 scope link src 10.217.0.11",
            "ip -4 route add default via 10.217.0.1 dev mgmt-br.2017 proto static metric 400",
        ],
    ),
    (
        "every word of an address",
        changed(NOW, "mgmt-br.2030", addresses=(HOST_NETWORK, LABELLED, PEER)),
        NOW,
        {},
        [
            "ip addr replace 10.30.0.9/24 broadcast 10.30.0.255 scope link label mgmt-br:1 metric 7 dev mgmt-br.2030",
            "ip addr replace 10.31.0.1 peer 10.31.0.2/32 dev mgmt-br.2030",
        ],
    ),
    (
        "leases and link-local addresses are not ours to make",
        changed(
            NOW, "eno3", addresses=(Address("192.0.2.9", 24, dynamic=True), Address("fe80::1", 64, "inet6", "link"))
        ),
        NOW,
        {},
        [],
    ),
    (
        "every word of a route",
        added(NOW, HOPS, SIX, OVER_SIX, HOLE),
        NOW,
        {},
        [
            "ip -4 route add blackhole 10.62.0.0/16 proto boot",
            (
                "ip -4 route add 10.60.0.0/16 proto boot nexthop via 192.0.2.1 dev eno3 weight 1"
                " nexthop via 10.217.0.5 dev mgmt-br.2017 weight 3 onlink"
            ),
            "ip -6 route add 2001:db8::/48 via fe80::9 dev mgmt-br.2017 proto static metric 5 table 77 mtu 1400 onlink",
            "ip -4 route add 10.61.0.0/16 via inet6 fe80::9 dev mgmt-br.2017 proto static",
        ],
    ),
    (
        "route with another gateway",
        NOW,
        added(unrouted(NOW, FOREIGN), FOREIGN._replace(gateway="10.217.0.8")),
        {},
        ["ip -4 route replace 198.51.100.0/24 via 10.217.0.9 dev mgmt-br.2017 proto boot"],
    ),
    (
        "route whose source went with a lease",
        added(NOW, Route("10.63.0.0/16", "eno3", src="192.0.2.9")),
        NOW,
        {},
        [],
    ),
    (
        "IPv6 address with its subnet's route by the kernel",
        added(changed(NOW, "mgmt-br.2030", addresses=(HOST_NETWORK, IPV6, LOCAL)), IPV6_ROUTE, LOCAL_ROUTE),
        NOW,
        {},
        ["ip addr replace 2001:db8::3/64 dev mgmt-br.2030"],
    ),
    ("device gone", NOW, without(NOW, "flannel.1", "mgmt-br.2030"), {}, []),
    ("removed on purpose", NOW, without(NOW, "mgmt-br.2030"), {"removed": ["mgmt-br.2030"]}, []),
    ("pod's route", NOW, unrouted(NOW, NOW.routes[-1]), {}, []),
]


@pytest.mark.parametrize(
    ("before", "after", "expected", "lines"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_commands(before: Snapshot, after: Snapshot, expected: dict[str, Any], lines: list[str]) -> None:
    assert [" ".join(argv) for argv in restore_actions(before, after, Expected.from_dict(expected))] == lines
