# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true on every node after the change and a reboot, as the kernel and the files have it."""

from __future__ import annotations

import configparser
import json
from typing import Any

import pytest

FOLDER = "/etc/NetworkManager/system-connections"
SECONDARY = {2018, 2100, 2101, 2102, 2103}
PRIMARY = 2017
DEVICES = ("mgmt-bo", "mgmt-br", f"mgmt-br.{PRIMARY}")
NICS = {"node1": ["eno1", "eno2"], "node2": ["eno1", "eno2"], "node3": ["ens3f0", "ens3f1"]}

testinfra_hosts = ["ansible://harvester_nodes"]


def keyfile(host: Any, name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    with host.sudo():
        parser.read_string(host.file(f"{FOLDER}/{name}.nmconnection").content_string)
    return parser


def vids(host: Any, device: str) -> dict[int, set[str]]:
    tables = json.loads(host.check_output("bridge -j -compressvlans vlan show"))
    (table,) = [table["vlans"] for table in tables if table["ifname"] == device]
    return {
        vid: set(entry.get("flags", ()))
        for entry in table
        for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)
    }


@pytest.mark.parametrize("device", DEVICES)
def test_mtu(host: Any, device: str) -> None:
    assert host.file(f"/sys/class/net/{device}/mtu").content_string.strip() == "9000"


def test_ports_have_the_mtu_of_the_bond(host: Any) -> None:
    ports = host.file("/sys/class/net/mgmt-bo/bonding/slaves").content_string.split()
    assert ports == NICS[host.backend.get_hostname()]
    for port in ports:
        assert host.file(f"/sys/class/net/{port}/mtu").content_string.strip() == "9000"


@pytest.mark.parametrize("device", DEVICES[:2])
def test_vlan_table(host: Any, device: str) -> None:
    found = vids(host, device)
    assert SECONDARY | {PRIMARY} <= set(found)
    assert all(not found[vid] for vid in SECONDARY | {PRIMARY})
    assert found[1] == {"PVID", "Egress Untagged"}


def test_profiles(host: Any) -> None:
    bond, bridge, vlan = (keyfile(host, name) for name in ("bond-mgmt", "bridge-mgmt", "vlan-mgmt"))
    assert bond["bridge-port"]["vlans"] == "1 pvid untagged,2017-2018,2100-2103"
    assert bridge["bridge"]["vlans"] == "2017-2018,2100-2103"
    assert [parser["ethernet"]["mtu"] for parser in (bond, bridge, vlan)] == ["9000"] * 3
    assert dict(bond["bond"]) == {"mode": "active-backup", "miimon": "100"}
    assert "interface-name" not in vlan["connection"]
    assert bridge["bridge"]["stp"] == "false"


def test_profiles_are_for_root_alone(host: Any) -> None:
    with host.sudo():
        for name in ("bond-mgmt", "bridge-mgmt", "vlan-mgmt"):
            file = host.file(f"{FOLDER}/{name}.nmconnection")
            assert (file.user, file.group, file.mode) == ("root", "root", 0o600)


def test_the_node_has_its_address_and_the_bond_its_link(host: Any) -> None:
    number = host.backend.get_hostname().removeprefix("node")
    assert f"10.217.0.1{number}" in host.interface(DEVICES[-1]).addresses
    assert host.file("/sys/class/net/mgmt-bo/operstate").content_string.strip() == "up"


def test_nothing_of_a_live_change_is_left(host: Any) -> None:
    with host.sudo():
        assert not host.file("/run/harvester-network").exists
