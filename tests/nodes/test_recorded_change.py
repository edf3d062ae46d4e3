# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks mgmt_vlans and reboot as recorded changes: the runner is killed, and another one goes on, or back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from leftovers import ON_NODE, in_cluster
from runs import Ansible, Run
from state import files, vids

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab import Lab
from lab.bystanders import capture, compare

pytestmark = [pytest.mark.nodes, pytest.mark.long]

ROLES = "harvester.network."
VLAN = 2150
DESIRED = {"vlan_id": 2017, "secondary_vlans": [VLAN]}


@pytest.fixture
def ansible(running: Lab, tmp_path: Path) -> Ansible:
    running.restore()
    return Ansible(running, tmp_path)


def play(ansible: Ansible, lab: Lab, playbook: str = "mgmt_vlans", kill_at: str = "", **variables: Any) -> Run:
    api = {"harvester_api": {"kubeconfig": str(lab.cluster.kubeconfig)}, "harvester_mgmt": DESIRED}
    given = json.dumps({**api, "ordered_reboot_vip_port": 0, **variables})
    return ansible.play(f"harvester.network.{playbook}", "-e", given, timeout=3000, kill_at=kill_at)


def states(lab: Lab) -> list[str]:
    """Of all changes that are recorded."""
    found = lab.cluster.client().list("v1", "ConfigMap", "harvester-system", labelSelector=_configmap.CHANGE_LABEL)
    return [item["metadata"]["labels"][_configmap.STATE_LABEL] for item in found]


def left(lab: Lab) -> list[str]:
    """Of ours, on nodes and in the cluster."""
    on_nodes = [f"{node.name} {line}" for node in lab.nodes for line in node.output(ON_NODE).splitlines()]
    return in_cluster(lab.cluster.client()) + on_nodes


def ready(lab: Lab, name: str, boot_id: str) -> bool:
    """Whether the cluster knows the node as it is: Ready, and booted since."""
    status = lab.cluster.client().get("v1", "Node", name)["status"]
    up = [item["status"] for item in status["conditions"] if item["type"] == "Ready"] == ["True"]
    return up and bool(status["nodeInfo"]["bootID"] == boot_id)


def having(lab: Lab) -> list[str]:
    """The nodes whose bond and bridge have the VLAN."""
    return [node.name for node in lab.nodes if VLAN in vids(node, "mgmt-bo") & vids(node, "mgmt-br")]


@pytest.mark.fault("mgmt_vlans", "runner killed", "goes back; goes on")
def test_vlans_of_a_run_that_was_killed_go_back_or_on(running: Lab, ansible: Ansible) -> None:
    lab = running
    before = {node.name: (files(node), capture(node)) for node in lab.nodes}
    killed = play(ansible, lab, kill_at=ROLES + "mgmt_network : Keep the result#2")
    assert killed.status == -9, killed.output
    assert (len(having(lab)), states(lab)) == (2, ["open"])

    refused = play(ansible, lab, playbook="rollback")
    assert refused.status != 0
    assert "the network is being changed by " in refused.output
    back = play(ansible, lab, playbook="rollback", change_takeover=True)
    assert back.status == 0, back.output
    assert (having(lab), states(lab), left(lab)) == ([], ["rolled-back"], [])
    for node in lab.nodes:
        assert files(node) == before[node.name][0]
        assert compare(before[node.name][1], capture(node)) == []

    killed = play(ansible, lab, kill_at=ROLES + "mgmt_network : Stop when a node could not be changed#2")
    assert killed.status == -9, killed.output
    on = play(ansible, lab, change_takeover=True)
    assert on.status == 0, on.output
    assert (len(having(lab)), sorted(states(lab)), left(lab)) == (3, ["done", "rolled-back"], [])
    again = play(ansible, lab)
    assert (again.status, [task.name for task in again.tasks if task.changed]) == (0, []), again.output


@pytest.mark.fault("mgmt_vlans", "runner killed after a boot", "goes on")
@pytest.mark.parametrize("gate", ["first gate", "other gates"])
def test_reboots_of_a_run_that_was_killed_go_on(running: Lab, ansible: Ansible, gate: str) -> None:
    """With the profiles that they are for: the first node has booted with them, and they wait to be confirmed."""
    lab = running
    boots = {node.name: node.boot_id() for node in lab.nodes}
    killed = play(ansible, lab, kill_at=ROLES + "ordered_reboot : Pass the %s#1" % gate, change_apply="reboot")
    assert killed.status == -9, killed.output
    (first,) = [node.name for node in lab.nodes if node.boot_id() != boots[node.name]]
    then = lab.node(first).boot_id()
    lab.node(first).wait_bystanders()
    until = time.monotonic() + 300
    while not all(ready(lab, node.name, node.boot_id()) for node in lab.nodes):
        assert time.monotonic() < until, "the cluster does not see the node again"
        time.sleep(1)
    on = play(ansible, lab, change_apply="reboot", change_takeover=True)
    assert on.status == 0, on.output
    assert lab.node(first).boot_id() == then, "it is not rebooted again"
    assert all(node.boot_id() != boots[node.name] for node in lab.nodes)
    assert (len(having(lab)), states(lab), left(lab)) == (3, ["done"], [])
