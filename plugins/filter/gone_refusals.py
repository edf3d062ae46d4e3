# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter gone_refusals: hosts that a rollback does not reach, and nodes that are called gone and are not."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gone_refusals
short_description: Say which hosts keep a rollback from beginning
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - For playbook C(harvester.network.rollback). A host that is not reached is refused unless its node is called gone,
    and one that is reached is where it is called so.
  - Whether a node is gone in the cluster is judged by module M(harvester.network.change).
positional: _input, hostvars, gone
options:
  _input:
    description: The hosts of the run, by their names in the inventory.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars), with C(rollback_reached), the result of a task that was to reach the host.
    type: dict
    required: true
  gone:
    description: Nodes that are called gone, by their names in the cluster, a list or a text with commas.
    type: raw
    default: []
  of_hosts:
    description: Whether only hosts are rolled back. Then nobody is called gone.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what speaks against going without a node
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | harvester.network.gone_refusals(hostvars, ['node3']) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Reasons with the way out; empty when nothing speaks against it.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils import _gone_nodes


def gone_refusals(
    hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], gone: Any = (), of_hosts: bool = False
) -> list[str]:
    return _gone_nodes.refusals({host: _seen(host, hostvars[host]) for host in hosts}, gone, of_hosts)


def _seen(host: str, known: Mapping[str, Any]) -> tuple[str, bool]:
    """(the node's name in the cluster, whether the host was reached)"""
    reached = known.get("rollback_reached") or {}
    return str(known.get("harvester_node_name") or host), not reached.get("unreachable", False)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"gone_refusals": gone_refusals}
