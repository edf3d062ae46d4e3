# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bonds: modes, options against the mode, monitoring, primary."""

from __future__ import annotations

import pytest
from judging import NODE, judge, links, problems, warnings

from ansible_collections.harvester.network.plugins.module_utils.nm._profile import Profile
from ansible_collections.harvester.network.plugins.module_utils.nm._properties import BY_OPTION, MODES
from ansible_collections.harvester.network.plugins.module_utils.nm.validate._bond_options import OPTIONS

PREFIX = "profile 'bond-mgmt': "
ACTIVE = {mode: mode for mode in MODES}


def bond(**options):
    return {"bond-mgmt": {"bond." + name: value for name, value in options.items()}}


# The value of each option that acts in some modes only, and these modes: as the bonding driver has it.
AGAINST_MODE = [
    ("lacp_rate", "fast", {"802.3ad"}),
    ("ad_select", "count", {"802.3ad"}),
    ("ad_actor_sys_prio", 100, {"802.3ad"}),
    ("ad_actor_system", "52:54:00:00:00:01", {"802.3ad"}),
    ("ad_user_port_key", 7, {"802.3ad"}),
    ("min_links", 1, {"802.3ad"}),
    ("primary", "eno1", {"active-backup", "balance-tlb", "balance-alb"}),
    ("primary_reselect", "better", {"active-backup", "balance-tlb", "balance-alb"}),
    ("fail_over_mac", "active", {"active-backup"}),
    ("tlb_dynamic_lb", False, {"balance-tlb", "balance-alb"}),
    ("lp_interval", 5, {"balance-tlb", "balance-alb"}),
    ("packets_per_slave", 3, {"balance-rr"}),
    ("xmit_hash_policy", "layer3+4", {"balance-xor", "802.3ad", "balance-tlb"}),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("name", "value", "modes"), AGAINST_MODE, ids=[row[0] for row in AGAINST_MODE])
def test_option_against_mode(mode, name, value, modes):
    found = problems(bond(mode=mode, **{name: value}))
    if mode in modes:
        assert found == []
        return
    allowed = [known for known in MODES if known in modes]
    words = allowed[0] if len(allowed) == 1 else "%s or %s" % (", ".join(allowed[:-1]), allowed[-1])
    shown = {False: "false", True: "true"}.get(value, value) if isinstance(value, bool) else value
    assert found == [
        PREFIX
        + "bond.%s=%s: acts in mode %s only, and this bond is %s; unset it (null), or change bond.mode"
        % (name, shown, words, mode)
    ]


@pytest.mark.parametrize("mode", MODES)
def test_arp_monitoring_against_mode(mode):
    found = problems(bond(mode=mode, miimon=0, arp_interval=100, arp_ip_target=["10.217.0.1"]))
    if mode not in ("802.3ad", "balance-tlb", "balance-alb"):
        assert found == []
        return
    only = "acts in mode balance-rr, active-backup, balance-xor or broadcast only, and this bond is %s; " % mode
    assert found == [
        PREFIX + "bond.arp_interval=100: " + only + "unset it (null), or change bond.mode",
        PREFIX + "bond.arp_ip_target=10.217.0.1: " + only + "unset it (null), or change bond.mode",
    ]


@pytest.mark.parametrize("mode", MODES)
def test_defaults_are_welcome_in_every_mode(mode):
    defaults = {name: row.default for name, row in OPTIONS.items() if row.default is not None}
    assert problems(bond(mode=mode, **defaults)) == []


def test_the_table_knows_every_option_and_its_default():
    rows = {option[5:]: row for option, row in BY_OPTION.items() if option.startswith("bond.")}
    assert set(OPTIONS) == set(rows) - {"mode"}
    for name, row in rows.items():
        if name not in ("mode", "miimon"):
            assert OPTIONS[name].default == row.default, name


