# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_drain against a real API with kubelets and KubeVirt played behind it, and what a reboot asks around it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lab.apiserver import Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = pytest.mark.api

CORDONED = "harvester.network/cordoned"
BUDGET = ("policy/v1", "PodDisruptionBudget", "web", "default")
NOT_YET = (
    "pod 'default/web' may not go yet: Cannot evict pod as it would violate the pod's disruption budget. The disruption"
    " budget web needs 1 healthy pods and has 1 currently"
)
Call = Callable[..., dict[str, Any]]


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def pod(client: Client, name: str = "web", on: str = "node2") -> None:
    """A running pod of a ReplicaSet, which nobody plays: it is not made again."""
    labels = {"app": name}
    item = make.pod(name, "default", on, labels)
    template = {"metadata": {"labels": labels}, "spec": {"containers": item["spec"]["containers"]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    owner = client.create(make.named("apps/v1", "ReplicaSet", name, "default", spec=spec))
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "uid": owner["metadata"]["uid"]}
    item["metadata"]["ownerReferences"] = [{**reference, "controller": True}]
    client.create(item)
    until(lambda: client.get("v1", "Pod", name, "default")["status"]["phase"] == "Running")


def budget(client: Client) -> None:
    """The one pod has to stay."""
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    client.create(make.named("policy/v1", "PodDisruptionBudget", "web", "default", spec=spec))
    until(lambda: client.get(*BUDGET).get("status", {}).get("currentHealthy") == 1)


def cordon(client: Client, name: str = "node2") -> tuple[bool, bool]:
    """Whether the node is cordoned, and whether it has the annotation."""
    found: Object = client.get("v1", "Node", name)
    return bool(found["spec"].get("unschedulable")), CORDONED in found["metadata"].get("annotations", {})


def there(client: Client, name: str = "web") -> bool:
    return client.find("v1", "Pod", name, "default") is not None


def node_of_vm(client: Client, name: str) -> str:
    """Where a VM is running; empty while it is not."""
    found = client.find("kubevirt.io/v1", "VirtualMachineInstance", name, "default") or {"status": {}}
    return str(found["status"]["nodeName"]) if found["status"].get("phase") == "Running" else ""


def names(found: dict[str, Any], key: str) -> set[str]:
    return {item["name"] for item in found[key]}


def test_four_beats(client: Client, call: Call, requests: Counter[str]) -> None:
    pod(client)
    found = call("node_drain", node="node9", state="drained")
    assert found["msg"] == "node 'node9': it is not in the cluster; its nodes are node1, node2, node3"
    found = call("node_drain", node="node2", state="drained", check=True)
    assert (found["changed"], names(found, "evicted"), cordon(client)) == (True, {"web"}, (False, False))
    assert there(client)
    found = call("node_drain", node="node2", state="drained")
    assert (found["changed"], found["cordoned_by"], found["missing"]) == (True, "this_call", [])
    assert (cordon(client), there(client)) == ((True, True), False)
    assert {"rke2-canal-node2", "harvester-network-controller-node2"} <= names(found, "left")
    found = call("node_drain", node="node2", state="drained")
    assert (found["changed"], found["cordoned_by"]) == (False, "harvester.network")
    assert set(requests) == {"list"}
    found = call("node_drain", node="node2", state="uncordoned")
    assert (found["changed"], cordon(client)) == (True, (False, False))
    assert not call("node_drain", node="node2", state="uncordoned")["changed"]


def test_a_budget_that_refuses_for_a_while(client: Client, call: Call) -> None:
    pod(client)
    budget(client)
    timer = threading.Timer(4, lambda: client.delete(*BUDGET))
    timer.start()
    try:
        found = call("node_drain", node="node2", state="drained")
    finally:
        timer.join()
    assert not found.get("failed"), found["msg"]
    assert found["progress"][0]["missing"] == [NOT_YET]
    assert not there(client)


def test_a_drain_that_never_ends_takes_its_cordon_away(cluster: Cluster, client: Client, call: Call) -> None:
    pod(client)
    pod(client, "db")
    budget(client)
    cluster.harvester.control.fault(pods_that_stay=["default/db"])
    found = call("node_drain", node="node2", state="drained", wait_timeout=4)
    assert found["failed"]
    assert found["msg"] == (
        "node 'node2' is not drained: waited 4 s in vain; what is missing:\npod 'default/db' is ending\n"
        + NOT_YET
        + "\nIts cordon was taken away again"
    )
    assert cordon(client) == (False, False)


def test_a_foreign_cordon_stays(client: Client, call: Call) -> None:
    client.patch("v1", "Node", "node2", {"spec": {"unschedulable": True}})
    pod(client)
    found = call("node_drain", node="node2", state="drained")
    assert (found["changed"], found["cordoned_by"]) == (True, "others")
    assert not there(client)
    assert not call("node_drain", node="node2", state="uncordoned")["changed"]
    assert cordon(client) == (True, False)


def test_a_node_is_emptied_and_filled_again(cluster: Cluster, client: Client, call: Call) -> None:
    """What role ordered_reboot asks for, one after the other; the VMs of the seed run on node1."""
    until(lambda: [node_of_vm(client, name) for name in ("shell", "web")] == ["node1", "node1"])
    pod(client, "other", on="node1")
    assert not call("reboot_gate_info", nodes=["node1"]).get("failed")
    refused = call("node_drain", node="node1", state="drained")["msg"]
    assert refused.startswith(
        "node 'node1': VMs run on it: default/shell and default/web; move or stop them first (module vm_power)"
    )
    assert call("node_drain", node="node1", state="cordoned")["changed"]
    plan = call("reboot_plan_info", nodes=["node1"])
    assert [(item["reference"], item["action"]) for item in plan["vms"]] == [
        ("default/shell", "move"),
        ("default/web", "move"),
    ]
    assert plan["refused"] == []
    moved = call("vm_power", state="migrated", node="node1", names=["default/shell", "default/web"], cordon=False)
    assert not moved.get("failed"), moved["msg"]
    found = call("node_drain", node="node1", state="drained")
    assert not found.get("failed"), found["msg"]
    assert found["cordoned_by"] == "harvester.network"
    assert "other" in names(found, "evicted")
    before = call("reboot_gate_info", nodes=["node1"], gates=["upgrade", "nodes", "etcd"])["boot_ids"]["node1"]
    cluster.harvester.control.delay(rebuild=6)
    client.patch("v1", "Node", "node1", {"status": {"nodeInfo": {"bootID": "another"}}}, status=True)
    back = {"boot_ids": {"node1": before}, "wait": False}
    cordoned = call("reboot_gate_info", **back)
    assert "node node1 still has the cordon of an earlier run. See whether" in cordoned["msg"]
    fresh = call("reboot_gate_info", cordoned=["node1"], gates=["nodes", "etcd", "networks"], **back)
    assert not fresh.get("failed"), fresh["msg"]
    assert call("node_drain", node="node1", state="uncordoned")["changed"]
    whole = call("reboot_gate_info", boot_ids={"node1": before})
    assert not whole.get("failed"), whole["msg"]
    assert (
        "volumes: volume pvc-web (claim default/web-disk) is degraded, not healthy" in whole["progress"][0]["missing"]
    )
    assert "node1" not in [node_of_vm(client, name) for name in ("shell", "web")]


def test_an_upgrade_that_starts_meanwhile(client: Client, call: Call) -> None:
    client.put([make.upgrade("u")])
    found = call("node_drain", node="node2", state="drained")
    assert found["msg"] == ("node 'node2': upgrade 'u' is running; it drains nodes itself; run again when it has ended")
    assert cordon(client) == (False, False)


def test_two_members_are_not_drained(client: Client, call: Call) -> None:
    client.delete("v1", "Node", "node3")
    found = call("node_drain", node="node2", state="drained")
    assert "Harvester lets one be drained only while there are exactly 3" in found["msg"]


def test_the_virtual_address(client: Client, call: Call) -> None:
    assert call("reboot_gate_info", gates=["vip"])["vip"] == ""
    noted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vip", "namespace": "harvester-system"}}
    client.put([{**noted, "data": {"enabled": "true", "ip": "192.0.2.10"}}])
    assert call("reboot_gate_info", gates=["vip"])["vip"] == "192.0.2.10"
