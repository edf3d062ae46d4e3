# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of an inventory from a cluster's nodes. Pure; private to the collection.

What comes out is plain data, so that it can lie in any cache. It has no secrets.
"""

from __future__ import annotations

from typing import Any

from ..module_utils.cluster import _report_nodes
from ..module_utils.cluster._nodes import Node
from ..module_utils.cluster._snapshot import Snapshot
from ._reboot_order import CONTROL_PLANE, WITNESS, WORKERS

KINDS = ("nodes", "linkmonitors")
"""What is read, keys of _kinds.BY_KEY."""
NODES = "harvester_nodes"
NAME = "harvester_node_name"


def hosts(snapshot: Snapshot) -> list[dict[str, Any]]:
    """A host per node, by name: ``node``, ``groups`` and ``vars``. Nodes that are being deleted are left out."""
    return [
        {"node": node.name, "groups": [NODES, role_group(node)], "vars": _variables(snapshot, node)}
        for _name, node in sorted(snapshot.nodes.items())
        if not node.deleting
    ]


def role_group(node: Node) -> str:
    """The group that tells reboots a node's turn; a witness has the labels of a member of etcd too."""
    if node.witness:
        return WITNESS
    return CONTROL_PLANE if node.control_plane else WORKERS


def _variables(snapshot: Snapshot, node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {
        NAME: node.name,
        "harvester_node_roles": _report_nodes.roles(node),
        "harvester_node_labels": dict(node.labels),
        "harvester_node_nics": _report_nodes.links_of(snapshot, node.name),
        "harvester_node_version": _report_nodes.harvester_version(node),
    }
    address = _report_nodes.address(node)
    return {"ansible_host": address, **found} if address else found
