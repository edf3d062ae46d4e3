# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu where Harvester has noted a virtual address, which has to be on one node and to answer after each node."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from played_nodes import NODES, UP, Nodes, everywhere
from stage import SYSTEM, Ran, good
from test_mgmt_mtu_killed import leftovers

pytestmark = [pytest.mark.api, pytest.mark.long]

VIP = "127.0.0.10"
GATE = "harvester.network.mgmt_mtu : See that the cluster is whole#2"
"""After the first node has changed."""


def put(nodes: Nodes, *names: str) -> None:
    """These nodes have the address."""
    for name in NODES:
        node = {key: value for key, value in nodes.node(name).items() if key != "vip"}
        nodes.write(name, {**node, **({"vip": VIP} if name in names else {})})


def configured(nodes: Nodes, **variables: Any) -> None:
    inventory = json.loads((nodes.folder / "hosts.json").read_text())
    inventory["harvester_nodes"]["vars"].update(variables)
    (nodes.folder / "hosts.json").write_text(json.dumps(inventory))


@pytest.fixture
def port(nodes: Nodes) -> Iterator[int]:
    """node1 has the address, which answers at this port."""
    noted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vip", "namespace": SYSTEM}}
    nodes.client.put([{**noted, "data": {"enabled": "true", "ip": VIP}}])
    put(nodes, "node1")
    with socket.create_server((VIP, 0), backlog=128) as listener:
        found: int = listener.getsockname()[1]
        configured(nodes, mgmt_mtu_vip_port=found, ordered_reboot_vip_looks=2, ordered_reboot_delay=1)
        yield found


def refused(ran: Ran, port: int, where: str) -> None:
    assert ran.status != 0
    assert (
        f"The virtual address {VIP} has to be on one host and to answer at port {port}; it is on {where} and answers"
        " after 2 looks. See the pods of kube-vip in harvester-system. No further node was touched."
    ) in ran.text, ran.output


@pytest.mark.fault("mgmt_mtu", "the virtual address is on no node", "stops, then goes back")
def test_on_no_node(nodes: Nodes, port: int) -> None:
    """It was on one before the first node. After that one has changed it is on none, and no other node changes."""
    vms, profiles = nodes.vms(), nodes.profiles()
    refused(nodes.disturbed(GATE, lambda: put(nodes), **UP), port, "none of this run")
    assert (len(nodes.changes()), nodes.states()) == (1, ["open"])
    put(nodes, "node1")
    good(nodes.run(playbook="rollback"))
    assert (nodes.links(), nodes.profiles(), nodes.annotation()) == (everywhere(1500), profiles, None)
    assert nodes.vms() == vms
    assert (nodes.states(), leftovers(nodes)) == (["rolled-back"], [])
