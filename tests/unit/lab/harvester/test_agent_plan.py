# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent's plans: what is wanted against what is seen, as commands (facts, 3.2, 3.7, 3.8 and 12)."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from standin_objects import ALL, config, obj

from lab.harvester.agent.links import Link, Links, read
from lab.harvester.agent.node import played
from lab.harvester.agent.operations import SetVid, apply
from lab.harvester.agent.plan import (
    Plan,
    Uplink,
    host_device,
    mgmt_config,
    port_vids,
    remove_host_device,
    setup,
    teardown,
    wanted_uplink,
)
from lab.harvester.kinds import HOST_NETWORK_CONFIG
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS

V18 = VERSIONS["1.8"]
FRESH = played()
WANTED = Uplink("cn1", ("eno3",), miimon=100, mtu=9000)
HOST = obj(HOST_NETWORK_CONFIG, "h", spec={"clusterNetwork": "mgmt", "vlanID": 2030, "mode": "dhcp"})


def lines(plan: Plan) -> list[str]:
    return [shlex.join(operation.argv()) for operation in plan.operations]


def done(wanted: Uplink = WANTED, before: Links = FRESH, version: str = "1.8") -> Links:
    plan = setup(before, wanted, VERSIONS[version])
    assert plan.error == ""
    return apply(before, plan.operations)


# --- what a configuration asks for


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(("bond", "miimon"), [(None, None), ({}, None), ({"miimon": -1}, -1)])
def test_miimon_without_a_value(version: str, bond: dict[str, int] | None, miimon: int | None) -> None:
    wanted = 100 if version != "1.6" else miimon
    assert wanted_uplink(config("a", bond=bond), VERSIONS[version]).miimon == wanted


@pytest.mark.parametrize("version", ALL)
def test_miimon_0_is_taken_literally(version: str) -> None:
    found = wanted_uplink(config("a", bond={"miimon": 0}), VERSIONS[version])
    assert found.miimon == 0
    assert (
        lines(setup(FRESH, found, V18))[0] == "ip link add name cn1-bo mtu 1500 type bond mode active-backup miimon 0"
    )


def test_all_attributes() -> None:
    given = config("a", mtu=None, bond={"mode": "802.3ad", "miimon": 200})
    given["spec"]["uplink"]["linkAttributes"] = {"mtu": 9000, "txQLen": 500, "hardwareAddr": "UlQAAAAB"}
    assert wanted_uplink(given, V18) == Uplink("cn1", ("eno3",), "802.3ad", 200, 9000, 500, "52:54:00:00:00:01")


# --- setup


def test_from_nothing() -> None:
    assert lines(setup(FRESH, WANTED, V18)) == [
        "ip link add name cn1-bo mtu 9000 type bond mode active-backup miimon 100",
        "ip link set dev cn1-bo up",
        "ip link set dev eno3 down",
        "ip link set dev eno3 master cn1-bo",
        "ip link set dev eno3 up",
        "ip link add name cn1-br type bridge vlan_filtering 1",
        "ip link set dev cn1-br promisc on",
        "ip link set dev cn1-br up",
        "ip link set dev cn1-bo master cn1-br",
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        WANTED,
        replace(WANTED, nics=()),
        replace(WANTED, nics=("eno3", "eno4")),
        replace(WANTED, mode="802.3ad", miimon=0),
        replace(WANTED, queue=500, mac="52:54:00:00:00:01"),
        replace(WANTED, mtu=0),
    ],
)
def test_what_was_set_up_needs_nothing_more(wanted: Uplink) -> None:
    assert setup(done(wanted), wanted, V18) == Plan()


@pytest.mark.parametrize(
    "wanted",
    [
        replace(WANTED, mtu=1500),
        replace(WANTED, mode="balance-xor"),
        replace(WANTED, miimon=200),
        replace(WANTED, queue=500),
        replace(WANTED, mac="52:54:00:00:00:01"),
    ],
)
def test_another_attribute_makes_the_bond_anew(wanted: Uplink) -> None:
    before = done()
    found = lines(setup(before, wanted, V18))
    assert found[0] == "ip link del dev cn1-bo"
    assert found[1].startswith("ip link add name cn1-bo ")
    assert found[-1] == "ip link set dev cn1-bo master cn1-br"
    after = done(wanted, before)
    assert after.index("cn1-bo") != before.index("cn1-bo")
    assert after.index("cn1-br") == before.index("cn1-br")
    assert [port.name for port in after.ports("cn1-bo")] == ["eno3"]


