# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VLAN devices: id, parent, name, doubles."""

from __future__ import annotations

import pytest
from judging import LINKS, NODE, judge, line, links, problems, warnings

from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import Link
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile

DISABLED = {"ipv4.method": "disabled", "ipv6.method": "disabled"}


def vlan(**options):
    """A VLAN on a NIC, where no list of a bridge has a say."""
    wanted = {"type": "vlan", "vlan.parent": "eno4", "vlan.id": 30, **DISABLED}
    wanted.update({name.replace("__", "."): value for name, value in options.items()})
    return {"vlan-x": wanted}


@pytest.mark.parametrize("vid", [1, 2, 4094])
def test_ids(vid):
    assert problems(vlan(vlan__id=vid)) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vlan__id": 0}, "profile 'vlan-x': vlan.id=0: a VLAN id is within 1..4094"),
        ({"vlan__id": 4095}, "profile 'vlan-x': vlan.id=4095: a VLAN id is within 1..4094"),
        ({"vlan__id": -1}, "profile 'vlan-x': vlan.id=-1: a VLAN id is within 1..4094"),
        (
            {"vlan__id": None, "interface_name": "x"},
            "profile 'vlan-x': vlan.id: a VLAN needs its id; give 1..4094",
        ),
        (
            {"vlan__parent": None, "interface_name": "x"},
            "profile 'vlan-x': vlan.parent: a VLAN needs the device that it lies on; give its name, as mgmt-br",
        ),
        (
            {"vlan__parent": "mgmt-rb"},
            line("""profile 'vlan-x': vlan.parent=mgmt-rb: this node has no such device and no profile makes it;
            did you mean 'mgmt-br'?"""),
        ),
        (
            {"vlan__parent": "qqqqq"},
            line("""profile 'vlan-x': vlan.parent=qqqqq: this node has no such device and no profile makes it;
            name a device, or give its profile in the same call"""),
        ),
        (
            {"vlan__parent": "eno 4", "interface_name": "x"},
            None,
        ),
        (
            {"vlan__flags": 16},
            line("""profile 'vlan-x': vlan.flags=16: must be within 0..15: the sum of 1 (reorder), 2 (GVRP), 4 (loose),
            8 (MVRP)"""),
        ),
    ],
)
def test_refused(options, message):
    found = problems(vlan(**options))
    if message is None:
        assert found[0] == "profile 'vlan-x': vlan.parent=eno 4: a device name must not hold white space"
    else:
        assert found == [message]


def test_a_parent_that_only_the_kernel_has():
    assert problems(vlan(vlan__parent="cn1-br")) == []


def test_a_parent_that_this_call_makes():
    bridge = {
        "type": "bridge",
        "interface_name": "new-br",
        "bridge.vlan_filtering": True,
        "bridge.vlans": [30],
        **DISABLED,
    }
    assert problems({"bridge-new": bridge, **vlan(vlan__parent="new-br")}) == []


def test_a_parent_whose_profile_this_call_removes():
    node = dict(NODE, other=Profile("other", "bridge", {"interface_name": "br-other"}))
    kernel = links(Link("br-other", 44, "bridge", 1500))
    found = problems(vlan(vlan__parent="br-other"), node=node, kernel=kernel, removed=["other"])
    assert found[0] == line("""profile 'vlan-x': vlan.parent=br-other: this node has no such device and no profile makes
    it; name a device, or give its profile in the same call""")
    # A NIC does not go with its profile.
    node = dict(NODE, other=Profile("other", "ethernet", {"interface_name": "eno4"}))
    assert problems(vlan(vlan__parent="eno4"), node=node, removed=["other"]) == []


@pytest.mark.parametrize("parent", ["nowhere", "5f2b4f0e-6f0f-4b4e-9f63-6d2d7f6f0a11"])
def test_a_parent_that_nobody_can_judge(parent):
    name = {"interface_name": "x"} if "-" in parent else {}
    kernel = LINKS if "-" in parent else None
    assert problems(vlan(vlan__parent=parent, **name), kernel=kernel) == []


def test_the_name_has_to_fit():
    kernel = links(Link("enp65s0f0np0", 30, "ether", 1500))
    wanted = vlan(vlan__parent="enp65s0f0np0", vlan__id=2018)
    assert problems(wanted, kernel=kernel) == [
        line("""profile 'vlan-x': interface_name: not given, and the device would be called 'enp65s0f0np0.2018', which
        has 17 characters where 15 fit; give a shorter interface_name""")
    ]
    wanted["vlan-x"]["interface_name"] = "storage"
    assert problems(wanted, kernel=kernel) == []
    # Fifteen fit.
    kernel = links(Link("enp65s0f0", 30, "ether", 1500))
    assert problems(vlan(vlan__parent="enp65s0f0", vlan__id=20180 // 10), kernel=kernel) == []


TWICE = line("""profile 'vlan-x': vlan.id=2017: profile 'vlan-mgmt' has VLAN 2017 on mgmt-br already; change that
profile, or remove it""")


def test_two_profiles_for_one_vlan():
    assert problems(vlan(vlan__parent="mgmt-br", vlan__id=2017)) == [TWICE]
    # Also under another name.
    assert problems(vlan(vlan__parent="mgmt-br", vlan__id=2017, interface_name="other")) == [TWICE]
    # The same id on another device is another VLAN.
    assert problems(vlan(vlan__parent="eno4", vlan__id=2017)) == []
    # Taken over from a profile that goes.
    found = judge(vlan(vlan__parent="mgmt-br", vlan__id=2017, ipv4__method="auto"), removed=["vlan-mgmt"])
    assert found.problems == []


def test_the_twin_that_is_not_touched_is_the_one_that_was_there():
    twin = vlan(vlan__parent="mgmt-br", vlan__id=2017)
    found = problems({**twin, "vlan-mgmt": {"ipv4.dns": ["10.0.0.1"]}}, untouched=["vlan-x"])
    assert found == [
        line("""profile 'vlan-mgmt': vlan.id=2017: profile 'vlan-x' has VLAN 2017 on mgmt-br already; change that
        profile, or remove it""")
    ]


@pytest.mark.parametrize("options", [{"ipv4.method": None, "ipv6.method": None}])
def test_dhcp_that_nobody_asked_for(options):
    wanted = vlan()
    wanted["vlan-x"].update(options)
    assert warnings(wanted) == [
        line("""profile 'vlan-x': ipv4.method: not given, so NetworkManager asks for an address by DHCP and may take a
        second default route from there; say disabled (ipv6.method too) for a device that only carries VMs, or auto
        when this is meant""")
    ]
    assert problems(wanted | {"vlan-mgmt": {"mtu": 1500}}, untouched=["vlan-x"]) == []
