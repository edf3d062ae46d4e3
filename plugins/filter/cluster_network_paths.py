# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter cluster_network_paths."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_network_paths
short_description: Say which VLANs of cluster networks are to be proved between which nodes
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Gives the list that role P(harvester.network.path_proof#role) takes.
  - VLANs that less than two nodes have are left out, and so are untagged networks.
positional: _input, results, groups, hostvars
options:
  _input:
    description: See role P(harvester.network.cluster_network#role).
    type: list
    elements: dict
    required: true
  results:
    description: Results of module M(harvester.network.cluster_network).
    type: list
    elements: dict
    required: true
  groups:
    description: The groups of the inventory.
    type: dict
    required: true
  hostvars:
    description: The variables of all hosts.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Prove every VLAN between all nodes that have it
  ansible.builtin.include_role:
    name: harvester.network.path_proof
  vars:
    path_proof_networks: >-
      {{ harvester_cluster_networks | harvester.network.cluster_network_paths(made.results, groups, hostvars) }}
"""

RETURN = r"""
_value:
  description: Networks with C(vlan_id), C(bridge), C(mtu) in bytes and C(nodes).
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils import _cluster_networks
from .cluster_networks import node_names


def cluster_network_paths(
    desired: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    groups: Mapping[str, Sequence[str]],
    hostvars: Mapping[str, Any],
) -> list[dict[str, Any]]:
    return _cluster_networks.proof(desired, results, node_names(groups, hostvars))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cluster_network_paths": cluster_network_paths}
