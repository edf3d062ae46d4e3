# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridges and bridge ports: ranges, STP, the bridge's own VLAN list."""

from __future__ import annotations

import pytest
from judging import line, problems

PREFIX = "profile 'bridge-x': "


def bridge(**options):
    wanted = {
        "type": "bridge",
        "interface_name": "x-br",
        "bridge.vlan_filtering": True,
        "ipv4.method": "disabled",
        "ipv6.method": "disabled",
    }
    wanted.update({"bridge." + name: value for name, value in options.items()})
    return {"bridge-x": wanted}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stp": False, "forward_delay": 0},
        {"stp": True, "forward_delay": 2},
        {"forward_delay": 30, "hello_time": 1, "max_age": 6, "ageing_time": 0, "priority": 0},
        {"stp": False, "forward_delay": 15, "hello_time": 10, "max_age": 40, "ageing_time": 1000000, "priority": 65535},
        {"vlan_default_pvid": 0},
        {"vlan_default_pvid": 4094},
        {"vlans": ["2-4094"]},
        {"vlans": ["1 pvid untagged", 20]},
        {"vlan_default_pvid": 5, "vlans": ["5 pvid untagged", 20]},
        {"vlan_filtering": False},
        {"mac_address": "52:54:00:AA:BB:CC"},
    ],
)
def test_good(options):
    assert problems(bridge(**options)) == []


TAGGED_1 = line("""VLAN id 1 must not be tagged: it is the untagged VLAN of the management network, and tagging it cuts
the node off (Harvester issue 8515); take 1 out of the list""")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stp": False, "forward_delay": 1}, "forward_delay=1: must be within 2..30 s, or 0 on a bridge without STP"),
        ({"forward_delay": 31}, "forward_delay=31: must be within 2..30 s, or 0 on a bridge without STP"),
        (
            {"forward_delay": 0},
            line("""forward_delay=0: 0 is for bridges without STP; with it the bridge would forward before it knows of
            loops; set bridge.stp to false as Harvester does, or give 2..30 s"""),
        ),
        ({"hello_time": 0}, "hello_time=0: must be within 1..10 s"),
        ({"hello_time": 11}, "hello_time=11: must be within 1..10 s"),
        ({"max_age": 5}, "max_age=5: must be within 6..40 s"),
        ({"max_age": 41}, "max_age=41: must be within 6..40 s"),
        ({"ageing_time": -1}, "ageing_time=-1: must be within 0..1000000 s"),
        ({"ageing_time": 1000001}, "ageing_time=1000001: must be within 0..1000000 s"),
        ({"priority": 65536}, "priority=65536: must be within 0..65535"),
        ({"vlan_default_pvid": 4095}, "vlan_default_pvid=4095: must be within 0..4094"),
        (
            {"vlan_filtering": False, "vlans": [20]},
            line("""vlans=20: has no effect while bridge.vlan_filtering is false; set bridge.vlan_filtering to true, or
            unset the list (null)"""),
        ),
        (
            {"vlan_filtering": None, "vlans": [20]},
            line("""vlans=20: has no effect while bridge.vlan_filtering is false; set bridge.vlan_filtering to true, or
            unset the list (null)"""),
        ),
        ({"vlans": [1, 20]}, "vlans=1,20: " + TAGGED_1),
        ({"vlans": ["1-10"]}, "vlans=1-10: " + TAGGED_1),
        (
            {"vlans": ["20 pvid untagged"]},
            line("""vlans=20 pvid untagged: '20 pvid untagged' would move the node's untagged traffic to another VLAN;
            write '20', and set the untagged VLAN with bridge.vlan_default_pvid"""),
        ),
        ({"mac_address": "33:33:00:00:00:01"}, None),
        (
            {"mac_address": "00:00:00:00:00:00"},
            "mac_address=00:00:00:00:00:00: the MAC address of a device must not be all zeros",
        ),
    ],
)
def test_refused(options, message):
    if message is None:
        message = (
            "mac_address=33:33:00:00:00:01: is a multicast address; the first octet of a device's MAC address is even"
        )
    assert problems(bridge(**options)) == [PREFIX + "bridge." + message]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bridge_port.path_cost": 65536}, "bridge_port.path_cost=65536: must be within 0..65535"),
        ({"bridge_port.priority": 64}, "bridge_port.priority=64: must be within 0..63"),
    ],
)
def test_ports(options, message):
    assert problems({"bond-mgmt": options}) == ["profile 'bond-mgmt': " + message]
