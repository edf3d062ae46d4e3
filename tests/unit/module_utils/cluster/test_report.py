# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of module network_info, from objects in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest
from cluster_objects import (
    BASE,
    having,
    host_config,
    instance_manager,
    lacking,
    nad,
    network,
    node,
    setting,
    snapshot,
    status,
    thing,
    upgrade,
    vm,
    vmi,
)
from cluster_objects import config as network_config

from ansible_collections.harvester.network.plugins.module_utils.cluster import _report
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._report_filter import Filter
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

NETWORK = "network.harvesterhci.io/"


def part(subset: str, on: Snapshot = BASE, **only: Any) -> Any:
    return _report.report(on, [subset], Filter.read(only))[subset]


def entry(subset: str, name: str, on: Snapshot = BASE) -> dict[str, Any]:
    (found,) = [item for item in part(subset, on) if item["name"] == name]
    return dict(found)


def with_status(item: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {**item, "status": {**item.get("status", {}), **fields}}


# What is gathered


def test_everything_is_gathered_when_nothing_is_named() -> None:
    assert list(_report.report(BASE)) == list(_report.SUBSETS)


def test_a_subset_alone() -> None:
    assert list(_report.report(BASE, ["vms", "nics"])) == ["vms", "nics"]
    assert _report.report(BASE, []) == {}


def test_kinds_are_known_and_named_once() -> None:
    kinds = _report.kinds(_report.SUBSETS)
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= set(BY_KEY)
    assert _report.kinds(["vlan_statuses"]) == ["vlanstatuses"]


@pytest.mark.parametrize("name", list(_report.SUBSETS))
def test_a_subset_needs_no_kind_that_it_does_not_name(name: str) -> None:
    """With only its kinds it says the same as with all of them."""
    kinds = _report.SUBSETS[name].kinds
    narrow = Snapshot.read({kind: list(BASE.all(kind)) for kind in kinds})
    assert part(name, narrow) == part(name)


def test_an_empty_cluster_has_an_empty_report() -> None:
    found = _report.report(snapshot())
    assert found["nics"] == {"usable": [], "nodes": [], "links": []}
    assert found["versions"] == {"harvester": None, "running_upgrade": None, "nodes": []}
    assert found["storage_network"]["enabled"] is False
    lists = [value for value in found.values() if isinstance(value, list)]
    assert lists == [[]] * (len(_report.SUBSETS) - 4)


# Cluster networks


def test_a_cluster_network() -> None:
    assert entry("cluster_networks", "cn1") == {
        "name": "cn1",
        "description": "",
        "mtu": 9000,
        "uplink_mtu": "9000",
        "ready": True,
        "network_configs": ["rack-a"],
        "vm_networks": ["default/vlan100"],
        "active_nodes": ["n1", "n2"],
        "inactive_nodes": ["n3"],
        "not_ready": [],
    }


def test_the_description_is_the_annotation_of_the_user_interface() -> None:
    item = network("cn3")
    item["metadata"]["annotations"] = {"field.cattle.io/description": "for backups"}
    assert entry("cluster_networks", "cn3", having(item))["description"] == "for backups"


MTUS: dict[str, tuple[Snapshot, int | None]] = {
    "the annotation": (BASE, 9000),
    "an annotation of 0 means 1500": (having(network("cn1", 0)), 1500),
    "without annotation that of the configuration": (having(network("cn1")), 9000),
    "without either": (having(network("cn1"), on=lacking("vlanconfigs/rack-a")), 1500),
    "an annotation that is no number": (having(network("cn1", "big")), None),
}


@pytest.mark.parametrize("name", sorted(MTUS))
def test_the_mtu_of_a_cluster_network(name: str) -> None:
    on, expected = MTUS[name]
    assert entry("cluster_networks", "cn1", on)["mtu"] == expected


NO_LINK = "get link eno3 failed, error: Link not found"
NOT_READY: dict[str, tuple[Snapshot, list[str]]] = {
    "the agent's message": (having(status("cn1", "rack-a", "n2", up=False, message=NO_LINK)), ["n2: " + NO_LINK]),
    "no message": (
        having(status("cn1", "rack-a", "n2", up=False)),
        ["n2: its VlanStatus is not ready and says no reason"],
    ),
    "no VlanStatus": (lacking("vlanstatuses/cn1-n1-0"), ["n1: there is no VlanStatus"]),
    "another's VlanStatus": (
        having(status("cn1", "old", "n1")),
        ["n1: its VlanStatus is of network configuration 'old'"],
    ),
    "the ClusterNetwork's own condition is not believed": (having(network("cn1", 9000, is_ready=False)), []),
}


@pytest.mark.parametrize("name", sorted(NOT_READY))
def test_nodes_that_are_not_ready(name: str) -> None:
    on, expected = NOT_READY[name]
    found = entry("cluster_networks", "cn1", on)["not_ready"]
    assert [f"{item['node']}: {item['message']}" for item in found] == expected
    assert {item["network_config"] for item in found} <= {"rack-a"}


def test_harvesters_own_configurations_of_mgmt_have_no_vlan_status_to_wait_for() -> None:
    own = network_config("mgmt-vlanconfig-n1", "mgmt", nics=["eno1"], matched=["n1"], mtu=1500)
    found = entry("cluster_networks", "mgmt", having(own))
    assert (found["network_configs"], found["not_ready"]) == (["mgmt-vlanconfig-n1"], [])


# Network configurations


def test_a_network_configuration() -> None:
    assert entry("network_configs", "rack-a") == {
        "name": "rack-a",
        "description": "",
        "cluster_network": "cn1",
        "all_nodes": False,
        "node": None,
        "node_selector": {"rack": "a"},
        "nics": ["eno3"],
        "uplink": {
            "mode": "active-backup",
            "miimon": -1,
            "mtu": 9000,
            "tx_queue_length": -1,
            "hardware_address": None,
        },
        "matched_nodes": ["n1", "n2"],
        "selected_nodes": ["n1", "n2"],
        "read_only": False,
        "deleting": False,
    }


HOST = {"kubernetes.io/hostname": "n3"}
SELECTIONS: dict[str, tuple[dict[str, str] | None, tuple[bool, str | None, list[str]]]] = {
    "all nodes, witnesses never": (None, (True, None, ["n1", "n2", "n3"])),
    "an empty selector": ({}, (True, None, ["n1", "n2", "n3"])),
    "one node": (HOST, (False, "n3", ["n3"])),
    "one node and more": ({**HOST, "rack": "a"}, (False, None, [])),
}


@pytest.mark.parametrize("name", sorted(SELECTIONS))
def test_the_selection_of_a_configuration(name: str) -> None:
    selector, expected = SELECTIONS[name]
    found = entry("network_configs", "c", having(network_config("c", "cn2", selector=selector, matched=["n9"])))
    assert (found["all_nodes"], found["node"], found["selected_nodes"]) == expected
    assert found["matched_nodes"] == ["n9"], "Harvester's word, stale or not"


def test_an_mtu_that_is_not_written_is_null_and_harvesters_own_is_read_only() -> None:
    own = network_config("mgmt-vlanconfig-n1", "mgmt", nics=["eno1"], matched=["n1"], mtu=None)
    found = entry("network_configs", "mgmt-vlanconfig-n1", having(own))
    assert (found["uplink"]["mtu"], found["read_only"], found["selected_nodes"]) == (None, True, [])
    assert entry("network_configs", "d", having(network_config("d", "cn2", matched=[], deleting=True)))["deleting"]


# VM networks

VM_NETWORKS: dict[str, tuple[Any, dict[str, Any]]] = {
    "VLAN": (nad("x", vlan=7), {"type": "vlan", "vlan_id": 7, "vlan_ids": [], "mtu": 1500, "bridge": "cn1-br"}),
    "untagged": (nad("x", vlan=0), {"type": "untagged", "vlan_id": None, "vlan_ids": []}),
    "trunk": (
        nad("x", vlan=0, vlanTrunk=[{"minID": 5, "maxID": 7}, {"id": 9}]),
        {"type": "trunk", "vlan_id": None, "vlan_ids": ["5-7", "9"]},
    ),
    "overlay": (
        nad("x", "mgmt", None, type="kube-ovn", bridge=None),
        {"type": "overlay", "vlan_id": None, "bridge": None, "cluster_network": "mgmt"},
    ),
    "an MTU of 0 means 1500": (nad("x", mtu=0), {"mtu": 1500}),
    "an MTU that is no number": (nad("x", mtu="big"), {"mtu": None}),
    "no label": (nad("x", label=""), {"cluster_network": None, "bridge": "cn1-br"}),
    "of the storage network": (nad("storagenetwork-ab", namespace="harvester-system"), {"setting": "storage-network"}),
}


@pytest.mark.parametrize("name", sorted(VM_NETWORKS))
def test_vm_networks(name: str) -> None:
    item, expected = VM_NETWORKS[name]
    found = entry("vm_networks", item["metadata"]["name"], having(item))
    assert {key: found[key] for key in expected} == expected


ROUTES: dict[str, tuple[str | None, dict[str, Any] | None]] = {
    "none": (None, None),
    "manual": (
        '{"mode":"manual","cidr":"192.0.2.0/24","gateway":"192.0.2.1","serverIPAddr":"","connectivity":"ping failed"}',
        {
            "mode": "manual",
            "cidr": "192.0.2.0/24",
            "gateway": "192.0.2.1",
            "dhcp_server": None,
            "connectivity": "ping failed",
        },
    ),
    "not looked at yet": (
        '{"mode":"auto"}',
        {"mode": "auto", "cidr": None, "gateway": None, "dhcp_server": None, "connectivity": None},
    ),
    "no JSON": ("{", None),
    "no object": ("[]", None),
}


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_the_route_of_a_vm_network(name: str) -> None:
    text, expected = ROUTES[name]
    annotations = {"field.cattle.io/description": "d", **({NETWORK + "route": text} if text else {})}
    found = entry("vm_networks", "x", having(nad("x", annotations=annotations)))
    assert (found["route"], found["description"]) == (expected, "d")


def test_a_hardware_address_is_shown_as_one() -> None:
    item = network_config("c", "cn2", matched=[], hardwareAddr="UlQAEjRW")
    assert entry("network_configs", "c", having(item))["uplink"]["hardware_address"] == "52:54:00:12:34:56"


@pytest.mark.parametrize(("label", "expected"), [("true", True), ("false", False), (None, None), ("maybe", None)])
def test_readiness_of_a_vm_network_is_its_label(label: str | None, expected: bool | None) -> None:
    item = nad("x")
    if label:
        item["metadata"]["labels"][NETWORK + "ready"] = label
    assert entry("vm_networks", "x", having(item))["ready"] is expected


def test_users_of_a_vm_network_are_vms_and_instances_without_one() -> None:
    found = entry("vm_networks", "vlan100", having(vmi("orphan", "default/vlan100", phase="Succeeded")))
    assert found["vms"] == ["default/idle", "default/orphan", "default/vm1"]
    assert found["vm_instances"] == ["default/orphan", "default/vm1"]


# Host network configurations


def test_a_host_network_configuration() -> None:
    item = host_config(
        "backup",
        mode="static",
        ips={"n1": "192.0.2.1/24"},
        nodeSelector={"matchLabels": {"rack": "a"}},
        description="b",
    )
    states = {
        "n1": {"conditions": [{"type": "ready", "status": "True"}]},
        "n2": {"conditions": [{"type": "ready", "status": "False", "message": "no address for the node"}]},
    }
    assert part("host_network_configs", having(with_status(item, nodeStatus=states))) == [
        {
            "name": "backup",
            "description": "b",
            "cluster_network": "mgmt",
            "vlan_id": 2030,
            "device": "mgmt-br.2030",
            "mode": "static",
            "underlay": False,
            "node_selector": {"matchLabels": {"rack": "a"}},
            "nodes": ["n1", "n2", "w1"],
            "ips": {"n1": "192.0.2.1/24"},
            "ready_nodes": ["n1"],
            "not_ready": [{"node": "n2", "message": "no address for the node"}],
        }
    ]


# Storage network

VALUE = {"clusterNetwork": "cn1", "vlan": 100, "range": "192.0.2.0/24", "exclude": ["192.0.2.0/28"]}
MARK = "storage-network.settings.harvesterhci.io/net-attach-def"


def test_the_storage_network() -> None:
    on = having(
        setting("storage-network", VALUE, "Completed", **{MARK: "harvester-system/storagenetwork-ab"}),
        setting("rwx-network", {"share-storage-network": True}),
        nad("storagenetwork-ab", namespace="harvester-system", mtu=9000),
    )
    assert part("storage_network", on) == {
        "enabled": True,
        "value": ('{"clusterNetwork":"cn1","vlan":100,"range":"192.0.2.0/24","exclude":["192.0.2.0/28"]}'),
        "cluster_network": "cn1",
        "vlan_id": 100,
        "range": "192.0.2.0/24",
        "exclude": ["192.0.2.0/28"],
        "exclusive_vlan": False,
        "shared_with_rwx": True,
        "in_progress": False,
        "message": "",
        "vm_network": "harvester-system/storagenetwork-ab",
        "mtu": 9000,
    }


def test_a_change_of_the_storage_network_that_goes_on() -> None:
    item = setting("storage-network", VALUE, "In Progress")
    item["status"]["conditions"][0]["message"] = "waiting for volumes to detach"
    found = part("storage_network", having(item))
    assert (found["in_progress"], found["message"]) == (True, "waiting for volumes to detach")
    assert (found["vm_network"], found["mtu"]) == (None, None)


@pytest.mark.parametrize(
    ("value", "message"),
    [("{", "it is no JSON"), ("[]", "it is no JSON object"), ('{"vlan":"x"}', "its vlan 'x' is no number")],
)
def test_a_value_that_cannot_be_read_is_shown_as_it_is(value: str, message: str) -> None:
    found = part("storage_network", having(setting("storage-network", value)))
    assert (found["enabled"], found["value"], found["cluster_network"]) == (True, value, None)
    assert found["message"] == message


# Longhorn


def longhorn_setting(value: str) -> Any:
    return thing("longhorn_settings", "storage-network", "longhorn-system", value=value)


def test_longhorn_without_a_storage_network() -> None:
    found = part("longhorn")
    assert (found["vm_networks"], found["unsettled"]) == ({"storage-network": "", "rwx-network": ""}, [])
    assert [pod["problem"] for pod in found["pods"]] == ["", "", ""]
    assert found["pods"][0] == {
        "name": "instance-manager-n1",
        "component": "instance-manager",
        "node": "n1",
        "running": True,
        "addresses": [],
        "problem": "",
    }


def test_pods_of_longhorn_and_what_is_wrong_with_them() -> None:
    backing = instance_manager("n3", name="backing-image-manager-x")
    backing["metadata"]["labels"] = {"longhorn.io/component": "backing-image-manager"}
    on = having(
        setting("storage-network", VALUE, "Completed"),
        instance_manager("n1", "192.0.2.99"),
        instance_manager("n2", "192.0.2.98", phase="Pending"),
        backing,
        longhorn_setting("harvester-system/storagenetwork-ab"),
    )
    found = part("longhorn", on)
    assert found["vm_networks"]["storage-network"] == "harvester-system/storagenetwork-ab"
    assert {pod["name"]: (pod["component"], pod["problem"]) for pod in found["pods"]} == {
        "backing-image-manager-x": ("backing-image-manager", "has no lhnet1"),
        "instance-manager-n1": ("instance-manager", ""),
        "instance-manager-n2": ("instance-manager", "is not Running"),
        "instance-manager-n3": ("instance-manager", "has no lhnet1"),
    }


def test_a_pod_that_does_not_run_without_a_storage_network() -> None:
    pods = part("longhorn", having(instance_manager("n1", phase="Failed")))["pods"]
    assert [pod["problem"] for pod in pods] == ["is not Running", "", ""]


def test_what_longhorn_has_not_taken_up() -> None:
    assert part("longhorn", having(setting("storage-network", VALUE)))["unsettled"] == [
        "setting 'storage-network': Harvester has not taken up the value yet"
    ]


# VMs


def test_a_vm() -> None:
    assert entry("vms", "vm1") == {
        "name": "vm1",
        "namespace": "default",
        "reference": "default/vm1",
        "status": "Running",
        "run_strategy": "RerunOnFailure",
        "phase": "Running",
        "node": "n1",
        "attached": True,
        "cluster_networks": ["cn1"],
        "vm_networks": ["default/vlan100"],
        "mgmt_vm_networks": [],
        "missing_vm_networks": [],
        "pod_network": False,
        "possible_nodes": ["n1", "n2"],
        "other_nodes": [
            {
                "node": "n3",
                "reasons": ["cluster network 'cn1' (VM network default/vlan100) is not active on it"],
            },
            {
                "node": "w1",
                "reasons": ["it is a witness node, which runs no VMs"],
            },
        ],
    }


ATTACHED: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "the pod network": (("pod",), {"pod_network": True, "mgmt_vm_networks": [], "cluster_networks": []}),
    "a VM network of mgmt": (
        ("mgmt200",),
        {"pod_network": False, "mgmt_vm_networks": ["default/mgmt200"], "vm_networks": [], "cluster_networks": []},
    ),
    "all kinds": (
        ("pod", "mgmt200", "vlan100"),
        {
            "pod_network": True,
            "mgmt_vm_networks": ["default/mgmt200"],
            "vm_networks": ["default/vlan100"],
            "cluster_networks": ["cn1"],
        },
    ),
    "one that does not exist": (
        ("other/gone",),
        {"missing_vm_networks": ["other/gone"], "vm_networks": [], "possible_nodes": []},
    ),
}


