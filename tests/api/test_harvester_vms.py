# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's VMs and pods at work: stop and start, guests that do not hear, migrations, evictions."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from lab.apiserver import ApiError, Client, Cluster, Object
from lab.apiserver import objects as make

pytestmark = pytest.mark.api

KUBEVIRT = "kubevirt.io/v1"
HARVESTER = "harvesterhci.io/v1beta1"
DENIED = 'admission webhook "validator.harvesterhci.io" denied the request: '
MIGRATION_DENIED = 'admission webhook "migration-create-validator.kubevirt.io" denied the request: '


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def vm(client: Client, name: str = "web") -> Object:
    return client.get(KUBEVIRT, "VirtualMachine", name, "default")


def vmi(client: Client, name: str = "web") -> Object | None:
    return client.find(KUBEVIRT, "VirtualMachineInstance", name, "default")


def change(client: Client, spec: Object, name: str = "web") -> None:
    client.patch(KUBEVIRT, "VirtualMachine", name, {"spec": spec}, "default")


def is_stopped(client: Client) -> bool:
    return vmi(client) is None and vm(client)["status"]["printableStatus"] == "Stopped"


def launchers(client: Client, name: str = "web") -> list[Object]:
    found = client.list("v1", "Pod", "default", labelSelector=f"kubevirt.io=virt-launcher,vm.kubevirt.io/name={name}")
    return [pod for pod in found if pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]]


def evict(client: Client, pod: str, namespace: str = "default", **query: str) -> None:
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": namespace}}
    client.request("POST", f"/api/v1/namespaces/{namespace}/pods/{pod}/eviction", body, query=query)


