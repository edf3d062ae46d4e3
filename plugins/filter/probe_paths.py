# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter probe_paths: the paths from a node to all others."""

from __future__ import annotations

DOCUMENTATION = r"""
name: probe_paths
short_description: List the paths from a node to all others
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns the option O(harvester.network.path_mtu#module:paths) of module M(harvester.network.path_mtu) for one node,
    from the endpoints that every node has. Where a network has a gateway, a path goes there, or through it to its
    target.
positional: _input, made, host
options:
  _input:
    description:
      - What is proved, a list of dictionaries.
      - Each has C(device), whose own address is used, or C(vlan_id), for which every node gets a temporary endpoint.
      - C(mtu) in bytes is the size to prove; the smaller MTU of the two ends when omitted. C(larger=allow) lets larger
        packets pass too.
      - C(name) stands in messages. C(bridge) and C(uplink) are those of module M(harvester.network.probe_endpoint).
        C(nodes) are those that have it, all when omitted.
      - C(subnet), C(range_start), C(range_end), C(gateway), C(target) and C(target_mtu) are those of role
        P(harvester.network.path_proof#role).
    type: list
    elements: dict
    required: true
  made:
    description: Per node the endpoints that module M(harvester.network.probe_endpoint) returned.
    type: dict
    required: true
  host:
    description: The node.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Prove the paths to the other nodes
  harvester.network.path_mtu:
    paths: "{{ networks | harvester.network.probe_paths(endpoints_of_nodes, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: Paths.
  type: list
  elements: dict
  sample: [{name: "VLAN 2018|node2", peer: 198.18.0.2, mtu: 9000, device: eth0, namespace: hnprobe-proof-vlan2018}]
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _path_proof


def probe_paths(
    networks: Sequence[Mapping[str, Any]], made: Mapping[str, Iterable[Mapping[str, Any]]], host: str
) -> list[dict[str, Any]]:
    try:
        return _path_proof.paths(networks, made, host)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"probe_paths": probe_paths}
