# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter storage_network_paths."""

from __future__ import annotations

DOCUMENTATION = r"""
name: storage_network_paths
short_description: Say what proves the VLAN of the storage network between its nodes
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Gives the list that role P(harvester.network.path_proof#role) takes.
  - It is empty without a storage network, and for one without a VLAN id.
  - A node that the storage network has to reach and that the inventory lacks is an error.
positional: _input, groups, hostvars
options:
  _input:
    description: The C(network) that module M(harvester.network.storage_network) returns.
    type: dict
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
- name: Prove the VLAN of the storage network between all nodes
  ansible.builtin.include_role:
    name: harvester.network.path_proof
  vars:
    path_proof_networks: "{{ checked.network | harvester.network.storage_network_paths(groups, hostvars) }}"
"""

RETURN = r"""
_value:
  description: Networks with C(name), C(vlan_id), C(bridge), C(uplink), C(mtu) in bytes and C(nodes).
  type: list
  elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _storage_network
from .cluster_networks import node_names


def storage_network_paths(
    network: Mapping[str, Any] | None, groups: Mapping[str, Sequence[str]], hostvars: Mapping[str, Any]
) -> list[dict[str, Any]]:
    try:
        return _storage_network.paths(network, node_names(groups, hostvars))
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"storage_network_paths": storage_network_paths}