def test_mtu_0_leaves_the_old_one() -> None:
    before = done()
    assert setup(before, replace(WANTED, mtu=0), V18) == Plan()
    assert before.by_name["cn1-bo"].mtu == 9000


def test_the_bridge_follows_the_bond() -> None:
    before = done()
    assert before.by_name["cn1-br"].mtu == 9000
    assert done(replace(WANTED, mtu=1500), before).by_name["cn1-br"].mtu == 1500


def test_only_nics_changed() -> None:
    found = lines(setup(done(), replace(WANTED, nics=("eno4",)), V18))
    assert found == [
        "ip link set dev eno4 down",
        "ip link set dev eno4 master cn1-bo",
        "ip link set dev eno4 up",
        "ip link set dev eno3 nomaster",
        "ip link set dev eno3 up",
    ]


def test_a_released_nic_stays_down_until_1_6() -> None:
    found = lines(setup(done(), replace(WANTED, nics=()), VERSIONS["1.6"]))
    assert found == ["ip link set dev eno3 nomaster", "ip link set dev eno3 down"]


@pytest.mark.parametrize(
    ("nics", "error"),
    [
        (("nope0",), "get link nope0 failed, error: Link not found"),
        (("eno3", "nope0"), "get link nope0 failed, error: Link not found"),
        (("eno1",), "eno1 has been enslaved by the link with index 6"),
        (("mgmt-bo",), "mgmt-bo has been enslaved by the link with index 7"),
    ],
)
def test_a_nic_that_cannot_be_had(nics: tuple[str, ...], error: str) -> None:
    before = done()
    plan = setup(before, replace(WANTED, nics=nics), V18)
    assert plan == Plan((), error)
    # on a new cluster network the bond is there already, without a bridge
    plan = setup(before, replace(WANTED, cluster_network="cn2", nics=nics[-1:]), V18)
    assert plan.error == error
    assert lines(plan)[0].startswith("ip link add name cn2-bo ")
    assert not any("cn2-br" in line for line in lines(plan))


def test_a_nic_of_another_cluster_network() -> None:
    before = done()
    index = before.index("cn1-bo")
    plan = setup(before, replace(WANTED, cluster_network="cn2"), V18)
    assert plan.error == f"eno3 has been enslaved by the link with index {index}"


# --- teardown


def test_teardown() -> None:
    before = done()
    plan = teardown(before, "cn1", V18)
    assert lines(plan) == [
        "ip link set dev cn1-bo nomaster",
        "ip link del dev cn1-bo",
        "ip link set dev eno3 up",
        "ip link del dev cn1-br",
    ]
    after = apply(before, plan.operations)
    assert after.by_name.keys() == FRESH.by_name.keys()
    assert teardown(after, "cn1", V18) == Plan()


def test_nics_stay_down_after_a_teardown_until_1_6() -> None:
    plan = teardown(done(), "cn1", VERSIONS["1.6"])
    assert "ip link set dev eno3 down" in lines(plan)


# --- VLAN ids


def with_ids(links: Links, port: str, *ids: int) -> Links:
    return links.with_vids(port, frozenset({1, *ids}))


@pytest.mark.parametrize("version", ALL)
def test_ids_of_vm_networks_are_added(version: str) -> None:
    found = port_vids(done(), "cn1", [100, 200, 1], VERSIONS[version])
    assert lines(found) == ["bridge vlan add vid 100 dev cn1-bo", "bridge vlan add vid 200 dev cn1-bo"]


@pytest.mark.parametrize(("version", "stripped"), [("1.6", False), ("1.7", True), ("1.8", True), ("1.9", True)])
def test_foreign_ids_are_stripped_from_1_7(version: str, stripped: bool) -> None:
    seen = with_ids(with_ids(FRESH, "mgmt-bo", 2018), "mgmt-br", 2018)
    found = port_vids(seen, "mgmt", [], VERSIONS[version])
    assert lines(found) == (["bridge vlan del vid 2018 dev mgmt-bo"] if stripped else [])


def test_an_id_with_a_device_is_kept() -> None:
    device = Link("mgmt-br.2018", 20, "vlan", parent="mgmt-br", vlan=2018)
    seen = with_ids(FRESH, "mgmt-bo", 2018).with_link(device)
    assert port_vids(seen, "mgmt", [], V18) == Plan()


def test_a_device_puts_its_id_on_the_port() -> None:
    device = Link("mgmt-br.2018", 20, "vlan", parent="mgmt-br", vlan=2018)
    assert port_vids(FRESH.with_link(device), "mgmt", [], V18) == Plan((SetVid("mgmt-bo", 2018),))


