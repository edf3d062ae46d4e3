# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths of the storage network, for role path_proof."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.plugin_utils._storage_network import paths

NODES = {"n1": "harv-1", "n2": "harv-2", "w1": "harv-w"}


def network(**values: Any) -> dict[str, Any]:
    return {"cluster_network": "cn1", "vlan_id": 60, "mtu": 9000, "nodes": ["harv-1", "harv-2"]} | values


def test_the_vlan_is_proved_between_all_nodes_that_it_has_to_reach_by_their_names_in_the_inventory() -> None:
    assert paths(network(), NODES) == [
        {
            "name": "storage network (VLAN 60)",
            "vlan_id": 60,
            "bridge": "cn1-br",
            "uplink": "cn1-bo",
            "mtu": 9000,
            "nodes": ["n1", "n2"],
        }
    ]


@pytest.mark.parametrize("found", [None, network(vlan_id=0), network(nodes=["harv-1"])], ids=str)
def test_nothing_to_prove(found: Any) -> None:
    assert paths(found, NODES) == []


def test_a_node_that_nobody_would_prove_is_an_error() -> None:
    with pytest.raises(ValidationError) as caught:
        paths(network(nodes=["harv-1", "harv-9", "harv-8"]), NODES)
    assert str(caught.value) == (
        "storage network: the storage network has to reach harv-9, harv-8, which no host of harvester_nodes is; add the"
        " hosts, or set harvester_node_name where the names differ"
    )