@pytest.mark.parametrize("name", sorted(ATTACHED))
def test_networks_of_a_vm_are_told_apart(name: str) -> None:
    networks, expected = ATTACHED[name]
    found = entry("vms", "x", having(vm("x", *networks)))
    assert {key: found[key] for key in expected} == expected


def test_an_instance_without_a_vm_is_one() -> None:
    found = entry("vms", "orphan", having(vmi("orphan", "vlan100", on="", phase="Pending")))
    assert [found[key] for key in ("status", "run_strategy", "phase", "node")] == [None, None, "Pending", None]


# Nodes, NICs, versions


def a_node() -> dict[str, Any]:
    item = node("n4", "cn1", **{"node-role.harvesterhci.io/management": "true"})
    info = {
        "osImage": "Harvester v1.8.2",
        "kernelVersion": "6.12.0",
        "kubeletVersion": "v1.35.2+rke2r1",
        "machineID": "m4",
        "bootID": "b4",
    }
    addresses = [
        {"type": "Hostname", "address": "n4"},
        {"type": "InternalIP", "address": "192.0.2.14"},
        {"type": "InternalIP", "address": "2001:db8::14"},
    ]
    return with_status(item, nodeInfo=info, addresses=addresses)


def test_a_node() -> None:
    found = entry("nodes", "n4", having(a_node()))
    assert set(found.pop("labels")) >= {"kubernetes.io/hostname", NETWORK + "cn1"}
    assert found == {
        "name": "n4",
        "ready": True,
        "cordoned": False,
        "maintenance": False,
        "roles": ["control-plane", "etcd", "management"],
        "internal_ip": "192.0.2.14",
        "addresses": [
            {"type": "Hostname", "address": "n4"},
            {"type": "InternalIP", "address": "192.0.2.14"},
            {"type": "InternalIP", "address": "2001:db8::14"},
        ],
        "active_cluster_networks": ["cn1", "mgmt"],
        "machine_id": "m4",
        "boot_id": "b4",
        "harvester_version": "v1.8.2",
        "os_image": "Harvester v1.8.2",
        "kernel_version": "6.12.0",
        "kubelet_version": "v1.35.2+rke2r1",
    }


