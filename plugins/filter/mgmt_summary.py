# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter mgmt_summary: what happened to the management network of each node."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_summary
short_description: Summarise what role mgmt_network did, node by node
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Turns C(mgmt_network_result) of each host, a fact of role P(harvester.network.mgmt_network#role), into lines.
positional: _input, hostvars
options:
  _input:
    description: Names of hosts. Hosts without a result are left out.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  check:
    description: Whether the results are those of a check mode run.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what happened where
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | harvester.network.mgmt_summary(hostvars) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Lines for the operator.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils import _mgmt_summary


def mgmt_summary(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], check: bool = False) -> list[str]:
    results = {host: hostvars[host]["mgmt_network_result"] for host in hosts if "mgmt_network_result" in hostvars[host]}
    return _mgmt_summary.summary(results, check)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_summary": mgmt_summary}
