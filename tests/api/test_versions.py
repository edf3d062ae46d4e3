# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other versions of Harvester: what works through the API works on each, and where they differ each is told so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from wishes import KINDS, Wish, agree, wishes

from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client as ModuleClient
from ansible_collections.harvester.network.plugins.module_utils.cluster._read import read_snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster._transport import Transport
from lab.apiserver import Client, Cluster
from lab.harvester.versions import VERSIONS

pytestmark = pytest.mark.api

V1BETA1 = "network.harvesterhci.io/v1beta1"
NAD = ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")
UPLINK_MTU = "network.harvesterhci.io/uplink-mtu"
NETWORK: dict[str, Any] = {
    "name": "vm",
    "uplink": {"mtu": 9000},
    "configs": [
        {"name": "vm-a", "node_selector": {"topology.kubernetes.io/zone": "rack-a"}, "nics": ["eno3"]},
        {"name": "vm-b", "node": "node3", "nics": ["ens3f2"]},
    ],
}
NODES = ["node1", "node2", "node3"]
TAKEN = [("node1", "eno3"), ("node2", "eno3"), ("node3", "ens3f2")]
Result = dict[str, Any]
Call = Callable[..., Result]


@pytest.fixture(scope="session")
def running(other_version: Cluster) -> Cluster:
    return other_version


def done(result: Result) -> Result:
    assert "failed" not in result, result["msg"]
    return result


def state(client: Client, node: str, nic: str) -> str:
    """What the agent of a node says of the link."""
    links = client.get(V1BETA1, "LinkMonitor", "nic")["status"]["linkStatus"][node]
    return next(str(link["state"]) for link in links if link["name"] == nic)


def until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def rules_of(result: Result) -> list[str]:
    return [objection["rule"] for objection in result["objections"]]