def test_a_node_that_is_away() -> None:
    item = node("n4", up=False, cordoned=True)
    item["metadata"]["annotations"] = {"harvesterhci.io/maintain-status": "running"}
    item = with_status(item, nodeInfo={"osImage": "Debian GNU/Linux 13 (trixie)"})
    found = entry("nodes", "n4", having(item))
    assert [found[key] for key in ("ready", "cordoned", "maintenance")] == [False, True, True]
    assert [found[key] for key in ("internal_ip", "harvester_version")] == [None, None]


def test_only_labels_that_are_true_make_a_cluster_network_active() -> None:
    item = node("n4", **{NETWORK + "cn1": "false", NETWORK + "vlanconfig": "rack-a"})
    assert entry("nodes", "n4", having(item))["active_cluster_networks"] == ["mgmt"]


def test_nics_on_all_nodes() -> None:
    found = part("nics")
    assert (found["usable"], found["nodes"]) == (["eno4", "eno6"], ["n1", "n2", "n3"])
    reasons = {(link["node"], link["name"]): link["reason"] for link in found["links"]}
    assert len(reasons) == len(found["links"]) == 18
    assert reasons["n1", "eno1"] == "it carries the management network"
    assert reasons["n1", "eno3"] == "network configuration 'rack-a' of cluster network 'cn1' uses it"
    assert reasons["n3", "eno3"] is None
    assert reasons["n1", "eno5"] == "it is down"
    assert all(link["usable"] is (link["reason"] is None) for link in found["links"])


