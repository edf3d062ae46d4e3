# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists that cut nodes off: bond and bridge agree, the primary VLAN and PVID 1 stay."""

from __future__ import annotations

import pytest
from judging import LINKS, NODE, WITHOUT_VLAN, judge, line, problems, warnings

from ansible_collections.harvester.network.plugins.module_utils.common._vlans import VlanList
from ansible_collections.harvester.network.plugins.module_utils.nm.validate import Limits

PORT, OWN = "bridge_port.vlans", "bridge.vlans"
DISABLED = {"ipv4.method": "disabled", "ipv6.method": "disabled"}
VLAN_2018 = {"type": "vlan", "vlan.parent": "mgmt-br", "vlan.id": 2018, **DISABLED}


def lists(port, own):
    return {"bond-mgmt": {PORT: port}, "bridge-mgmt": {OWN: own}}


@pytest.mark.parametrize(
    ("port", "own"),
    [
        ("1 pvid untagged, 2017, 2018", "2017,2018"),
        (["1 pvid untagged", 2017, "2100-2110"], ["2100-2110", 2017]),
        ("1 pvid untagged,2-4094", "2-4094"),
        ("1 untagged pvid,2017", "2017"),
    ],
)
@pytest.mark.parametrize("kernel", [LINKS, None], ids=["node", "rendered"])
def test_both_lists_in_one_call(port, own, kernel):
    assert problems(lists(port, own), kernel=kernel, limits=Limits(vlan_filter_limit=5000)) == []


def test_a_secondary_vlan_as_a_device():
    wanted = {**lists("1 pvid untagged,2017,2018", "2017,2018"), "vlan-2018": VLAN_2018}
    assert problems(wanted) == []


def primary(where, value):
    return line(f"""profile '{where}': {value}: the primary VLAN id 2017, on which the node has its address (profile
    'vlan-mgmt'), is missing; the node would be cut off; add 2017 to the list""")


NO_PVID = line("""'1 pvid untagged' is missing; the list is the whole list, and without it untagged frames are dropped;
add '1 pvid untagged'""")
TAGGED_1 = line("""VLAN id 1 must not be tagged: untagged frames of the management network belong to it, and tagging it
cuts the node off (Harvester issue 8515); write '1 pvid untagged'""")


@pytest.mark.parametrize(
    ("port", "own", "messages"),
    [
        # The manual's own trap: both are whole lists.
        (
            "1 pvid untagged,2018",
            "2018",
            [
                primary("bridge-mgmt", "bridge.vlans=2018"),
                primary("bond-mgmt", "bridge_port.vlans=1 pvid untagged,2018"),
            ],
        ),
        ("1 pvid untagged,2017", "2018", None),
        (None, None, [primary("bridge-mgmt", "bridge.vlans"), primary("bond-mgmt", "bridge_port.vlans")]),
        ("2017,2018", "2017,2018", ["profile 'bond-mgmt': bridge_port.vlans=2017-2018: " + NO_PVID]),
        ("1 pvid,2017", "2017", ["profile 'bond-mgmt': bridge_port.vlans=1 pvid,2017: " + TAGGED_1]),
        ("1,2017", "2017", ["profile 'bond-mgmt': bridge_port.vlans=1,2017: " + TAGGED_1]),
        ("1-2017", "2-2017", ["profile 'bond-mgmt': bridge_port.vlans=1-2017: " + TAGGED_1]),
        ("1 untagged,2017", "2017", ["profile 'bond-mgmt': bridge_port.vlans=1 untagged,2017: " + NO_PVID]),
        ("1 untagged,2 pvid untagged,2017", "2017", None),
        # The primary VLAN as PVID: it would arrive untagged.
        (
            "2017 pvid untagged",
            "2017",
            [
                "profile 'bond-mgmt': bridge_port.vlans=2017 pvid untagged: " + NO_PVID,
                primary("bond-mgmt", "bridge_port.vlans=2017 pvid untagged"),
            ],
        ),
    ],
)
def test_what_cuts_the_node_off(port, own, messages):
    found = problems(lists(port, own), limits=Limits(vlan_filter_limit=5000))
    if messages is None:
        assert found
    else:
        assert found == messages


