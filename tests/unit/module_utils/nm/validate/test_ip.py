# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods, addresses, gateways, name servers, routes."""

from __future__ import annotations

import pytest
from judging import NODE, line, problems, warnings

from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile

PREFIX = "profile 'x': "


def nic(**options):
    wanted = {"type": "ethernet", "interface_name": "eno4"}
    wanted.update({name.replace("__", "."): value for name, value in options.items()})
    return {"x": wanted}


def v4(**options):
    return nic(**{"ipv4." + name: value for name, value in options.items()})


def v6(**options):
    return nic(**{"ipv6." + name: value for name, value in options.items()})


@pytest.mark.parametrize(
    "wanted",
    [
        nic(),
        v4(method="auto"),
        v4(method="disabled"),
        v4(method="link-local"),
        v4(method="manual", addresses=["10.0.0.5/24"], gateway="10.0.0.1"),
        v4(method="manual", addresses=["10.0.0.5/24", "10.0.1.5/24"], gateway="10.0.1.1"),
        v4(method="manual", addresses=["10.0.0.0/31"]),
        v4(method="manual", addresses=["10.0.0.5/32"]),
        v4(method="auto", addresses=["10.0.0.5/24"]),
        v4(method="auto", dns=["10.0.0.53", "10.0.0.54#resolver.example", "dns+tls://10.0.0.55"]),
        # Harvester's own bridge-mgmt: name servers on a bridge without addresses.
        v4(method="disabled", dns=["10.0.0.53"]),
        v4(routes=["10.1.0.0/16", "10.2.0.0/16 10.0.0.1", "10.2.0.0/16 10.0.0.1 50", "0.0.0.0/0 10.0.0.1"]),
        v4(route_metric=-1),
        v4(route_metric=4294967295),
        v6(method="auto"),
        v6(method="dhcp"),
        v6(method="ignore"),
        v6(method="disabled"),
        v6(method="link-local"),
        v6(method="manual", addresses=["2001:db8::5/64"], gateway="fe80::1"),
        v6(method="manual", addresses=["2001:db8::/64"]),
        v6(routes=["2001:db8:1::/48 fe80::1 10", "::/0 fe80::1"], dns=["2001:db8::53"]),
    ],
)
def test_good(wanted):
    assert problems(wanted) == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (v4(method="manual"), "ipv4.method=manual: needs addresses; give ipv4.addresses"),
        (v6(method="manual", addresses=[]), "ipv6.method=manual: needs addresses; give ipv6.addresses"),
        (
            v4(method="disabled", addresses=["10.0.0.5/24"]),
            line("""ipv4.addresses=10.0.0.5/24: ipv4.method=disabled takes no addresses; set the method to manual, or
            unset the addresses (null)"""),
        ),
        (
            v6(method="ignore", addresses=["2001:db8::5/64"]),
            line("""ipv6.addresses=2001:db8::5/64: ipv6.method=ignore takes no addresses; set the method to manual, or
            unset the addresses (null)"""),
        ),
        (
            v4(method="shared"),
            line("""ipv4.method=shared: would start a DHCP server and NAT on the node; give auto, manual, disabled,
            link-local"""),
        ),
        (v4(method="static"), "ipv4.method=static: unknown method; known are auto, manual, disabled, link-local"),
        (v4(method="manuel"), "ipv4.method=manuel: unknown method; did you mean 'manual'?"),
        (v4(method="dhcp"), "ipv4.method=dhcp: unknown method; known are auto, manual, disabled, link-local"),
        (v4(method="ignore"), "ipv4.method=ignore: unknown method; known are auto, manual, disabled, link-local"),
    ],
)
def test_methods(wanted, message):
    assert problems(wanted) == [PREFIX + message]


