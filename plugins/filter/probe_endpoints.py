# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter probe_endpoints: the endpoints of a node for a proof between nodes."""

from __future__ import annotations

DOCUMENTATION = r"""
name: probe_endpoints
short_description: Choose the endpoints of a node for a proof between nodes
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns the option O(harvester.network.probe_endpoint#module:endpoints) of module
    M(harvester.network.probe_endpoint) for one node. A node has the same place in the subnet on every VLAN.
positional: _input, hosts, host, subnet
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
  hosts:
    description: Names of all nodes that take part.
    type: list
    elements: str
    required: true
  host:
    description: The node.
    type: str
    required: true
  subnet:
    description: IPv4 network with an address for each node.
    type: str
    default: 198.18.0.0/24
"""

EXAMPLES = r"""
- name: Make an endpoint on VLAN 2018
  harvester.network.probe_endpoint:
    endpoints: >-
      {{ [{'vlan_id': 2018}]
      | harvester.network.probe_endpoints(ansible_play_hosts, inventory_hostname, '198.18.0.0/24') }}
"""

RETURN = r"""
_value:
  description: Endpoints.
  type: list
  elements: dict
  sample: [{key: vlan2018, vlan_id: 2018, address: 198.18.0.1/24}]
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _path_proof


def probe_endpoints(
    networks: Sequence[Mapping[str, Any]], hosts: Sequence[str], host: str, subnet: str = "198.18.0.0/24"
) -> list[dict[str, Any]]:
    try:
        return _path_proof.endpoints(networks, hosts, host, subnet)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"probe_endpoints": probe_endpoints}
