# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook verify on real nodes with the stand-in: it finds what is broken, one thing each, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runs import Ansible, Run

from lab import Lab
from lab.bystanders import capture, compare
from lab.layout import MAX_MTU

pytestmark = [pytest.mark.nodes, pytest.mark.long]

PLAYBOOK = "harvester.network.verify"


@pytest.fixture
def ansible(running: Lab, tmp_path: Path) -> Ansible:
    running.restore()
    return Ansible(running, tmp_path)


def play(ansible: Ansible, lab: Lab, folder: Path, **variables: Any) -> tuple[Run, dict[str, Any]]:
    """A run, and the JSON of its evidence."""
    given = {"harvester_api": {"kubeconfig": str(lab.cluster.kubeconfig)}, "change_evidence_dir": str(folder)}
    run = ansible.play(PLAYBOOK, "-e", json.dumps(given | variables), timeout=1800)
    report: dict[str, Any] = json.loads((folder / "verify.json").read_text(encoding="utf-8"))
    return run, report


def failed(report: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(check["id"], check["where"], check["seen"]) for check in report["checks"] if not check["passed"]}


def unproved(report: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(path["source"], path["target"], path["status"]) for path in report["paths"] if path["status"] != "proved"}


def test_what_is_broken_on_nodes_is_found_and_nothing_is_changed(
    running: Lab, ansible: Ansible, tmp_path: Path
) -> None:
    lab = running
    bystanders = {node.name: capture(node) for node in lab.nodes}
    before, whole = play(ansible, lab, tmp_path / "whole")
    assert not before.warnings()
    # Whatever the lab's own nodes are not like a cluster in is what a broken one is compared with.
    known = failed(whole)
    assert unproved(whole) == set(), before.output
    assert {path["network"] for path in whole["paths"]} >= {"mgmt-br.2017"}
    assert {
        name: compare(bystanders[name], capture(node)) for name, node in zip(bystanders, lab.nodes, strict=True)
    } == {node.name: [] for node in lab.nodes}

    one, two, three = lab.nodes
    one.run("ip link set flannel.1 mtu 1449")
    two.run("bridge vlan add vid 3000 dev mgmt-bo")
    two.run("sysctl -q -w net.ipv4.conf.mgmt-br.arp_ignore=2")
    three.run("ip link add lost-bo type bond && ip link add lost-br type bridge")
    run, report = play(ansible, lab, tmp_path / "broken")
    assert run.status == 2
    assert failed(report) - known == {
        ("flannel", one.name, "1449"),
        ("vlans_kept", f"{two.name} mgmt-bo", "3000 will be stripped"),
        ("arp_ignore", f"{two.name} mgmt-br", "2"),
        ("leftover_link", f"{three.name} lost-bo", "none"),
        ("leftover_link", f"{three.name} lost-br", "none"),
        ("bond_health", f"{three.name} lost-bo", "no port"),
    }
    assert unproved(report) == set()


def test_a_node_that_is_off_is_a_finding(running: Lab, ansible: Ansible, tmp_path: Path) -> None:
    lab = running
    one, two, three = lab.nodes
    two.power_off()
    run, report = play(ansible, lab, tmp_path)
    assert run.status == 2
    assert ("reached", two.name) in {(rule, where) for rule, where, _seen in failed(report)}
    pairs = {(path["source"], path["target"]) for path in report["paths"] if path["network"] == "mgmt-br.2017"}
    assert pairs == {(one.name, three.name), (three.name, one.name)}
    assert unproved(report) == set()


def test_vlans_of_vm_networks_are_proved_between_endpoints(running: Lab, ansible: Ansible, tmp_path: Path) -> None:
    run, report = play(ansible, running, tmp_path, change_verify_probe=True)
    assert {path["network"] for path in report["paths"]} >= {"mgmt-br.2017", "VLAN 100"}
    assert unproved(report) == set(), run.output
    leases = running.cluster.client().list("coordination.k8s.io/v1", "Lease", "harvester-system")
    assert [item for item in leases if item["metadata"]["name"] == "harvester-network-change"] == []
    assert [node.name for node in running.nodes if "hnprobe" in node.output("ip netns list; true")] == []


def test_a_switch_port_that_is_left_small_is_found_and_so_is_a_standby_port(
    running: Lab, ansible: Ansible, tmp_path: Path
) -> None:
    """First the whole node, then its standby port alone, which only packets by each leg can tell."""
    lab = running
    one, two, three = lab.nodes
    active = three.active_port()
    ports = {nic: f"{three.name}/u{number}" for number, nic in enumerate(three.spec.bond_ports, start=1)}
    (standby,) = (nic for nic in ports if nic != active)
    _run, whole = play(ansible, lab, tmp_path / "whole")
    known = failed(whole)

    lab.switch.set_ports(ports.values(), mtu=1400)
    run, report = play(ansible, lab, tmp_path / "small")
    assert run.status == 2
    assert unproved(report) == {
        (source, target, "mtu_too_small")
        for node in (one, two)
        for source, target in ((node.name, three.name), (three.name, node.name))
    }
    text = " ".join(run.output.split())
    assert f"{one.name} to {three.name}: 1500 bytes expected, at most 1400 passed (mtu_too_small)" in text
    assert failed(report) == known

    lab.switch.set_ports([ports[active]], mtu=MAX_MTU)
    bystanders = {node.name: capture(node) for node in lab.nodes}
    run, report = play(ansible, lab, tmp_path / "standby")
    assert (unproved(report), failed(report)) == (set(), known)
    assert f"{standby} on {three.name}; change_verify_legs=true proves each" in "\n".join(report["not_measured"])

    run, report = play(ansible, lab, tmp_path / "legs", change_verify_legs=True)
    assert run.status == 2
    finding = ("leg", f"{three.name} mgmt-bo {standby}", "mgmt-br.2017: 1500 bytes do not pass, at most 1400 do")
    assert (unproved(report), failed(report) - known) == (set(), {finding})
    assert f"see cable and switch port of {standby} on {three.name}" in " ".join(run.output.split())
    assert not [line for line in report["not_measured"] if line.startswith("legs of mgmt-bo")]
    assert three.active_port() == active, "the active port is back"
    assert {
        name: compare(bystanders[name], capture(node)) for name, node in zip(bystanders, lab.nodes, strict=True)
    } == {node.name: [] for node in lab.nodes}
    leases = lab.cluster.client().list("coordination.k8s.io/v1", "Lease", "harvester-system")
    assert [item for item in leases if item["metadata"]["name"] == "harvester-network-change"] == []
