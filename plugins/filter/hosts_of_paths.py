# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter hosts_of_paths."""

from __future__ import annotations

DOCUMENTATION = r"""
name: hosts_of_paths
short_description: Say between which hosts networks are to be proved whose nodes are known
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Gives the list that role P(harvester.network.path_proof#role) takes, where the cluster's names of nodes are known.
  - A node that the inventory lacks is an error, since nothing would be proved for it.
positional: _input, groups, hostvars
options:
  _input:
    description: Networks as role P(harvester.network.path_proof#role) takes them, but with names of nodes in C(nodes).
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
- name: Prove the VLANs of a phase
  ansible.builtin.include_role:
    name: harvester.network.path_proof
  vars:
    path_proof_networks: "{{ change_phase_input.paths | harvester.network.hosts_of_paths(groups, hostvars) }}"
"""

RETURN = r"""
_value:
  description: The networks with inventory names in C(nodes).
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _path_proof
from .cluster_networks import node_names


def hosts_of_paths(
    networks: Iterable[Mapping[str, Any]], groups: Mapping[str, Sequence[str]], hostvars: Mapping[str, Any]
) -> list[dict[str, Any]]:
    try:
        return _path_proof.of_hosts(networks, node_names(groups, hostvars))
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"hosts_of_paths": hosts_of_paths}
