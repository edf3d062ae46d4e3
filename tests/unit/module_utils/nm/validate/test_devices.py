# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids, types, names of devices, controllers, circles."""

from __future__ import annotations

import pytest
from judging import LINKS, NODE, judge, line, links, problems

from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import Link
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile

UUID = "5f2b4f0e-6f0f-4b4e-9f63-6d2d7f6f0a11"
FILE = "makes the name of a file: no '/', nothing unprintable, no '.' first and no '~' last"
DISABLED = {"ipv4.method": "disabled", "ipv6.method": "disabled"}


def nic(**options):
    wanted = {"type": "ethernet", "interface_name": "eno4"}
    wanted.update(options)
    return {"x": wanted}


@pytest.mark.parametrize("name", ["x", "Wired connection 1", "bond-slave-eno1", "größe", "a.b~c"])
def test_good_ids(name):
    assert problems({name: nic()["x"]}) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "id: a profile needs an id; give one, as bond-mgmt"),
        ("  ", "id: a profile needs an id; give one, as bond-mgmt"),
        ("a/b", "id: " + FILE),
        ("../../etc/passwd", "id: " + FILE),
        (".hidden", "id: " + FILE),
        ("backup~", "id: " + FILE),
        ("a\nb", "id: " + FILE),
        ("x" * 201, "id: has more than 200 bytes; it makes the name of a file"),
        ("ö" * 101, "id: has more than 200 bytes; it makes the name of a file"),
    ],
)
def test_bad_ids(name, rule):
    assert problems({name: nic()["x"]}) == ["profile '%s': %s" % (name, rule)]


def test_types():
    assert problems({"x": {"type": "brigde", "interface_name": "b"}}) == [
        "profile 'x': type: 'brigde' is no type that this collection manages; did you mean 'bridge'?"
    ]
    assert problems({"x": {"type": "wireguard", "interface_name": "wg0"}}) == [
        line("""profile 'x': type: 'wireguard' is no type that this collection manages; known are bond, bridge, vlan,
        ethernet""")
    ]
    assert problems({"bond-mgmt": {"type": "bridge"}}) == [
        line("""profile 'bond-mgmt': type: the profile is of type bond, and the type of a profile cannot be changed to
        bridge; remove it with state=absent first, or use another id""")
    ]


def test_options_of_another_type():
    assert problems(nic(**{"bond.miimon": 100})) == [
        "profile 'x': bond.miimon=100: is no option of a profile of type ethernet; it is for bond"
    ]
    assert problems({"bridge-mgmt": {"bridge_port.vlans": "1 pvid untagged"}}) == [
        line("""profile 'bridge-mgmt': bridge_port.vlans=1 pvid untagged: is no option of a profile of type bridge; it
        is for bond, ethernet, vlan""")
    ]
    # What somebody else put there is not this call's.
    node = dict(NODE, x=Profile("x", "ethernet", {"interface_name": "eno4", "bond.miimon": 50}))
    assert problems({"x": {"mtu": 1500}}, node=node) == []
    assert len(problems({"x": {"bond.miimon": 100}}, node=node)) == 1


@pytest.mark.parametrize(("kind", "name"), [("bond", "mgmt-bo"), ("bridge", "mgmt-br"), ("ethernet", "eno1")])
def test_the_device_needs_a_name(kind, name):
    report = judge({"x": {"type": kind, "bond.mode" if kind == "bond" else "mtu": {"bond": "802.3ad"}.get(kind, 0)}})
    assert [str(problem) for problem in report.problems] == [
        "profile 'x': interface_name: a profile of type %s needs the name of its device; give the name, as %s"
        % (kind, name)
    ]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("enp65s0f0np0x1234", "a device name has at most 15 characters, this one has 17"),
        ("eth0:1", "a device name must not hold ':'"),
        ("a/b", "a device name must not hold '/'"),
        ("a b", "a device name must not hold white space"),
        ("..", "'..' is no device name"),
        ("eth%d", "a device name must not hold '%'"),
        ("gröb", "a device name must be printable ASCII, not 'ö'"),
    ],
)
def test_names(name, rule):
    wanted = {"x": {"type": "bridge", "interface_name": name, **DISABLED}}
    assert problems(wanted) == ["profile 'x': interface_name=%s: %s" % (name, rule)]


