# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of the storage network, for role path_proof. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils.common._errors import Problem, ValidationError


def paths(network: Mapping[str, Any] | None, nodes: Mapping[str, str]) -> list[dict[str, Any]]:
    """The networks that role path_proof proves: the VLAN of the storage network between all nodes that it has to reach.

    network: of the result of module storage_network; None for none. nodes: the hosts of harvester_nodes with their
    names in the cluster. Empty without a VLAN id, whose frames the switch decides about, and for less than two nodes.
    Raises ValidationError when it has to reach a node that the inventory lacks: nothing would be proved for that.
    """
    if network is None or not network["vlan_id"]:
        return []
    missing = [name for name in network["nodes"] if name not in nodes.values()]
    if missing:
        rule = "the storage network has to reach %s, which no host of harvester_nodes is" % ", ".join(missing)
        remedy = "add the hosts, or set harvester_node_name where the names differ"
        raise ValidationError([Problem("storage network", "", None, rule, remedy)])
    hosts = [host for host, node in nodes.items() if node in network["nodes"]]
    if len(hosts) < 2:
        return []
    name = str(network["cluster_network"])
    # Until the storage network is on, its VLAN id is not on the uplink.
    return [
        {
            "name": "storage network (VLAN %d)" % network["vlan_id"],
            "vlan_id": network["vlan_id"],
            "bridge": name + "-br",
            "uplink": name + "-bo",
            "mtu": network["mtu"],
            "nodes": hosts,
        }
    ]
