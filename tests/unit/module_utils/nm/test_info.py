# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles and kernel of a real node as users see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from harvester_profiles import FIVE
from links_fixtures import Captured

from ansible_collections.harvester.network.plugins.module_utils.nm import _info
from ansible_collections.harvester.network.plugins.module_utils.nm._host import PERSISTENT

KEYFILES = {name: text.replace("10.217.0.11/", "10.217.0.13/") for name, text in FIVE.items()}


def node(root: Path, texts: dict[str, str], name: str = "links_node") -> Captured:
    captured = Captured(name, root)
    for profile, text in texts.items():
        captured.write(f"{PERSISTENT[1:]}/{profile}.nmconnection", text)
    return captured


def gather(captured: Captured, **limits: list[str]) -> dict[str, Any]:
    found = _info.gather(captured.run, root=str(captured.root), **limits)
    assert json.loads(json.dumps(found)) == found
    return found


def link(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in found["links"] if item["name"] == name)


@pytest.fixture
def harvester(tmp_path: Path) -> dict[str, Any]:
    return gather(node(tmp_path, KEYFILES))


def test_four_processes(tmp_path: Path) -> None:
    captured = node(tmp_path, KEYFILES)
    gather(captured)
    assert [call.split()[0] for call in captured.calls] == ["nmcli", "ip", "bridge", "ip"]


def test_a_node_without_keyfiles_has_links_and_asks_networkmanager_nothing(tmp_path: Path) -> None:
    captured = node(tmp_path, {})
    found = gather(captured)
    assert (found["profiles"], found["connections"], len(found["links"])) == ([], [], 11)
    assert found["hints"] == {"pending": [], "reboot": [], "stripped": [], "unmanaged": [], "doubles": {}}
    assert not any(call.startswith("nmcli") for call in captured.calls)


def test_profiles_in_the_vocabulary_of_the_options(harvester: dict[str, Any]) -> None:
    assert [item["id"] for item in harvester["profiles"]] == list(FIVE)
    assert harvester["profiles"][0] == {
        "id": "bond-mgmt",
        "type": "bond",
        "interface_name": "mgmt-bo",
        "controller": "mgmt-br",
        "port_type": "bridge",
        "mtu": 1500,
        "bond": {"mode": "active-backup", "miimon": 100},
        "bridge_port": {"vlans": ["1 pvid untagged", "2017"]},
    }


def test_what_networkmanager_makes_of_them(harvester: dict[str, Any]) -> None:
    connections = {item["id"]: item for item in harvester["connections"]}
    assert connections["vlan-mgmt"] == {
        "id": "vlan-mgmt",
        "path": f"{PERSISTENT}/vlan-mgmt.nmconnection",
        "persistent": True,
        "loaded": True,
        "current": True,
        "uuid": connections["vlan-mgmt"]["uuid"],
        "active": True,
        "devices": ["mgmt-br.2017"],
    }
    assert all(item["current"] and item["active"] and len(item["uuid"]) == 36 for item in connections.values())


def test_a_file_that_was_edited_is_not_current(tmp_path: Path) -> None:
    texts = {**KEYFILES, "bond-mgmt": KEYFILES["bond-mgmt"].replace("mtu=1500", "mtu=9000")}
    found = gather(node(tmp_path, {**texts, "cn1-bo": texts["bond-mgmt"].replace("mgmt", "cn1")}))
    current = {item["id"]: (item["loaded"], item["current"], item["active"]) for item in found["connections"]}
    assert current["bond-mgmt"] == (True, False, True)
    assert current["bridge-mgmt"] == (True, True, True)
    assert current["bond-cn1"] == (False, False, False)


def test_links_have_every_key(harvester: dict[str, Any]) -> None:
    assert len({tuple(item) for item in harvester["links"]}) == 1
    bond = link(harvester, "mgmt-bo")
    assert (bond["controller"], bond["ports"], bond["mtu"], bond["bridge"]) == ("mgmt-br", ["eno1", "eno2"], 1500, None)
    assert bond["bridge_port"] == {"state": "forwarding", "path_cost": 100, "priority": 32}
    assert link(harvester, "mgmt-br")["bridge"]["vlan_filtering"] is True
    assert link(harvester, "mgmt-br.2017")["addresses"] == [
        {
            "address": "10.217.0.13/24",
            "family": "inet",
            "scope": "global",
            "peer": None,
            "dynamic": False,
            "managed": True,
        },
        {
            "address": "10.217.0.203/32",
            "family": "inet",
            "scope": "global",
            "peer": None,
            "dynamic": False,
            "managed": False,
        },
    ]


def test_bond_options_are_typed_as_in_a_profile(harvester: dict[str, Any], tmp_path: Path) -> None:
    bond = link(harvester, "mgmt-bo")["bond"]
    assert (bond["mode"], bond["active_port"], bond["aggregator"]) == ("active-backup", "eno1", None)
    options = bond["options"]
    assert (options["miimon"], options["use_carrier"], options["fail_over_mac"]) == (100, True, "none")
    assert "primary" not in options
    assert bond["ports"][1] == {
        "name": "eno2",
        "state": "backup",
        "mii_status": "up",
        "operstate": "up",
        "link_failures": 0,
        "queue": 0,
        "aggregator": None,
    }


