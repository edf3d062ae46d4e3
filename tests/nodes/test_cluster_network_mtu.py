# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook cluster_network_mtu on nodes: up and down again, others undisturbed; a switch port that stays small."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from runs import Ansible, Run
from state import mtus

from lab import Lab
from lab.apiserver import objects as make
from lab.apiserver.seed import BYSTANDERS, ZONE
from lab.bystanders import VmPing, capture, compare

pytestmark = [pytest.mark.nodes, pytest.mark.long]

COLLECTION = "harvester.network."
PROOF = COLLECTION + "path_proof : Send packets of the exact size, and of one byte more"
CONFIGS = (("vm-a-a", "eno3", (ZONE, "rack-a"), ["node1", "node2"]), ("vm-a-b", "ens3f2", (ZONE, "rack-b"), ["node3"]))
"""Name, NIC, label and nodes of each."""
LABELS = [f"{make.PREFIX}/vm-a"]
UP = {"change_mtu_from": 1500, "change_mtu_to": 9000, "change_switches_ready": True}
DOWN = {"change_mtu_from": 9000, "change_mtu_to": 1500}


@pytest.fixture
def ansible(running: Lab, tmp_path: Path) -> Ansible:
    running.restore()
    return Ansible(running, tmp_path)


def play(ansible: Ansible, lab: Lab, playbook: str, *options: str, **variables: Any) -> Run:
    api = {"kubeconfig": str(lab.cluster.kubeconfig)}
    given = json.dumps({"harvester_api": api, **variables})
    return ansible.play(COLLECTION + playbook, "-e", given, *options, timeout=1800)


def change(ansible: Ansible, lab: Lab, *options: str, **variables: Any) -> Run:
    return play(ansible, lab, "cluster_network_mtu", *options, change_cluster_network="vm-a", **variables)


def prepare(lab: Lab, configs: Sequence[tuple[str, str, tuple[str, str], list[str]]] = CONFIGS) -> None:
    """Cluster network vm-a at 1500 with these configurations, a VM on it, and one that is not."""
    client = lab.cluster.client()
    client.put([make.cluster_network("vm-a")])
    client.put([make.vlan_config(name, "vm-a", [nic], dict([label]), nodes) for name, nic, label, nodes in configs])
    client.put([make.attachment("vlan300", "vm-a", 300)])
    there = everywhere(None) | everywhere(1500, *(node for config in configs for node in config[3]))
    wait_for(lambda: links(lab) == there, "bonds and bridges are not there")
    guest = make.vm("guest", ["default/vlan300"], strategy="Always", required_labels=LABELS)
    other = make.vm("other", [f"default/{BYSTANDERS}"], strategy="Always")
    # What their status is, KubeVirt says.
    client.put([{key: value for key, value in vm.items() if key != "status"} for vm in (guest, other)])
    wait_for(lambda: running_vms(lab) == {"guest", "other"}, "the VMs do not run")


def wait_for(what: Callable[[], bool], message: str) -> None:
    until = time.monotonic() + 300
    while not what():
        assert time.monotonic() < until, message
        time.sleep(1)


def running_vms(lab: Lab) -> set[str]:
    found = lab.cluster.client().list("kubevirt.io/v1", "VirtualMachineInstance")
    return {vmi["metadata"]["name"] for vmi in found if (vmi.get("status") or {}).get("phase") == "Running"}


def uid(lab: Lab, name: str) -> str:
    """Of the instance: one that was started again is another one."""
    return str(lab.cluster.client().get("kubevirt.io/v1", "VirtualMachineInstance", name, "default")["metadata"]["uid"])


def links(lab: Lab) -> dict[str, tuple[int | None, int | None]]:
    """MTU of bond and bridge on each node; None where it is not there."""
    found = {node.name: mtus(node) for node in lab.nodes}
    return {name: (devices.get("vm-a-bo"), devices.get("vm-a-br")) for name, devices in found.items()}


def everywhere(mtu: int | None, *nodes: str) -> dict[str, tuple[int | None, int | None]]:
    """The same on these nodes, by default on all."""
    return dict.fromkeys(nodes or ("node1", "node2", "node3"), (mtu, mtu))


def specs(lab: Lab) -> dict[str, Any]:
    return {item["metadata"]["name"]: item["spec"] for item in lab.cluster.client().list(make.NETWORK, "VlanConfig")}


def proved(run: Run, mtu: int) -> None:
    paths = run.of("node1", PROOF).result["paths"]
    assert {path["status"] for path in paths} == {"proved"}
    assert {path["mtu"] for path in paths} == {mtu}
    assert {path["name"] for path in paths} == {f"VLAN 300 of vm-a|{node}" for node in ("node2", "node3")}


