# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network on nodes: addresses of Longhorn's pods, with the network off and on, and at another MTU."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runs import Ansible, Run

from lab import Lab
from lab.apiserver import objects as make
from lab.apiserver.seed import STORAGE_MTU, STORAGE_VALUE

pytestmark = [pytest.mark.nodes, pytest.mark.long]

KUBEVIRT = "kubevirt.io/v1"
HEADERS = 28
"""Of an ICMP echo over IPv4, in bytes."""


@pytest.fixture
def ansible(operated: Lab, tmp_path: Path) -> Ansible:
    operated.restore()
    wait_for(lambda: proved(operated, STORAGE_MTU), "Longhorn's pods do not reach each other")
    return Ansible(operated, tmp_path)


def play(ansible: Ansible, lab: Lab, playbook: str, *options: str, **variables: Any) -> Run:
    given = {"harvester_api": {"kubeconfig": str(lab.cluster.kubeconfig)}, **variables}
    return ansible.play(f"harvester.network.{playbook}", "-e", json.dumps(given), *options, timeout=3000)


def wait_for(what: Callable[[], bool], message: str) -> None:
    until = time.monotonic() + 300
    while not what():
        assert time.monotonic() < until, message
        time.sleep(2)


def managers(lab: Lab) -> dict[str, tuple[str, str]]:
    """Node -> network namespace and address of its instance manager, of those that have one in the storage network."""
    found = {}
    for node in lab.nodes:
        for place in node.output("ip netns list | cut -d' ' -f1").split():
            for link in node.json(f"ip -n {place} -j address show"):
                for address in link["addr_info"] if link["ifname"] == "lhnet1" else []:
                    if address["family"] == "inet":
                        found[node.name] = (place, address["local"])
    return found


def proved(lab: Lab, mtu: int) -> bool:
    """Whether unfragmented packets of this size, in bytes, pass between every two instance managers, and none above."""
    there = managers(lab)
    if len(there) < len(lab.nodes):
        return False
    for name, (place, _address) in there.items():
        for other in (address for node, (_place, address) in there.items() if node != name):
            ping = f"ip netns exec {place} ping -q -n -c 1 -W 5 -M do"
            node = lab.node(name)
            passes = node.run(f"{ping} -s {mtu - HEADERS} {other}", check=False).returncode == 0
            if not passes or node.run(f"{ping} -s {mtu - HEADERS + 1} {other}", check=False).returncode == 0:
                return False
    return True


def running_vms(lab: Lab) -> set[str]:
    found = lab.cluster.client().list(KUBEVIRT, "VirtualMachineInstance")
    return {vmi["metadata"]["name"] for vmi in found if vmi["status"].get("phase") == "Running"}


def setting(lab: Lab) -> str:
    found = lab.cluster.client().get("harvesterhci.io/v1beta1", "Setting", "storage-network")
    return str(found.get("value") or "")


def test_off_and_on_again(operated: Lab, ansible: Ansible) -> None:
    lab = operated
    vms = running_vms(lab)
    off, on = {"harvester_storage_network": {"state": "disabled"}}, json.loads(STORAGE_VALUE)
    refused = play(ansible, lab, "storage_network", **off)
    assert refused.status != 0
    assert (
        "Please stop all VMs before configuring the storage-network setting"
        " (running: default/shell, default/web, production/db)"
    ) in " ".join(refused.output.split()), refused.output
    assert (setting(lab), proved(lab, STORAGE_MTU)) == (STORAGE_VALUE, True)

    stop = play(ansible, lab, "vm_power", change_all_vms=True)
    assert stop.status == 0, stop.output
    wait_for(lambda: running_vms(lab) == set(), "VMs still run")
    check = play(ansible, lab, "storage_network", "--check", **off)
    assert check.status == 0, check.output
    assert (setting(lab), proved(lab, STORAGE_MTU)) == (STORAGE_VALUE, True)
    done = play(ansible, lab, "storage_network", **off)
    assert done.status == 0, done.output
    assert setting(lab) == ""
    wait_for(lambda: managers(lab) == {}, "addresses in a storage network that is off")

    wanted = {
        "cluster_network": on["clusterNetwork"],
        "vlan_id": on["vlan"],
        "range": on["range"],
        "exclude": on["exclude"],
    }
    back = play(ansible, lab, "storage_network", harvester_storage_network=wanted)
    assert back.status == 0, back.output
    assert json.loads(setting(lab)) == on
    wait_for(lambda: proved(lab, STORAGE_MTU), "Longhorn's pods do not reach each other")
    again = play(ansible, lab, "storage_network", harvester_storage_network=wanted)
    assert again.status == 0, again.output
    assert not [task.name for task in again.tasks if task.changed]
    start = play(ansible, lab, "vm_power", change_restore=True)
    assert start.status == 0, start.output
    assert running_vms(lab) == vms


def test_an_mtu_reaches_the_pods_of_longhorn(operated: Lab, ansible: Ansible) -> None:
    """Down to 1500 bytes and up again: VMs stop, the storage network goes off and comes back as it was, and its pods
    see the new MTU."""
    lab = operated
    vms, configs = running_vms(lab), specs(lab)
    down = {"change_cluster_network": "storage", "change_mtu_from": STORAGE_MTU, "change_mtu_to": 1500}
    up = {**down, "change_mtu_from": 1500, "change_mtu_to": STORAGE_MTU, "change_switches_ready": True}
    check = play(ansible, lab, "cluster_network_mtu", "--check", **down)
    assert check.status == 0, check.output
    assert (setting(lab), proved(lab, STORAGE_MTU), running_vms(lab)) == (STORAGE_VALUE, True, vms)
    for wish in (down, up):
        done = play(ansible, lab, "cluster_network_mtu", **wish)
        assert done.status == 0, done.output
        mtu = wish["change_mtu_to"]
        wait_for(lambda mtu=mtu: proved(lab, mtu), "Longhorn's pods do not reach each other at the new MTU")
        assert (setting(lab), running_vms(lab)) == (STORAGE_VALUE, vms)
        assert specs(lab).keys() == configs.keys()
    assert specs(lab) == configs


def specs(lab: Lab) -> dict[str, Any]:
    return {item["metadata"]["name"]: item["spec"] for item in lab.cluster.client().list(make.NETWORK, "VlanConfig")}