def test_options_left_over_from_the_old_mode():
    node = dict(NODE)
    node["bond-mgmt"] = NODE["bond-mgmt"].replaced(
        {**NODE["bond-mgmt"].values, "bond.mode": "802.3ad", "bond.lacp_rate": "fast"}
    )
    assert problems(bond(mode="active-backup"), node=node) == [
        PREFIX + "bond.lacp_rate=fast: acts in mode 802.3ad only, and this bond is active-backup; "
        "unset it (null), or change bond.mode"
    ]
    assert problems(bond(mode="active-backup", lacp_rate=None), node=node) == []


KNOWN = "known are balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb, balance-alb"


@pytest.mark.parametrize(
    ("mode", "remedy"),
    [
        ("active-backp", "did you mean 'active-backup'?"),
        ("ACTIVE_BACKUP", "did you mean 'active-backup'?"),
        ("lacp", "did you mean '802.3ad'?"),
        ("balance-xr", "did you mean 'balance-xor'?"),
        ("7", KNOWN),
        ("", KNOWN),
    ],
)
def test_unknown_mode(mode, remedy):
    # Nothing else is said about options of a mode that nobody knows.
    assert problems(bond(mode=mode, lacp_rate="fast")) == [PREFIX + "bond.mode=%s: unknown mode; %s" % (mode, remedy)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"miimon": -1}, "bond.miimon=-1: must be within 0..2147483647 ms"),
        ({"miimon": 2147483648}, "bond.miimon=2147483648: must be within 0..2147483647 ms"),
        ({"updelay": -100}, "bond.updelay=-100: must be within 0..2147483647 ms"),
        ({"peer_notif_delay": 300100}, "bond.peer_notif_delay=300100: must be within 0..300000 ms"),
        ({"num_grat_arp": 256}, "bond.num_grat_arp=256: must be within 0..255"),
        ({"num_unsol_na": -1}, "bond.num_unsol_na=-1: must be within 0..255"),
        ({"resend_igmp": 256}, "bond.resend_igmp=256: must be within 0..255"),
        ({"lp_interval": 0}, "bond.lp_interval=0: must be within 1..2147483647 s"),
        ({"packets_per_slave": 65536}, "bond.packets_per_slave=65536: must be within 0..65535"),
        ({"ad_actor_sys_prio": 0}, "bond.ad_actor_sys_prio=0: must be within 1..65535"),
        ({"ad_user_port_key": 1024}, "bond.ad_user_port_key=1024: must be within 0..1023"),
        ({"min_links": -1}, "bond.min_links=-1: must be within 0..2147483647"),
        ({"arp_interval": -5}, "bond.arp_interval=-5: must be within 0..2147483647 ms"),
        ({"fail_over_mac": "activ"}, "bond.fail_over_mac=activ: unknown value; did you mean 'active'?"),
        ({"fail_over_mac": "x"}, "bond.fail_over_mac=x: unknown value; known are none, active, follow"),
        ({"primary_reselect": "allways"}, "bond.primary_reselect=allways: unknown value; did you mean 'always'?"),
        ({"lacp_rate": "1s"}, "bond.lacp_rate=1s: unknown value; known are slow, fast"),
        ({"ad_select": "band"}, "bond.ad_select=band: unknown value; did you mean 'bandwidth'?"),
        ({"xmit_hash_policy": "layer34"}, "bond.xmit_hash_policy=layer34: unknown value; did you mean 'layer3+4'?"),
        ({"arp_all_targets": "some"}, "bond.arp_all_targets=some: unknown value; known are any, all"),
        (
            {"ad_actor_system": "01:00:5e:00:00:01", "mode": "802.3ad"},
            (
                "bond.ad_actor_system=01:00:5e:00:00:01: "
                "is a multicast address; the first octet of a device's MAC address is even"
            ),
        ),
        (
            {"ad_actor_system": "52:54:00", "mode": "802.3ad"},
            "bond.ad_actor_system=52:54:00: is no MAC address such as 52:54:00:12:34:56",
        ),
    ],
)
def test_values(options, message):
    assert problems(bond(**options)) == [PREFIX + message]


