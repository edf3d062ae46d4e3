# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ordered reboots of real nodes: ids that last, running VMs, a node that stays away, a second run that reboots none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from runs import Ansible
from state import holder, install_agent, run_vm, vids, vlan_items

from lab import Lab, Node

pytestmark = pytest.mark.nodes

GUARD = {"change_without_cluster": True}


def extra(**values: Any) -> list[str]:
    return ["--extra-vars", json.dumps({**GUARD, **values})]


def boots(nodes: dict[str, Node]) -> dict[str, str]:
    return {name: node.boot_id() for name, node in nodes.items()}


@pytest.mark.long
def test_an_id_with_a_device_lasts_over_a_boot_with_an_agent(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    install_agent(node)
    arguments = {"profiles": [*vlan_items(2018, 2100), holder(2018)]}
    assert ansible.module("profiles", arguments).status == 0
    assert {2018, 2100} <= vids(node, "mgmt-bo")
    node.reboot()
    node.run("i=0; until [ -e /run/agent-was-here ] || [ $i -gt 60 ]; do sleep 1; i=$((i+1)); done")
    assert vids(node, "mgmt-bo") == {1, 100, 2017, 2018, 2030}
    after = ansible.module("profiles", arguments).of("node1")
    assert (after.changed, after.result["reboot_required"]) == (False, False)
    (warning,) = after.result["warnings_found"]
    assert warning.startswith("stripped: VLAN id 2100 is in profile 'bond-mgmt' but not on mgmt-bo")


@pytest.mark.long
def test_a_running_vm_refuses_the_reboot_with_its_name(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    before = boots(nodes)
    idle = ansible.play("harvester.network.reboot", *extra())
    assert idle.status == 0, idle.output
    assert "Profiles and kernel agree on every node" in idle.output
    run_vm(node, "default_vm1")
    options = ["--limit", "node1", *extra(change_reboot_all=True)]
    check = ansible.play("harvester.network.reboot", *options, "--check")
    assert check.status == 0, check.output
    assert "VMs run on node1: default_vm1. Its reboot is refused while they do" in check.output
    run = ansible.play("harvester.network.reboot", *options)
    assert run.status != 0
    assert "node1 has to be rebooted, and VMs run on it: default_vm1. Migrate or stop them" in run.output
    assert boots(nodes) == before


@pytest.mark.long
def test_vlans_with_ordered_reboots_and_a_second_run_reboots_none(nodes: dict[str, Node], ansible: Ansible) -> None:
    for node in nodes.values():
        install_agent(node)
    first = boots(nodes)
    desired = {"harvester_mgmt": {"vlan_id": 2017, "secondary_vlans": [2018]}}
    options = extra(**desired, change_apply="reboot", change_reboot_last="node1")
    run = ansible.play("harvester.network.mgmt_vlans", *options)
    assert run.status == 0, run.output
    assert "Will be rebooted, in this order: node2, then node3, then node1" in run.output
    second = boots(nodes)
    assert all(second[name] != boot for name, boot in first.items())
    # The proof of the run itself has sent frames of VLAN 2018; here is what it stands on.
    for node in nodes.values():
        node.wait_bystanders()
        assert 2018 in vids(node, "mgmt-bo") & vids(node, "mgmt-br")
    again = ansible.play("harvester.network.mgmt_vlans", *options)
    assert again.status == 0, again.output
    assert not any(task.changed for task in again.tasks)
    assert boots(nodes) == second
    # Removing is the same runbook: the device goes with its id.
    gone = ansible.play("harvester.network.mgmt_vlans", *extra(harvester_mgmt={"vlan_id": 2017, "secondary_vlans": []}))
    assert gone.status == 0, gone.output
    for node in nodes.values():
        assert 2018 not in vids(node, "mgmt-bo") | vids(node, "mgmt-br")
        assert "mgmt-br.2018" not in node.output("ls /sys/class/net /etc/NetworkManager/system-connections")


@pytest.mark.long
def test_a_node_that_stays_away_stops_the_rest(lab: Lab, nodes: dict[str, Node], ansible: Ansible) -> None:
    before = boots(nodes)
    nodes["node1"].run("systemctl mask ssh.service ssh.socket")
    run = ansible.play("harvester.network.reboot", *extra(change_reboot_all=True, change_reboot_timeout=90))
    assert run.status != 0
    assert "node1 did not answer with a new boot id within 90 s" in run.output
    assert "Nodes still to come: node2, node3" in run.output
    for name in ("node2", "node3"):
        assert nodes[name].boot_id() == before[name]
    lab.restore()