@pytest.mark.parametrize(
    ("addresses", "rules"),
    [
        (["10.0.0.5"], ["'10.0.0.5' has no prefix length; write it as 10.0.0.5/24"]),
        (["10.0.0.5/33"], ["'10.0.0.5/33' is no IPv4 address with a prefix length"]),
        (["10.0.0.5/255.255.255.0"], ["'10.0.0.5/255.255.255.0' is no IPv4 address with a prefix length"]),
        (["10.0.0.256/24"], ["'10.0.0.256/24' is no IPv4 address with a prefix length"]),
        (["10.0.0.05/24"], ["'10.0.0.05/24' is no IPv4 address with a prefix length"]),
        (["2001:db8::5/64"], ["'2001:db8::5/64' is no IPv4 address with a prefix length"]),
        (["node1/24"], ["'node1/24' is no IPv4 address with a prefix length"]),
        (["/24"], ["'/24' is no IPv4 address with a prefix length"]),
        (["10.0.0.0/24"], ["10.0.0.0 is the address of the network 10.0.0.0/24 itself, not an address for a device"]),
        (["10.0.0.255/24"], ["10.0.0.255 is the broadcast address of 10.0.0.0/24, not an address for a device"]),
        (["224.0.0.5/24"], ["224.0.0.5 is a multicast address, not an address for a device"]),
        (["127.0.0.1/8"], ["127.0.0.1 is a loopback address, not an address for a device"]),
        (["0.0.0.0/0"], ["0.0.0.0 is the unspecified address, not an address for a device"]),
        (["10.0.0.5/24", "10.0.0.5/16"], ["10.0.0.5 is given twice"]),
        (["10.0.0.5/24", "10.0.0.5/24"], ["10.0.0.5 is given twice"]),
    ],
)
def test_addresses(addresses, rules):
    found = problems(v4(method="manual", addresses=addresses))
    assert found == [PREFIX + "ipv4.addresses=%s: %s" % (", ".join(addresses), rule) for rule in rules]


@pytest.mark.parametrize(
    ("addresses", "rule"),
    [
        (["2001:db8::5"], "'2001:db8::5' has no prefix length; write it as 2001:db8::5/64"),
        (["10.0.0.5/24"], "'10.0.0.5/24' is no IPv6 address with a prefix length"),
        (["ff02::1/64"], "ff02::1 is a multicast address, not an address for a device"),
        (["::/64"], ":: is the unspecified address, not an address for a device"),
        (["2001:db8::5/64", "2001:DB8:0::5/64"], "2001:db8::5 is given twice"),
    ],
)
def test_addresses_of_ipv6(addresses, rule):
    found = problems(v6(method="manual", addresses=addresses))
    assert found == [PREFIX + "ipv6.addresses=%s: %s" % (", ".join(addresses), rule)]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            v4(method="auto", gateway="10.0.0.1"),
            line("""ipv4.gateway=10.0.0.1: needs ipv4.addresses; give them, or unset the gateway (null): DHCP brings its
            own"""),
        ),
        (
            v4(method="manual", addresses=["10.0.0.5/24"], gateway="10.0.0.5"),
            "ipv4.gateway=10.0.0.5: is the device's own address; give the router's",
        ),
        (
            v4(method="manual", addresses=["10.0.0.5/24"], gateway="10.0.0.1/24"),
            "ipv4.gateway=10.0.0.1/24: is no IPv4 address",
        ),
        (
            v6(method="manual", addresses=["2001:db8::5/64"], gateway="10.0.0.1"),
            "ipv6.gateway=10.0.0.1: is no IPv6 address",
        ),
        (v4(dns=["10.0.0.53", "ns1"]), "ipv4.dns=10.0.0.53, ns1: 'ns1' is no IPv4 address"),
        (v6(dns=["10.0.0.53"]), "ipv6.dns=10.0.0.53: '10.0.0.53' is no IPv6 address"),
        (
            v4(route_metric=-2),
            "ipv4.route_metric=-2: must be within 0..4294967295, or -1 for NetworkManager's choice",
        ),
        (v6(route_metric=4294967296), None),
    ],
)
def test_gateway_dns_metric(wanted, message):
    if message is None:
        message = "ipv6.route_metric=4294967296: must be within 0..4294967295, or -1 for NetworkManager's choice"
    assert problems(wanted) == [PREFIX + message]


