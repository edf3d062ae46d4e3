# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter path_rows: proved paths as rows of a report."""

from __future__ import annotations

DOCUMENTATION = r"""
name: path_rows
short_description: List proved paths for a report
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Turns the results of module M(harvester.network.path_mtu) of all nodes into C(paths) of a report, as filter
    P(harvester.network.evidence#filter) takes them.
positional: _input
options:
  _input:
    description: The results, by name of the node.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Write what was proved
  ansible.builtin.import_role:
    name: harvester.network.evidence
  vars:
    evidence_report: {id: proof, paths: "{{ results | harvester.network.path_rows }}"}
"""

RETURN = r"""
_value:
  description: A row per path, with C(network), C(source), C(target), C(mtu), C(status) and C(largest).
  type: list
  elements: dict
  sample: [{network: mgmt-br.2017, source: node1, target: node2, mtu: 9000, status: proved, largest: 9000}]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils.audit._paths import rows


def path_rows(results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return rows(results)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"path_rows": path_rows}
