# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a change becomes live, from the kernel against the profiles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harvester_profiles import FIVE
from test_request import disk_of

from ansible_collections.harvester.network.plugins.module_utils.nm import _liveness, _request
from ansible_collections.harvester.network.plugins.module_utils.nm._links_types import (
    Address,
    BondState,
    BridgeState,
    Link,
    Snapshot,
    VlanEntry,
)
from ansible_collections.harvester.network.plugins.module_utils.nm._steps import Plan

PVID = VlanEntry(1, True, True)
V2017, V100, V2018 = VlanEntry(2017), VlanEntry(100), VlanEntry(2018)


def node(**changes: Any) -> Snapshot:
    """A node like the lab's: five devices, a VM's veth, an agent's VLAN id on the bond."""
    options = {"mode": "active-backup 1", "miimon": "100", "updelay": "0", "primary": ""}
    bond = BondState("active-backup", options, "up", "eno1", ports=("eno1", "eno2"))
    bridge = BridgeState(stp=False, forward_delay=0, vlan_filtering=True)
    links = [
        Link("eno1", 2, "ether", 1500, "up", controller="mgmt-bo"),
        Link("eno2", 3, "ether", 1500, "up", controller="mgmt-bo"),
        Link("eno3", 4, "ether", 1500, "up"),
        Link("mgmt-bo", 5, "bond", 1500, "up", controller="mgmt-br", bond=bond),
        Link("mgmt-br", 6, "bridge", 1500, "up", bridge=bridge),
        Link(
            "mgmt-br.2017",
            7,
            "vlan",
            1500,
            "up",
            parent="mgmt-br",
            vlan_id=2017,
            addresses=(Address("10.217.0.11", 24),),
        ),
        Link("veth1", 8, "veth", 1500, "up", controller="mgmt-br"),
    ]
    vlans = {
        "mgmt-bo": (PVID, V100, V2017),
        "mgmt-br": (PVID, V2017),
        "veth1": (VlanEntry(100, True, True),),
    }
    now = Snapshot({link.name: link for link in links}, vlans, (), "boot")
    return replace(now, **changes)


def plan(
    items: list[dict[str, Any]], now: Snapshot | None = None, texts: dict[str, str] = FIVE, gone: bool = False
) -> Plan:
    disk = disk_of(texts)
    request = _request.absent(items, disk) if gone else _request.present(items, disk)
    changes = _request.changes(request, disk)
    return _liveness.plan(request, changes, _request.after_all(disk, changes), now or node())


def lines(made: Plan) -> list[str]:
    return [str(step) for step in made.steps]


MTU = [{"id": name, "mtu": 9000} for name in ("vlan-mgmt", "bond-mgmt", "bridge-mgmt")]


def test_mtu_is_raised_from_the_bond_outward() -> None:
    assert lines(plan(MTU)) == [
        "ip link set dev mgmt-bo mtu 9000",
        "ip link set dev mgmt-br mtu 9000",
        "ip link set dev mgmt-br.2017 mtu 9000",
    ]


def with_mtu(mtu: int, *names: str) -> Snapshot:
    now = node()
    return replace(now, links={n: link._replace(mtu=mtu) if n in names else link for n, link in now.links.items()})


HIGH = ("eno1", "eno2", "mgmt-bo", "mgmt-br", "mgmt-br.2017")


def test_mtu_is_lowered_from_the_vlan_inward() -> None:
    items = [{"id": item["id"], "mtu": 1500} for item in MTU]
    assert lines(plan(items, with_mtu(9000, *HIGH))) == [
        "ip link set dev mgmt-br.2017 mtu 1500",
        "ip link set dev mgmt-br mtu 1500",
        "ip link set dev mgmt-bo mtu 1500",
    ]


def test_pending_is_what_the_kernel_lacks_whatever_the_file_says() -> None:
    texts = {name: text.replace("mtu=1500", "mtu=9000") for name, text in FIVE.items()}
    assert len(plan(MTU, node(), texts).steps) == 3
    assert plan(MTU, with_mtu(9000, *HIGH), texts).steps == []