def test_a_gateway_elsewhere():
    assert warnings(v4(method="manual", addresses=["10.0.0.5/24"], gateway="10.0.1.1")) == [
        line("""profile 'x': ipv4.gateway: 10.0.1.1 lies in none of the networks of its addresses (10.0.0.0/24); check
        address and prefix length""")
    ]


NO_ROUTE = "'%s' is no route; write 'destination/length [next-hop [metric]]'"


@pytest.mark.parametrize(
    ("routes", "rule"),
    [
        (["10.1.0.0"], NO_ROUTE % "10.1.0.0"),
        (["default 10.0.0.1"], NO_ROUTE % "default 10.0.0.1"),
        (["10.1.0.0/16 10.0.0.1 5 6"], NO_ROUTE % "10.1.0.0/16 10.0.0.1 5 6"),
        ([""], NO_ROUTE % ""),
        (["10.1.0.0/33"], "'10.1.0.0/33' in '10.1.0.0/33' is no IPv4 network"),
        (["10.1.0.0/255.255.0.0"], "'10.1.0.0/255.255.0.0' in '10.1.0.0/255.255.0.0' is no IPv4 network"),
        (["2001:db8::/32"], "'2001:db8::/32' in '2001:db8::/32' is no IPv4 network"),
        (["10.1.2.0/16"], "10.1.2.0/16 has bits set behind the prefix; write 10.1.0.0/16"),
        (["10.1.0.0/16 gw"], "the next hop 'gw' in '10.1.0.0/16 gw' is no IPv4 address"),
        (["10.1.0.0/16 50"], "the next hop '50' in '10.1.0.0/16 50' is no IPv4 address"),
        (["10.1.0.0/16 10.0.0.1 -1"], "the metric '-1' in '10.1.0.0/16 10.0.0.1 -1' is not within 0..4294967295"),
        (["10.1.0.0/16 10.0.0.1", "10.1.0.0/16 10.0.0.1 0"], "'10.1.0.0/16 10.0.0.1 0' is given twice"),
    ],
)
def test_routes(routes, rule):
    assert problems(v4(routes=routes)) == [PREFIX + "ipv4.routes=%s: %s" % (", ".join(routes), rule)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"ipv4.method": "manual", "ipv4.addresses": ["10.0.0.5/24"]},
            line("""profile 'bond-mgmt': ipv4.addresses=10.0.0.5/24: a port has no addresses of its own; NetworkManager
            ignores them; give them to mgmt-br, or to a VLAN on it"""),
        ),
        (
            {"ipv6.method": "dhcp"},
            line("""profile 'bond-mgmt': ipv6.method=dhcp: a port has no addresses of its own; NetworkManager ignores
            them; give them to mgmt-br, or to a VLAN on it"""),
        ),
    ],
)
def test_addresses_of_a_port(options, message):
    assert problems({"bond-mgmt": options}) == [message]


def test_one_address_two_profiles():
    wanted = v4(method="manual", addresses=["10.217.0.11/16"])
    text = "profile '%s': ipv4.addresses=%s: profile '%s' has the address 10.217.0.11 too; %s"
    way_out = "an address belongs to one device; remove it from one of them"
    assert problems(wanted) == [text % ("x", "10.217.0.11/16", "vlan-mgmt", way_out)]
    assert problems({**wanted, "vlan-mgmt": {"mtu": 1500}}, untouched=["x"]) == [
        text % ("vlan-mgmt", "10.217.0.11/24", "x", way_out)
    ]
    # Foreign profiles among themselves are nobody's business; neither is what they cannot parse.
    twins = {name: Profile(name, "ethernet", {"ipv4.addresses": ["10.9.9.9/24", "rubbish"]}) for name in ("a", "b")}
    assert problems({"bond-mgmt": {"mtu": 1500}}, node=dict(NODE, **twins)) == []
