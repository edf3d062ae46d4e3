# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vm_power against a real API with KubeVirt played behind it: VMs in odd states, and those that are none of its own."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lab.apiserver import Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

KUBEVIRT = "kubevirt.io/v1"
VM, VMI = (KUBEVIRT, "VirtualMachine"), (KUBEVIRT, "VirtualMachineInstance")
Call = Callable[..., dict[str, Any]]


def until(what: Callable[[], Any], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def instance(client: Client, name: str) -> Object | None:
    return client.find(*VMI, name, "default")


def phase(client: Client, name: str) -> str:
    """Of the VM's instance; empty when it has none."""
    return str(((instance(client, name) or {}).get("status") or {}).get("phase") or "")


def strategy(client: Client, name: str) -> str:
    return str(client.get(*VM, name, "default")["spec"]["runStrategy"])


def machine(client: Client, name: str, runs: str, grace: int = 120, **metadata: Any) -> None:
    """A VM on vmnet that runs, with this run strategy."""
    item = make.vm(name, ["default/vlan100"], strategy="Always")
    item["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = grace
    item["metadata"].update(metadata)
    item.pop("status")
    client.create(item)
    until(lambda: phase(client, name) == "Running")
    if runs != "Always":
        client.patch(*VM, name, {"spec": {"runStrategy": runs}}, "default")


def status(client: Client, name: str, **values: Any) -> None:
    client.patch(*VMI, name, {"status": values}, "default")


def paused(client: Client, name: str, reason: str = "PausedByUser") -> None:
    found = (instance(client, name) or {})["status"]["conditions"]
    status(client, name, conditions=[*found, {"type": "Paused", "status": "True", "reason": reason}])
    until(lambda: client.get(*VM, name, "default")["status"]["printableStatus"] == "Paused")


def writes(requests: Counter[str]) -> int:
    return sum(requests[verb] for verb in ("create", "patch", "delete"))


def record(result: dict[str, Any]) -> dict[str, Any]:
    return {key: result[key] for key in ("vms", "schedules", "cordoned")}


def outcomes(result: dict[str, Any]) -> list[str]:
    return [vm["outcome"] for vm in result["vms"]]


def test_a_paused_vm_is_refused_unpaused_or_killed(client: Client, call: Call, requests: Counter[str]) -> None:
    machine(client, "asleep", "Always", grace=1)
    paused(client, "asleep")
    refused = call("vm_power", state="stopped", names=["default/asleep"])
    assert refused["msg"] == (
        "VM 'default/asleep': it is paused (PausedByUser); its guest cannot shut down; resume it, or set paused_vms to"
        " unpause or kill"
    )
    assert writes(requests) == 0
    stopped = call("vm_power", state="stopped", names=["default/asleep"], paused_vms="unpause")
    assert "failed" not in stopped, stopped["msg"]
    assert [entry["event"] for entry in stopped["progress"] if entry["event"] != "waiting"] == ["called", "written"]
    assert "failed" not in call("vm_power", state="started", **record(stopped))
    paused(client, "asleep")
    killed = call("vm_power", state="stopped", names=["default/asleep"], paused_vms="kill", wait_sleep=0)
    assert "failed" not in killed, killed["msg"]
    assert outcomes(killed) in (["killed"], ["unknown"])
    assert phase(client, "asleep") == ""


@pytest.mark.parametrize("policy", ["refuse", "unpause", "kill"])
def test_one_that_an_io_error_has_paused_always_refuses(
    client: Client, call: Call, requests: Counter[str], policy: str
) -> None:
    machine(client, "broken", "Always")
    paused(client, "broken", "PausedIOError")
    found = call("vm_power", state="stopped", names=["default/broken"], paused_vms=policy)
    assert found["msg"] == (
        "VM 'default/broken': it is paused by an I/O error; its guest cannot shut down; repair its storage first"
    )
    assert writes(requests) == 0


def test_what_has_no_vm_or_belongs_to_others_is_refused_by_name(
    client: Client, call: Call, requests: Counter[str]
) -> None:
    """All at once, before anything is written."""
    loner = make.vmi("loner", "node1", ["default/vlan100"])
    # the real garbage collector takes what has an owner that is not there
    loner["metadata"].pop("ownerReferences")
    client.put([loner])
    machine(client, "node-a", "Always", labels={"guestcluster.harvesterhci.io/name": "blue"})
    machine(client, "node-b", "Always", labels={"guestcluster.harvesterhci.io/name": "blue"})
    found = call("vm_power", state="stopped", cluster_networks=["vmnet"], namespaces=["default"])
    assert (found["msg"].splitlines(), writes(requests)) == (
        [
            "VM instance 'default/loner': it has no VM that could start it again; let its owner end it",
            (
                "guest cluster 'blue': its nodes default/node-a and default/node-b would be stopped, and Rancher may"
                " replace nodes that it cannot reach and delete their VMs; pause it (in Rancher: the cluster's machine"
                " pools and node health checks), then set guest_clusters_paused=true"
            ),
        ],
        0,
    )
    names = ["default/node-a", "default/node-b"]
    stopped = call("vm_power", state="stopped", names=names, guest_clusters_paused=True)
    assert "failed" not in stopped, stopped["msg"]
    assert stopped["guest_clusters"] == {"blue": names}
    assert phase(client, "loner") == "Running"


def test_finished_instances(client: Client, call: Call, requests: Counter[str]) -> None:
    """They hold their networks for Harvester's webhooks. None of them is booted by the restore."""
    machine(client, "once", "Once")
    status(client, "once", phase="Succeeded")
    refused = call("vm_power", state="stopped", names=["default/once"])
    assert refused["msg"] == (
        "VM 'default/once': its run strategy is Once and its instance has ended (Succeeded): without the instance"
        " KubeVirt would boot it; let its owner set run strategy Halted, or delete it"
    )
    assert writes(requests) == 0
    for name, runs, ended in (("by-hand", "Manual", "Failed"), ("done", "RerunOnFailure", "Succeeded")):
        machine(client, name, runs)
        status(client, name, phase=ended)
    stopped = call("vm_power", state="stopped", names=["default/by-hand", "default/done"])
    assert "failed" not in stopped, stopped["msg"]
    assert [(vm["name"], vm["phase"], vm["outcome"]) for vm in stopped["vms"]] == [
        ("by-hand", "Failed", ""),
        ("done", "Succeeded", ""),
    ]
    assert [item["action"] for item in stopped["objects"]] == ["removed", "removed"]
    started = call("vm_power", state="started", **record(stopped))
    assert ("failed" in started, started["changed"]) == (False, False)
    assert (strategy(client, "by-hand"), strategy(client, "done")) == ("Manual", "RerunOnFailure")
    assert (phase(client, "by-hand"), phase(client, "done")) == ("", "")


def test_a_vm_that_waits_for_a_node_is_attached_too(client: Client, call: Call) -> None:
    """Its instance has no node, and holds the network all the same; it comes back to where it was."""
    item = make.vm("waiting", ["default/vlan100"], strategy="Always")
    item["spec"]["template"]["spec"]["nodeSelector"] = {"gpu": "yes"}
    item.pop("status")
    client.create(item)
    until(lambda: phase(client, "waiting") == "Scheduling")
    stopped = call("vm_power", state="stopped", cluster_networks=["vmnet"], namespaces=["default"])
    assert "failed" not in stopped, stopped["msg"]
    assert [(vm["name"], vm["phase"], vm["node"]) for vm in stopped["vms"]] == [
        ("waiting", "Scheduling", ""),
        ("web", "Running", "node1"),
    ]
    assert phase(client, "waiting") == ""
    started = call("vm_power", state="started", **record(stopped))
    assert "failed" not in started, started["msg"]
    assert strategy(client, "waiting") == "Always"
    until(lambda: phase(client, "waiting") == "Scheduling")


def test_a_guest_is_forced_off_only_where_that_was_asked(cluster: Cluster, client: Client, call: Call) -> None:
    machine(client, "deaf", "Always", grace=1)
    cluster.harvester.control.fault(stubborn_guests=["default/deaf"])
    cluster.harvester.control.delay(grace_second=1000.0)
    left = call("vm_power", state="stopped", names=["default/deaf"], wait_timeout=2)
    assert (left["failed"], phase(client, "deaf")) == (True, "Running")
    forced = call("vm_power", state="stopped", vms=left["vms"], force=True)
    assert "failed" not in forced, forced["msg"]
    assert [entry["text"] for entry in forced["progress"] if entry["event"] == "called"] == [
        "VM 'default/deaf' stop: its guest has outlived its grace of 1 s"
    ]
    assert outcomes(forced) in (["killed"], ["unknown"])
    assert phase(client, "deaf") == ""
