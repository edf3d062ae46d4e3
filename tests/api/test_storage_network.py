# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""storage_network against a real API with Harvester's and Longhorn's controllers played behind it."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from lab.apiserver import Client, Cluster
from lab.apiserver import objects as make
from lab.apiserver.seed import STORAGE_VALUE

pytestmark = pytest.mark.api

MODULE = "ansible_collections.harvester.network.plugins.modules.storage_network"
HARVESTER, LONGHORN, KUBEVIRT = "harvesterhci.io/v1beta1", "longhorn.io/v1beta2", "kubevirt.io/v1"
STORAGE, RWX = "storage-network", "rwx-network"
BY_HAND = '{ "clusterNetwork":"storage","vlan":50, "range":"192.168.50.0/24","exclude":["192.168.50.0/28"] }'
"""What the seeded value means, in other words."""
SHARE, NO_SHARE = '{"share-storage-network":true}', '{"share-storage-network":false}'
RECORDED = [{"setting": STORAGE, "value": STORAGE_VALUE}]
Result = dict[str, Any]
Call = Callable[..., Result]


@pytest.fixture
def call(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the module as administrator, with the client of kubernetes.core; gives its result."""
    monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)

    def run(check: bool = False, **options: Any) -> Result:
        capsys.readouterr()
        arguments = {"kubeconfig": str(cluster.kubeconfig), "wait_timeout": 120, "wait_sleep": 1, **options}
        with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            importlib.import_module(MODULE).main()
        result: Result = json.loads(capsys.readouterr().out)
        return result

    return run


def until(what: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def stop_all(client: Client) -> None:
    for vm in client.list(KUBEVIRT, "VirtualMachine"):
        name, namespace = vm["metadata"]["name"], vm["metadata"]["namespace"]
        client.patch(KUBEVIRT, "VirtualMachine", name, {"spec": {"runStrategy": "Halted"}}, namespace)
    until(lambda: not client.list(KUBEVIRT, "VirtualMachineInstance"))
    until(lambda: all(vm["status"]["printableStatus"] == "Stopped" for vm in client.list(KUBEVIRT, "VirtualMachine")))
    volumes = lambda: client.list(LONGHORN, "Volume", "longhorn-system")  # noqa: E731
    until(lambda: {item["status"]["state"] for item in volumes()} == {"detached"})


def value(client: Client, name: str = STORAGE) -> str:
    return str(client.get(HARVESTER, "Setting", name).get("value") or "")


def rules(result: Result) -> list[str]:
    return [objection["rule"] for objection in result["objections"]]


def test_before_the_vms_stop(call: Call, client: Client) -> None:
    """Running VMs refuse; a check ahead of time lets them and their volumes pass, and names who else holds one."""
    refused = call(state="disabled")
    assert refused["failed"]
    assert rules(refused) == ["setting-vms", "setting-volumes"]
    assert refused["recorded"] == RECORDED
    assert {volume["detaches_with_vm"] for volume in refused["volumes"]} == {True}
    ahead = call(check=True, state="disabled", before_vms_stop=True)
    assert "failed" not in ahead, ahead["msg"]
    assert (ahead["changed"], value(client)) == (True, STORAGE_VALUE)
    workload = {"podName": "web-0", "podStatus": "Running", "workloadName": "web", "workloadType": "StatefulSet"}
    # Without a claim and replicas the stand-in leaves it as it is.
    name = "pvc-of-nobody"
    item = make.volume(name, "node1")
    client.put([{**item, "status": {**item["status"], "kubernetesStatus": {"workloadsStatus": [workload]}}}])
    held = call(check=True, state="disabled", before_vms_stop=True)
    assert rules(held) == ["setting-volumes"]
    assert held["msg"].endswith("stop what keeps volumes attached: %s is held by pod web-0 of StatefulSet web" % name)


def test_off_and_on_again(call: Call, client: Client) -> None:
    """In four beats, then back to the byte."""
    bad = call(state="disabled", vlan_id=5)
    assert bad["msg"] == (
        "setting 'storage-network': vlan_id=5: it does not go with state=disabled; leave it out, or give state=enabled"
    )
    same = call(state="recorded", recorded=[{"setting": STORAGE, "value": BY_HAND}])
    assert "failed" not in same, same["msg"]
    assert (same["changed"], value(client)) == (False, STORAGE_VALUE)
    stop_all(client)
    told = call(check=True, state="disabled")
    assert "failed" not in told, told["msg"]
    assert (told["changed"], value(client)) == (True, STORAGE_VALUE)
    off = call(state="disabled")
    assert "failed" not in off, off["msg"]
    assert (off["recorded"], off["expect"], off["diff"]) == (told["recorded"], told["expect"], told["diff"])
    assert off["recorded"] == RECORDED
    assert off["progress"][-1]["missing"] == []
    again = call(state="disabled")
    assert (again["changed"], again["recorded"], value(client)) == (False, [], "")
    back = call(state="recorded", recorded=off["recorded"])
    assert "failed" not in back, back["msg"]
    assert (back["changed"], value(client)) == (True, STORAGE_VALUE)
    assert call(state="recorded", recorded=off["recorded"])["changed"] is False


def test_rwx_lets_go_first_and_shares_again_last(call: Call, client: Client) -> None:
    stop_all(client)
    client.patch(HARVESTER, "Setting", RWX, {"value": SHARE})
    shared = call(state="enabled")
    assert "failed" not in shared, shared["msg"]
    off = call(state="disabled")
    assert "failed" not in off, off["msg"]
    assert [item["name"] for item in off["objects"]] == [RWX, STORAGE]
    assert off["recorded"] == [{"setting": RWX, "value": SHARE}, *RECORDED]
    assert (value(client, RWX), value(client)) == (NO_SHARE, "")
    back = call(state="recorded", recorded=off["recorded"])
    assert "failed" not in back, back["msg"]
    assert [item["name"] for item in back["objects"]] == [STORAGE, RWX]
    assert (value(client, RWX), value(client)) == (SHARE, STORAGE_VALUE)


IN_THE_WAY = "setting 'storage-network': "


@pytest.mark.long
def test_what_keeps_a_network_from_coming_back_is_told_before_it_is_switched_off(
    call: Call, client: Client, cluster: Cluster
) -> None:
    """Each by its exact message, and by the module alone: Harvester would take the change."""
    stop_all(client)

    def refused() -> str:
        found = call(state="disabled")
        assert (found.get("failed"), value(client)) == (True, STORAGE_VALUE)
        assert {objection["by"] for objection in found["objections"]} == {"ours"}
        return str(found["msg"])

    client.patch("v1", "Node", "node3", {"spec": {"unschedulable": True}})
    assert refused() == IN_THE_WAY + "node node3 takes no pods: it is cordoned or in maintenance; uncordon it"
    client.patch("v1", "Node", "node3", {"spec": {"unschedulable": None}})
    item = make.volume("pvc-new", None)
    client.put([{**item, "spec": {**item["spec"], "dataEngine": "v2"}}])
    assert refused() == (
        IN_THE_WAY + "volumes have Longhorn's v2 engine: pvc-new; move them to the v1 engine, or allow them with"
        " allow_v2_volumes=true"
    )
    client.delete(LONGHORN, "Volume", "pvc-new", "longhorn-system")
    client.create(make.named(HARVESTER, "VirtualMachineImage", "image-x", "default", spec={"displayName": "x"}))
    assert refused() == IN_THE_WAY + ("VM images are being transferred: default/image-x; wait for them, or delete them")
    client.delete(HARVESTER, "VirtualMachineImage", "image-x", "default")
    cluster.harvester.control.fault(without_lhnet1=["node2"])
    client.patch("v1", "Node", "node2", {"status": {"nodeInfo": {"bootID": "another"}}}, status=True)
    until(lambda: call(state="disabled", check=True).get("failed"))
    assert refused() == IN_THE_WAY + (
        "instance-manager instance-manager-node2 of node node2 has no lhnet1; delete this pod once no volume is"
        " attached on its node, and wait for the new one"
    )
    client.delete("v1", "Pod", "instance-manager-node2", "longhorn-system")
    until(lambda: not call(state="disabled", check=True).get("failed"))


def test_running_vms_refuse_by_name(call: Call, client: Client) -> None:
    refused = call(state="disabled")
    assert refused["msg"].startswith(
        IN_THE_WAY + "Please stop all VMs before configuring the storage-network setting (running: default/shell,"
        " default/web, production/db); stop these VMs\n"
    )


def test_an_interrupted_wait_is_gone_on_with(call: Call, client: Client, cluster: Cluster) -> None:
    """The change hangs, the call ends in time and says where; the next one writes nothing and waits on."""
    stop_all(client)
    cluster.harvester.control.fault(storage_network_stops="longhorn")
    first = call(state="disabled", wait_timeout=3)
    assert first["failed"]
    assert first["missing"][0] == (
        "setting 'storage-network': condition configured is not True: Update Longhorn setting"
    )
    assert (first["changed"], first["recorded"], value(client)) == (True, RECORDED, "")
    refused = call(state="recorded", recorded=first["recorded"])
    assert "setting-in-progress" in rules(refused)
    cluster.harvester.control.fault(storage_network_stops="")
    second = call(state="disabled", recorded=first["recorded"])
    assert "failed" not in second, second["msg"]
    assert (second["changed"], second["recorded"]) == (False, RECORDED)


def test_an_enabling_that_hangs_can_be_reset(call: Call, client: Client, cluster: Cluster) -> None:
    stop_all(client)
    assert "failed" not in call(state="disabled")
    cluster.harvester.control.fault(storage_network_stops="longhorn")
    assert call(state="recorded", recorded=RECORDED, wait_timeout=3)["failed"]
    refused = call(state="disabled", permanent=True)
    assert rules(refused) == ["storage-network-in-progress"]
    reset = call(state="disabled", permanent=True, allow_in_progress=True)
    assert "failed" not in reset, reset["msg"]
    assert (reset["recorded"], value(client)) == (RECORDED, "")


def test_another_network(call: Call, client: Client) -> None:
    stop_all(client)
    options = {"state": "enabled", "range": "192.168.60.0/24", "exclude": ["192.168.60.0/28"]}
    changed = call(**options)
    assert "failed" not in changed, changed["msg"]
    assert changed["recorded"] == RECORDED
    assert json.loads(value(client)) == {
        "vlan": 50,
        "clusterNetwork": "storage",
        "range": "192.168.60.0/24",
        "exclude": ["192.168.60.0/28"],
    }
    assert call(**options)["changed"] is False


def test_harvester_and_the_module_refuse_the_same_values(call: Call, client: Client) -> None:
    stop_all(client)
    refused = call(state="enabled", vlan_id=4095, range="192.168.60.1/24")
    assert rules(refused) == ["setting-vlan", "setting-range"]
    small = call(state="enabled", range="192.168.60.0/29", exclude=[])
    assert rules(small) == ["setting-addresses"]
    own = call(state="enabled", range="10.52.0.0/24", exclude=[])
    assert rules(own) == ["setting-reserved-range"]
    assert value(client) == STORAGE_VALUE


@pytest.mark.long
def test_ranges_that_harvester_would_take(call: Call, client: Client, cluster: Cluster) -> None:
    """Addresses that whereabouts has lost, and those of nodes: its webhook looks at neither."""
    stop_all(client)
    cluster.harvester.control.fault(leaks_addresses=True)
    gone = [f"longhorn-system/gone-{number}" for number in range(3)]
    client.put([make.address_pool("192.168.61.0-28", "192.168.61.0/28", gone)])
    lost = call(check=True, state="enabled", range="192.168.61.0/28", exclude=[])
    assert lost["msg"] == IN_THE_WAY + (
        "range 192.168.61.0/28 has 14 usable addresses, 12 are needed, and these will not come free: 192.168.61.1"
        " (longhorn-system/gone-0), 192.168.61.2 (longhorn-system/gone-1), 192.168.61.3 (longhorn-system/gone-2); take"
        " them out of pool kube-system/192.168.61.0-28, or give a larger range"
    )
    taken = client.get("v1", "Node", "node1")["status"]["addresses"][0]["address"]
    own = taken.rpartition(".")[0] + ".0/24"
    overlap = call(check=True, state="enabled", range=own, exclude=[])
    assert set(rules(overlap)) == {"storage-network-overlap"}
    assert f"range {own} overlaps with {taken}, an address of node node1; give another range" in overlap["msg"]