def test_nics_of_some_nodes() -> None:
    found = part("nics", nodes=["n3", "w1"])
    assert (found["usable"], found["nodes"]) == (["eno3", "eno4", "eno6"], ["n3"])
    (eno1,) = [link for link in found["links"] if link["name"] == "eno1"]
    assert (eno1["master"], eno1["state"], eno1["mac"]) == ("mgmt-bo", "up", None)


def test_a_nic_that_only_other_nodes_have() -> None:
    links = {name: [{"name": "eno9", "index": 9, "state": "up", "mac": "52:54:00:00:00:09"}] for name in ("n1",)}
    found = part("nics", having(thing("linkmonitors", "nic", status={"linkStatus": {**links, "n2": []}})))
    assert found["usable"] == []
    by_node = {link["node"]: link for link in found["links"]}
    assert (by_node["n1"]["usable"], by_node["n1"]["mac"]) == (True, "52:54:00:00:00:09")
    missing = {"mac": None, "state": None, "master": None, "usable": False, "reason": "the node has no such NIC"}
    assert by_node["n2"] == {"node": "n2", "name": "eno9", **missing}
    assert by_node["n3"]["reason"] == "LinkMonitor 'nic' tells nothing of the node"


def test_a_master_that_no_monitor_names_is_its_index() -> None:
    links = {"n1": [{"name": "eno9", "index": 9, "masterIndex": 77, "state": "up"}]}
    found = part("nics", having(thing("linkmonitors", "nic", status={"linkStatus": links})), nodes=["n1"])
    assert found["links"][0]["master"] == "index 77"