def test_every_option_that_names_a_device():
    found = problems({"bond-mgmt": {"controller": "mgmt br", "bond.primary": "eno1:1"}}, kernel=None)
    assert found[:2] == [
        "profile 'bond-mgmt': controller=mgmt br: a device name must not hold white space",
        "profile 'bond-mgmt': bond.primary=eno1:1: a device name must not hold ':'",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"controller": "mgmt-bo"}, "controller=mgmt-bo: a port needs port_type too; give bond or bridge"),
        ({"port_type": "bond"}, "port_type=bond: a port needs its controller too; give controller, the device's name"),
        ({"controller": "mgmt-bo", "port_type": "team"}, "port_type=team: unknown value; known are bond, bridge"),
        (
            {"controller": "mgmt-br", "port_type": "bond"},
            "controller=mgmt-br: is a device of type bridge, but port_type says bond; correct one of them",
        ),
        (
            {"controller": "cn1-br", "port_type": "bond"},
            "controller=cn1-br: is a device of type bridge, but port_type says bond; correct one of them",
        ),
        (
            {"controller": "eno5np0", "port_type": "bond"},
            "controller=eno5np0: is a device of type ether, but port_type says bond; correct one of them",
        ),
        (
            {"controller": "mgmt-b0", "port_type": "bond"},
            "controller=mgmt-b0: this node has no such bond and no profile makes it; did you mean 'mgmt-bo'?",
        ),
        (
            {"controller": "qqqq", "port_type": "bridge"},
            line("""controller=qqqq: this node has no such bridge and no profile makes it; name one, or give its profile
            in the same call"""),
        ),
    ],
)
def test_controllers(options, message):
    assert problems(nic(**options)) == ["profile 'x': " + message]


@pytest.mark.parametrize(
    ("controller", "kind", "kernel"),
    [
        ("mgmt-bo", "bond", LINKS),
        ("cn1-bo", "bond", LINKS),
        (UUID, "bond", LINKS),
        # Rendered: the bond may exist on the node.
        ("anything", "bond", None),
    ],
)
def test_good_controllers(controller, kind, kernel):
    assert problems(nic(controller=controller, port_type=kind), kernel=kernel) == []


def test_a_controller_that_goes_in_the_same_call():
    node = dict(NODE, bond2=Profile("bond2", "bond", {"interface_name": "bond2"}))
    kernel = links(Link("bond2", 40, "bond", 1500))
    found = problems(nic(controller="bond2", port_type="bond"), node=node, kernel=kernel, removed=["bond2"])
    assert found == [
        line("""profile 'x': controller=bond2: this node has no such bond and no profile makes it; name one, or give its
        profile in the same call"""),
        "profile 'bond2': its device bond2 is still used by profile 'x'; remove it in the same call",
    ]


def test_one_device_two_profiles():
    twin = {"twin": {"type": "bond", "interface_name": "mgmt-bo", "bond.mode": "802.3ad"}}
    text = "profile '%s': interface_name=mgmt-bo: profile '%s' of type bond makes the device mgmt-bo already; %s"
    way_out = "give another name, or remove that profile"
    assert problems(twin) == [text % ("twin", "bond-mgmt", way_out)]
    # The one that the call touches is the one that is judged.
    changes = {**twin, "bond-mgmt": {"bond.miimon": 100}}
    assert problems(changes, untouched=["twin"]) == [text % ("bond-mgmt", "twin", way_out)]
    assert problems({**twin, "bridge-mgmt": {"ipv4.dns": ["10.0.0.1"]}}, untouched=["twin"]) == []


def test_one_name_for_devices_of_two_types():
    assert problems({"x": {"type": "bridge", "interface_name": "mgmt-bo", **DISABLED}}) == [
        line("""profile 'x': interface_name=mgmt-bo: profile 'bond-mgmt' of type bond makes the device mgmt-bo already;
        give another name, or remove that profile""")
    ]
    vlan = {"type": "vlan", "interface_name": "mgmt-br.2017", "vlan.parent": "eno4", "vlan.id": 5, **DISABLED}
    assert problems({"x": vlan}) == [
        line("""profile 'x': interface_name=mgmt-br.2017: profile 'vlan-mgmt' of type vlan makes the device mgmt-br.2017
        already; give another name, or remove that profile""")
    ]


def test_circles():
    found = problems({"vlan-mgmt": {"controller": "mgmt-br", "port_type": "bridge"}})
    assert (
        "profile 'vlan-mgmt': controller=mgmt-br: mgmt-br.2017 would lie on itself: %s"
        % ("mgmt-br.2017 on mgmt-br on mgmt-br.2017")
        in found
    )
    vlan = {"type": "vlan", "interface_name": "v", "vlan.parent": "v", "vlan.id": 5, **DISABLED}
    assert "profile 'x': vlan.parent=v: v would lie on itself: v on v" in problems({"x": vlan})
