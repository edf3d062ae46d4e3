# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter reboot_batches: the nodes to reboot, in the order of their turns."""

from __future__ import annotations

DOCUMENTATION = r"""
name: reboot_batches
short_description: Put the nodes that need a reboot into order
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns the nodes in the order of their turns, as a list of lists; those of one list go together.
  - Without an explicit order the workers come first (group C(harvester_workers)), then nodes of no group, then the
    witness (C(harvester_witness)), then the control plane (C(harvester_control_plane)).
  - Members of etcd, the witness included, and nodes of no group always go one at a time.
positional: _input, hosts, groups
options:
  _input:
    description: Names of the nodes that need a reboot.
    type: list
    elements: str
    required: true
  hosts:
    description: All nodes of the run, in its order.
    type: list
    elements: str
    required: true
  groups:
    description: The variable C(groups).
    type: dict
    required: true
  order:
    description: An explicit order; every node that needs a reboot must be in it.
    type: list
    elements: str
    default: []
  last:
    description: The node whose turn comes last, when the groups decide.
    type: str
    default: ""
  max_unavailable:
    description: Workers that may be away at a time. More than a third of them is refused.
    type: int
    default: 1
  late:
    description:
      - Nodes that go after all others when the groups decide, in this order, for example the holder of the VIP and
        etcd's leader. O(last) goes after them.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show the order of the reboots
  ansible.builtin.debug:
    msg: "{{ ['node1', 'node3'] | harvester.network.reboot_batches(ansible_play_hosts_all, groups, last='node1') }}"
"""

RETURN = r"""
_value:
  description: Lists of names.
  type: list
  elements: list
  sample: [[node3], [node1]]
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _reboot_order


def reboot_batches(
    nodes: Sequence[str],
    hosts: Sequence[str],
    groups: Mapping[str, Iterable[str]],
    order: Sequence[str] = (),
    last: str = "",
    max_unavailable: int | str = 1,
    late: Sequence[str] = (),
) -> list[list[str]]:
    try:
        return _reboot_order.batches(nodes, hosts, groups, order or None, last or None, int(max_unavailable), late)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"reboot_batches": reboot_batches}