def test_versions() -> None:
    found = part("versions", having(a_node(), upgrade("hvst-upgrade-1")), nodes=["n4"])
    assert (found["harvester"], found["running_upgrade"]) == ("v1.8.2", "hvst-upgrade-1")
    assert found["nodes"] == [
        {
            "name": "n4",
            "harvester_version": "v1.8.2",
            "os_image": "Harvester v1.8.2",
            "kernel_version": "6.12.0",
            "kubelet_version": "v1.35.2+rke2r1",
        }
    ]


# Filters

FILTERS: dict[str, tuple[str, dict[str, list[str]], list[str]]] = {
    "cluster networks": ("cluster_networks", {"cluster_networks": ["cn2", "nope"]}, ["cn2"]),
    "configurations of none": ("network_configs", {"cluster_networks": ["cn2"]}, []),
    "configurations": ("network_configs", {"cluster_networks": ["cn1"]}, ["rack-a"]),
    "statuses by cluster network": ("vlan_statuses", {"cluster_networks": ["cn1"]}, ["cn1-n1-0", "cn1-n2-0"]),
    "statuses by node": ("vlan_statuses", {"nodes": ["n2"]}, ["cn1-n2-0"]),
    "VM networks": ("vm_networks", {"cluster_networks": ["mgmt"]}, ["mgmt200"]),
    "VMs of a cluster network": ("vms", {"cluster_networks": ["cn1"]}, ["idle", "vm1"]),
    "VMs of mgmt are those on the pod network too": ("vms", {"cluster_networks": ["mgmt"]}, ["pod1"]),
    "VMs by name": ("vms", {"vms": ["default/vm1", "default/nope"]}, ["vm1"]),
    "VMs by both": ("vms", {"vms": ["default/vm1"], "cluster_networks": ["mgmt"]}, []),
    "nodes": ("nodes", {"nodes": ["w1", "n2"]}, ["n2", "w1"]),
    "none at all": ("nodes", {"nodes": []}, []),
}


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_filters(name: str) -> None:
    subset, only, expected = FILTERS[name]
    assert [item["name"] for item in part(subset, **only)] == expected