def test_up_and_down_again(running: Lab, ansible: Ansible) -> None:
    lab = running
    prepare(lab)
    before, other = specs(lab), uid(lab, "other")
    bystanders = {node.name: capture(node) for node in lab.nodes}

    bad = change(ansible, lab, **{**UP, "change_mtu_from": 4000})
    assert bad.status != 0
    assert "change_mtu_from=4000 is not what is there in" in bad.output
    limited = change(ansible, lab, "--limit", "node1", **UP)
    assert "not in this run: node2, node3. Run it without --limit." in " ".join(limited.output.split())

    check = change(ansible, lab, "--check", **UP)
    assert check.status == 0, check.output
    for line in ("stops VMs: default/guest", "removed network configuration", "At most"):
        assert line in check.output
    assert (links(lab), specs(lab), running_vms(lab)) == (everywhere(1500), before, {"guest", "other"})

    with VmPing(lab.nodes[0], lab.nodes[1]) as ping:
        up = change(ansible, lab, **UP)
    assert up.status == 0, up.output
    assert ping.lost == 0, ping
    assert not up.warnings()
    assert links(lab) == everywhere(9000)
    proved(up, 9000)
    assert running_vms(lab) == {"guest", "other"}
    assert uid(lab, "other") == other, "a VM that is not on it was not stopped"

    again = change(ansible, lab, **UP)
    assert again.status == 0, again.output
    assert not [task.name for task in again.tasks if task.changed]

    down = change(ansible, lab, **DOWN)
    assert down.status == 0, down.output
    assert (links(lab), specs(lab)) == (everywhere(1500), before)
    proved(down, 1500)
    assert uid(lab, "other") == other
    hurt = {node.name: compare(bystanders[node.name], capture(node)) for node in lab.nodes}
    assert not any(hurt.values()), hurt


@pytest.mark.fault("cluster_network_mtu", "a switch port left at 1500", "stops, then goes back")
def test_a_switch_port_that_stays_small_is_named_and_the_rollback_restores(running: Lab, ansible: Ansible) -> None:
    lab = running
    prepare(lab)
    before = specs(lab)
    lab.switch.set_ports(["node3/u3"], mtu=1500)
    failed = change(ansible, lab, **UP)
    assert failed.status != 0
    text = " ".join(failed.output.split())
    assert "VLAN 300 of vm-a: node3" in text, failed.output
    assert "9000 bytes do not pass, at most 1500 do" in text
    assert "begun: configs-on" in text
    assert running_vms(lab) == {"other"}, "VMs are not started on a network that is not proved"
    back = play(ansible, lab, "rollback")
    assert back.status == 0, back.output
    assert (links(lab), specs(lab)) == (everywhere(1500), before)
    assert running_vms(lab) == {"guest", "other"}


def test_a_single_configuration(running: Lab, ansible: Ansible) -> None:
    """None is taken away, and the node that it does not match has nothing afterwards either."""
    lab = running
    prepare(lab, CONFIGS[:1])
    (name,) = specs(lab)
    done = change(ansible, lab, **UP)
    assert done.status == 0, done.output
    assert links(lab) == everywhere(None) | everywhere(9000, "node1", "node2")
    assert (list(specs(lab)), specs(lab)[name]["uplink"]["linkAttributes"]["mtu"]) == ([name], 9000)
    paths = done.of("node1", PROOF).result["paths"]
    assert {(path["name"], path["status"]) for path in paths} == {("VLAN 300 of vm-a|node2", "proved")}
    assert running_vms(lab) == {"guest", "other"}


ROUTER = """
ip link set ens3f2 mtu 9000 up
ip link add link ens3f2 name ens3f2.300 mtu 9000 type vlan id 300
ip link set ens3f2.300 up
ip addr add 192.168.100.1/24 dev ens3f2.300
ip addr add 203.0.113.8/32 dev lo
"""
"""A router with an address behind it, on a node that does not have the cluster network."""
THROUGH = {
    "vlan_id": 300,
    "subnet": "192.168.100.0/24",
    "range_start": "192.168.100.100",
    "gateway": "192.168.100.1",
    "target": "203.0.113.8",
}


