# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two looks at the kernel: what is a difference, what changes by itself, what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from links_samples import (
    ADDRESSED,
    DEFAULT,
    FOREIGN,
    HOST_NETWORK,
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

from ansible_collections.harvester.network.plugins.module_utils.nm._links_compare import compare
from ansible_collections.harvester.network.plugins.module_utils.nm._links_expected import Expected
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondState,
    BridgeState,
    Link,
    Route,
    Snapshot,
    VlanEntry,
)

NOW = node()
BOND = NOW.links["mgmt-bo"].bond or BondState()
FAIL_OVER = replace(BOND, options={**BOND.options, "fail_over_mac": "active 1"})
LACP = replace(BOND, mode="802.3ad", options={**BOND.options, "mode": "802.3ad 4"}, active_port=None)


def test_the_same_kernel_has_no_difference() -> None:
    assert compare(NOW, node()) == []


UNASKED = [
    (changed(NOW, "eno3", mtu=9000), ["eno3: MTU before 1500, after 9000"]),
    (changed(NOW, ADDRESSED, mtu=1499), ["mgmt-br.2017: MTU before 1500, after 1499"]),
    (changed(NOW, "mgmt-bo", ifindex=31), ["mgmt-bo: made anew, ifindex before 6, after 31"]),
    (
        changed(NOW, "mgmt-br", mac="52:54:00:00:00:99"),
        ["mgmt-br: MAC before 52:54:00:00:00:11, after 52:54:00:00:00:99"],
    ),
    (changed(NOW, "mgmt-bo", operstate="down"), ["mgmt-bo: operstate before up, after down"]),
    (changed(NOW, "vm1", operstate="lowerlayerdown"), ["vm1: operstate before up, after lowerlayerdown"]),
    (changed(NOW, "flannel.1", up=False), ["flannel.1: administrative state before up, after down"]),
    (changed(NOW, ADDRESSED, vlan_id=2018), ["mgmt-br.2017: VLAN id before 2017, after 2018"]),
    (changed(NOW, "flannel.1", parent=None), ["flannel.1: parent before mgmt-br.2017, after none"]),
    (
        changed(tabled(NOW, "vm1"), "vm1", controller=None),
        ["vm1: controller before mgmt-br, after none"],
    ),
    (changed(NOW, "eno3", controller="mgmt-bo"), ["eno3: controller before none, after mgmt-bo"]),
    (without(NOW, "flannel.1"), ["flannel.1: device before vxlan with ifindex 12, after gone"]),
    (without(NOW, "vm1"), ["vm1: device before veth with ifindex 10, after gone"]),
    (
        added(NOW, Link("bond0", 40, "bond", 1500)),
        ["bond0: device before none, after bond with ifindex 40"],
    ),
    (
        tabled(NOW, "mgmt-bo", *table(2017)),
        [
            (
                "mgmt-bo: VLAN table before 1 pvid untagged, 100, 2017, 2030, after 1 pvid untagged, 2017"
                " (missing 100, 2030)"
            )
        ],
    ),
    (
        tabled(NOW, "vm1", PVID),
        [
            (
                "vm1: VLAN table before 100 pvid untagged, after 1 pvid untagged (missing 100 pvid untagged;"
                " not asked for 1 pvid untagged)"
            )
        ],
    ),
    (
        tabled(NOW, "mgmt-br", *table(2017, 2030, 2031)),
        [
            (
                "mgmt-br: VLAN table before 1 pvid untagged, 2017, 2030, after 1 pvid untagged, 2017, 2030-2031"
                " (not asked for 2031)"
            )
        ],
    ),
    (
        changed(NOW, ADDRESSED, addresses=(MANAGED,)),
        ["mgmt-br.2017: address before 10.217.0.201/32, after gone"],
    ),
    (
        changed(NOW, "mgmt-br.2030", addresses=(HOST_NETWORK, Address("10.30.0.7", 24))),
        ["mgmt-br.2030: address before none, after 10.30.0.7/24"],
    ),
    (
        changed(NOW, ADDRESSED, addresses=(MANAGED._replace(dynamic=True), VIP)),
        ["mgmt-br.2017: address before 10.217.0.11/24, after 10.217.0.11/24 with other flags"],
    ),
    (
        unrouted(NOW, FOREIGN),
        ["mgmt-br.2017: route before 198.51.100.0/24 via 10.217.0.9 dev mgmt-br.2017, after gone"],
    ),
    (
        added(unrouted(NOW, DEFAULT), DEFAULT._replace(gateway="10.217.0.2")),
        [
            (
                "mgmt-br.2017: route before default via 10.217.0.1 dev mgmt-br.2017 metric 400,"
                " after default via 10.217.0.2 dev mgmt-br.2017 metric 400"
            )
        ],
    ),
    (
        added(NOW, Route("default", "eno3", "192.0.2.1", protocol="dhcp", metric=100)),
        ["eno3: route before none, after default via 192.0.2.1 dev eno3 metric 100"],
    ),
    (
        changed(NOW, "mgmt-bo", bond=LACP),
        ["mgmt-bo: bond mode before active-backup, after 802.3ad"],
    ),
    (
        changed(NOW, "mgmt-bo", bond=replace(BOND, options={**BOND.options, "miimon": "0"})),
        ["mgmt-bo: bond option miimon before 100, after 0"],
    ),
    (
        changed(NOW, "mgmt-br", bridge=BridgeState(stp=True, forward_delay=15, vlan_filtering=True)),
        [
            "mgmt-br: bridge option stp before False, after True",
            "mgmt-br: bridge option forward_delay before 0, after 15",
        ],
    ),
]


