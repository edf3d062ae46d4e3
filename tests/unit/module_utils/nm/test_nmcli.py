# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nmcli's command lines and terse output."""

from __future__ import annotations

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._vlans import VlanList
from ansible_collections.harvester.network.plugins.module_utils.nm import _job_files, _nmcli
from ansible_collections.harvester.network.plugins.module_utils.nm._host import read_loaded

OUTPUT = """connection.id:bond-mgmt
connection.uuid:4b6d3b8e-0000-3000-8000-000000000001
connection.type:bond
connection.interface-name:mgmt-bo
connection.autoconnect:yes
connection.master:mgmt-br
connection.slave-type:bridge
802-3-ethernet.mtu:auto
802-3-ethernet.cloned-mac-address:
bond.options:mode=active-backup,miimon=100,arp_ip_target=10.0.0.1,10.0.0.2
bridge-port.path-cost:100
bridge-port.vlans:1 pvid untagged, 2017, 2100-2103
GENERAL.DEVICES:mgmt-bo
GENERAL.STATE:activated

connection.id:vlan-mgmt
connection.uuid:4b6d3b8e-0000-3000-8000-000000000002
connection.type:vlan
connection.interface-name:
802-3-ethernet.mtu:9000
vlan.parent:mgmt-br
vlan.id:2017
vlan.flags:1 (REORDER_HEADERS)
ipv4.method:manual
ipv4.dns:10.217.0.1,10.217.0.2
ipv4.addresses:10.217.0.11/24
ipv4.gateway:10.217.0.1
ipv4.may-fail:yes
"""


def test_show_is_parsed_with_the_table() -> None:
    found = _nmcli.parse_show(OUTPUT)
    bond = found["bond-mgmt"]
    assert bond.devices == ("mgmt-bo",)
    assert bond.profile.values["bond.arp_ip_target"] == ["10.0.0.1", "10.0.0.2"]
    assert bond.profile.values["bridge_port.vlans"] == VlanList.parse(["1 pvid untagged", 2017, "2100-2103"])
    assert "mtu" not in bond.profile.values
    vlan = found["vlan-mgmt"].profile
    assert vlan.device == "mgmt-br.2017"
    assert vlan.values["vlan.flags"] == 1
    assert vlan.values["ipv4.dns"] == ["10.217.0.1", "10.217.0.2"]
    assert found["vlan-mgmt"].devices == ()


def test_commands_are_exact() -> None:
    assert _job_files.load(["/a", "/b"]) == ["nmcli", "connection", "load", "/a", "/b"]
    assert _nmcli.up("x", 90) == ["nmcli", "-w", "90", "connection", "up", "id", "x"]
    assert _nmcli.delete(["x", "y"]) == ["nmcli", "connection", "delete", "id", "x", "id", "y"]
    assert _nmcli.show(["x"])[-4:] == ["connection", "show", "id", "x"]


def test_unknown_ids_cost_one_more_process_each() -> None:
    calls = []

    def run(argv: list[str]) -> tuple[int, str, str]:
        calls.append(argv)
        if "ghost" in argv:
            return 10, "", "Error: ghost - no such connection profile.\n"
        return 0, OUTPUT, ""

    assert set(read_loaded(run, ["bond-mgmt", "ghost", "vlan-mgmt"])) == {"bond-mgmt", "vlan-mgmt"}
    assert len(calls) == 2


def test_a_dead_networkmanager_is_said_so() -> None:
    with pytest.raises(Exception, match=r"exit status 8 .*not running.*systemctl status NetworkManager"):
        read_loaded(lambda argv: (8, "", "Error: NetworkManager is not running."), ["x"])


def test_no_ids_no_process() -> None:
    assert read_loaded(lambda argv: (_ for _ in ()).throw(AssertionError(argv)), []) == {}
