# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter expected_links."""

from __future__ import annotations

DOCUMENTATION = r"""
name: expected_links
short_description: Join what several calls expect of the links of one node
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Joins RV(harvester.network.cluster_network#module:expect) of several results for one node, as role
    P(harvester.network.link_proof#role) takes it. A device that several results name is judged by all of them.
  - What one result wants gone and another wants there is there, the later result counts.
positional: _input, node
options:
  _input:
    description: Results of modules; those without C(expect) are passed over.
    type: list
    elements: dict
    required: true
  node:
    description: Name of the node in the cluster.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Prove what two calls expect
  ansible.builtin.include_role:
    name: harvester.network.link_proof
  vars:
    link_proof_expect: "{{ [one, other] | harvester.network.expected_links(inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: C(devices) and C(absent).
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils import _link_proof


def expected_links(results: Sequence[Mapping[str, Any]], node: str) -> dict[str, Any]:
    return _link_proof.joined([(result.get("expect") or {}).get(node) or {} for result in results])


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"expected_links": expected_links}
