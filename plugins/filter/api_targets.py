# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter api_targets: where a node reaches the cluster's API."""

from __future__ import annotations

DOCUMENTATION = r"""
name: api_targets
short_description: Name where a node reaches the cluster's API
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Gives O(harvester.network.reach_info#module:targets) of module M(harvester.network.reach_info), the API server of
    each control-plane node but the one that asks. Nodes without an address are left out.
positional: _input, own
options:
  _input:
    description: Nodes as module M(harvester.network.network_info) returns them.
    type: list
    elements: dict
    required: true
  own:
    description: Name of the node that asks.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: See whether the node reaches the API
  harvester.network.reach_info:
    targets: "{{ found.nodes | harvester.network.api_targets(inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: Targets.
  type: list
  elements: dict
  sample:
    - name: API on node1
      kind: tcp
      address: 192.0.2.11
      port: 6443
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

PORT = 6443
"""Of kube-apiserver on every control-plane node of RKE2, whatever address it is asked at."""
ROLE = "control-plane"


def api_targets(nodes: Iterable[Mapping[str, Any]], own: str) -> list[dict[str, Any]]:
    return [
        {"name": f"API on {node['name']}", "kind": "tcp", "address": node["internal_ip"], "port": PORT}
        for node in nodes
        if ROLE in node.get("roles", ()) and node["name"] != own and node.get("internal_ip")
    ]


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"api_targets": api_targets}
