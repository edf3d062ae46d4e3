# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof on the wire between real nodes: whole paths, legs, VLANs, and who is to blame."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from runs import Ansible, Run

from lab import Lab, Node
from lab.bystanders import capture, compare

pytestmark = pytest.mark.nodes

SEND = "Send packets of the exact size, and of one byte more"
MGMT = {"name": "mgmt", "device": "mgmt-br.2017"}


def prove(
    ansible: Ansible, *networks: dict[str, Any], options: tuple[str, ...] = (), hosts: str = "all", **variables: Any
) -> Run:
    """Run role path_proof; it does not fail, so that one run tells everything."""
    role = {"name": "harvester.network.path_proof"}
    values = {"path_proof_networks": list(networks), "path_proof_required": False, **variables}
    tasks = [{"name": "Prove", "ansible.builtin.include_role": role}]
    play = {"name": "Test", "hosts": hosts, "gather_facts": False, "become": True, "vars": values, "tasks": tasks}
    path = pathlib.Path(ansible.folder) / "proof.yml"
    path.write_text(json.dumps([play]))
    return ansible.play(str(path), *options)


def findings(run: Run) -> list[str]:
    assert run.status == 0, run.output
    task = run.of("node1", "harvester.network.path_proof : Judge the proof")
    found = task.result["ansible_facts"]["path_proof_findings"]
    assert isinstance(found, list)
    return found


@pytest.mark.long
def test_every_pair_is_proved_exactly_and_a_narrow_switch_port_is_named(
    lab: Lab, nodes: dict[str, Node], ansible: Ansible
) -> None:
    others = {name: capture(node) for name, node in nodes.items()}
    # Fewer forks than nodes: every endpoint is there before the first packet, whatever the forks.
    assert findings(prove(ansible, MGMT, {"vlan_id": 100}, options=("--forks", "1"))) == []
    check = prove(ansible, MGMT, {"vlan_id": 100}, options=("--check",))
    assert findings(check) == []
    assert {item["name"] for item in check.of("node1", "harvester.network.path_proof : " + SEND).result["paths"]} == {
        "mgmt|node2",
        "mgmt|node3",
    }
    # What passes is not more than the MTU, so a larger one is not proved.
    assert findings(prove(ansible, {**MGMT, "mtu": 1400}, hosts="all")) == [
        (
            "mgmt: no pair of node1, node2, node3: 1400 bytes pass, and one byte more does too; see the MTU of the"
            " devices on the nodes, it is larger than asked for"
        )
    ]
    lab.switch.set_ports(["node2/u1", "node2/u2"], mtu=1400)
    assert findings(prove(ansible, MGMT)) == [
        (
            "mgmt: node2, with every other node: 1500 bytes do not pass, at most 1400 do; see the MTU of its switch"
            " ports, and of what lies between"
        )
    ]
    assert {name: compare(others[name], capture(node)) for name, node in nodes.items()} == {name: [] for name in nodes}


@pytest.mark.long
@pytest.mark.parametrize("active", [False, True], ids=["passive", "active"])
def test_the_leg_with_the_narrow_port_is_named_active_or_not(
    active: bool, lab: Lab, nodes: dict[str, Node], ansible: Ansible
) -> None:
    node = nodes["node2"]
    others, before = capture(node), node.active_port()
    ports = {nic: f"node2/u{number}" for number, nic in enumerate(node.spec.bond_ports, start=1)}
    (leg,) = (nic for nic in ports if (nic == before) is active)
    lab.switch.set_ports([ports[leg]], mtu=1400)
    state = "the active one" if active else "not the active one"
    assert findings(prove(ansible, MGMT, path_proof_legs=True)) == [
        f"mgmt: node2, leg {leg}: 1500 bytes do not pass, at most 1400 do ({state}); see its cable and switch port"
    ]
    assert node.active_port() == before, "the active port is back"
    assert compare(others, capture(node)) == []


