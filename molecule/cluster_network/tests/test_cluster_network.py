# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bond and bridge on the NICs that each kind of hardware has, as the kernel has them; nothing is left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from leftovers import in_cluster, on_node

from lab import Lab

MTU = 9000
NICS = {"node1": {"eno3"}, "node2": {"eno3"}, "node3": {"ens3f2"}}

testinfra_hosts = ["ansible://harvester_nodes"]


@dataclass(frozen=True)
class Found:
    """A node's links by name, and VLAN ids by port."""

    name: str
    links: dict[str, dict[str, Any]]
    vlans: dict[str, set[int]]


@pytest.fixture(scope="module")
def node(host: Any) -> Found:
    """One look at a node: a command over ssh costs a second on a virtual one."""
    with host.sudo():
        text = host.check_output("ip -j -d link show; echo; bridge -j -compressvlans vlan show")
    links, tables = [line for line in text.splitlines() if line.strip()]
    return Found(
        name=host.backend.get_hostname(),
        links={link["ifname"]: link for link in json.loads(links)},
        vlans={
            table["ifname"]: {
                vid for entry in table["vlans"] for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)
            }
            for table in json.loads(tables)
        },
    )


def test_the_bond_has_the_nics_of_this_hardware(node: Found) -> None:
    assert {name for name, link in node.links.items() if link.get("master") == "vm-bo"} == NICS[node.name]
    assert node.links["vm-bo"]["master"] == "vm-br"
    assert node.links["vm-bo"]["linkinfo"]["info_data"]["mode"] == "active-backup"


@pytest.mark.parametrize("device", ["vm-bo", "vm-br"])
def test_mtu(node: Found, device: str) -> None:
    assert node.links[device]["mtu"] == MTU


def test_the_bridge_filters_vlans(node: Found) -> None:
    assert node.links["vm-br"]["linkinfo"]["info_data"]["vlan_filtering"] == 1


def test_the_bond_carries_the_vlan_of_the_vm_network(node: Found) -> None:
    assert 300 in node.vlans["vm-bo"]


def test_the_management_network_is_as_it_was(node: Found) -> None:
    assert {100, 2017, 2030} <= node.vlans["mgmt-bo"]
    assert node.links["mgmt-br"]["mtu"] == 1500


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