@pytest.mark.parametrize(("after", "texts"), UNASKED, ids=lambda value: value[0] if isinstance(value, list) else "")
def test_an_unasked_difference_names_device_before_and_after(after: Snapshot, texts: list[str]) -> None:
    assert compare(NOW, after) == texts


def test_a_follower_may_have_its_parents_mtu_and_no_other() -> None:
    asked = Expected(followers={"mgmt-br": 9000})
    assert compare(NOW, changed(NOW, "mgmt-br", mtu=9000), asked) == []
    assert compare(NOW, NOW, asked) == []
    assert compare(NOW, changed(NOW, "mgmt-br", mtu=1400), asked) == ["mgmt-br: MTU before 1500, after 1400"]


BY_ITSELF = {
    "active port": changed(NOW, "mgmt-bo", bond=replace(BOND, active_port="eno2")),
    "MAC of a bond port": changed(NOW, "eno2", mac="52:54:00:00:00:12"),
    "a link that comes up": changed(NOW, "eno3", operstate="up"),
    "a pod ends": without(NOW, "cali1"),
    "a pod starts": added(NOW, Link("cali2", 50, "veth", 1450), Route("10.52.0.8", "cali2", scope="link")),
    "a pod's address": changed(NOW, "cali1", addresses=(Address("169.254.1.1", 32, scope="link"),)),
    "a pod's other address": changed(NOW, "cali1", addresses=(Address("10.52.0.1", 24),)),
    "a link-local route": added(NOW, Route("fe80::/64", "eno3", protocol="kernel", metric=256, family="inet6")),
    "a VM starts": tabled(
        added(NOW, Link("vm2", 51, "veth", 1500, controller="mgmt-br")), "vm2", VlanEntry(100, True, True)
    ),
    "a VIP arrives": changed(NOW, "mgmt-br", addresses=(Address("10.217.0.202", 32),)),
    "a flannel route": added(NOW, Route("10.52.3.0/24", "flannel.1", "10.52.3.0", onlink=True)),
    "a routing daemon's route": added(NOW, Route("10.99.0.0/24", "eno3", protocol="bird")),
    "somebody's ip route add": added(NOW, Route("10.99.0.0/24", "eno3", protocol="boot")),
    "a router advertisement": added(NOW, Route("default", "eno3", "fe80::1", "ra", 1024, family="inet6")),
    "an advertised address": changed(NOW, "eno3", addresses=(Address("2001:db8::5", 64, "inet6", dynamic=True),)),
    "a link-local address": changed(NOW, "eno3", addresses=(Address("fe80::1", 64, "inet6", "link"),)),
    "boot id": replace(NOW, boot_id="b1"),
}


@pytest.mark.parametrize("name", BY_ITSELF)
def test_what_changes_by_itself_is_no_difference(name: str) -> None:
    assert compare(NOW, BY_ITSELF[name]) == []


def test_lifetimes_going_down_are_no_difference() -> None:
    before = changed(NOW, "eno3", addresses=(Address("2001:db8::5", 64, "inet6", dynamic=True),))
    assert compare(before, NOW) == []


def test_a_bond_that_follows_its_active_port_takes_bridge_and_vlan_devices_along() -> None:
    before = changed(NOW, "mgmt-bo", bond=FAIL_OVER)
    after = before
    for device in ("mgmt-bo", "mgmt-br", ADDRESSED, "mgmt-br.2030"):
        after = changed(after, device, mac="52:54:00:00:00:12")
    assert compare(before, after) == []
    assert len(compare(NOW, changed(after, "mgmt-bo", bond=BOND, mac="52:54:00:00:00:12"))) == 4


LOCAL = Address("fe80::1", 64, "inet6", "link", protocol="kernel_ll")
LOCAL_ROUTE = Route("fe80::/64", ADDRESSED, protocol="kernel", metric=256, family="inet6")


def test_a_link_local_address_is_the_business_of_a_device_that_the_change_names() -> None:
    before = added(changed(NOW, ADDRESSED, addresses=(MANAGED, VIP, LOCAL)), LOCAL_ROUTE)
    assert compare(before, NOW) == [
        "mgmt-br.2017: address before fe80::1/64, after gone",
        "mgmt-br.2017: route before fe80::/64 dev mgmt-br.2017 metric 256, after gone",
    ]
    assert compare(before, NOW, Expected(mtu={ADDRESSED: 1500})) == []


def test_a_new_bond_may_take_its_ports() -> None:
    bond = Link("cn1-bo", 70, "bond", 1500, bond=BOND)
    after = added(changed(NOW, "eno3", controller="cn1-bo", mac="52:54:00:00:00:70"), bond)
    assert compare(NOW, after, Expected(created=frozenset(["cn1-bo"]))) == []


def raised(now: Snapshot, *devices: str) -> Snapshot:
    for device in devices:
        now = changed(now, device, mtu=9000)
    return now


