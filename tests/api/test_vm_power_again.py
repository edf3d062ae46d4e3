# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vm_power against a real API with KubeVirt played behind it: what a VM has to have again once it runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from lab.apiserver import Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = pytest.mark.api

KUBEVIRT = "kubevirt.io/v1"
VM, VMI = (KUBEVIRT, "VirtualMachine"), (KUBEVIRT, "VirtualMachineInstance")
LEFT = "or, where it may stay so, name it in change_accepted_vms (option accepted of vm_power)"
LONGER = "run again with a longer wait (change_vm_wait_timeout, option wait_timeout of vm_power)"
CONSOLE = f"; look at its console, {LONGER}, {LEFT}"
CORRECT = f"; correct them in its template and restart it, {LEFT}"
NAMES = ("first", "second", "third")
ALL = [f"default/{name}" for name in NAMES]
Call = Callable[..., dict[str, Any]]


def until(what: Callable[[], Any], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def status(client: Client, name: str) -> Object:
    return dict((client.find(*VMI, name, "default") or {}).get("status") or {})


def machines(client: Client) -> None:
    """Three VMs that run on vmnet."""
    for name in NAMES:
        item = make.vm(name, ["default/vlan100"], strategy="Always")
        item.pop("status")
        client.create(item)
    for name in NAMES:
        until(lambda name=name: status(client, name).get("phase") == "Running")


def stopped(call: Call) -> dict[str, Any]:
    """The record of the three."""
    found = call("vm_power", state="stopped", names=ALL)
    assert "failed" not in found, found["msg"]
    return {key: found[key] for key in ("vms", "schedules", "cordoned")}


def mac(vm: dict[str, Any]) -> str:
    (interface,) = vm["interfaces"]
    assert (interface["name"], interface["network"]) == ("nic-1", "default/vlan100")
    return str(interface["mac"])


def test_all_of_it_comes_back_though_agents_need_their_time(cluster: Cluster, client: Client, call: Call) -> None:
    """A record of an earlier version, without interfaces, is restored too."""
    machines(client)
    before = {name: status(client, name)["interfaces"][0]["mac"] for name in NAMES}
    record = stopped(call)
    assert {vm["name"]: mac(vm) for vm in record["vms"]} == before
    assert {(vm["ready"], vm["agent"]) for vm in record["vms"]} == {(True, True)}
    cluster.harvester.control.delay(agent=3)
    started = call("vm_power", state="started", canary=False, wait_timeout=30, **record)
    assert "failed" not in started, started["msg"]
    waited = [entry["text"] for entry in started["progress"] if entry["event"] == "waiting"]
    assert f"VM 'default/third': its guest agent was connected, and is not{CONSOLE}" in waited
    assert started["vms"] == record["vms"]
    old = [{key: value for key, value in vm.items() if key not in ("ready", "interfaces")} for vm in record["vms"]]
    again = call("vm_power", state="started", vms=old)
    assert ("failed" in again, again["changed"]) == (False, False)


def test_what_does_not_come_back_is_named(cluster: Cluster, client: Client, call: Call) -> None:
    """One has no agent, one does not get Ready, one has another MAC; each is named, and what is accepted is not."""
    machines(client)
    record = stopped(call)
    control = cluster.harvester.control
    control.fault(without_agent=["default/first"], not_ready=["default/second"], forgets_macs=["default/third"])
    failed = call("vm_power", state="started", canary=False, wait_timeout=4, **record)
    now = status(client, "third")["interfaces"][0]["mac"]
    was = mac(record["vms"][2])
    assert now != was
    ready = "it was Ready, and is Running and not Ready (ContainersNotReady: containers with unready status: [compute])"
    differs = (
        f"VM 'default/third': its interfaces are not those that it had: 'nic-1' has MAC {now} instead of {was}{CORRECT}"
    )
    late = [
        f"VM 'default/second': {ready}{CONSOLE}",
        f"VM 'default/first': its guest agent was connected, and is not{CONSOLE}",
    ]
    assert failed["missing"] == [differs, *late]
    assert failed["msg"] == "\n".join(["waited 4 s in vain; what is missing:", differs, *late])
    accepted = call("vm_power", state="started", accepted=ALL[:2], **record)
    assert (accepted["msg"], accepted["changed"]) == (differs, False)
    # mended as the message says
    nic = {"name": "nic-1", "model": "virtio", "bridge": {}, "macAddress": was}
    template = {"spec": {"domain": {"devices": {"interfaces": [nic]}}}}
    client.patch(*VM, "third", {"spec": {"runStrategy": "Halted", "template": template}}, "default")
    until(lambda: not status(client, "third"))
    mended = call("vm_power", state="started", accepted=ALL[:2], **record)
    assert "failed" not in mended, mended["msg"]
    assert status(client, "third")["interfaces"][0]["mac"] == was


def test_a_canary_on_another_network_leaves_the_rest_stopped(client: Client, call: Call) -> None:
    """Its template was changed while it was off."""
    machines(client)
    record = stopped(call)
    networks = [{"name": "nic-1", "multus": {"networkName": "default/untagged"}}]
    client.patch(*VM, "first", {"spec": {"template": {"spec": {"networks": networks}}}}, "default")
    order = {"order": ["default/first"]}
    failed = call("vm_power", state="started", **order, **record)
    line = (
        "VM 'default/first': its interfaces are not those that it had: 'nic-1' is on VM network 'default/untagged'"
        f" instead of VM network 'default/vlan100'{CORRECT}"
    )
    others = "left stopped, since a canary before them is not as it was: default/second and default/third"
    assert failed["msg"] == f"{line}\n{others}"
    assert not status(client, "second")
    done = call("vm_power", state="started", accepted=["default/first"], **order, **record)
    assert "failed" not in done, done["msg"]
