# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NICs: missing ones, ones in use elsewhere, ones with two masters."""

from __future__ import annotations

import pytest
from judging import NODE, line, links, problems, warnings

from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import Address, Link
from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile

CN1 = {"type": "bond", "interface_name": "cn2-bo", "bond.mode": "active-backup"}


def port(nic, controller="mgmt-bo"):
    return {
        "bond-slave-" + nic: {
            "type": "ethernet",
            "interface_name": nic,
            "controller": controller,
            "port_type": "bond",
        }
    }


NICS = "its NICs are eno1, eno2, eno3, eno4, eno5np0"


@pytest.mark.parametrize("nic", ["eno1", "eno3", "eno4", "eno5np0"])
def test_good(nic):
    assert problems(port(nic)) == []


@pytest.mark.parametrize(
    ("nic", "remedy"),
    [
        # Renamed by an upgrade.
        ("eno5", "did you mean 'eno5np0'? " + NICS),
        ("en04", "did you mean 'eno4'? " + NICS),
        ("ENO4", "did you mean 'eno4'? " + NICS),
        ("eno7", NICS),
        ("ens1", "did you mean 'eno1'? " + NICS),
    ],
)
def test_missing(nic, remedy):
    name = "bond-slave-" + nic
    expected = "profile '%s': interface_name=%s: this node has no such NIC; %s" % (name, nic, remedy)
    assert problems(port(nic)) == [expected]
    assert problems(port(nic), kernel=None) == []


@pytest.mark.parametrize("device", ["cn1-bo", "lo"])
def test_no_nic(device):
    kind = {"cn1-bo": "bond", "lo": "loopback"}[device]
    assert problems(port(device)) == [
        "profile 'bond-slave-%s': interface_name=%s: is a device of kind %s, not a NIC; name a NIC"
        % (device, device, kind)
    ]


def test_a_port_of_a_bond_that_has_no_profile():
    kernel = links(Link("eno6", 40, "ether", 9000, controller="cn1-bo"))
    assert problems(port("eno6"), kernel=kernel) == [
        line("""profile 'bond-slave-eno6': interface_name=eno6: this NIC is a port of cn1-bo now; take it out there
        first; a bond without a profile belongs to a cluster network's configuration in Harvester""")
    ]
    # As a NIC of its own just the same.
    alone = {"x": {"type": "ethernet", "interface_name": "eno6"}}
    assert len(problems(alone, kernel=kernel)) == 1


def test_a_port_that_moves_by_this_call():
    new = {"bond-cn2": CN1, "port-2": {**port("eno2", "cn2-bo")["bond-slave-eno2"]}}
    assert problems(new, removed=["bond-slave-eno2"]) == []
    moved = {"bond-cn2": CN1, "bond-slave-eno2": {"controller": "cn2-bo"}}
    assert problems(moved) == []


def test_a_nic_with_an_address():
    kernel = links(
        Link("ens3", 40, "ether", 1500, addresses=(Address("192.0.2.7", 24), Address("fe80::1", 64, "inet6", "link")))
    )
    refused = line("""profile 'bond-slave-ens3': interface_name=ens3: this NIC carries 192.0.2.7/24 and would lose it as
    a port of mgmt-bo; name another NIC, or remove the profile that gives it the address in the same call""")
    assert problems(port("ens3"), kernel=kernel) == [refused]
    # Its own profile, changed by this call or removed by it: asked for.
    node = dict(NODE, oob=Profile("oob", "ethernet", {"interface_name": "ens3", "ipv4.method": "auto"}))
    assert problems(port("ens3"), kernel=kernel, node=node, removed=["oob"]) == []
    # A NIC that stays one of its own keeps its address.
    assert problems({"oob": {"mtu": 1500}}, kernel=kernel, node=node) == []


def test_addresses_may_be_plain_texts():
    kernel = links()
    kernel["ens3"] = type("Plain", (), {"kind": "ether", "mtu": 1500, "mac": "", "controller": None})()
    kernel["ens3"].addresses = ["FE80::1/64"]
    assert problems(port("ens3"), kernel=kernel) == []
    kernel["ens3"].addresses = ["FE80::1/64", "192.0.2.7/24"]
    assert len(problems(port("ens3"), kernel=kernel)) == 1


def test_a_port_of_two_bonds():
    other = {"bond-cn2": CN1, "other": port("eno1", "cn2-bo")["bond-slave-eno1"]}
    found = problems(other)
    assert found == [
        line("""profile 'other': interface_name=eno1: this NIC is a port of mgmt-bo now; take it out there first; a bond
        without a profile belongs to a cluster network's configuration in Harvester"""),
        line("""profile 'other': interface_name=eno1: would be a port of cn2-bo, and of mgmt-bo by profile
        'bond-slave-eno1'; take it out of one of them"""),
    ]
    # Both new: said once.
    both = {"bond-cn2": CN1, **port("eno4"), "other": port("eno4", "cn2-bo")["bond-slave-eno4"]}
    assert problems(both) == [
        line("""profile 'bond-slave-eno4': interface_name=eno4: would be a port of mgmt-bo, and of cn2-bo by profile
        'other'; take it out of one of them""")
    ]


def test_the_same_port_by_two_profiles():
    assert problems({"other": port("eno1")["bond-slave-eno1"]}) == [
        line("""profile 'other': interface_name=eno1: is a port of mgmt-bo by profile 'bond-slave-eno1' already; keep
        one of the two profiles""")
    ]


@pytest.mark.parametrize("autoconnect", [None, True, False])
def test_a_second_profile_that_starts_by_itself(autoconnect):
    values = {"interface_name": "eno4", "ipv4.method": "auto"}
    if autoconnect is not None:
        values["autoconnect"] = autoconnect
    node = dict(NODE, wired=Profile("wired", "ethernet", values))
    expected = line("""profile 'bond-slave-eno4': interface_name: profile 'wired' starts by itself on the same NIC eno4,
    and either may win at boot; remove it, or set its autoconnect to false""")
    assert warnings(port("eno4"), node=node) == ([] if autoconnect is False else [expected])


def test_foreign_doubles_that_nobody_touches():
    foreign = {"a": port("eno4", "nowhere")["bond-slave-eno4"], "b": port("eno4", "else")["bond-slave-eno4"]}
    assert problems({**foreign, "bond-mgmt": {"bond.miimon": 100}}, untouched=["a", "b"]) == []


@pytest.mark.parametrize("mac", ["52:54:00:12:34:56", "52-54-00-12-34-56", "preserve", "PERMANENT", "stable-ssid"])
def test_good_macs(mac):
    assert problems({"bond-mgmt": {"cloned_mac_address": mac}}) == []


@pytest.mark.parametrize(
    ("mac", "rule"),
    [
        ("01:00:5E:00:00:01", "is a multicast address; the first octet of a device's MAC address is even"),
        ("00:00:00:00:00:00", "the MAC address of a device must not be all zeros"),
        ("52:54:00", "is no MAC address such as 52:54:00:12:34:56"),
        (
            "randomm",
            line("""is no MAC address such as 52:54:00:12:34:56; words are preserve, permanent, random, stable,
            stable-ssid"""),
        ),
    ],
)
def test_bad_macs(mac, rule):
    found = problems({"bridge-mgmt": {"cloned_mac_address": mac}})
    assert found == ["profile 'bridge-mgmt': cloned_mac_address=%s: %s" % (mac, rule)]