def test_tagged_1_on_the_bridge_itself():
    found = problems(lists("1 pvid untagged,2017", "1,2017"))
    assert found == [
        line("""profile 'bridge-mgmt': bridge.vlans=1,2017: VLAN id 1 must not be tagged: it is the untagged VLAN of the
        management network, and tagging it cuts the node off (Harvester issue 8515); take 1 out of the list""")
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"bond-mgmt": {PORT: "1 pvid untagged,2017,2018"}},
            """profile 'bridge-mgmt': bridge.vlans=2017: VLAN id 2018 is missing, which bridge_port.vlans of profile
            'bond-mgmt' has; add it here, or take it out there""",
        ),
        (
            {"bridge-mgmt": {OWN: "2017-2020"}},
            """profile 'bond-mgmt': bridge_port.vlans=1 pvid untagged,2017: VLAN ids 2018-2020 are missing, which
            bridge.vlans of profile 'bridge-mgmt' has; add them here, or take them out there""",
        ),
    ],
)
def test_the_lists_disagree(changes, message):
    assert problems(changes) == [line(message)]
    assert problems(changes, before=False, kernel=None) == [line(message)]


def test_each_side_lacks_something():
    found = problems(lists("1 pvid untagged,2017,2018,2030", "2017,2019"))
    assert found == [
        line("""profile 'bridge-mgmt': bridge.vlans=2017,2019: VLAN ids 2018, 2030 are missing, which bridge_port.vlans
        of profile 'bond-mgmt' has; add them here, or take them out there"""),
        line("""profile 'bond-mgmt': bridge_port.vlans=1 pvid untagged,2017-2018,2030: VLAN id 2019 is missing, which
        bridge.vlans of profile 'bridge-mgmt' has; add it here, or take it out there"""),
    ]


def test_a_disagreement_that_was_there_before_is_a_warning():
    node = dict(NODE)
    node["bond-mgmt"] = NODE["bond-mgmt"].replaced(
        {**NODE["bond-mgmt"].values, PORT: VlanList.parse("1 pvid untagged,2017,2018")}
    )
    text = line("""profile 'bridge-mgmt': bridge.vlans: VLAN id 2018 is missing, which bridge_port.vlans of profile
    'bond-mgmt' has; add it here, or take it out there""")
    assert warnings({"bond-mgmt": {"mtu": 1500}}, node=node) == [text]
    # Whoever changes one of the lists has to make them agree.
    assert len(problems({"bridge-mgmt": {OWN: "2017,2019"}}, node=node)) == 2
    # A VLAN device elsewhere on the bridge has nothing to do with it.
    assert problems({"vlan-mgmt": {"ipv4.dns": ["10.0.0.1"]}}, node=node) == []


def test_a_vlan_device_whose_id_no_list_has():
    reason = "VLAN id 2018 of profile 'vlan-2018' is missing, so its frames would be dropped; add 2018 to the list"
    assert problems({"vlan-2018": VLAN_2018}) == [
        "profile 'bridge-mgmt': bridge.vlans=2017: " + reason,
        "profile 'bond-mgmt': bridge_port.vlans=1 pvid untagged,2017: " + reason,
    ]


def test_a_vlan_device_that_was_there_before_is_a_warning():
    """Harvester's agent keeps the id of such a device on the bond, whatever the profile says."""
    changes = {"vlan-2018": VLAN_2018, "bond-mgmt": {"mtu": 1500}}
    assert warnings(changes, untouched=["vlan-2018"]) == [
        line("""profile 'bond-mgmt': bridge_port.vlans: VLAN id 2018 of profile 'vlan-2018' is missing, so its frames
        would be dropped; add 2018 to the list""")
    ]
    changes["bond-mgmt"][PORT] = "1 pvid untagged,2017,2019"
    assert judge(changes, untouched=["vlan-2018"]).problems


