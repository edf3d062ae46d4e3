# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of the inventory from nodes in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cluster_objects import BASE, having, lacking, node, snapshot, thing

from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import BY_KEY
from ansible_collections.harvester.network.plugins.module_utils.cluster._nodes import Node
from ansible_collections.harvester.network.plugins.plugin_utils import _inventory

CONTROL_PLANE = {"node-role.kubernetes.io/control-plane": "true"}
ETCD = {"node-role.kubernetes.io/etcd": "true"}
MANAGEMENT = {"node-role.harvesterhci.io/management": "true"}
WORKER = {"node-role.harvesterhci.io/worker": "true"}
WITNESS = {"node-role.harvesterhci.io/witness": "true"}


def bare(**labels: str) -> dict[str, Any]:
    return dict(thing("nodes", "n1", labels=labels))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "harvester_workers"),
        (WORKER, "harvester_workers"),
        ({**CONTROL_PLANE, **ETCD, **MANAGEMENT}, "harvester_control_plane"),
        (ETCD, "harvester_control_plane"),
        ({**ETCD, **WITNESS}, "harvester_witness"),
        ({"node-role.harvesterhci.io/witness": "false"}, "harvester_witness"),
    ],
)
def test_the_group_of_a_node_follows_its_labels(labels: dict[str, str], expected: str) -> None:
    assert _inventory.role_group(Node.read(bare(**labels))) == expected


def test_a_host() -> None:
    item = node("n4", **MANAGEMENT, rack="c")
    item["status"]["nodeInfo"] = {"osImage": "Harvester v1.8.2"}
    item["status"]["addresses"] = [
        {"type": "Hostname", "address": "n4"},
        {"type": "InternalIP", "address": "192.0.2.14"},
        {"type": "InternalIP", "address": "2001:db8::14"},
    ]
    links = [
        {"name": "eno2", "index": 3, "state": "down", "mac": "52:54:00:00:00:02"},
        {"name": "eno1", "index": 2, "masterIndex": 10, "state": "up", "mac": "52:54:00:00:00:01"},
    ]
    bond = thing("linkmonitors", "mgmt", status={"linkStatus": {"n4": [{"name": "mgmt-bo", "index": 10}]}})
    on = having(item, thing("linkmonitors", "nic", status={"linkStatus": {"n4": links}}), bond)
    (found,) = [host for host in _inventory.hosts(on) if host["node"] == "n4"]
    assert found == {
        "node": "n4",
        "groups": ["harvester_nodes", "harvester_control_plane"],
        "vars": {
            "ansible_host": "192.0.2.14",
            "harvester_node_name": "n4",
            "harvester_node_roles": ["control-plane", "etcd", "management"],
            "harvester_node_labels": item["metadata"]["labels"],
            "harvester_node_nics": [
                {"name": "eno1", "mac": "52:54:00:00:00:01", "state": "up", "master": "mgmt-bo"},
                {"name": "eno2", "mac": "52:54:00:00:00:02", "state": "down", "master": None},
            ],
            "harvester_node_version": "v1.8.2",
        },
    }


def test_a_node_without_address_and_nics_has_neither() -> None:
    (found,) = _inventory.hosts(snapshot(bare()))
    assert "ansible_host" not in found["vars"]
    assert (found["vars"]["harvester_node_nics"], found["vars"]["harvester_node_version"]) == ([], None)


def test_a_node_that_is_being_deleted_is_left_out() -> None:
    gone = thing("nodes", "n2", labels={}, deletionTimestamp="2026-01-01T00:00:00Z")
    assert [host["node"] for host in _inventory.hosts(having(gone))] == ["n1", "n3", "w1"]


def test_hosts_are_plain_data_and_need_only_the_kinds_that_are_read() -> None:
    """A cache stores JSON."""
    found = _inventory.hosts(BASE)
    assert json.loads(json.dumps(found)) == found
    others = [f"{kind}/{item['metadata']['name']}" for kind in BY_KEY for item in BASE.all(kind)]
    narrow = lacking(*(path for path in others if path.split("/")[0] not in _inventory.KINDS))
    assert _inventory.hosts(narrow) == found