@pytest.mark.parametrize(
    "options",
    [
        {"num_grat_arp": 0, "resend_igmp": 0},
        {"num_grat_arp": 255, "num_unsol_na": 255, "resend_igmp": 255},
        {"mode": "balance-rr", "packets_per_slave": 0},
        {"mode": "802.3ad", "ad_actor_system": "00:00:00:00:00:00", "xmit_hash_policy": "vlan+srcmac"},
        {"updelay": 0, "downdelay": 0},
        {"updelay": 200, "downdelay": 300, "peer_notif_delay": 100},
        {"miimon": 50, "updelay": 150},
        # 100 ms hold when no miimon is given.
        {"miimon": None, "updelay": 200},
        # ARP monitoring switches miimon off when none is given.
        {"miimon": None, "arp_interval": 1000, "arp_ip_target": ["10.0.0.1"], "arp_validate": "all"},
        {
            "miimon": 0,
            "arp_interval": 1000,
            "arp_ip_target": ["10.0.0.1", "10.0.0.2"],
            "arp_validate": "filter_backup",
            "arp_all_targets": "all",
        },
    ],
)
def test_good(options):
    assert problems(bond(**options)) == []


MIIMON_0 = "without link monitoring a dead NIC stays in use, and Harvester passes this on without a word; set it to 100"


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        ({"miimon": 0}, ["bond.miimon=0: " + MIIMON_0 + ", or give bond.arp_interval and bond.arp_ip_target"]),
        ({"miimon": 0, "mode": "802.3ad"}, ["bond.miimon=0: " + MIIMON_0]),
        ({"miimon": 0, "mode": "balance-alb", "arp_interval": 0}, ["bond.miimon=0: " + MIIMON_0]),
        (
            {"miimon": 100, "arp_interval": 100, "arp_ip_target": ["10.0.0.1"]},
            [
                (
                    "bond.arp_interval=100: ARP monitoring and miimon=100 exclude one another; "
                    "NetworkManager would drop the first silently; set bond.miimon to 0, or unset bond.arp_interval"
                )
            ],
        ),
        (
            {"updelay": 250},
            [
                (
                    "bond.updelay=250: must be a multiple of miimon (100 ms); the kernel rounds it down to 200; "
                    "give 200 or 300"
                )
            ],
        ),
        (
            {"downdelay": 50},
            ["bond.downdelay=50: must be a multiple of miimon (100 ms); the kernel rounds it down to 0; give 100"],
        ),
        (
            {"miimon": None, "peer_notif_delay": 150},
            [
                (
                    "bond.peer_notif_delay=150: must be a multiple of miimon (100 ms); the kernel rounds it down to "
                    "100; give 100 or 200"
                )
            ],
        ),
        (
            {"miimon": 0, "arp_interval": 100, "arp_ip_target": ["10.0.0.1"], "updelay": 100, "peer_notif_delay": 100},
            [
                "bond.%s=100: needs link monitoring by miimon, which is off; set bond.miimon, or unset bond.%s (null)"
                % (name, name)
                for name in ("updelay", "peer_notif_delay")
            ],
        ),
        (
            {"miimon": 0, "arp_interval": 100},
            [
                (
                    "bond.arp_interval=100: ARP monitoring needs addresses to ask; "
                    "give bond.arp_ip_target, for instance the gateway"
                )
            ],
        ),
        (
            {"arp_ip_target": ["10.0.0.1", "10.0.0.2"]},
            [
                (
                    "bond.arp_ip_target=10.0.0.1, 10.0.0.2: has no effect without bond.arp_interval; "
                    "give bond.arp_interval in ms, or unset the targets (null)"
                )
            ],
        ),
        (
            {"arp_validate": "all"},
            [
                (
                    "bond.arp_validate=all: has no effect without ARP monitoring; "
                    "give bond.arp_interval and bond.arp_ip_target, or unset it (null)"
                )
            ],
        ),
        (
            {"arp_all_targets": "all"},
            ["bond.arp_all_targets=all: acts with bond.arp_validate only; give bond.arp_validate, or unset it (null)"],
        ),
        (
            {"num_grat_arp": 2, "num_unsol_na": 3},
            [
                (
                    "bond.num_grat_arp=2: differs from bond.num_unsol_na=3, and the kernel has one value for both; "
                    "give one of them, or both the same"
                )
            ],
        ),
    ],
)
def test_monitoring(options, messages):
    assert problems(bond(**options)) == [PREFIX + message for message in messages]


