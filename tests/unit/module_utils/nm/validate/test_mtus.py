# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTUs: bounds, and nothing above what it lies on."""

from __future__ import annotations

import pytest
from judging import NODE, WITHOUT_VLAN, line, problems

from ansible_collections.harvester.network.plugins.module_utils.nm.validate import Limits

DISABLED = {"ipv4.method": "disabled", "ipv6.method": "disabled"}
# As after an installation with MTU 0: no mtu line at all.
BARE = {
    name: profile.replaced({key: value for key, value in profile.values.items() if key != "mtu"})
    for name, profile in NODE.items()
}


def mtus(bond=1500, bridge=1500, vlan=1500):
    return {"bond-mgmt": {"mtu": bond}, "bridge-mgmt": {"mtu": bridge}, "vlan-mgmt": {"mtu": vlan}}


@pytest.mark.parametrize(
    "changes",
    [
        mtus(9000, 9000, 9000),
        mtus(9000, 9000, 1500),
        mtus(9000, 1500, 1500),
        mtus(0, 0, 0),
        mtus(None, 1500, 0),
        mtus(576, 576, 576),
        {"bond-mgmt": {"mtu": 9000}},
        {"vlan-mgmt": {"mtu": 1400}},
    ],
)
@pytest.mark.parametrize("node", [NODE, BARE], ids=["with mtu", "without mtu"])
def test_good(changes, node):
    assert problems(changes, node=node) == []


@pytest.mark.parametrize("mtu", [1, 575, 9001, -1, 65535])
def test_bounds(mtu):
    found = problems({"x": {"type": "ethernet", "interface_name": "eno4", "mtu": mtu}})
    assert found == ["profile 'x': mtu=%s: the MTU must be 0 (meaning 1500) or within 576..9000 bytes" % mtu]


def test_bounds_of_the_site():
    wanted = {"x": {"type": "ethernet", "interface_name": "eno4", "mtu": 9216}}
    assert problems(wanted, limits=Limits(mtu_max=9216)) == []
    wanted["x"]["mtu"] = 1000
    assert problems(wanted, limits=Limits(mtu_min=1280)) == [
        "profile 'x': mtu=1000: the MTU must be 0 (meaning 1500) or within 1280..9000 bytes"
    ]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        (
            {"vlan-mgmt": {"mtu": 9000}},
            [
                line("""profile 'vlan-mgmt': mtu=9000: 9000 bytes are above the 1500 of profile 'bridge-mgmt', on which
                mgmt-br.2017 lies; raise 'bridge-mgmt' too, or give at most 1500""")
            ],
        ),
        (
            {"bridge-mgmt": {"mtu": 9000}},
            [
                line("""profile 'bridge-mgmt': mtu=9000: 9000 bytes are above the 1500 of profile 'bond-mgmt', on which
                mgmt-br lies; raise 'bond-mgmt' too, or give at most 1500""")
            ],
        ),
        # Lowered at the wire only.
        (
            {"bond-mgmt": {"mtu": 1400}},
            [
                line("""profile 'bond-mgmt': mtu=1400: 1400 bytes are below the 1500 of profile 'bridge-mgmt', which
                lies on mgmt-bo; lower 'bridge-mgmt' too, or give at least 1500""")
            ],
        ),
        (
            mtus(1400, 1400, None),
            [
                line("""profile 'vlan-mgmt': mtu: none given means 1500: 1500 bytes are above the 1400 of profile
                'bridge-mgmt', on which mgmt-br.2017 lies; raise 'bridge-mgmt' too, or give at most 1400""")
            ],
        ),
        (
            mtus(None, 9000, 9000),
            [
                line("""profile 'bridge-mgmt': mtu=9000: 9000 bytes are above the 1500 of profile 'bond-mgmt', on which
                mgmt-br lies; raise 'bond-mgmt' too, or give at most 1500""")
            ],
        ),
        (
            mtus(1500, 9000, 9001),
            [
                "profile 'vlan-mgmt': mtu=9001: the MTU must be 0 (meaning 1500) or within 576..9000 bytes",
                line("""profile 'bridge-mgmt': mtu=9000: 9000 bytes are above the 1500 of profile 'bond-mgmt', on which
                mgmt-br lies; raise 'bond-mgmt' too, or give at most 1500"""),
                line("""profile 'vlan-mgmt': mtu=9001: 9001 bytes are above the 9000 of profile 'bridge-mgmt', on which
                mgmt-br.2017 lies; raise 'bridge-mgmt' too, or give at most 9000"""),
            ],
        ),
        (
            {"bond-slave-eno1": {"mtu": 9000}},
            [
                line("""profile 'bond-slave-eno1': mtu=9000: differs from the 1500 bytes of its bond (profile
                'bond-mgmt'), which a port follows; unset it (null)""")
            ],
        ),
    ],
)
def test_refused(changes, messages):
    assert problems(changes) == messages


def test_without_mtu_lines():
    assert problems({"bond-mgmt": {"mtu": 1400}}, node=BARE) == [
        line("""profile 'bond-mgmt': mtu=1400: 1400 bytes are below the 1500 of profile 'bridge-mgmt', which lies on
        mgmt-bo; lower 'bridge-mgmt' too, or give at least 1500""")
    ]
    assert problems({"bridge-mgmt": {"mtu": 9000}}, node=BARE)[0].startswith("profile 'bridge-mgmt': mtu=9000: 9000 b")


def test_without_a_management_vlan():
    assert problems({"bond-mgmt": {"mtu": 9000}, "bridge-mgmt": {"mtu": 9000}}, node=WITHOUT_VLAN) == []
    assert len(problems({"bridge-mgmt": {"mtu": 9000}}, node=WITHOUT_VLAN)) == 1


def test_a_port_that_says_the_same_as_its_bond():
    wanted = {**mtus(9000, 9000, 9000), "bond-slave-eno1": {"mtu": 9000}}
    assert problems(wanted) == []
    assert problems({"bond-slave-eno1": {"mtu": 0}}) == []


def test_a_port_that_the_bond_leaves_behind():
    node = dict(NODE)
    node["bond-slave-eno1"] = NODE["bond-slave-eno1"].replaced({**NODE["bond-slave-eno1"].values, "mtu": 1500})
    assert problems({"bond-mgmt": {"mtu": 9000}}, node=node) == [
        line("""profile 'bond-slave-eno1': mtu=1500: differs from the 9000 bytes of its bond (profile 'bond-mgmt'),
        which a port follows; unset it (null)""")
    ]


@pytest.mark.parametrize(("parent", "refused"), [("eno4", True), ("cn1-br", False)])
def test_a_vlan_on_a_device_without_a_profile(parent, refused):
    wanted = {"x": {"type": "vlan", "vlan.parent": parent, "vlan.id": 5, "mtu": 9000, **DISABLED}}
    expected = "profile 'x': mtu=9000: 9000 bytes are above the 1500 of eno4, on which it lies; give at most 1500"
    assert problems(wanted) == ([expected] if refused else [])
    assert problems(wanted, kernel=None) == []


def test_a_foreign_pair_that_nobody_touches():
    foreign = {"x": {"type": "vlan", "vlan.parent": "eno4", "vlan.id": 5, "mtu": 9000}}
    assert problems({**foreign, "bond-mgmt": {"mtu": 1500}}, untouched=["x"]) == []