MGMT = ("eno1", "eno2", "mgmt-bo", "mgmt-br", ADDRESSED)
NEW_VLAN = Link(
    "mgmt-br.2018", 60, "vlan", 1500, parent="mgmt-br", vlan_id=2018, addresses=(Address("10.218.0.1", 24),)
)
OTHER = MANAGED._replace(address="10.217.0.12")
MOVED = changed(unrouted(NOW, SUBNET), ADDRESSED, addresses=(OTHER, VIP))
STATIC = Route("203.0.113.0/24", ADDRESSED, "10.217.0.8", "static", 400)
LOST_VIP = changed(NOW, ADDRESSED, addresses=(MANAGED,))
ASKED: list[tuple[str, dict[str, Any], Snapshot, list[str]]] = [
    ("mtu", {"mtu": dict.fromkeys(MGMT, 9000)}, raised(NOW, *MGMT), []),
    (
        "mtu not reached",
        {"mtu": {"mgmt-br": 9000}},
        NOW,
        ["mgmt-br: MTU before 1500, after 1500, asked for 9000"],
    ),
    (
        "vlans",
        {"vlans_added": {"mgmt-bo": [2018]}, "vlans_removed": {"mgmt-bo": [2030]}},
        tabled(NOW, "mgmt-bo", *table(100, 2017, 2018)),
        [],
    ),
    (
        "vlan not there",
        {"vlans_added": {"mgmt-br": [2018]}},
        NOW,
        ["mgmt-br: VLAN table before 1 pvid untagged, 2017, 2030, after 1 pvid untagged, 2017, 2030 (missing 2018)"],
    ),
    (
        "vlan not gone",
        {"vlans_removed": {"mgmt-br": [2030]}},
        NOW,
        [
            (
                "mgmt-br: VLAN table before 1 pvid untagged, 2017, 2030, after 1 pvid untagged, 2017, 2030"
                " (not asked for 2030)"
            )
        ],
    ),
    ("created", {"created": ["mgmt-br.2018"]}, added(NOW, NEW_VLAN), []),
    (
        "created with an MTU",
        {"created": ["mgmt-br.2018"], "mtu": {"mgmt-br.2018": 9000}},
        added(NOW, NEW_VLAN),
        ["mgmt-br.2018: MTU after 1500, asked for 9000"],
    ),
    ("not created", {"created": ["mgmt-br.2018"]}, NOW, ["mgmt-br.2018: asked to be made, after not there"]),
    ("removed", {"removed": ["mgmt-br.2030"]}, without(NOW, "mgmt-br.2030"), []),
    ("not removed", {"removed": ["mgmt-br.2030"]}, NOW, ["mgmt-br.2030: asked to be removed, after still there"]),
    (
        "removed with what lies on it",
        {"removed": [ADDRESSED]},
        without(NOW, ADDRESSED, "flannel.1"),
        ["flannel.1: device before vxlan with ifindex 12, after gone"],
    ),
    (
        "port",
        {"ports": ["eno3"]},
        changed(NOW, "eno3", controller="mgmt-bo", mac="52:54:00:00:00:11", mtu=9000),
        [],
    ),
    (
        "port of a bond that goes",
        {"removed": ["mgmt-bo"]},
        changed(changed(without(NOW, "mgmt-bo"), "eno1", controller=None), "eno2", controller=None),
        [],
    ),
    ("address of NetworkManager", {"addresses": [ADDRESSED]}, MOVED, []),
    (
        "VIP beside it",
        {"addresses": [ADDRESSED]},
        LOST_VIP,
        ["mgmt-br.2017: address before 10.217.0.201/32, after gone"],
    ),
    (
        "foreign route beside it",
        {"addresses": [ADDRESSED]},
        unrouted(NOW, FOREIGN, DEFAULT),
        ["mgmt-br.2017: route before 198.51.100.0/24 via 10.217.0.9 dev mgmt-br.2017, after gone"],
    ),
    ("address by word", {"addresses": {ADDRESSED: ["10.217.0.201/32"]}}, LOST_VIP, []),
    (
        "foreign route beside static ones",
        {"routes": [ADDRESSED]},
        added(unrouted(NOW, FOREIGN), STATIC),
        ["mgmt-br.2017: route before 198.51.100.0/24 via 10.217.0.9 dev mgmt-br.2017, after gone"],
    ),
    ("route by word", {"routes": {ADDRESSED: ["198.51.100.0/24"]}}, unrouted(NOW, FOREIGN), []),
    (
        "another route by word",
        {"routes": {ADDRESSED: ["default"]}},
        unrouted(NOW, FOREIGN),
        ["mgmt-br.2017: route before 198.51.100.0/24 via 10.217.0.9 dev mgmt-br.2017, after gone"],
    ),
    ("bond options", {"bond_options": ["mgmt-bo"]}, changed(NOW, "mgmt-bo", bond=LACP), []),
    ("reactivated", {"reactivated": ["mgmt-bo"]}, changed(NOW, "mgmt-bo", bond=LACP), []),
    ("bridge options", {"bridge_options": ["mgmt-br"]}, changed(NOW, "mgmt-br", bridge=BridgeState()), []),
    (
        "active port",
        {"active_port": {"mgmt-bo": "eno2"}},
        NOW,
        ["mgmt-bo: active port before eno1, after eno1, asked for eno2"],
    ),
]


@pytest.mark.parametrize(("expected", "after", "texts"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_what_was_asked_for_is_no_difference_and_must_be_there(
    expected: dict[str, Any], after: Snapshot, texts: list[str]
) -> None:
    assert compare(NOW, after, Expected.from_dict(expected)) == texts


def test_an_unknown_aspect_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown aspect 'mtus'"):
        Expected.from_dict({"mtus": {"mgmt-bo": 9000}})
