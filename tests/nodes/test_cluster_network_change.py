# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook cluster_network_change on nodes: a NIC is replaced, a dead one is found, and the rollback restores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runs import Ansible, Run
from test_cluster_network_mtu import LABELS, play, running_vms, specs, uid, wait_for

from lab import Lab
from lab.apiserver import objects as make
from lab.apiserver.seed import BYSTANDERS, ZONE
from lab.bystanders import VmPing, capture, compare

pytestmark = [pytest.mark.nodes, pytest.mark.long]

PROOF = "harvester.network.path_proof : Send packets of the exact size, and of one byte more"
RACKS = (("vm-a-a", "eno3", "rack-a", ["node1", "node2"]), ("vm-a-b", "ens3f2", "rack-b", ["node3"]))
"""Name, NIC, zone and nodes of each configuration; the next NIC of each rack is free."""
OLD = {"node1": ["eno3"], "node2": ["eno3"], "node3": ["ens3f2"]}
NEW = {**OLD, "node3": ["ens3f3"]}
NIC = {"change_configs": [{"name": "vm-a-b", "nics": ["ens3f3"]}], "change_nics_from": {"vm-a-b": ["ens3f2"]}}


@pytest.fixture
def ansible(running: Lab, tmp_path: Path) -> Ansible:
    running.restore()
    return Ansible(running, tmp_path)


def change(ansible: Ansible, lab: Lab, *options: str, **variables: Any) -> Run:
    return play(ansible, lab, "cluster_network_change", *options, change_cluster_network="vm-a", **variables)


def prepare(lab: Lab) -> None:
    """Cluster network vm-a with a configuration per rack, a VM on it in each rack, and one that is not on it."""
    client = lab.cluster.client()
    client.put([make.cluster_network("vm-a")])
    client.put([make.vlan_config(name, "vm-a", [nic], {ZONE: zone}, nodes) for name, nic, zone, nodes in RACKS])
    client.put([make.attachment("vlan300", "vm-a", 300)])
    wait_for(lambda: ports(lab) == OLD, "bonds are not there")
    vms = [make.vm(name, ["default/vlan300"], strategy="Always", required_labels=LABELS) for name in ("one", "two")]
    for vm, zone in zip(vms, ("rack-a", "rack-b"), strict=True):
        vm["spec"]["template"]["spec"]["nodeSelector"] = {ZONE: zone}
    vms.append(make.vm("other", [f"default/{BYSTANDERS}"], strategy="Always"))
    # What their status is, KubeVirt says.
    client.put([{key: value for key, value in vm.items() if key != "status"} for vm in vms])
    wait_for(lambda: running_vms(lab) == {"one", "two", "other"}, "the VMs do not run")


def ports(lab: Lab) -> dict[str, list[str]]:
    """Node -> ports of the bond, as the kernel has them."""
    found: dict[str, list[str]] = {}
    for node in lab.nodes:
        shown = node.json("ip -j link show")
        found[node.name] = sorted(link["ifname"] for link in shown if link.get("master") == "vm-a-bo")
    return found


def modes(lab: Lab) -> set[str]:
    """Bond modes of the nodes, in the kernel's words."""
    return {node.output("cat /sys/class/net/vm-a-bo/bonding/mode").split()[0] for node in lab.nodes}


def test_a_nic_is_replaced_and_a_bond_mode_changes(running: Lab, ansible: Ansible) -> None:
    lab = running
    prepare(lab)
    before, one, other = specs(lab), uid(lab, "one"), uid(lab, "other")
    bystanders = {node.name: capture(node) for node in lab.nodes}

    check = change(ansible, lab, "--check", **NIC)
    assert check.status == 0, check.output
    for line in ("stops VMs: default/two", "changed network configuration 'vm-a-b'", "At most"):
        assert line in check.output
    assert (ports(lab), specs(lab)) == (OLD, before)

    with VmPing(lab.nodes[0], lab.nodes[1]) as ping:
        done = change(ansible, lab, **NIC)
    assert done.status == 0, done.output
    assert ping.lost == 0, ping
    assert ports(lab) == NEW
    paths = done.of("node1", PROOF).result["paths"]
    assert {path["status"] for path in paths} == {"proved"}
    assert running_vms(lab) == {"one", "two", "other"}
    assert (uid(lab, "one"), uid(lab, "other")) == (one, other), "VMs that are not in the way were not stopped"

    again = change(ansible, lab, change_configs=NIC["change_configs"])
    assert again.status == 0, again.output
    assert not [task.name for task in again.tasks if task.changed]

    refused = change(ansible, lab, change_uplink={"mode": "balance-xor"})
    assert refused.status != 0
    assert "gets bond mode balance-xor instead of active-backup" in " ".join(refused.output.split())
    mode = change(ansible, lab, change_uplink={"mode": "balance-alb"}, change_mode_from="active-backup")
    assert mode.status == 0, mode.output
    assert modes(lab) == {"balance-alb"}
    hurt = {node.name: compare(bystanders[node.name], capture(node)) for node in lab.nodes}
    assert not any(hurt.values()), hurt


@pytest.mark.fault("cluster_network_change", "a switch port passes nothing", "stops, then goes back")
def test_a_switch_port_that_passes_nothing_is_named_and_the_rollback_restores(running: Lab, ansible: Ansible) -> None:
    """The link is up, so that only the proof on the wire can find it."""
    lab = running
    prepare(lab)
    before = specs(lab)
    lab.switch.set_ports(["node3/u4"], vlans=[200])
    failed = change(ansible, lab, **NIC)
    assert failed.status != 0
    text = " ".join(failed.output.split())
    assert "VLAN 300 of vm-a" in text, failed.output
    assert "begun: config-vm-a-b" in text
    assert running_vms(lab) == {"one", "other"}, "VMs are not started on a network that is not proved"
    back = play(ansible, lab, "rollback")
    assert back.status == 0, back.output
    assert (ports(lab), specs(lab)) == (OLD, before)
    assert running_vms(lab) == {"one", "two", "other"}


def test_a_selection_from_the_inventory(running: Lab, ansible: Ansible) -> None:
    """One configuration becomes one per node, as harvester_cluster_networks says it."""
    lab = running
    prepare(lab)
    wanted = {
        "name": "vm-a",
        "uplink": {"mode": "active-backup"},
        "configs": [
            *({"name": f"vm-a-{node}", "node": node, "nics": ["eno3"]} for node in ("node1", "node2")),
            {"name": "vm-a-b", "node_selector": {ZONE: "rack-b"}, "nics": ["ens3f2"]},
        ],
    }
    done = change(ansible, lab, harvester_cluster_networks=[wanted])
    assert done.status == 0, done.output
    assert sorted(specs(lab)) == ["vm-a-b", "vm-a-node1", "vm-a-node2"]
    assert ports(lab) == OLD
    assert running_vms(lab) == {"one", "two", "other"}