def test_the_cluster_is_read(cluster: Cluster, call: Call, version: str) -> None:
    """A kind that a version does not serve counts as none; the agents' own configurations are told apart."""
    found = done(call("network_info"))
    assert found["versions"]["harvester"] == VERSIONS[version].release
    assert found["host_network_configs"] == []
    own = [item["name"] for item in found["network_configs"] if item["read_only"]]
    assert own == ([f"mgmt-vlanconfig-{node}" for node in NODES] if version == "1.9" else [])
    others = [item["name"] for item in found["network_configs"] if not item["read_only"]]
    assert others == ["storage-rack-a", "storage-rack-b", "vmnet-rack-a", "vmnet-rack-b"]


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the modules warn of; Ansible would keep it for the whole process."""
    found: list[str] = []
    monkeypatch.setattr("ansible.module_utils.basic.AnsibleModule.warn", lambda _self, text: found.append(text))
    return found


def test_from_nothing_to_nothing(installed: Client, call: Call, version: str, warned: list[str]) -> None:
    told = done(call("cluster_network", check=True, **NETWORK))
    assert (told["changed"], installed.find(V1BETA1, "ClusterNetwork", "vm")) == (True, None)
    made = done(call("cluster_network", **NETWORK))
    assert (made["expect"], sorted(made["expect"])) == (told["expect"], NODES)
    assert done(call("cluster_network", **NETWORK))["changed"] is False
    assert installed.get(V1BETA1, "ClusterNetwork", "vm")["metadata"]["annotations"][UPLINK_MTU] == "9000"
    done(call("vm_network", name="v", cluster_network="vm", vlan_id=7))
    assert json.loads(installed.get(*NAD, "v", "default")["spec"]["config"])["mtu"] == 9000
    done(call("vm_network", name="v", state="absent"))
    gone = done(call("cluster_network", name="vm", state="absent"))
    assert gone["expect"] == {node: {"devices": [], "absent": ["vm-bo", "vm-br"]} for node in NODES}
    assert installed.list("v1", "Node", labelSelector="network.harvesterhci.io/vm=true") == []
    assert [item for item in installed.list(V1BETA1, "VlanConfig") if item["spec"]["clusterNetwork"] == "vm"] == []
    released = "down" if version == "1.6" else "up"
    until(lambda: [state(installed, node, nic) for node, nic in TAKEN] == [released] * 3)
    again = call("cluster_network", **NETWORK)
    if version == "1.6":
        # agents leave NICs down that they release, and Harvester would not say so
        assert warned[0] == (
            "network configuration 'vm-a': Harvester 1.6.1 leaves eno3 down on node1 and node2; set the links up there"
            " before they are used again"
        )
        assert rules_of(again) == ["config-nic-down"] * 2
        assert "before 1.7 a NIC that Harvester released stays down until it is set up on the node" in again["msg"]
    else:
        assert warned == []
        assert done(again)["changed"] is True


def test_trunks_came_with_1_7(cluster: Cluster, client: Client, call: Call, version: str) -> None:
    found = call("vm_network", name="routers", cluster_network="vmnet", vlan_ids=["200-210"])
    if version == "1.6":
        assert rules_of(found) == ["vm-network-trunk-version"]
        assert "Harvester 1.6.1 knows no trunks" in found["msg"]
        assert client.find(*NAD, "routers", "default") is None
    else:
        assert done(found)["changed"] is True
        assert json.loads(client.get(*NAD, "routers", "default")["spec"]["config"])["vlanTrunk"]


def test_host_network_configs_came_with_1_8(installed: Client, call: Call, version: str) -> None:
    found = call("host_network_config", name="h", cluster_network="mgmt", vlan_id=2030, all_nodes=True, mode="dhcp")
    if version in ("1.6", "1.7"):
        assert rules_of(found) == ["hostnetworkconfig-served"]
        assert ("playbook mgmt_vlans" in found["msg"]) == (version == "1.7"), "1.6 has no profiles that it could change"
    else:
        assert done(found)["changed"] is True


def test_a_vlan_of_its_own_for_the_storage_network_came_with_1_9(cluster: Cluster, call: Call, version: str) -> None:
    found = call("storage_network", check=True, state="enabled", exclusive_vlan=True, before_vms_stop=True)
    if version == "1.9":
        assert done(found)["changed"] is True
    else:
        release = VERSIONS[version].release.removeprefix("v")
        assert f"exclusive_vlan=true: Harvester {release} does not have it; leave it out" in found["msg"]


@pytest.mark.long
def test_what_shares_the_storage_network_lets_go_first_from_1_9(
    cluster: Cluster, client: Client, call: Call, version: str
) -> None:
    """Before 1.9 another system network on its cluster network is none of its business. All comes back to the byte."""
    kind = ("harvesterhci.io/v1beta1", "Setting")
    shared = '{"clusterNetwork":"storage", "vlan":53,"range":"192.168.53.0/24" }'
    client.patch(*kind, "vm-migration-network", {"value": shared})
    done(call("vm_power", state="stopped", all_vms=True))
    end = time.monotonic() + 60
    while any(item["status"]["state"] != "detached" for item in client.list("longhorn.io/v1beta2", "Volume")):
        assert time.monotonic() < end, "volumes stay attached"
        time.sleep(0.1)
    before = {name: client.get(*kind, name)["value"] for name in ("storage-network", "vm-migration-network")}
    names = ["vm-migration-network", "storage-network"] if version == "1.9" else ["storage-network"]
    off = done(call("storage_network", state="disabled"))
    assert [item["name"] for item in off["objects"]] == names
    assert off["recorded"] == [{"setting": name, "value": before[name]} for name in names]
    assert [client.get(*kind, name).get("value", "") for name in names] == [""] * len(names)
    back = done(call("storage_network", state="recorded", recorded=off["recorded"]))
    assert [item["name"] for item in back["objects"]] == names[::-1]
    assert {name: client.get(*kind, name)["value"] for name in before} == before


@pytest.fixture(scope="session")
def api(running: Cluster) -> ModuleClient:
    running.reset()
    return ModuleClient(Transport({"kubeconfig": str(running.kubeconfig)}), retry_timeout=10)


@pytest.fixture(scope="session")
def base(api: ModuleClient, running: Cluster) -> Snapshot:
    return read_snapshot(api, KINDS)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(wish=wishes)
def test_the_api_refuses_exactly_what_harvesters_own_rules_object_to(
    running: Cluster, api: ModuleClient, base: Snapshot, wish: Wish
) -> None:
    agree(api, base, wish)
