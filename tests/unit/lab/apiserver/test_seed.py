# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The seeded cluster is one that Harvester's rules allow, whatever its nodes are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from lab import layout
from lab.apiserver import nodes, objects, seed
from lab.apiserver.client import Object
from lab.apiserver.nodes import NodeFacts

THREE = [nodes.played(number) for number in (1, 2, 3)]
WITH_WITNESS = [*THREE[:2], nodes.played(3, witness=True)]
SIX = [nodes.played(number) for number in range(1, 7)]
CLUSTERS = pytest.mark.parametrize("cluster", [THREE, WITH_WITNESS, SIX, THREE[:1]], ids=["3", "witness", "6", "1"])


def final(cluster: Sequence[NodeFacts]) -> list[Object]:
    """The objects that are there after both steps: a later one replaces an earlier one of the same name."""
    found = {identity(item): item for item in [*seed.installed(cluster), *seed.operated(cluster)]}
    return list(found.values())


def identity(item: Object) -> tuple[str, str, str, str]:
    metadata = item["metadata"]
    return item["apiVersion"], item["kind"], metadata.get("namespace", ""), metadata["name"]


def of(items: Sequence[Object], kind: str, api_version: str | None = None) -> dict[str, Object]:
    return {
        item["metadata"]["name"]: item
        for item in items
        if item["kind"] == kind and api_version in (None, item["apiVersion"])
    }


@CLUSTERS
def test_no_object_is_given_twice_in_one_step(cluster: list[NodeFacts]) -> None:
    for step in (seed.installed(cluster), seed.operated(cluster)):
        assert [name for name, count in Counter(map(identity, step)).items() if count > 1] == []


@CLUSTERS
def test_configurations_cover_every_node_but_witnesses_once(cluster: list[NodeFacts]) -> None:
    items = final(cluster)
    expected = sorted(facts.name for facts in cluster if not facts.witness)
    labels = {name: item["metadata"]["labels"] for name, item in of(items, "Node", "v1").items()}
    for network in seed.NETWORKS:
        matched: list[str] = []
        for config in of(items, "VlanConfig").values():
            if config["spec"]["clusterNetwork"] != network:
                continue
            listed = json.loads(config["metadata"]["annotations"]["network.harvesterhci.io/matched-nodes"])
            selector = config["spec"]["nodeSelector"].items()
            witness = "node-role.harvesterhci.io/witness"
            assert sorted(listed) == sorted(
                name for name, found in labels.items() if selector <= found.items() and witness not in found
            )
            matched += listed
        assert sorted(matched) == expected


@CLUSTERS
def test_each_status_names_its_configuration_and_node(cluster: list[NodeFacts]) -> None:
    items = final(cluster)
    statuses = of(items, "VlanStatus")
    assert len(statuses) == len(seed.NETWORKS) * len(seed.workers(cluster))
    configs = of(items, "VlanConfig")
    for name, item in statuses.items():
        status, found = item["status"], item["metadata"]["labels"]
        assert found == {
            "network.harvesterhci.io/clusternetwork": status["clusterNetwork"],
            "network.harvesterhci.io/vlanconfig": status["vlanConfig"],
            "network.harvesterhci.io/node": status["node"],
        }
        config = configs[status["vlanConfig"]]
        assert status["node"] in config["metadata"]["annotations"]["network.harvesterhci.io/matched-nodes"]
        assert [owner["name"] for owner in item["metadata"]["ownerReferences"]] == [status["vlanConfig"]]
        assert len(name) <= 63


@CLUSTERS
def test_uplinks_are_free_nics_that_the_nodes_have(cluster: list[NodeFacts]) -> None:
    items = final(cluster)
    seen = of(items, "LinkMonitor")["nic"]["status"]["linkStatus"]
    used: set[tuple[str, str]] = set()
    for config in of(items, "VlanConfig").values():
        for node in json.loads(config["metadata"]["annotations"]["network.harvesterhci.io/matched-nodes"]):
            for nic in config["spec"]["uplink"]["nics"]:
                (link,) = [link for link in seen[node] if link["name"] == nic]
                assert "masterIndex" not in link
                assert (node, nic) not in used
                used.add((node, nic))


@CLUSTERS
def test_attachments_have_the_mtu_and_bridge_of_their_cluster_network(cluster: list[NodeFacts]) -> None:
    items = final(cluster)
    networks = of(items, "ClusterNetwork")
    for item in of(items, "NetworkAttachmentDefinition").values():
        config = json.loads(item["spec"]["config"])
        network = item["metadata"]["labels"]["network.harvesterhci.io/clusternetwork"]
        annotations = networks[network]["metadata"].get("annotations", {})
        assert config.get("mtu", 1500) == int(annotations.get("network.harvesterhci.io/uplink-mtu", 1500))
        assert config["bridge"] == f"{network}-br"
        assert config["name"] == item["metadata"]["name"]