def test_what_is_not_named_is_not_touched_even_when_the_kernel_differs() -> None:
    assert plan([{"id": "bond-mgmt", "bond": {"miimon": 100}}], with_mtu(9000, *HIGH)).steps == []


def test_a_vlan_device_whose_profile_names_no_mtu_may_follow_its_parent() -> None:
    holder = FIVE["vlan-mgmt"].replace("vlan-mgmt", "mgmt-br.2018").replace("2017", "2018").replace("mtu=1500\n", "")
    now = node()
    now = replace(now, links={**now.links, "mgmt-br.2018": Link("mgmt-br.2018", 20, "vlan", 1500, parent="mgmt-br")})
    made = plan(MTU, now, {**FIVE, "mgmt-br.2018": holder})
    assert made.expected["followers"] == {"mgmt-br.2018": 9000}
    assert "mgmt-br.2018" not in made.expected["mtu"]
    assert "followers" not in plan(MTU, now).expected, "an agent's device stays as it is"


def test_ports_follow_the_bond_and_are_expected_to() -> None:
    assert plan(MTU).expected["mtu"] == {
        "mgmt-bo": 9000, "eno1": 9000, "eno2": 9000, "mgmt-br": 9000, "mgmt-br.2017": 9000,
    }  # fmt: skip


ADD = [
    {"id": "bond-mgmt", "bridge_port": {"vlans": ["1 pvid untagged", 2017, 2018]}},
    {"id": "bridge-mgmt", "bridge": {"vlans": [2017, 2018]}},
]


def test_new_vlan_ids_go_to_port_and_bridge_and_the_agents_stay() -> None:
    assert lines(plan(ADD)) == ["bridge vlan add vid 2018 dev mgmt-bo", "bridge vlan add vid 2018 dev mgmt-br self"]


def test_removed_vlan_ids_leave_the_kernel() -> None:
    texts = {**FIVE, "bond-mgmt": FIVE["bond-mgmt"].replace("2017", "2017,2018")}
    texts["bridge-mgmt"] = FIVE["bridge-mgmt"].replace("vlans=2017", "vlans=2017,2018")
    now = node(vlans={**node().vlans, "mgmt-bo": (PVID, V100, V2017, V2018), "mgmt-br": (PVID, V2017, V2018)})
    items = [
        {"id": "bond-mgmt", "bridge_port": {"vlans": ["1 pvid untagged", 2017]}},
        {"id": "bridge-mgmt", "bridge": {"vlans": [2017]}},
    ]
    assert lines(plan(items, now, texts)) == [
        "bridge vlan del vid 2018 dev mgmt-bo",
        "bridge vlan del vid 2018 dev mgmt-br self",
    ]


def test_a_vlan_id_that_a_device_still_uses_stays_with_a_warning() -> None:
    texts = {**FIVE, "bond-mgmt": FIVE["bond-mgmt"].replace("2017", "2017,2018")}
    now = node(vlans={**node().vlans, "mgmt-bo": (PVID, V2017, V2018)})
    now = replace(now, links={**now.links, "mgmt-br.2018": Link("mgmt-br.2018", 20, "vlan", 1500, parent="mgmt-br")})
    made = plan([{"id": "bond-mgmt", "bridge_port": {"vlans": ["1 pvid untagged", 2017]}}], now, texts)
    assert made.steps == []
    assert made.warnings == [
        (
            "VLAN id 2018 was taken out of profile 'bond-mgmt' but stays on mgmt-bo until the next boot:"
            " mgmt-br.2018 uses it"
        )
    ]


BOTH = {
    **FIVE,
    "bond-mgmt": FIVE["bond-mgmt"].replace("2017", "2017,2018"),
    "bridge-mgmt": FIVE["bridge-mgmt"].replace("vlans=2017", "vlans=2017,2018"),
}


def test_an_id_that_the_agent_stripped_is_a_warning_never_a_step_or_a_reboot() -> None:
    now = node(vlans={**node().vlans, "mgmt-br": (PVID, V2017, V2018)})
    made = plan(ADD, now, BOTH)
    assert (made.steps, made.reboot) == ([], [])
    assert made.warnings[0].startswith("stripped: VLAN id 2018 is in profile 'bond-mgmt' but not on mgmt-bo")
    assert "give each a VLAN profile (mgmt-br.<id>, without addresses) or a VM network" in made.warnings[0]