def test_a_port_without_bridge_has_no_ids() -> None:
    assert port_vids(FRESH, "cn1", [100], V18) == Plan()


# --- HostNetworkConfig


def test_host_device() -> None:
    plan = host_device(FRESH, HOST)
    assert lines(plan) == [
        "ip link add link mgmt-br name mgmt-br.2030 type vlan id 2030",
        "ip link set dev mgmt-br.2030 up",
        "bridge vlan add vid 2030 dev mgmt-br self",
        "bridge vlan add vid 2030 dev mgmt-bo",
    ]
    after = apply(FRESH, plan.operations)
    assert host_device(after, HOST) == Plan()
    assert port_vids(after, "mgmt", [], V18) == Plan()
    assert lines(remove_host_device(after, "mgmt", 2030)) == [
        "ip link del dev mgmt-br.2030",
        "bridge vlan del vid 2030 dev mgmt-br self",
    ]


def test_a_host_device_does_not_follow_the_mtu() -> None:
    seen = done()
    host = obj(HOST_NETWORK_CONFIG, "h", spec={"clusterNetwork": "cn1", "vlanID": 30, "mode": "dhcp"})
    after = done(replace(WANTED, mtu=1500), apply(seen, host_device(seen, host).operations))
    assert host_device(after, host).operations == (SetVid("cn1-bo", 30),)
    assert after.by_name["cn1-br.30"].mtu == 9000


def test_a_host_device_without_its_bridge() -> None:
    host = obj(HOST_NETWORK_CONFIG, "h", spec={"clusterNetwork": "cn2", "vlanID": 5, "mode": "dhcp"})
    assert host_device(FRESH, host) == Plan((), "get link cn2-br failed, error: Link not found")


def test_configuration_of_mgmt() -> None:
    wanted: Obj = {
        "metadata": {"name": "mgmt-vlanconfig-node1"},
        "spec": {
            "clusterNetwork": "mgmt",
            "uplink": {
                "bondOptions": {"miimon": -1, "mode": "active-backup"},
                "linkAttributes": {"mtu": 1500, "txQLen": -1},
                "nics": ["eno1", "eno2"],
            },
        },
    }
    assert mgmt_config(FRESH, "node1") == wanted
    assert mgmt_config(Links(), "node1") is None


# --- reading


def test_read() -> None:
    shown = [
        {"ifname": "lo", "ifindex": 1, "link_type": "loopback", "flags": ["UP"], "mtu": 65536},
        {
            "ifname": "eno3",
            "ifindex": 4,
            "link_type": "ether",
            "flags": ["UP"],
            "mtu": 9000,
            "master": "cn1-bo",
            "address": "m",
            "linkinfo": {"info_slave_kind": "bond"},
        },
        {
            "ifname": "cn1-bo",
            "ifindex": 10,
            "link_type": "ether",
            "flags": ["UP"],
            "mtu": 9000,
            "master": "cn1-br",
            "txqlen": 500,
            "operstate": "UP",
            "linkinfo": {"info_kind": "bond", "info_data": {"mode": "802.3ad", "miimon": 100}},
        },
        {
            "ifname": "cn1-br",
            "ifindex": 11,
            "link_type": "ether",
            "flags": ["PROMISC"],
            "mtu": 9000,
            "linkinfo": {"info_kind": "bridge", "info_data": {}},
        },
        {
            "ifname": "cn1-br.30",
            "ifindex": 12,
            "link_type": "ether",
            "flags": ["UP"],
            "mtu": 9000,
            "link": "cn1-br",
            "linkinfo": {"info_kind": "vlan", "info_data": {"id": 30}},
        },
    ]
    vlans = [{"ifname": "cn1-bo", "vlans": [{"vlan": 1}, {"vlan": 5, "vlanEnd": 7}]}]
    found = read([shown, vlans, "boot-1"])
    assert found.boot == "boot-1"
    assert found.vids == {"cn1-bo": frozenset({1, 5, 6, 7})}
    assert found.by_name["eno3"] == Link("eno3", 4, "device", 9000, "m", "cn1-bo", state="UNKNOWN")
    bond = Link("cn1-bo", 10, "bond", 9000, "", "cn1-br", state="UP", queue=500, mode="802.3ad", miimon=100)
    assert found.by_name["cn1-bo"] == bond
    bridge = found.by_name["cn1-br"]
    assert (bridge.kind, bridge.promiscuous, bridge.up) == ("bridge", True, False)
    assert (found.by_name["cn1-br.30"].parent, found.by_name["cn1-br.30"].vlan) == ("cn1-br", 30)