def test_another_address_on_a_vlan_that_no_list_has():
    found = problems({"vlan-mgmt": {"vlan.id": 2020}})
    assert [text.split(": ")[0] for text in found] == ["profile 'bridge-mgmt'", "profile 'bond-mgmt'"]
    assert "the primary VLAN id 2020" in found[0]


@pytest.mark.parametrize("vid", [1, 7])
def test_the_untagged_vlan_as_a_device(vid):
    node = dict(NODE)
    node["bridge-mgmt"] = NODE["bridge-mgmt"].replaced({**NODE["bridge-mgmt"].values, "bridge.vlan_default_pvid": vid})
    found = problems({"vlan-x": {**VLAN_2018, "vlan.id": vid}}, node=node)
    assert found == [
        line(f"""profile 'vlan-x': vlan.id={vid}: VLAN {vid} is the untagged VLAN of bridge mgmt-br and must not be
        tagged (Harvester issue 8515); put the address on profile 'bridge-mgmt' itself, or use another id""")
    ]


def test_without_a_management_vlan():
    assert problems({"bond-mgmt": {"mtu": 9000}, "bridge-mgmt": {"mtu": 9000}}, node=WITHOUT_VLAN) == []
    assert problems(lists("1 pvid untagged,2018", "2018"), node=WITHOUT_VLAN) == []
    assert problems({"bond-mgmt": {PORT: None}}, node=WITHOUT_VLAN) == []


def test_another_untagged_vlan():
    wanted = lists("5 pvid untagged,2017", "2017")
    wanted["bridge-mgmt"]["bridge.vlan_default_pvid"] = 5
    assert problems(wanted) == []
    wanted["bridge-mgmt"]["bridge.vlan_default_pvid"] = 0
    assert problems(wanted) == []


def test_a_list_on_a_bridge_that_does_not_filter():
    wanted = {"bridge-mgmt": {"bridge.vlan_filtering": False, OWN: None}}
    assert problems(wanted) == [
        line("""profile 'bond-mgmt': bridge_port.vlans=1 pvid untagged,2017: has no effect while bridge.vlan_filtering
        of profile 'bridge-mgmt' is false; set it to true, or unset the list (null)""")
    ]


def test_a_bond_alone_rendered():
    bond = {
        "type": "bond",
        "interface_name": "mgmt-bo",
        "controller": "mgmt-br",
        "port_type": "bridge",
        "bond.mode": "active-backup",
        PORT: "1 pvid untagged,2017",
    }
    assert problems({"bond-mgmt": bond}, node={}, kernel=None) == []
    bond[PORT] = "2017"
    assert problems({"bond-mgmt": bond}, node={}, kernel=None) == [
        "profile 'bond-mgmt': bridge_port.vlans=2017: " + NO_PVID
    ]


@pytest.mark.parametrize(("count", "limit", "warned"), [(512, 512, False), (513, 512, True), (513, 513, False)])
def test_more_ids_than_a_nic_filters(count, limit, warned):
    """PVID 1 takes an entry of the filter too."""
    tagged = f"2017-{2017 + count - 2}"
    report = judge(lists(f"1 pvid untagged,{tagged}", tagged), limits=Limits(vlan_filter_limit=limit))
    assert report.problems == []
    expected = line(f"""profile 'bond-mgmt': bridge_port.vlans: has {count} VLAN ids, more than the {limit}
    (vlan_filter_limit) that a NIC is taken to filter in hardware; some then drop VLANs silently (Harvester issue 7650);
    name only the ids in use, or raise vlan_filter_limit to what your NICs can do""")
    assert report.warnings == ([expected] if warned else [])


def test_the_manual_of_old_releases():
    assert len(warnings(lists("1 pvid untagged,2-4094", "2-4094"))) == 1