# Size


def operations(call: Callable[[], object]) -> int:
    """How many of Python's operations a call takes, functions that it calls included."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def large(size: int) -> dict[str, list[Any]]:
    """VMs, VM networks, cluster networks and configurations, each ``size`` times, on four nodes."""
    numbers = range(size)
    return {
        "nodes": [
            node(f"n{place}", *(f"c{number}" for number in numbers if number % 4 == place)) for place in range(4)
        ],
        "clusternetworks": [network(f"c{number}", 9000) for number in numbers],
        "vlanconfigs": [
            network_config(
                f"v{number}",
                f"c{number}",
                [f"e{number}"],
                {"kubernetes.io/hostname": f"n{number % 4}"},
                [f"n{number % 4}"],
            )
            for number in numbers
        ],
        "vlanstatuses": [status(f"c{number}", f"v{number}", f"n{number % 4}") for number in numbers],
        "nads": [nad(f"net{number}", f"c{number}", 100) for number in numbers],
        "vms": [vm(f"vm{number}", f"net{number}", "pod") for number in numbers],
        "vmis": [vmi(f"vm{number}", f"net{number}", "pod", on=f"n{number % 4}") for number in numbers],
    }


@pytest.mark.skipif(sys.gettrace() is not None, reason="something else traces")
@pytest.mark.parametrize("subset", list(_report.SUBSETS))
def test_twice_as_many_objects_take_about_twice_the_work(subset: str) -> None:
    def work(size: int) -> int:
        objects = large(size)
        return operations(lambda: _report.report(Snapshot.read(objects), [subset]))

    fixed, once, twice = work(0), work(20), work(40)
    assert twice - fixed <= 2.5 * (once - fixed)
