# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu with its runner killed while the cluster is waited for between two nodes."""

from __future__ import annotations

import pytest
from played_nodes import UP, Nodes, everywhere
from stage import good, killed_in, until
from test_mgmt_mtu_killed import leftovers

pytestmark = [pytest.mark.api, pytest.mark.long]

GATE = "harvester.network.mgmt_mtu : See that the cluster is whole#2"
"""After the first node has changed."""


def learns(nodes: Nodes, name: str) -> bool:
    """Whether the node's member of etcd is no voter."""
    found = nodes.client.get("v1", "Node", name)["status"]["conditions"]
    return [item["status"] for item in found if item["type"] == "EtcdIsVoter"] == ["False"]


def in_the_gate(nodes: Nodes) -> None:
    """A member of etcd does not vote."""
    control = nodes.cluster.harvester.control

    def fail() -> None:
        control.fault(etcd_learners=["node3"])
        until(lambda: learns(nodes, "node3"), "node3 votes")

    killed_in(nodes, GATE, None, fail, **UP)
    assert len(nodes.changes()) == 1, "the wait has not ended"
    control.fault(etcd_learners=[])
    until(lambda: not learns(nodes, "node3"), "node3 does not vote again")


@pytest.mark.fault("mgmt_mtu", "runner killed in the wait for the cluster between nodes", "goes on")
def test_killed_in_the_gate_and_resumed(nodes: Nodes) -> None:
    vms, networks = nodes.vms(), nodes.networks()
    in_the_gate(nodes)
    assert nodes.states() == ["open"]
    good(nodes.run(takeover=True, **UP))
    assert (nodes.links(), nodes.annotation(), nodes.office()) == (everywhere(9000), "9000", 9000)
    assert (nodes.vms(), nodes.networks()) == (vms, networks)
    assert (nodes.states(), leftovers(nodes)) == (["done"], [])
