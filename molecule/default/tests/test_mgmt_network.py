# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true on every node after the change and a reboot, as the kernel and the files have it."""

from __future__ import annotations

import configparser
import json
from dataclasses import dataclass
from typing import Any

import pytest
from leftovers import on_node

SECONDARY = {2018, 2100, 2101, 2102, 2103}
PRIMARY = 2017
DEVICES = ("mgmt-bo", "mgmt-br", f"mgmt-br.{PRIMARY}")
PROFILES = ("bond-mgmt", "bridge-mgmt", "vlan-mgmt")
NICS = {"node1": ["eno1", "eno2"], "node2": ["eno1", "eno2"], "node3": ["ens3f0", "ens3f1"]}

# One look at a node: a command over ssh costs a second on a virtual one.
LOOK = """
cd /etc/NetworkManager/system-connections
for profile in bond-mgmt bridge-mgmt vlan-mgmt; do
    stat -c '%U:%G %a' $profile.nmconnection; cat $profile.nmconnection; printf '\\036'
done
ip -j address show; printf '\\036'
bridge -j -compressvlans vlan show
"""

testinfra_hosts = ["ansible://harvester_nodes"]


@dataclass(frozen=True)
class Found:
    """A node's files and kernel."""

    name: str
    modes: dict[str, str]
    keyfiles: dict[str, configparser.ConfigParser]
    links: dict[str, dict[str, Any]]
    vlans: dict[str, dict[int, set[str]]]


@pytest.fixture(scope="module")
def node(host: Any) -> Found:
    with host.sudo():
        *files, links, vlans = host.check_output(LOOK).split("\036")
    modes, keyfiles = {}, {}
    for name, text in zip(PROFILES, files, strict=True):
        modes[name], _newline, keyfile = text.lstrip().partition("\n")
        keyfiles[name] = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        keyfiles[name].read_string(keyfile)
    return Found(
        name=host.backend.get_hostname(),
        modes=modes,
        keyfiles=keyfiles,
        links={link["ifname"]: link for link in json.loads(links)},
        vlans={
            table["ifname"]: {
                vid: set(entry.get("flags", ()))
                for entry in table["vlans"]
                for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)
            }
            for table in json.loads(vlans)
        },
    )


@pytest.mark.parametrize("device", DEVICES)
def test_mtu(node: Found, device: str) -> None:
    assert node.links[device]["mtu"] == 9000


def test_the_bond_has_its_ports_with_its_mtu(node: Found) -> None:
    ports = {name: link["mtu"] for name, link in node.links.items() if link.get("master") == "mgmt-bo"}
    assert ports == dict.fromkeys(NICS[node.name], 9000)


@pytest.mark.parametrize("device", DEVICES[:2])
def test_vlan_table(node: Found, device: str) -> None:
    found = node.vlans[device]
    assert SECONDARY | {PRIMARY} <= set(found)
    assert not any(found[vid] for vid in SECONDARY | {PRIMARY})
    assert found[1] == {"PVID", "Egress Untagged"}


def test_profiles(node: Found) -> None:
    bond, bridge, vlan = (node.keyfiles[name] for name in PROFILES)
    assert bond["bridge-port"]["vlans"] == "1 pvid untagged,2017-2018,2100-2103"
    assert bridge["bridge"]["vlans"] == "2017-2018,2100-2103"
    assert [parser["ethernet"]["mtu"] for parser in (bond, bridge, vlan)] == ["9000"] * 3
    assert dict(bond["bond"]) == {"mode": "active-backup", "miimon": "100"}
    assert "interface-name" not in vlan["connection"]
    assert bridge["bridge"]["stp"] == "false"


def test_profiles_are_for_root_alone(node: Found) -> None:
    assert node.modes == dict.fromkeys(PROFILES, "root:root 600")


def test_the_node_has_its_address_and_the_bond_its_link(node: Found) -> None:
    addresses = [address["local"] for address in node.links[DEVICES[-1]]["addr_info"]]
    assert f"10.217.0.1{node.name.removeprefix('node')}" in addresses
    assert node.links["mgmt-bo"]["operstate"] == "UP"


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []
