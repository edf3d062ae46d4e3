# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that change the cluster, against a real API with Harvester played behind it.

In four beats: bad input, check mode, change, second run changes nothing; then the way back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.cluster._read import READ_SETTINGS
from lab.apiserver import Client, Cluster, Object

pytestmark = pytest.mark.api

V1BETA1 = "network.harvesterhci.io/v1beta1"
NAD = ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition")
P = "network.harvesterhci.io"
CONFIGS = [
    {"name": "vm-a", "node_selector": {"topology.kubernetes.io/zone": "rack-a"}, "nics": ["eno3"]},
    {"name": "vm-b", "node": "node3", "nics": ["ens3f2"]},
]
NETWORK: dict[str, Any] = {"name": "vm", "description": "VMs", "uplink": {"mtu": 9000}, "configs": CONFIGS}
Result = dict[str, Any]
Call = Callable[..., Result]


def writes(requests: Counter[str]) -> int:
    return sum(requests[verb] for verb in ("create", "patch", "delete"))


def beats(call: Call, requests: Counter[str], module: str, **options: Any) -> Result:
    """Check mode writes nothing and tells what the change then does; the second run writes nothing. The change."""
    told = call(module, check=True, **options)
    assert "failed" not in told, told["msg"]
    assert (told["changed"], writes(requests)) == (True, 0)
    done = call(module, **options)
    assert "failed" not in done, done["msg"]
    assert done["changed"] is True
    assert [item["action"] for item in done["objects"]] == [item["action"] for item in told["objects"]]
    assert done["expect"] == told["expect"]
    again = call(module, **options)
    assert "failed" not in again, again["msg"]
    assert (again["changed"], writes(requests), again["diff"]) == (False, 0, [])
    assert [verb for verb in requests if verb not in ("list", "get")] == []
    # settings are read by name, every other kind by one list
    assert requests["get"] == len(READ_SETTINGS)
    return done


def annotations(client: Client, name: str) -> dict[str, str]:
    found: dict[str, str] = client.get(V1BETA1, "ClusterNetwork", name)["metadata"].get("annotations", {})
    return found


def statuses(client: Client, network: str) -> dict[str, str]:
    """Node -> configuration, by the labels of the VlanStatuses."""
    found = client.list(V1BETA1, "VlanStatus", labelSelector=f"{P}/clusternetwork={network}")
    return {item["metadata"]["labels"][f"{P}/node"]: item["metadata"]["labels"][f"{P}/vlanconfig"] for item in found}


def active(client: Client, network: str) -> list[str]:
    nodes = client.list("v1", "Node", labelSelector=f"{P}/{network}=true")
    return sorted(item["metadata"]["name"] for item in nodes)


def test_network_config(installed: Client, call: Call, requests: Counter[str]) -> None:
    call("cluster_network", name="vm")
    bad = call("network_config", name="a", cluster_network="vm", node="node1", nics=["eno9"])
    assert [item["rule"] for item in bad["objections"]] == ["config-nic-missing"]
    assert writes(requests) == 0
    a = {"name": "a", "cluster_network": "vm", "node_selector": {"topology.kubernetes.io/zone": "rack-a"}}
    beats(call, requests, "network_config", **a, nics=["eno3"], uplink={"mtu": 9000})
    assert statuses(installed, "vm") == {"node1": "a", "node2": "a"}
    assert annotations(installed, "vm")[f"{P}/uplink-mtu"] == "9000"
    # a second one takes the MTU, and is refused another
    refused = call(
        "network_config", name="b", cluster_network="vm", node="node3", nics=["ens3f2"], uplink={"mtu": 1500}
    )
    assert "cluster_network_mtu" in refused["msg"]
    assert writes(requests) == 0
    beats(call, requests, "network_config", name="b", cluster_network="vm", node="node3", nics=["ens3f2"])
    stored = installed.get(V1BETA1, "VlanConfig", "b")
    assert stored["spec"]["uplink"]["linkAttributes"]["mtu"] == 9000
    # changes: NICs, selection, description
    beats(call, requests, "network_config", name="a", nics=["eno3", "eno4"])
    label = installed.get(V1BETA1, "VlanConfig", "a")["metadata"]["labels"][f"{P}/clusternetwork"]
    assert label == "vm", "a merge patch leaves alone what the webhook wrote"
    done = beats(call, requests, "network_config", name="a", node="node1", description="one")
    assert done["expect"]["node2"] == {"devices": [], "absent": ["vm-bo", "vm-br"]}
    assert statuses(installed, "vm") == {"node1": "a", "node3": "b"}
    assert active(installed, "vm") == ["node1", "node3"]
    assert installed.get(V1BETA1, "VlanConfig", "a")["spec"]["nodeSelector"] == {"kubernetes.io/hostname": "node1"}
    # and away
    for name in ("a", "b"):
        call("network_config", name=name, state="absent")
    assert (statuses(installed, "vm"), active(installed, "vm")) == ({}, [])
    assert call("network_config", name="a", state="absent")["changed"] is False


def test_cluster_network(installed: Client, call: Call, requests: Counter[str]) -> None:
    assert call("cluster_network", name="thirteen-char")["objections"][0]["rule"] == "clusternetwork-name"
    done = beats(call, requests, "cluster_network", **NETWORK)
    assert [item["action"] for item in done["objects"]] == ["created"] * 3
    assert statuses(installed, "vm") == {"node1": "vm-a", "node2": "vm-a", "node3": "vm-b"}
    assert annotations(installed, "vm")["field.cattle.io/description"] == "VMs"
    # bond options on all, one by one
    beats(call, requests, "cluster_network", name="vm", uplink={"mode": "balance-xor"})
    modes = [item["spec"]["uplink"]["bondOptions"]["mode"] for item in installed.list(V1BETA1, "VlanConfig")]
    assert modes == ["balance-xor"] * 2
    refused = call("cluster_network", name="vm", uplink={"mtu": 1500})
    assert refused["msg"] == (
        "cluster network 'vm': uplink.mtu=1500: its 2 network configurations have MTU 9000, and Harvester lets none"
        " differ from the others; change the MTU with playbook cluster_network_mtu, then run this again"
    )
    # node2 goes from one configuration to a new one
    handed = [{"name": "vm-c", "node": "node2", "nics": ["eno4"]}, {"name": "vm-a", "node": "node1"}, {"name": "vm-b"}]
    done = beats(call, requests, "cluster_network", name="vm", configs=handed)
    assert statuses(installed, "vm") == {"node1": "vm-a", "node2": "vm-c", "node3": "vm-b"}
    assert active(installed, "vm") == ["node1", "node2", "node3"]
    # one configuration left: its MTU can change, and the VM network follows
    call("vm_network", name="v", cluster_network="vm", vlan_id=7)
    beats(call, requests, "cluster_network", name="vm", configs=[{"name": "vm-a"}])
    beats(call, requests, "cluster_network", name="vm", uplink={"mtu": 1500})
    assert annotations(installed, "vm")[f"{P}/uplink-mtu"] == "1500"
    # removal: refused while a VM network is there
    refused = call("cluster_network", name="vm", state="absent")
    assert [item["rule"] for item in refused["objections"]] == ["clusternetwork-delete-nads"]
    assert "default/v" in refused["msg"]
    assert statuses(installed, "vm") == {"node1": "vm-a"}
    call("vm_network", name="v", state="absent")
    done = call("cluster_network", name="vm", state="absent")
    assert [item["action"] for item in done["objects"]] == ["removed"] * 2
    assert installed.find(V1BETA1, "ClusterNetwork", "vm") is None
    assert (statuses(installed, "vm"), active(installed, "vm")) == ({}, [])
    assert call("cluster_network", name="vm", state="absent")["changed"] is False


def test_uplink_mtu_of_mgmt(installed: Client, call: Call, requests: Counter[str]) -> None:
    assert call("cluster_network", name="mgmt", state="absent")["objections"][0]["rule"] == "clusternetwork-delete-mgmt"
    call("vm_network", name="v", cluster_network="mgmt", vlan_id=7)
    beats(call, requests, "cluster_network", name="mgmt", uplink_mtu=9000)
    assert json.loads(installed.get(*NAD, "v", "default")["spec"]["config"])["mtu"] == 9000
    beats(call, requests, "cluster_network", name="mgmt", uplink_mtu=None)
    assert annotations(installed, "mgmt")[f"{P}/uplink-mtu"] == "1500"


@pytest.mark.oldest
def test_vm_network(installed: Client, call: Call, requests: Counter[str]) -> None:
    call("cluster_network", **NETWORK)
    bad = call("vm_network", name="v", cluster_network="nowhere", vlan_id=7)
    assert [item["rule"] for item in bad["objections"]] == ["nad-network"]
    v = {"name": "v", "namespace": "production"}
    beats(call, requests, "vm_network", **v, cluster_network="vm", vlan_id=7, route={"mode": "auto"})
    stored = installed.get(*NAD, "v", "production")
    assert json.loads(stored["spec"]["config"])["mtu"] == 9000, "Harvester writes the MTU"
    beats(call, requests, "vm_network", **v, vlan_ids=["100-110", "200"], description="trunk")
    config = json.loads(installed.get(*NAD, "v", "production")["spec"]["config"])
    assert (config["vlan"], config["vlanTrunk"]) == (0, [{"minID": 100, "maxID": 110}, {"id": 200}])
    assert config["mtu"] == 9000
    beats(call, requests, "vm_network", **v, type="untagged")
    beats(call, requests, "vm_network", **v, vlan_id=8)
    assert call("vm_network", **v, state="absent")["changed"] is True
    assert installed.find(*NAD, "v", "production") is None
    assert call("vm_network", **v, state="absent")["changed"] is False


def test_host_network_config(installed: Client, call: Call, requests: Counter[str]) -> None:
    addresses = {f"node{number}": f"10.1.2.{number}/24" for number in (1, 2, 3)}
    options: dict[str, Any] = {"name": "h", "cluster_network": "mgmt", "vlan_id": 2030, "all_nodes": True}
    bad = call("host_network_config", **options, mode="static", addresses={"node1": "10.1.2.1/24"})
    assert [item["rule"] for item in bad["objections"]] == ["hostnetworkconfig-static"] * 2
    beats(call, requests, "host_network_config", **options, mode="static", addresses=addresses)
    beats(call, requests, "host_network_config", name="h", description="backup")
    beats(call, requests, "host_network_config", name="h", node="node1")
    done = call("host_network_config", name="h", state="absent")
    assert done["expect"] == {"node1": {"devices": [], "absent": ["mgmt-br.2030"]}}
    assert installed.find(V1BETA1, "HostNetworkConfig", "h") is None
    assert call("host_network_config", name="h", state="absent")["changed"] is False


def test_host_network_config_with_dhcp(installed: Client, call: Call, requests: Counter[str]) -> None:
    addresses = {f"node{number}": f"10.1.2.{number}/24" for number in (1, 2, 3)}
    options: dict[str, Any] = {"name": "h", "cluster_network": "mgmt", "vlan_id": 2031, "all_nodes": True}
    bad = call("host_network_config", **options, mode="dhcp", addresses=addresses)
    assert bad["msg"] == (
        "host network configuration 'h': addresses: mode dhcp takes its addresses from a server; leave them out, or"
        " give mode=static"
    )
    assert writes(requests) == 0
    done = beats(call, requests, "host_network_config", **options, mode="dhcp")
    assert installed.get(V1BETA1, "HostNetworkConfig", "h")["spec"] == {
        "clusterNetwork": "mgmt",
        "mode": "dhcp",
        "vlanID": 2031,
    }
    assert set_up_as(installed, "h") == dict.fromkeys(addresses, ("dhcp", "True"))
    devices = [{"name": "mgmt-br.2031"}, *({"name": name, "vlans": ["2031"]} for name in ("mgmt-br", "mgmt-bo"))]
    assert done["expect"] == {node: {"devices": devices, "absent": []} for node in addresses}
    beats(call, requests, "host_network_config", name="h", mode="static", addresses=addresses)
    assert set_up_as(installed, "h") == dict.fromkeys(addresses, ("static", "True"))
    beats(call, requests, "host_network_config", name="h", mode="dhcp", addresses=None)
    assert "ips" not in installed.get(V1BETA1, "HostNetworkConfig", "h")["spec"]
    assert set_up_as(installed, "h") == dict.fromkeys(addresses, ("dhcp", "True"))
    # on another cluster network it needs the VlanStatuses of that one
    options = {"name": "vm40", "cluster_network": "vm", "vlan_id": 40, "mode": "dhcp", "node": "node3"}
    call("cluster_network", name="vm")
    refused = call("host_network_config", **options)
    assert [item["rule"] for item in refused["objections"]] == ["hostnetworkconfig-ready"]
    call("cluster_network", **NETWORK)
    beats(call, requests, "host_network_config", **options)
    assert set_up_as(installed, "vm40") == {"node3": ("dhcp", "True")}
    for name in ("h", "vm40"):
        assert call("host_network_config", name=name, state="absent")["changed"] is True
    assert installed.list(V1BETA1, "HostNetworkConfig") == []


def set_up_as(client: Client, name: str) -> dict[str, tuple[str, str]]:
    """Node -> mode and readiness of a host network configuration, as the agents report it."""
    found = client.get(V1BETA1, "HostNetworkConfig", name)["status"]["nodeStatus"]
    return {node: (item["mode"], item["conditions"][0]["status"]) for node, item in found.items()}


IN_USE: list[tuple[str, dict[str, Any], str]] = [
    ("network_config", {"name": "vmnet-rack-a", "nics": ["eno3", "eno4"]}, "default/web"),
    ("network_config", {"name": "vmnet-rack-b", "state": "absent"}, "production/db"),
    ("cluster_network", {"name": "vmnet", "state": "absent"}, "default/web"),
    ("cluster_network", {"name": "storage", "state": "absent"}, "storagenetwork-seed1"),
    ("vm_network", {"name": "vlan100", "vlan_id": 101}, "default/web"),
    ("vm_network", {"name": "untagged", "state": "absent"}, "default/batch"),
]


@pytest.mark.parametrize(("name", "options", "user"), IN_USE, ids=[f"{case[0]}-{case[2]}" for case in IN_USE])
def test_what_others_use_stays(
    cluster: Cluster, call: Call, requests: Counter[str], name: str, options: dict[str, Any], user: str
) -> None:
    """In the seeded cluster; Harvester would refuse each of them too."""
    result = call(name, **options)
    assert user in result["msg"]
    assert "harvester" in {item["by"] for item in result["objections"]}
    assert writes(requests) == 0


def test_a_seeded_cluster_network_is_as_it_is_declared(
    cluster: Cluster, client: Client, call: Call, requests: Counter[str]
) -> None:
    configs: list[Object] = [
        {
            "name": item["metadata"]["name"],
            "nics": item["spec"]["uplink"]["nics"],
            "node_selector": item["spec"]["nodeSelector"],
        }
        for item in client.list(V1BETA1, "VlanConfig")
        if item["spec"]["clusterNetwork"] == "vmnet"
    ]
    result = call("cluster_network", name="vmnet", configs=configs, uplink={"mtu": 1500, "mode": "active-backup"})
    assert "failed" not in result, result["msg"]
    assert (result["changed"], writes(requests)) == (False, 0)
    assert sorted(result["expect"]) == ["node1", "node2", "node3"]


@pytest.mark.oldest
def test_as_a_task_with_the_environment_of_kubernetes_core(installed: Client, running: Cluster, tmp_path: Path) -> None:
    """Packed and run by Ansible itself: everything that the module imports is found, and the diff is readable."""
    argv = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "harvester.network.cluster_network"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH", "KUBECONFIG"))}
    done = subprocess.run(
        [*argv, "-a", json.dumps(NETWORK), "--diff", "-e", f"ansible_python_interpreter={sys.executable}"],
        env={**environment, "HOME": str(tmp_path), "K8S_AUTH_KUBECONFIG": str(running.kubeconfig)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+++ after: VlanConfig vm-a\n" in done.stdout
    assert "+      mtu: 9000\n" in done.stdout
    assert statuses(installed, "vm") == {"node1": "vm-a", "node2": "vm-a", "node3": "vm-b"}
