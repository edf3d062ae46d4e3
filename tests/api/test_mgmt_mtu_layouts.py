# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook mgmt_mtu on other clusters than the usual one: a witness node, no management VLAN."""

from __future__ import annotations

import pytest
from played_nodes import DOWN, NODES, UP, Nodes
from stage import good

from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

WITNESS = {"metadata": {"labels": {"node-role.harvesterhci.io/witness": "true"}}}


def test_a_witness_takes_part_and_has_no_vm_networks(nodes: Nodes) -> None:
    """Nor untagged ones, which are proved beside a management VLAN."""
    nodes.client.patch("v1", "Node", "node3", WITNESS)
    nodes.client.put([make.attachment("plain", "mgmt")])
    ran = good(nodes.run(**UP))
    assert "beside the management network itself: untagged frames, VLAN 2019" in ran.text
    assert {name: (links["mgmt-bo"], links["flannel.1"]) for name, links in nodes.links().items()} == dict.fromkeys(
        NODES, (9000, 8950)
    )
    paths = nodes.lines("paths")
    assert "node3 management network|node1 9000" in paths and "node3 pod network|node1 8950" in paths
    assert "node1 VLAN 2019|node2 9000" in paths
    assert "node1 untagged frames|node2 9000" in paths
    beside = [line for line in paths if "VLAN 2019" in line or "untagged" in line]
    assert [line for line in beside if "node3" in line] == []
    assert nodes.states() == ["done"]


def test_up_and_down_without_a_management_vlan(nodes: Nodes) -> None:
    """The bridge has the nodes' addresses: nothing can be sent at the new size before it has it, too."""
    for name in NODES:
        node = nodes.node(name)
        del node["links"]["mgmt-br.2017"], node["profiles"]["vlan-mgmt"]
        nodes.write(name, node)
    vms = nodes.vms()
    good(nodes.run(**UP))
    large = {"mgmt-bo": 9000, "mgmt-br": 9000, "mgmt-br.2030": 9000, "flannel.1": 8950}
    assert nodes.links() == dict.fromkeys(NODES, large)
    turns = ("node2", "node3", "node1")
    assert [line.rsplit("=", 1)[0] for line in nodes.changes()[:3]] == [
        f"{name} bond-mgmt=9000 bridge-mgmt" for name in turns
    ]
    assert not [line for line in nodes.lines("paths") if "VLAN 2017" in line]
    good(nodes.run(**DOWN))
    small = {"mgmt-bo": 1500, "mgmt-br": 1500, "mgmt-br.2030": 1500, "flannel.1": 1450}
    assert nodes.links() == dict.fromkeys(NODES, small)
    assert (nodes.annotation(), nodes.vms(), nodes.states()) == ("1500", vms, ["done", "done"])