def refusal(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value.status, caught.value.message


def migration(name: str, of: str = "web") -> Object:
    return make.named(KUBEVIRT, "VirtualMachineInstanceMigration", name, "default", spec={"vmiName": of})


def test_stop_and_start(client: Client) -> None:
    (pod,) = until(lambda: launchers(client))
    assert pod["spec"]["nodeName"] == "node1"
    change(client, {"runStrategy": "Halted"})
    until(lambda: is_stopped(client))
    until(lambda: not launchers(client))
    change(client, {"runStrategy": "Always"})
    until(lambda: vm(client)["status"]["printableStatus"] == "Running")
    # the webhook brings back what the VM had while it ran (2.7)
    assert vm(client)["spec"]["runStrategy"] == "RerunOnFailure"
    until(lambda: launchers(client))


def test_a_guest_that_does_not_hear_is_killed(cluster: Cluster, client: Client) -> None:
    cluster.harvester.control.fault(stubborn_guests=["default/web"])
    cluster.harvester.control.delay(grace_second=0.02)
    until(lambda: launchers(client))
    change(client, {"runStrategy": "Halted"})
    until(lambda: vm(client)["status"]["printableStatus"] == "Stopping")
    until(lambda: is_stopped(client))


def test_a_guest_that_shuts_down_by_itself(client: Client) -> None:
    until(lambda: launchers(client))
    client.patch(KUBEVIRT, "VirtualMachineInstance", "web", {"status": {"phase": "Succeeded"}}, "default")
    until(lambda: vm(client)["status"]["printableStatus"] == "Stopped" and not launchers(client))
    assert vmi(client)
    client.delete(KUBEVIRT, "VirtualMachineInstance", "web", "default")
    until(lambda: is_stopped(client))
    time.sleep(1)
    assert vmi(client) is None


def test_no_stop_while_a_backup_is_in_progress(client: Client) -> None:
    spec = {"source": {"apiGroup": "kubevirt.io", "kind": "VirtualMachine", "name": "web"}, "type": "backup"}
    client.create(make.named(HARVESTER, "VirtualMachineBackup", "b", "default", spec=spec))
    assert refusal(lambda: change(client, {"runStrategy": "Halted"})) == (
        422,
        (
            f"{DENIED}there is vmbackup in progress for vm default/web, please wait for the vmbackup or remove it "
            "before stop/restart the vm"
        ),
    )
    client.patch(HARVESTER, "VirtualMachineBackup", "b", {"status": {"readyToUse": True}}, "default")
    change(client, {"runStrategy": "Halted"})


def test_a_migration(client: Client) -> None:
    until(lambda: launchers(client))
    client.create(migration("m"))

    def ended() -> bool:
        found = client.get(KUBEVIRT, "VirtualMachineInstanceMigration", "m", "default")
        return bool(found.get("status", {}).get("phase") == "Succeeded")

    until(ended)
    there = vmi(client)
    assert there
    state = there["status"]["migrationState"]
    assert (state["sourceNode"], state["completed"]) == ("node1", True)
    assert there["status"]["nodeName"] == state["targetNode"] != "node1"
    (pod,) = until(lambda: launchers(client))
    assert pod["spec"]["nodeName"] == state["targetNode"]


def test_a_migration_fails(cluster: Cluster, client: Client) -> None:
    cluster.harvester.control.fault(failing_migrations=["default/web"])
    until(lambda: launchers(client))
    client.create(migration("m"))

    def failed() -> Any:
        found = client.get(KUBEVIRT, "VirtualMachineInstanceMigration", "m", "default")
        return found if found.get("status", {}).get("phase") == "Failed" else None

    assert until(failed)["status"]["migrationState"]["failureReason"] == "the lab lets it fail"
    there = vmi(client)
    assert there
    assert there["status"]["nodeName"] == "node1"
    until(lambda: len(launchers(client)) == 1)


def test_what_cannot_be_migrated(client: Client) -> None:
    condition = {"type": "LiveMigratable", "status": "False", "reason": "DisksNotLiveMigratable", "message": "no"}
    client.patch(KUBEVIRT, "VirtualMachineInstance", "web", {"status": {"conditions": [condition]}}, "default")
    assert refusal(lambda: client.create(migration("m"))) == (
        400,
        f"{MIGRATION_DENIED}Cannot migrate VMI, Reason: DisksNotLiveMigratable, Message: no",
    )


def test_the_eviction_of_a_vm_migrates_it(client: Client) -> None:
    (pod,) = until(lambda: launchers(client))
    name = pod["metadata"]["name"]
    client.patch("v1", "Node", "node1", {"spec": {"unschedulable": True}})
    denied = 'admission webhook "virt-launcher-eviction-interceptor.kubevirt.io" denied the request: '
    said = f'{denied}Eviction triggered evacuation of VMI "default/web"'
    assert refusal(lambda: evict(client, name)) == (429, said)

    def moved() -> bool:
        there = vmi(client)
        return there is not None and there["status"]["nodeName"] != "node1"

    until(moved)
    until(lambda: client.find("v1", "Pod", name, "default") is None)
    (other,) = until(lambda: launchers(client))
    assert other["spec"]["nodeName"] != "node1"


def test_the_eviction_of_another_pod(client: Client) -> None:
    client.create(make.pod("p", "default", "node1", {"app": "p"}))
    evict(client, "p")
    until(lambda: client.find("v1", "Pod", "p", "default") is None)


def test_a_disruption_budget(client: Client) -> None:
    client.create(make.pod("p", "default", "node1", {"app": "p"}))
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "p"}}}
    client.create(make.named("policy/v1", "PodDisruptionBudget", "b", "default", spec=spec))
    until(
        lambda: (
            client.get("policy/v1", "PodDisruptionBudget", "b", "default").get("status", {}).get("currentHealthy") == 1
        )
    )
    assert refusal(lambda: evict(client, "p")) == (
        429,
        "Cannot evict pod as it would violate the pod's disruption budget.",
    )
    client.delete("policy/v1", "PodDisruptionBudget", "b", "default")
    evict(client, "p")
    until(lambda: client.find("v1", "Pod", "p", "default") is None)


# --- subresources


def call(client: Client, kind: str, verb: str, body: Object | None = None, name: str = "web") -> None:
    path = f"/apis/subresources.kubevirt.io/v1/namespaces/default/{kind}/{name}/{verb}"
    client.request("PUT", path, body or {})


def test_subresources(cluster: Cluster, client: Client) -> None:
    cluster.harvester.control.fault(stubborn_guests=["default/web"])
    until(lambda: launchers(client))
    call(client, "virtualmachineinstances", "pause")
    until(lambda: vm(client)["status"]["printableStatus"] == "Paused")
    call(client, "virtualmachineinstances", "unpause")
    until(lambda: vm(client)["status"]["printableStatus"] == "Running")
    assert refusal(lambda: call(client, "virtualmachines", "start")) == (409, "VM is already running")
    change(client, {"runStrategy": "Halted"})
    until(lambda: vm(client)["status"]["printableStatus"] == "Stopping")
    call(client, "virtualmachines", "stop", {"gracePeriod": 0})
    until(lambda: is_stopped(client))
    call(client, "virtualmachines", "start")
    until(lambda: vm(client)["status"]["printableStatus"] == "Running")
    assert refusal(lambda: call(client, "virtualmachines", "stop", name="nothing"))[0] == 404
