# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook mgmt_mtu on three nodes with the stand-in behind a real API: up, down, and a switch port left small."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from leftovers import ON_NODE, in_cluster
from runs import Ansible, Run
from state import files, mtus
from test_operated_reboot import leader

from lab import Lab, LabError
from lab.apiserver import objects as make
from lab.apiserver.seed import BYSTANDERS
from lab.bystanders import capture, compare, connect_pods

pytestmark = [pytest.mark.nodes, pytest.mark.long]

COLLECTION = "harvester.network."
PROOF = COLLECTION + "path_proof : Send packets of the exact size, and of one byte more"
LIVE = COLLECTION + "mgmt_network : Change the profiles and make them live"
DEVICES = ("mgmt-bo", "mgmt-br", "mgmt-br.2017", "mgmt-br.2030", "flannel.1")
UP: dict[str, Any] = {"change_mtu_from": 1500, "change_mtu_to": 9000, "change_switches_ready": True}
DOWN: dict[str, Any] = {"change_mtu_from": 9000, "change_mtu_to": 1500}


@pytest.fixture
def ansible(running: Lab, tmp_path: Path) -> Ansible:
    running.restore()
    connect_pods(running.nodes)
    return Ansible(running, tmp_path)


def play(ansible: Ansible, lab: Lab, *options: str, playbook: str = "mgmt_mtu", **variables: Any) -> Run:
    api = {"kubeconfig": str(lab.cluster.kubeconfig)}
    given = json.dumps({"harvester_api": api, "change_prove_legs": False, **variables})
    if playbook == "rollback":
        given = json.dumps({"harvester_api": api})
    return ansible.play(COLLECTION + playbook, "-e", given, *options, timeout=3600)


def wait_for(what: Callable[[], bool], message: str) -> None:
    until = time.monotonic() + 600
    while not what():
        assert time.monotonic() < until, message
        time.sleep(1)


def prepare(lab: Lab) -> None:
    """A VM on mgmt, which has to stop; without a storage network every other one has to as well."""
    lab.cluster.client().put([make.vm("guest", [f"default/{BYSTANDERS}"], strategy="Always")])
    wait_for(lambda: running_vms(lab) == {"guest"}, "the VM does not run")


def running_vms(lab: Lab) -> set[str]:
    found = lab.cluster.client().list("kubevirt.io/v1", "VirtualMachineInstance")
    return {vmi["metadata"]["name"] for vmi in found if (vmi.get("status") or {}).get("phase") == "Running"}


def links(lab: Lab) -> dict[str, list[int | None]]:
    found = {node.name: mtus(node) for node in lab.nodes}
    return {name: [devices.get(device) for device in DEVICES] for name, devices in found.items()}


def everywhere(lab: Lab, mtu: int) -> dict[str, list[int]]:
    return {node.name: [mtu] * 4 + [mtu - 50] for node in lab.nodes}


def annotation(lab: Lab) -> str | None:
    found = lab.cluster.client().get(make.NETWORK, "ClusterNetwork", "mgmt")["metadata"].get("annotations", {})
    value: str | None = found.get(f"{make.PREFIX}/uplink-mtu")
    return value


def test_up_and_down_again(running: Lab, ansible: Ansible) -> None:
    lab = running
    prepare(lab)
    before = {node.name: (files(node), capture(node)) for node in lab.nodes}

    check = play(ansible, lab, "--check", **UP)
    assert check.status == 0, check.output
    assert "stops default/guest: VM network default/bystanders" in check.output
    assert (links(lab), running_vms(lab), annotation(lab)) == (everywhere(lab, 1500), {"guest"}, None)

    up = play(ansible, lab, **UP)
    assert up.status == 0, up.output
    assert (links(lab), annotation(lab), running_vms(lab)) == (everywhere(lab, 9000), "9000", {"guest"})
    for node in lab.nodes[1:]:
        assert lab.nodes[0].ping(node.spec.mgmt_address, size=8972)
    paths = up.of("node1", PROOF).result["paths"]
    assert {(path["status"], path["mtu"]) for path in paths} == {("proved", 8950)}, "the pod network is proved last"

    again = play(ansible, lab, **UP)
    assert again.status == 0, again.output
    assert "every node and the cluster have the MTU already; nothing is to be done" in again.output
    assert [task.name for task in again.tasks if task.changed] == []

    down = play(ansible, lab, **DOWN)
    assert down.status == 0, down.output
    assert (links(lab), annotation(lab), running_vms(lab)) == (everywhere(lab, 1500), "1500", {"guest"})
    hurt = {node.name: compare(before[node.name][1], capture(node)) for node in lab.nodes}
    assert not any(hurt.values()), hurt


def connect_again(lab: Lab, boots: dict[str, str], ended: threading.Event) -> None:
    """What flannel does after a boot, once all nodes have booted. boots: their boot ids of before."""
    waiting = dict(boots)
    while waiting and not ended.wait(2):
        for name in [*waiting]:
            # On its way down or up it does not answer.
            with suppress(LabError):
                if lab.node(name).boot_id() != waiting[name]:
                    lab.node(name).wait_bystanders()
                    del waiting[name]
    if not waiting:
        connect_pods(lab.nodes)