def test_an_id_that_was_never_applied_is_pending() -> None:
    assert lines(plan(ADD, node(), BOTH)) == [
        "bridge vlan add vid 2018 dev mgmt-bo",
        "bridge vlan add vid 2018 dev mgmt-br self",
    ]


def test_a_stripped_id_comes_back_with_the_device_that_holds_it() -> None:
    now = node(vlans={**node().vlans, "mgmt-br": (PVID, V2017, V2018)})
    device = {"id": "mgmt-br.2018", "type": "vlan", "vlan": {"id": 2018, "parent": "mgmt-br"}}
    made = plan([*ADD, device], now, BOTH)
    assert lines(made) == ["bridge vlan add vid 2018 dev mgmt-bo", "nmcli -w 90 connection up id mgmt-br.2018"]
    assert made.expected["created"] == ["mgmt-br.2018"]


def test_live_bond_options_go_to_sysfs_and_the_mode_activates() -> None:
    made = plan([{"id": "bond-mgmt", "bond": {"updelay": 200}}])
    assert lines(made) == ["/sys/class/net/mgmt-bo/bonding/updelay 200"]
    made = plan([{"id": "bond-mgmt", "bond": {"mode": "balance-alb", "updelay": 200}}])
    assert lines(made) == ["nmcli -w 90 connection up id bond-mgmt"]
    assert made.device_list() == [
        {
            "name": "mgmt-bo",
            "how": "activate",
            "why": "bond.mode active-backup to balance-alb; bond.updelay 0 to 200",
        }
    ]


def test_a_bridge_that_exists_is_never_activated() -> None:
    made = plan([{"id": "bridge-mgmt", "bridge": {"vlan_filtering": False}}])
    assert made.steps == []
    assert made.reboot == ["mgmt-br: bridge.vlan_filtering True to False"]


def test_a_port_is_replaced_new_one_first() -> None:
    made = plan([{"id": "bond-mgmt", "ports": ["eno1", "eno3"]}])
    assert lines(made) == [
        "nmcli -w 90 connection up id bond-slave-eno3",
        "nmcli connection delete id bond-slave-eno2",
    ]


def test_dns_is_reapplied_with_external_addresses_preserved() -> None:
    made = plan([{"id": "vlan-mgmt", "ipv4": {"dns": ["10.0.0.53"]}}])
    assert [(step.kind, step.do) for step in made.steps] == [("reapply", ("mgmt-br.2017",))]


def test_a_missing_address_is_pending() -> None:
    now = node()
    now = replace(now, links={**now.links, "mgmt-br.2017": now.links["mgmt-br.2017"]._replace(addresses=())})
    made = plan([{"id": "vlan-mgmt", "ipv4": {"addresses": ["10.217.0.11/24"]}}], now)
    assert made.device_list()[0]["why"] == "ipv4.addresses 10.217.0.11/24 is missing"


def test_a_vlan_profile_is_removed_with_its_device() -> None:
    texts = {**FIVE, "mgmt-br.2018": FIVE["vlan-mgmt"].replace("vlan-mgmt", "mgmt-br.2018").replace("2017", "2018")}
    now = node()
    now = replace(now, links={**now.links, "mgmt-br.2018": Link("mgmt-br.2018", 20, "vlan", 1500, parent="mgmt-br")})
    made = plan([{"id": "mgmt-br.2018"}], now, texts, gone=True)
    assert lines(made) == ["nmcli connection delete id mgmt-br.2018"]
    assert made.expected["removed"] == ["mgmt-br.2018"]


def test_a_port_that_lost_its_profile_before_is_still_pending() -> None:
    texts = {name: text for name, text in FIVE.items() if name != "bond-slave-eno2"}
    made = plan([{"id": "bond-mgmt", "ports": ["eno1"]}], node(), texts)
    assert made.reboot == ["mgmt-bo: port eno2 is attached and not in the list of ports"]