def test_lacp_partner_and_aggregators(tmp_path: Path) -> None:
    found = gather(node(tmp_path, {}, "links_lacp"))
    bond = link(found, "boa")["bond"]
    assert (bond["mode"], bond["aggregator"], bond["partner_mac"]) == ("802.3ad", 1, link(found, "bob")["mac"])
    assert bond["options"]["lacp_rate"] == "fast"
    assert [port["aggregator"] for port in bond["ports"]] == [1, 1]
    assert link(found, "tlb")["bond"]["options"]["arp_ip_target"] == ["10.1.1.1", "10.1.1.2"]


def test_vlans_and_routes(harvester: dict[str, Any]) -> None:
    assert harvester["vlans"]["mgmt-bo"] == ["1 pvid untagged", "100", "2017", "2030", "2100-2110"]
    default = next(route for route in harvester["routes"] if route["destination"] == "default")
    assert (default["next_hop"], default["device"], default["metric"], default["protocol"]) == (
        "10.217.0.1",
        "mgmt-br.2017",
        400,
        "static",
    )
    many = next(route for route in harvester["routes"] if route["next_hops"])
    assert [hop["weight"] for hop in many["next_hops"]] == [1, 3]


def test_limits(tmp_path: Path) -> None:
    found = gather(node(tmp_path, KEYFILES), ids=["bond-mgmt", "nope"], devices=["mgmt-br.2017"])
    assert [item["id"] for item in found["profiles"]] == ["bond-mgmt"]
    assert [item["id"] for item in found["connections"]] == ["bond-mgmt"]
    assert [item["name"] for item in found["links"]] == ["mgmt-br.2017"]
    assert found["vlans"] == {}
    assert {route["destination"] for route in found["routes"]} == {
        "default",
        "10.63.0.0/16",
        "10.64.0.0/16",
        "10.99.99.0/24",
        "10.217.0.0/24",
    }


def test_nothing_is_pending_on_a_node_as_installed(harvester: dict[str, Any]) -> None:
    hints = harvester["hints"]
    assert (hints["pending"], hints["reboot"], hints["stripped"]) == ([], [], [])


def test_an_agents_vlan_device_is_unmanaged(harvester: dict[str, Any]) -> None:
    assert harvester["hints"]["unmanaged"] == [{"device": "mgmt-br.2030", "bridge": "mgmt-br", "vlan_id": 2030}]


def test_pending_is_what_the_profiles_say_and_the_kernel_lacks(tmp_path: Path) -> None:
    texts = dict(KEYFILES)
    texts["bond-mgmt"] = texts["bond-mgmt"].replace("mtu=1500", "mtu=9000").replace(",2017", ",2017,2018")
    texts["bridge-mgmt"] = texts["bridge-mgmt"].replace("vlans=2017", "vlans=2017,2018")
    hints = gather(node(tmp_path, texts))["hints"]
    assert {item["name"]: item["why"] for item in hints["pending"]} == {
        "mgmt-bo": "MTU 1500 to 9000; VLAN id 2018 added",
        "mgmt-br": "VLAN id 2018 added",
    }
    assert hints["stripped"] == []


def test_a_stripped_id_is_named_and_not_pending(tmp_path: Path) -> None:
    texts = dict(KEYFILES)
    texts["bond-mgmt"] = texts["bond-mgmt"].replace(",2017", ",2017,2018")
    texts["bridge-mgmt"] = texts["bridge-mgmt"].replace("vlans=2017", "vlans=2017,2018")
    captured = node(tmp_path, texts)
    tables = captured.data["commands"]["bridge -j -compressvlans vlan show"]
    next(item for item in tables if item["ifname"] == "mgmt-br")["vlans"].append({"vlan": 2018})
    hints = gather(captured)["hints"]
    assert hints["pending"] == []
    assert hints["stripped"] == [{"profile": "bond-mgmt", "device": "mgmt-bo", "bridge": "mgmt-br", "vlans": [2018]}]


def test_an_id_that_two_files_claim(tmp_path: Path) -> None:
    captured = node(tmp_path, KEYFILES)
    captured.write(f"{PERSISTENT[1:]}/copy.nmconnection", KEYFILES["bond-mgmt"])
    assert gather(captured)["hints"]["doubles"] == {
        "bond-mgmt": [f"{PERSISTENT}/bond-mgmt.nmconnection", f"{PERSISTENT}/copy.nmconnection"]
    }


GENERATED = """[connection]
id=mgmt-br.2030
type=vlan
autoconnect=false
interface-name=mgmt-br.2030

[vlan]
flags=1
id=2030
parent=mgmt-br

[.nmmeta]
nm-generated=true
volatile=true
external=true
"""


def test_networkmanagers_mirror_of_an_agents_device_is_no_profile(tmp_path: Path) -> None:
    captured = node(tmp_path, KEYFILES)
    captured.write("run/NetworkManager/system-connections/mgmt-br.2030.nmconnection", GENERATED)
    found = gather(captured)
    assert [item["id"] for item in found["profiles"]] == list(FIVE)
    assert [item["device"] for item in found["hints"]["unmanaged"]] == ["mgmt-br.2030"]


def test_profiles_of_other_types_are_left_out(tmp_path: Path) -> None:
    captured = node(tmp_path, {**KEYFILES, "wifi": "[connection]\nid=wifi\ntype=wifi\n"})
    assert "wifi" not in [item["id"] for item in gather(captured)["profiles"]]
