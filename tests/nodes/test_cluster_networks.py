# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook cluster_network, from a cluster without any to two over nodes with unequal NICs, and back to nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runs import Ansible, Run

from lab import Lab
from lab.apiserver import objects as make
from lab.apiserver.seed import BYSTANDERS
from lab.bystanders import capture, compare

pytestmark = [pytest.mark.nodes, pytest.mark.long]

PLAYBOOK = "harvester.network.cluster_network"
PROOF = "harvester.network.path_proof"
WANTED: list[dict[str, Any]] = [
    {
        "name": "vm-a",
        "uplink": {"mtu": 9000},
        "configs": [
            {"name": "vm-a-a", "group": "harvester_rack_a", "nics": ["eno3"]},
            {"name": "vm-a-b", "group": "harvester_rack_b", "nics": ["ens3f2"]},
        ],
        "vm_networks": [{"name": "vlan300", "vlan_id": 300}, {"name": "trunk", "vlan_ids": ["310-311"]}],
    },
    {
        "name": "vm-b",
        "uplink": {"mtu": 1500, "mode": "balance-xor"},
        "configs": [{"name": "vm-b-1", "node": "node1", "nics": ["eno4"]}],
        "vm_networks": [{"name": "vlan400", "vlan_id": 400}],
    },
]
VMS = {"wide": "default/vlan300", "narrow": "default/vlan400"}
"""VM -> its network: one that every node has, and one of node1 alone."""
REMOVED = [network | {"state": "absent"} for network in WANTED]


@pytest.fixture
def ansible(running: Lab, tmp_path: Path) -> Ansible:
    running.restore()
    return Ansible(running, tmp_path)


def play(ansible: Ansible, lab: Lab, networks: list[dict[str, Any]], *options: str) -> Run:
    api = {"kubeconfig": str(lab.cluster.kubeconfig)}
    given = {"harvester_cluster_networks": networks, "harvester_api": api}
    return ansible.play(PLAYBOOK, "-e", json.dumps(given), *options, timeout=1800)


def links(lab: Lab) -> dict[str, set[str]]:
    """Bonds and bridges of custom cluster networks on each node."""
    return {
        node.name: {name for name in node.output("ls /sys/class/net").split() if name.startswith(("vm-a", "vm-b"))}
        for node in lab.nodes
    }


def left_in_api(lab: Lab) -> list[str]:
    client = lab.cluster.client()
    kinds = [(make.NETWORK, "VlanConfig"), (make.NETWORK, "VlanStatus"), (make.NETWORK, "ClusterNetwork")]
    kinds += [("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")]
    names = [item["metadata"]["name"] for kind in kinds for item in client.list(*kind)]
    return sorted(name for name in names if name not in ("mgmt", BYSTANDERS))


def labels(lab: Lab) -> dict[str, set[str]]:
    """Labels of nodes that speak of custom cluster networks."""
    return {
        node["metadata"]["name"]: {
            key for key in node["metadata"]["labels"] if key.startswith(make.PREFIX) and key.endswith(("vm-a", "vm-b"))
        }
        for node in lab.cluster.client().list("v1", "Node")
    }


def until(true: Callable[[], Any], seconds: float = 180) -> None:
    """Until the stand-in has done it, however busy the machine is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(1)


def guests(lab: Lab) -> dict[str, str]:
    """Running VMs and their nodes."""
    found = lab.cluster.client().list("kubevirt.io/v1", "VirtualMachineInstance")
    return {
        item["metadata"]["name"]: item["status"]["nodeName"]
        for item in found
        if item["status"].get("phase") == "Running" and item["metadata"]["name"] in VMS
    }


def ports(lab: Lab) -> set[str]:
    """What is plugged into the bridge of vm-b on node1 beside its bond."""
    found = lab.nodes[0].json("ip -j link show master vm-b-br")
    return {link["ifname"] for link in found} - {"vm-b-bo"}


def test_from_nothing_to_two_cluster_networks_and_back(running: Lab, ansible: Ansible) -> None:
    lab = running
    assert left_in_api(lab) == []
    bystanders = {node.name: capture(node) for node in lab.nodes}

    wrong = [WANTED[0] | {"configs": [{"name": "vm-a-a", "group": "harvester_rack_a", "nics": ["eno1"]}]}]
    bad = play(ansible, lab, wrong)
    assert bad.status != 0
    assert "NIC 'eno1'" in bad.output
    assert "mgmt" in bad.output
    limited = play(ansible, lab, WANTED, "--limit", "node1")
    assert "not in this run: node2, node3. Run it without --limit." in " ".join(limited.output.split())
    assert left_in_api(lab) == []

    check = play(ansible, lab, WANTED, "--check", "--diff")
    assert check.status == 0, check.output
    assert "created VM network 'default/vlan300'" in check.output
    assert "+++ after: NetworkAttachmentDefinition default/vlan300" in check.output
    assert left_in_api(lab) == []
    assert not any(links(lab).values())

    change = play(ansible, lab, WANTED)
    assert change.status == 0, change.output
    assert not change.warnings()
    rack_a, rack_b = {"vm-a-bo", "vm-a-br"}, {"vm-b-bo", "vm-b-br"}
    assert links(lab) == {"node1": rack_a | rack_b, "node2": rack_a, "node3": rack_a}
    proved = change.of("node1", f"{PROOF} : Send packets of the exact size, and of one byte more").result["paths"]
    assert {path["status"] for path in proved} == {"proved"}
    assert {path["mtu"] for path in proved} == {9000}
    assert {path["name"] for path in proved} == {
        f"VLAN {vid} of vm-a|{node}" for vid in (300, 310, 311) for node in ("node2", "node3")
    }

    again = play(ansible, lab, WANTED)
    assert again.status == 0, again.output
    assert not [task.name for task in again.tasks if task.changed]

    for name, network in VMS.items():
        lab.cluster.client().create(make.vm(name, [network], strategy="Always"))
    until(lambda: guests(lab).keys() == VMS.keys())
    assert guests(lab)["narrow"] == "node1"
    until(lambda: len(ports(lab)) == 1)
    refused = play(ansible, lab, REMOVED)
    assert refused.status != 0
    assert all(f"default/{name}" in refused.output for name in VMS), refused.output
    assert links(lab) == {"node1": rack_a | rack_b, "node2": rack_a, "node3": rack_a}
    for name in VMS:
        lab.cluster.client().delete("kubevirt.io/v1", "VirtualMachine", name, "default")
    until(lambda: not guests(lab) and not ports(lab))

    gone = play(ansible, lab, REMOVED)
    assert gone.status == 0, gone.output
    assert left_in_api(lab) == []
    assert not any(links(lab).values())
    assert not any(labels(lab).values())
    hurt = {node.name: compare(bystanders[node.name], capture(node)) for node in lab.nodes}
    assert not any(hurt.values()), hurt
