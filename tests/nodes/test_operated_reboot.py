# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook reboot on a cluster in use: VMs move, replicas are rebuilt, and etcd's leader moves in between."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from runs import Ansible, Run

from lab import Lab, Node
from lab.apiserver import objects as make

pytestmark = [pytest.mark.nodes, pytest.mark.long]

KUBEVIRT, LONGHORN = "kubevirt.io/v1", "longhorn.io/v1beta2"
LEADS = "python3 -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:2381/metrics\").read().decode())'"


@pytest.fixture
def ansible(operated: Lab, tmp_path: Path) -> Ansible:
    operated.restore()
    return Ansible(operated, tmp_path)


def play(ansible: Ansible, lab: Lab, *options: str) -> Run:
    api = {"kubeconfig": str(lab.cluster.kubeconfig)}
    given = {"harvester_api": api, "change_reboot_all": True, "ordered_reboot_vip_port": 0}
    return ansible.play("harvester.network.reboot", "-e", json.dumps(given), *options, timeout=3000)


def leader(lab: Lab) -> list[str]:
    """Nodes whose member of etcd says on the node that it leads."""
    return [node.name for node in lab.nodes if "\netcd_server_is_leader 1\n" in node.run(LEADS, check=False).stdout]


def is_ready(lab: Lab, name: str) -> bool:
    found = lab.cluster.client().get("v1", "Node", name)["status"]["conditions"]
    return bool([item["status"] for item in found if item["type"] == "Ready"] == ["True"])


def booted(node: Node) -> int:
    """When, in seconds since the epoch by the node's clock."""
    return int(node.output("sed -n 's/^btime //p' /proc/stat"))


def running_vms(lab: Lab) -> set[str]:
    found = lab.cluster.client().list(KUBEVIRT, "VirtualMachineInstance")
    return {vmi["metadata"]["name"] for vmi in found if vmi["status"].get("phase") == "Running"}


def volumes(lab: Lab) -> dict[str, Any]:
    found = lab.cluster.client().list(LONGHORN, "Volume", make.LONGHORN_NAMESPACE)
    return {item["metadata"]["name"]: item["status"].get("robustness") for item in found}


def test_the_node_to_which_the_leader_moves_goes_last(operated: Lab, ansible: Ansible) -> None:
    """node1 has the virtual address, node2 leads at the start and node1 from the first reboot on."""
    lab = operated
    control = lab.cluster.harvester.control
    control.delay(rebuild=20)
    control.fault(etcd_leader="node2")
    until = time.monotonic() + 120
    while leader(lab) != ["node2"]:
        assert time.monotonic() < until, leader(lab)
        time.sleep(1)
    before = {node.name: node.boot_id() for node in lab.nodes}
    vms, whole = running_vms(lab), volumes(lab)

    check = play(ansible, lab, "--check")
    assert check.status == 0, check.output
    assert "Would be rebooted, in this order: node3, then node1, then node2" in " ".join(check.output.split())
    assert {node.name: node.boot_id() for node in lab.nodes} == before

    ended = threading.Event()

    def move() -> None:
        while is_ready(lab, "node3") and not ended.wait(0.5):
            pass
        control.fault(etcd_leader="node1")

    mover = threading.Thread(target=move)
    mover.start()
    try:
        run = play(ansible, lab)
    finally:
        ended.set()
        mover.join()
    assert run.status == 0, run.output
    assert leader(lab) == ["node1"], "nobody but the fault moves it"
    assert all(node.boot_id() != before[node.name] for node in lab.nodes)
    assert sorted(before, key=lambda name: booted(lab.node(name))) == ["node3", "node2", "node1"]
    assert (running_vms(lab), volumes(lab)) == (vms, whole)
    for node in lab.cluster.client().list("v1", "Node"):
        assert not node["spec"].get("unschedulable")
        assert not [key for key in node["metadata"]["annotations"] if key.startswith("harvester.network/")]
