# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter node_groups."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_groups
short_description: Hosts by the roles that their nodes have in the cluster
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Turns the roles of nodes, as the cluster's API has them, into the groups that an inventory would have without one.
positional: _input, hostvars, hosts
options:
  _input:
    description: Nodes, as module M(harvester.network.network_info) returns them.
    type: list
    elements: dict
    required: true
  hostvars:
    description: The variables of all hosts; C(harvester_node_name) names the node of a host.
    type: dict
    required: true
  hosts:
    description: Hosts to group, inventory names.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show which hosts are members of etcd
  ansible.builtin.debug:
    msg: "{{ (cluster.nodes | harvester.network.node_groups(hostvars, ansible_play_hosts)).harvester_control_plane }}"
"""

RETURN = r"""
_value:
  description: Hosts by group, C(harvester_workers), C(harvester_control_plane), C(harvester_witness).
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils import _reboot_order


def node_groups(
    nodes: Sequence[Mapping[str, Any]], hostvars: Mapping[str, Any], hosts: Sequence[str]
) -> dict[str, list[str]]:
    names = {host: str(hostvars[host].get("harvester_node_name") or host) for host in hosts}
    return _reboot_order.groups_of(nodes, names)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"node_groups": node_groups}
