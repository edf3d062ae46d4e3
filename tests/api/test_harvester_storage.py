# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's storage at work: the storage network off and on, refusals, volumes after a reboot."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from lab.apiserver import ApiError, Client, Cluster, Object
from lab.apiserver.seed import STORAGE_VALUE

pytestmark = pytest.mark.api

HARVESTER, LONGHORN, KUBEVIRT = "harvesterhci.io/v1beta1", "longhorn.io/v1beta2", "kubevirt.io/v1"
MARK = "storage-network.settings.harvesterhci.io"
DENIED = 'admission webhook "validator.harvesterhci.io" denied the request: '
LONGHORN_SYSTEM = "longhorn-system"


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return found


def write(client: Client, value: str, name: str = "storage-network") -> None:
    client.patch(HARVESTER, "Setting", name, {"value": value})


def refusal(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value.status, caught.value.message


def setting(client: Client) -> Object:
    return client.get(HARVESTER, "Setting", "storage-network")


def said(client: Client) -> tuple[str, str, str]:
    (found,) = setting(client)["status"]["conditions"]
    return found["status"], found["reason"], found.get("message", "")


def longhorn_says(client: Client) -> str:
    return str(client.get(LONGHORN, "Setting", "storage-network", LONGHORN_SYSTEM)["value"])


def interfaces(client: Client) -> list[list[str]]:
    """The addresses of lhnet1 of each instance manager that is not ending."""
    pods = client.list("v1", "Pod", LONGHORN_SYSTEM, labelSelector="longhorn.io/component=instance-manager")
    found = []
    for pod in pods:
        if "deletionTimestamp" in pod["metadata"] or pod["status"]["phase"] != "Running":
            continue
        status = json.loads(pod["metadata"].get("annotations", {}).get("k8s.v1.cni.cncf.io/network-status", "[]"))
        found.append([address for item in status if item.get("interface") == "lhnet1" for address in item["ips"]])
    return found


def done(client: Client, value: str) -> bool:
    annotations = setting(client)["metadata"]["annotations"]
    return (
        annotations[f"{MARK}/hash"] == hashlib.sha1(value.encode()).hexdigest()
        and said(client) == ("True", "Completed", "")
        and longhorn_says(client) == annotations[f"{MARK}/net-attach-def"]
    )


def stop_all(client: Client) -> None:
    for vm in client.list(KUBEVIRT, "VirtualMachine"):
        name, namespace = vm["metadata"]["name"], vm["metadata"]["namespace"]
        client.patch(KUBEVIRT, "VirtualMachine", name, {"spec": {"runStrategy": "Halted"}}, namespace)
    until(lambda: not client.list(KUBEVIRT, "VirtualMachineInstance"))
    until(lambda: all(vm["status"]["printableStatus"] == "Stopped" for vm in client.list(KUBEVIRT, "VirtualMachine")))
    until(lambda: states(client) == {"detached"})


def states(client: Client) -> set[str]:
    return {item["status"]["state"] for item in client.list(LONGHORN, "Volume", LONGHORN_SYSTEM)}


def test_off_and_on(client: Client) -> None:
    assert sorted(interfaces(client)) == [["192.168.50.16"], ["192.168.50.17"], ["192.168.50.18"]]
    assert refusal(lambda: write(client, "")) == (
        422,
        f"{DENIED}Please stop all VMs before configuring the storage-network setting",
    )
    stop_all(client)
    write(client, "")
    until(lambda: done(client, ""))
    until(lambda: interfaces(client) == [[], [], []])
    nads = client.list("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "harvester-system")
    assert [item["metadata"]["name"] for item in nads] == []
    write(client, STORAGE_VALUE)
    until(lambda: done(client, STORAGE_VALUE))
    until(lambda: len(interfaces(client)) == 3 and all(interfaces(client)))
    assert sorted(interfaces(client)) == [["192.168.50.16"], ["192.168.50.17"], ["192.168.50.18"]]
    (nad,) = client.list("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "harvester-system")
    config = json.loads(nad["spec"]["config"])
    assert (config["mtu"], config["vlan"], config["bridge"]) == (9000, 50, "storage-br")
    assert longhorn_says(client) == f"harvester-system/{nad['metadata']['name']}"


def test_a_change_that_never_ends(cluster: Cluster, client: Client) -> None:
    cluster.harvester.control.fault(storage_network_stops="longhorn")
    stop_all(client)
    write(client, "")
    until(lambda: said(client) == ("False", "In Progress", "Update Longhorn setting"))
    assert refusal(lambda: write(client, STORAGE_VALUE)) == (
        409,
        f"{DENIED}storage-network setting is in progress, please wait until it is completed",
    )
    cluster.harvester.control.fault(storage_network_stops="")
    until(lambda: done(client, ""))


def test_a_volume_that_is_held(cluster: Cluster, client: Client) -> None:
    cluster.harvester.control.fault(held_volumes=["pvc-db"])
    for name, namespace in (("web", "default"), ("db", "production"), ("shell", "default")):
        client.patch(KUBEVIRT, "VirtualMachine", name, {"spec": {"runStrategy": "Halted"}}, namespace)
    until(lambda: not client.list(KUBEVIRT, "VirtualMachineInstance"))
    until(lambda: states(client) == {"attached", "detached"})
    until(
        lambda: (
            refusal(lambda: write(client, ""))[1]
            == f"{DENIED}please stop all workloads before configuring the storage-network setting"
        )
    )


def volume(client: Client, name: str) -> Object:
    return dict(client.get(LONGHORN, "Volume", name, LONGHORN_SYSTEM)["status"])


def test_a_volume_knows_who_uses_it(client: Client) -> None:
    def user() -> Any:
        return volume(client, "pvc-web")["kubernetesStatus"].get("workloadsStatus")

    (one,) = until(user)
    assert (one["workloadType"], one["workloadName"], one["podStatus"]) == ("VirtualMachineInstance", "web", "Running")


def test_replicas_are_rebuilt_after_a_reboot(cluster: Cluster, client: Client) -> None:
    cluster.harvester.control.fault(rebuilding_never_ends=True, without_lhnet1=["node2"])
    until(lambda: volume(client, "pvc-web")["robustness"] == "healthy")
    client.patch("v1", "Node", "node2", {"status": {"nodeInfo": {"bootID": "another"}}}, status=True)
    until(lambda: volume(client, "pvc-web")["robustness"] == "degraded")
    engine = client.get(LONGHORN, "Engine", "pvc-web-e-0", LONGHORN_SYSTEM)
    until(lambda: sorted(interfaces(client)) == [[], ["192.168.50.16"], ["192.168.50.18"]])
    assert engine["status"]["currentState"] == "running"
    cluster.harvester.control.fault(rebuilding_never_ends=False)
    cluster.harvester.control.delay(rebuild=0.1)
    until(lambda: volume(client, "pvc-web")["robustness"] == "healthy")
    # the pod's next start is a usual one
    client.delete("v1", "Pod", "instance-manager-node2", LONGHORN_SYSTEM)
    until(lambda: len(interfaces(client)) == 3 and all(interfaces(client)))