def test_one_configuration_per_node_on_strict_trunks_and_through_a_router(running: Lab, ansible: Ansible) -> None:
    lab = running
    host = "kubernetes.io/hostname"
    prepare(lab, [(f"vm-a-{place}", "eno3", (host, place), [place]) for place in ("node1", "node2")])
    before, addresses = specs(lab), {node.name: capture(node) for node in lab.nodes[:2]}
    lab.switch.set_ports([f"{node.name}/u3" for node in lab.nodes], strict=True)
    lab.node("node3").run(ROUTER)
    lab.switch.set_ports(["node3/u3"], mtu=1500)
    failed = change(ansible, lab, **UP, change_probe_gateways=[THROUGH])
    assert failed.status != 0
    assert "203.0.113.8" in " ".join(failed.output.split()), failed.output
    assert running_vms(lab) == {"other"}
    lab.switch.set_ports(["node3/u3"], mtu=9000)
    done = change(ansible, lab, **UP, change_probe_gateways=[THROUGH])
    assert done.status == 0, done.output
    seen = {
        (task.host, path["name"]): (path["status"], path["mtu"])
        for task in done.tasks
        if task.name == PROOF
        for path in task.result.get("paths", ())
    }
    assert set(seen.values()) == {("proved", 9000)}
    assert {host for host, name in seen if "203.0.113.8" in name} == {"node1", "node2"}, seen
    assert ("node1", "VLAN 300 of vm-a|node2") in seen
    assert links(lab) == everywhere(None) | everywhere(9000, "node1", "node2")
    assert {name: spec["nodeSelector"] for name, spec in specs(lab).items()} == {
        name: spec["nodeSelector"] for name, spec in before.items()
    }
    assert running_vms(lab) == {"guest", "other"}
    hurt = {node.name: compare(addresses[node.name], capture(node)) for node in lab.nodes[:2]}
    assert not any(hurt.values()), hurt


def test_one_configuration_on_each_of_three_nodes_up_and_down_again(running: Lab, ansible: Ansible) -> None:
    """Unequal NICs on strict trunks: all but one are taken away, and come back one by one."""
    lab = running
    nics = {"node1": "eno3", "node2": "eno3", "node3": "ens3f2"}
    host = "kubernetes.io/hostname"
    prepare(lab, [(f"vm-a-{node}", nic, (host, node), [node]) for node, nic in nics.items()])
    lab.switch.set_ports([f"{node}/u3" for node in nics], strict=True)
    before, other = specs(lab), uid(lab, "other")
    bystanders = {node.name: capture(node) for node in lab.nodes}

    with VmPing(lab.nodes[0], lab.nodes[1]) as ping:
        up = change(ansible, lab, **UP)
    assert up.status == 0, up.output
    assert ping.lost == 0, ping
    assert links(lab) == everywhere(9000)
    assert {name: spec["uplink"]["linkAttributes"]["mtu"] for name, spec in specs(lab).items()} == dict.fromkeys(
        before, 9000
    )
    proved(up, 9000)
    assert running_vms(lab) == {"guest", "other"}

    again = change(ansible, lab, **UP)
    assert again.status == 0, again.output
    assert not [task.name for task in again.tasks if task.changed]

    down = change(ansible, lab, **DOWN)
    assert down.status == 0, down.output
    assert (links(lab), specs(lab)) == (everywhere(1500), before)
    proved(down, 1500)
    assert running_vms(lab) == {"guest", "other"}
    assert uid(lab, "other") == other
    hurt = {node.name: compare(bystanders[node.name], capture(node)) for node in lab.nodes}
    assert not any(hurt.values()), hurt


@pytest.mark.fault("cluster_network_mtu", "a node loses its power, then ssh is cut", "stops, then goes on")
def test_a_node_that_loses_its_power_in_the_middle(running: Lab, ansible: Ansible) -> None:
    """Its configuration is away by then, and NetworkManager starts anew where the other one stays: the run ends, and
    goes on once the node is back. It goes on once more after the sessions to another node were cut."""
    lab = running
    prepare(lab)
    before = specs(lab)

    def meanwhile() -> None:
        wait_for(lambda: links(lab)["node3"] == (None, None), "the configuration of node3 stays")
        lab.node("node3").power_off()
        lab.node("node1").run("systemctl restart NetworkManager")

    def cut(run: Future[Run]) -> None:
        wait_for(
            lambda: links(lab)["node1"] == (9000, 9000) or run.done(), "the configuration that stays does not change"
        )
        while not run.done():
            lab.node("node2").run("pkill -KILL -u rancher", check=False)
            time.sleep(1)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(meanwhile)
        ended = change(ansible, lab, **UP)
        other.result()
    is_interrupted(lab, ended)
    lab.node("node3").power_on()
    lab.node("node3").wait()
    wait_for(lambda: all(map(is_ready, lab.cluster.client().list("v1", "Node"))), "node3 does not come back")
    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(change, ansible, lab, **UP)
        cut(going_on)
    is_interrupted(lab, going_on.result())
    again = change(ansible, lab, **UP)
    assert again.status == 0, again.output
    assert links(lab) == everywhere(9000)
    assert running_vms(lab) == {"guest", "other"}
    assert specs(lab).keys() == before.keys()


def is_interrupted(lab: Lab, run: Run) -> None:
    """It says how to go on, and VMs stay stopped."""
    assert run.status != 0
    text = " ".join(run.output.split())
    assert "go on: ansible-playbook harvester.network.cluster_network_mtu" in text, run.output
    assert running_vms(lab) == {"other"}


def is_ready(node: dict[str, Any]) -> bool:
    return [item["status"] for item in node["status"]["conditions"] if item["type"] == "Ready"] == ["True"]