def test_up_by_reboots(running: Lab, ansible: Ansible) -> None:
    """Each node has the MTU from its boot on, and would put itself back where nobody confirms."""
    lab = running
    prepare(lab)
    boots = {node.name: node.boot_id() for node in lab.nodes}
    # No program answers on the virtual address of the lab.
    given: dict[str, Any] = {"change_apply": "reboot", "ordered_reboot_vip_port": 0, **UP}

    check = play(ansible, lab, "--check", **given)
    assert check.status == 0, check.output
    assert "stops default/guest: VM network default/bystanders" in check.output
    assert (links(lab), running_vms(lab), annotation(lab)) == (everywhere(lab, 1500), {"guest"}, None)
    assert {node.name: node.boot_id() for node in lab.nodes} == boots

    ended = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        connected = pool.submit(connect_again, lab, boots, ended)
        try:
            up = play(ansible, lab, **given)
        finally:
            ended.set()
    assert up.status == 0, up.output
    connected.result()
    assert [node.name for node in lab.nodes if node.boot_id() == boots[node.name]] == []
    assert (links(lab), annotation(lab), running_vms(lab)) == (everywhere(lab, 9000), "9000", {"guest"})
    for node in lab.nodes[1:]:
        assert lab.nodes[0].ping(node.spec.mgmt_address, size=8972)
    paths = up.of("node1", PROOF).result["paths"]
    assert {(path["status"], path["mtu"]) for path in paths} == {("proved", 8950)}, "the pod network is proved last"
    left = {node.name: node.output(ON_NODE) for node in lab.nodes}
    assert (in_cluster(lab.cluster.client()), left) == ([], dict.fromkeys(left, "")), "no cordon, nothing to confirm"

    again = play(ansible, lab, **given)
    assert again.status == 0, again.output
    assert "every node and the cluster have the MTU already; nothing is to be done" in again.output
    assert [task.name for task in again.tasks if task.changed] == []


@pytest.mark.fault("mgmt_mtu", "a switch port left at 1500", "stops, then goes back")
def test_a_switch_port_that_stays_small_puts_the_nodes_back(running: Lab, ansible: Ansible) -> None:
    """It is that of the node which leads etcd and so goes last; the virtual address is on node1."""
    lab = running
    lab.cluster.harvester.control.fault(etcd_leader="node3")
    prepare(lab)
    wait_for(lambda: leader(lab) == ["node3"], "node3 does not lead etcd")
    before = {node.name: (files(node), capture(node)) for node in lab.nodes}
    lab.switch.set_ports(["node3/u1", "node3/u2"], mtu=1500)
    failed = play(ansible, lab, **UP)
    assert failed.status != 0
    text = " ".join(failed.output.split())
    assert "Not proved on the wire at 9000 bytes, so the nodes done so far have their MTU back:" in text
    assert "VLAN 2017: node3" in text
    assert "begun: hosts-lower" in text
    turns = [task.host for task in failed.tasks if task.name == LIVE and task.changed]
    assert turns[:3] == ["node2", "node1", "node3"]
    assert links(lab) == everywhere(lab, 1500)
    assert running_vms(lab) == set(), "VMs are not started on a network that is not proved"
    back = play(ansible, lab, playbook="rollback")
    assert back.status == 0, back.output
    assert (links(lab), annotation(lab), running_vms(lab)) == (everywhere(lab, 1500), None, {"guest"})
    for node in lab.nodes:
        assert files(node) == before[node.name][0]
        assert compare(before[node.name][1], capture(node)) == []


def raised(lab: Lab) -> list[str]:
    """The nodes whose bond has the new MTU."""
    return [node.name for node in lab.nodes if mtus(node).get("mgmt-bo") == 9000]


def is_interrupted(lab: Lab, run: Run) -> None:
    """It says how to go on, and VMs stay stopped."""
    assert run.status != 0
    assert "go on: ansible-playbook harvester.network.mgmt_mtu" in " ".join(run.output.split()), run.output
    assert (running_vms(lab), annotation(lab)) == (set(), None)


def is_ready(node: dict[str, Any]) -> bool:
    return [item["status"] for item in node["status"]["conditions"] if item["type"] == "Ready"] == ["True"]


@pytest.mark.fault("mgmt_mtu", "a node loses its power, then ssh is cut", "stops, then goes on")
def test_a_node_that_loses_its_power_in_the_middle(running: Lab, ansible: Ansible) -> None:
    """The first one, as soon as its devices have changed. The run ends, and goes on once that node is back; it goes on
    once more after the sessions to the last node were cut."""
    lab = running
    prepare(lab)

    def lost() -> str:
        wait_for(lambda: bool(raised(lab)), "no node changes")
        (name,) = raised(lab)
        lab.node(name).power_off()
        return name

    def cut(run: Future[Run]) -> None:
        wait_for(lambda: len(raised(lab)) == 2 or run.done(), "no second node changes")
        (last,) = {node.name for node in lab.nodes} - set(raised(lab))
        while not run.done():
            lab.node(last).run("pkill -KILL -u rancher", check=False)
            time.sleep(1)

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(lost)
        ended = play(ansible, lab, **UP)
        node = lab.node(other.result())
    is_interrupted(lab, ended)
    node.power_on()
    node.wait()
    node.wait_bystanders()
    connect_pods(lab.nodes)
    wait_for(lambda: all(map(is_ready, lab.cluster.client().list("v1", "Node"))), f"{node.name} does not come back")
    with ThreadPoolExecutor(1) as pool:
        going_on = pool.submit(play, ansible, lab, change_takeover=True, **UP)
        cut(going_on)
    is_interrupted(lab, going_on.result())
    again = play(ansible, lab, change_takeover=True, **UP)
    assert again.status == 0, again.output
    assert (links(lab), annotation(lab), running_vms(lab)) == (everywhere(lab, 9000), "9000", {"guest"})