@pytest.mark.parametrize(
    ("targets", "rules"),
    [
        (["gateway"], ["'gateway' is no IPv4 address"]),
        (["fe80::1"], ["'fe80::1' is no IPv4 address"]),
        (["10.0.0.1/24"], ["'10.0.0.1/24' is no IPv4 address"]),
        (["0.0.0.0"], ["no host answers ARP for 0.0.0.0"]),
        (["255.255.255.255"], ["no host answers ARP for 255.255.255.255"]),
        (["224.0.0.1"], ["no host answers ARP for 224.0.0.1"]),
        (["10.0.0.1", "10.0.0.1"], ["10.0.0.1 is given twice"]),
        (["10.0.0.%d" % number for number in range(1, 18)], ["17 targets; the kernel takes at most 16"]),
    ],
)
def test_arp_targets(targets, rules):
    found = problems(bond(miimon=0, arp_interval=100, arp_ip_target=targets))
    assert found == [PREFIX + "bond.arp_ip_target=%s: %s" % (", ".join(targets), rule) for rule in rules]


NO_PORT = (
    PREFIX + "bond.primary=%s: is not a port of this bond, whose ports are %s; name one of them, or unset it (null)"
)


def test_primary_is_a_port():
    assert problems(bond(primary="eno2")) == []
    assert problems(bond(primary="eno3")) == [NO_PORT % ("eno3", "eno1, eno2")]
    assert problems(bond(primary="eno3"), kernel=None) == [NO_PORT % ("eno3", "eno1, eno2")]


def test_primary_when_its_port_is_taken_out():
    node = dict(NODE)
    node["bond-mgmt"] = NODE["bond-mgmt"].replaced({**NODE["bond-mgmt"].values, "bond.primary": "eno2"})
    assert problems({}, removed=["bond-slave-eno2"], node=node) == [NO_PORT % ("eno2", "eno1")]
    # A call about something else says nothing about it.
    assert problems({"bridge-mgmt": {"ipv4.dns": ["10.0.0.1"]}}, node=node) == []


def test_primary_without_port_profiles():
    alone = {
        "type": "bond",
        "interface_name": "cn1-bo",
        "bond.mode": "active-backup",
        "bond.primary": "eno4",
    }
    # Rendered: nobody knows the ports.
    assert problems({"bond-cn1": alone}, node={}, kernel=None) == []
    kernel = links()
    assert problems({"bond-cn1": alone}, kernel=kernel) == [
        (
            "profile 'bond-cn1': bond.primary=eno4: is not a port of this bond, whose ports are none; "
            "name one of them, or unset it (null)"
        )
    ]


def test_a_new_bond_without_mode_is_a_surprise():
    wanted = {"bond-new": {"type": "bond", "interface_name": "bond9"}}
    assert warnings(wanted) == [
        (
            "profile 'bond-new': bond.mode: not given, so NetworkManager makes a balance-rr bond, which reorders "
            "packets and needs a static channel on the switch; name the mode"
        )
    ]
    node = dict(NODE, **{"bond-new": Profile("bond-new", "bond", {"interface_name": "bond9"})})
    assert warnings({"bond-new": {"mtu": 1500}}, node=node) == []


def test_a_foreign_bond_that_nobody_touches():
    foreign = {
        "type": "bond",
        "interface_name": "bond9",
        "bond.mode": "nonsense",
        "bond.miimon": 0,
        "bond.primary": "nowhere",
        "mtu": 99999,
    }
    report = judge({"foreign": foreign, "bond-mgmt": {"mtu": 1500}}, untouched=["foreign"])
    assert report.problems == [] and report.warnings == []