@CLUSTERS
def test_vms_use_networks_that_are_there_and_run_where_they_may(cluster: list[NodeFacts]) -> None:
    items = final(cluster)
    attachments = {identity(item)[2:] for item in items if item["kind"] == "NetworkAttachmentDefinition"}
    labels = {name: item["metadata"]["labels"] for name, item in of(items, "Node", "v1").items()}
    instances = of(items, "VirtualMachineInstance")
    for name, vm in of(items, "VirtualMachine").items():
        namespace = vm["metadata"]["namespace"]
        template: Any = vm["spec"]["template"]["spec"]
        for network in template["networks"]:
            if "multus" in network:
                where, _, attachment = network["multus"]["networkName"].rpartition("/")
                assert (where or namespace, attachment) in attachments
        assert (name in instances) == (vm["spec"]["runStrategy"] != "Halted")
        if name in instances:
            on = instances[name]["status"]["nodeName"]
            affinity = template.get("affinity", {}).get("nodeAffinity", {})
            for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", []):
                for wanted in term["matchExpressions"]:
                    assert labels[on][wanted["key"]] in wanted["values"]


def test_the_storage_network_is_completed() -> None:
    items = final(THREE)
    setting = of(items, "Setting", objects.HARVESTER)["storage-network"]
    annotations = setting["metadata"]["annotations"]
    # sha1 of the value as a string
    assert annotations["storage-network.settings.harvesterhci.io/hash"] == "36a9109986febf630f3a7c2d3c62908176c78e57"
    reference = "harvester-system/storagenetwork-seed1"
    assert annotations["storage-network.settings.harvesterhci.io/net-attach-def"] == reference
    assert of(items, "Setting", objects.LONGHORN)["storage-network"]["value"] == reference
    assert [found["reason"] for found in setting["status"]["conditions"]] == ["Completed"]
    pool = of(items, "IPPool")["192.168.50.0-24"]["spec"]["allocations"]
    assert {entry["podref"] for entry in pool.values()} == {
        f"longhorn-system/instance-manager-node{number}" for number in (1, 2, 3)
    }


def test_nodes_that_are_vms_have_the_vm_network_of_their_bystanders() -> None:
    without = {identity(item) for item in seed.installed(THREE)}
    (more,) = [item for item in seed.installed(THREE, machines=True) if identity(item) not in without]
    config = json.loads(more["spec"]["config"])
    assert (more["metadata"]["name"], config["bridge"], config["vlan"]) == ("bystanders", "mgmt-br", layout.VM_VLAN)


def test_a_witness_carries_nothing() -> None:
    items = final(WITH_WITNESS)
    labels = of(items, "Node", "v1")["node3"]["metadata"]["labels"]
    assert labels["node-role.harvesterhci.io/witness"] == "true"
    assert not [label for label in labels if label.startswith("network.harvesterhci.io/")]
    assert "node3" not in of(items, "Node", objects.LONGHORN)
    assert [item for item in items if item.get("spec", {}).get("nodeName") == "node3"] == []


def test_a_cluster_without_nodes_has_no_networks() -> None:
    assert seed.operated([]) == []
    assert "mgmt" in of(seed.installed([]), "ClusterNetwork")


# --- nodes


def test_a_played_node_is_always_the_same_and_unlike_the_others() -> None:
    assert nodes.played(7) == nodes.played(7)
    many = [nodes.played(number) for number in range(1, nodes.MAX_PLAYED + 1)]
    for values in (
        {facts.name for facts in many},
        {facts.address for facts in many},
        {facts.machine_id for facts in many},
        {facts.boot_id for facts in many},
        {facts.nics[0].mac for facts in many},
    ):
        assert len(values) == nodes.MAX_PLAYED
    assert [facts.control_plane for facts in many[:5]] == [True, True, True, False, False]
    assert [facts.zone for facts in many[:5]] == ["rack-a", "rack-a", "rack-b", "rack-a", "rack-b"]
    assert many[0].address == layout.NODES[0].mgmt_address


SHOWN: list[dict[str, Any]] = [
    {"ifname": "lo", "ifindex": 1, "address": "00:00:00:00:00:00", "operstate": "UNKNOWN"},
    {"ifname": "oob0", "ifindex": 2, "address": "52:54:00:0a:01:00", "operstate": "UP"},
    {"ifname": "eno1", "ifindex": 3, "address": "52:54:00:0a:01:01", "operstate": "UP", "master": "mgmt-bo"},
    {"ifname": "eno3", "ifindex": 5, "address": "52:54:00:0a:01:03", "operstate": "DOWN", "linkinfo": {}},
    {
        "ifname": "mgmt-bo",
        "ifindex": 7,
        "address": "52:54:00:0a:01:01",
        "operstate": "UP",
        "promiscuity": 1,
        "linkinfo": {"info_kind": "bond"},
    },
]


def test_links_of_a_node_in_the_words_of_a_link_monitor() -> None:
    assert list(map(objects.link_status, nodes.links(SHOWN))) == [
        {
            "name": "eno1",
            "index": 3,
            "type": "device",
            "mac": "52:54:00:0a:01:01",
            "promiscuous": False,
            "state": "up",
            "masterIndex": 7,
        },
        {
            "name": "eno3",
            "index": 5,
            "type": "device",
            "mac": "52:54:00:0a:01:03",
            "promiscuous": False,
            "state": "down",
        },
        {
            "name": "mgmt-bo",
            "index": 7,
            "type": "bond",
            "mac": "52:54:00:0a:01:01",
            "promiscuous": True,
            "state": "up",
        },
    ]