@pytest.mark.long
def test_with_a_pulled_cable_the_other_leg_carries_everything_and_legs_are_not_proved(
    nodes: dict[str, Node], ansible: Ansible
) -> None:
    node = nodes["node2"]
    active = node.active_port()
    number = node.spec.bond_ports.index(active) + 1
    node.unplug(f"u{number}")
    assert findings(prove(ansible, MGMT)) == []
    pulled = prove(ansible, MGMT, path_proof_legs=True, path_proof_legs_timeout=1)
    assert pulled.status != 0
    assert f"bond mgmt-bo: 1 of 2 ports up after 1 s, legs_up=2; down: {active} (no carrier)" in pulled.output
    node.plug(f"u{number}")
    assert findings(prove(ansible, MGMT, path_proof_legs=True)) == []


@pytest.mark.long
def test_the_legs_of_a_bond_that_spreads_flows_are_proved_without_touching_it(
    nodes: dict[str, Node], ansible: Ansible
) -> None:
    node = nodes["node2"]
    options = {"mode": "balance-xor", "xmit_hash_policy": "layer3+4"}
    assert ansible.module("bond_profile", {"id": "bond-mgmt", "bond": options}, "node2").status == 0
    others = capture(node)
    paths = [{"peer": nodes[name].spec.mgmt_address, "mtu": 1500} for name in ("node1", "node3")]
    run = ansible.module("path_mtu", {"paths": paths, "legs": True}, "node2")
    assert run.status == 0, run.output
    legs = {leg["port"]: leg["status"] for leg in run.of("node2").result["legs"]}
    assert legs == dict.fromkeys(node.spec.bond_ports, "proved")
    assert not run.of("node2").changed, "no port was made active"
    assert compare(others, capture(node)) == []


@pytest.mark.long
def test_a_vlan_that_the_switch_or_a_node_lacks_is_named(lab: Lab, nodes: dict[str, Node], ansible: Ansible) -> None:
    lacking = {"vlan_id": 2018}
    found = findings(prove(ansible, MGMT, lacking))
    assert found == [
        (
            "VLAN 2018: no pair of node1, node2, node3: no frame passes; see whether its switch ports carry VLAN"
            " 2018, and whether bond and bridge have it"
        )
    ]
    # With the id on the uplinks for the time of the proof it is the switch that is asked.
    uplink = {**lacking, "uplink": "mgmt-bo"}
    assert findings(prove(ansible, uplink)) == []
    lab.switch.set_ports(["node3/u1", "node3/u2"], vlans=[2017, 100])
    assert findings(prove(ansible, MGMT, uplink)) == [
        (
            "VLAN 2018: node3, with every other node: no frame passes; see whether its switch ports carry VLAN"
            " 2018, and whether bond and bridge have it"
        )
    ]
    # A strict trunk drops what has no tag.
    lab.switch.set_ports(["node3/u1", "node3/u2"], all_vlans=True)
    assert findings(prove(ansible, {"vlan_id": 1})) == []
    lab.switch.set_ports(["node1/u1", "node1/u2"], strict=True)
    assert findings(prove(ansible, MGMT, {"vlan_id": 1})) == [
        (
            "VLAN 1: node1, with every other node: no frame passes; see whether its switch ports carry VLAN 1, and"
            " whether bond and bridge have it"
        )
    ]


@pytest.mark.long
def test_a_routers_smaller_mtu_is_told_and_an_address_in_use_is_refused(
    lab: Lab, nodes: dict[str, Node], ansible: Ansible
) -> None:
    lab.switch.set_router(beyond_mtu=1300)
    path = {"peer": "10.218.0.2", "mtu": 1500, "name": "beyond"}
    run = ansible.module("path_mtu", {"paths": [path], "fail_unproved": False}, "node1")
    (found,) = run.of("node1").result["paths"]
    assert (found["status"], found["largest"], found["reported_by"]) == ("mtu_too_small", 1300, "10.217.0.1")
    refused = ansible.module("path_mtu", {"paths": [path], "in_use": ["10.218.0.2"]}, "node1")
    assert "10.218.0.2" in refused.of("node1").msg
    assert "in_use" in refused.of("node1").msg
