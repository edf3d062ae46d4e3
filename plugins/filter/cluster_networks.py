# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter cluster_networks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_networks
short_description: Turn the desired cluster networks of an inventory into calls of modules
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Validates C(harvester_cluster_networks) and resolves the groups of the inventory that its configurations name.
positional: _input, groups, hostvars
options:
  _input:
    description: See role P(harvester.network.cluster_network#role).
    type: list
    elements: dict
    required: true
  groups:
    description: The groups of the inventory.
    type: dict
    required: true
  hostvars:
    description: The variables of all hosts; C(harvester_node_name) is a node's name in the cluster.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: See what the modules would be called with
  ansible.builtin.debug:
    msg: "{{ harvester_cluster_networks | harvester.network.cluster_networks(groups, hostvars) }}"
"""

RETURN = r"""
_value:
  description: What has to be done, in this order.
  type: dict
  contains:
    gone:
      description: VM networks that have to go, calls of module M(harvester.network.vm_network).
      type: list
      elements: dict
    networks:
      description: Calls of module M(harvester.network.cluster_network), those that remove one first.
      type: list
      elements: dict
    vm_networks:
      description: Calls of module M(harvester.network.vm_network).
      type: list
      elements: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _cluster_networks


def node_names(groups: Mapping[str, Sequence[str]], hostvars: Mapping[str, Any]) -> dict[str, str]:
    hosts = groups.get("harvester_nodes") or ()
    return {host: str(hostvars[host].get("harvester_node_name") or host) for host in hosts}


def cluster_networks(
    desired: Sequence[Mapping[str, Any]], groups: Mapping[str, Sequence[str]], hostvars: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        return _cluster_networks.plan(desired, groups, node_names(groups, hostvars))
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cluster_networks": cluster_networks}
