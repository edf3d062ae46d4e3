# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The setting is back, Longhorn's pods of every node are in its network, VMs run, nothing is left of the change."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


def test_the_setting() -> None:
    found = Lab().cluster.client().get("harvesterhci.io/v1beta1", "Setting", "storage-network")
    assert json.loads(found["value"]) == {
        "clusterNetwork": "storage",
        "vlan": 50,
        "range": "192.168.50.0/24",
        "exclude": ["192.168.50.0/28"],
    }


def test_the_vms_run_again() -> None:
    found = Lab().cluster.client().list("kubevirt.io/v1", "VirtualMachineInstance")
    assert {vmi["metadata"]["name"]: vmi["status"]["phase"] for vmi in found} == {
        "db": "Running",
        "shell": "Running",
        "web": "Running",
    }


def test_the_bond_carries_its_vlan(host: Any) -> None:
    with host.sudo():
        (table,) = json.loads(host.check_output("bridge -j vlan show dev storage-bo"))
    assert 50 in {entry["vlan"] for entry in table["vlans"]}


def test_the_instance_manager_has_an_address_of_the_range(host: Any) -> None:
    found = []
    with host.sudo():
        for place in host.check_output("ip netns list | cut -d' ' -f1").split():
            links = json.loads(host.check_output(f"ip -n {place} -j address show"))
            found += [item for link in links if link["ifname"] == "lhnet1" for item in link["addr_info"]]
    addresses = [ipaddress.ip_address(item["local"]) for item in found if item["family"] == "inet"]
    assert len(addresses) == 1
    assert addresses[0] in ipaddress.ip_network("192.168.50.0/24")
    assert addresses[0] not in ipaddress.ip_network("192.168.50.0/28")


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
