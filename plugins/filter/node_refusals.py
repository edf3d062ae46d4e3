# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter node_refusals: why a node cannot be managed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_refusals
short_description: Say why a node cannot be managed
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Judges the facts of role P(harvester.network.node_check#role).
  - A node is refused when it runs Harvester 1.6 or older (its management network is wicked's), has no usable Python,
    has a management network that NetworkManager does not own, or would lose its profiles at the next boot.
positional: _input, node, allow_old
options:
  _input:
    description: The fact C(node_check_facts).
    type: dict
    required: true
  node:
    description: Name of the node, for the messages.
    type: str
    default: ""
  allow_old:
    description: Whether Harvester 1.6 and older is accepted, for what changes nothing on the hosts.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what speaks against the node
  ansible.builtin.debug:
    msg: "{{ node_check_facts | harvester.network.node_refusals(inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: Reasons with the way out; empty when nothing speaks against the node.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils import _node_facts


def node_refusals(facts: Mapping[str, Any], node: str = "", allow_old: bool = False) -> list[str]:
    return [] if allow_old and facts["old"] else _node_facts.objections(facts, node)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"node_refusals": node_refusals}
