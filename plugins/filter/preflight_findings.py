# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter preflight_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight_findings
short_description: Say what speaks against a change of the network
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Judges what role P(harvester.network.preflight#role) has read on the hosts and in the cluster's API.
positional: _input, hostvars, cluster, wanted
options:
  _input:
    description: Hosts to judge, inventory names.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts.
    type: dict
    required: true
  cluster:
    description: Result of module M(harvester.network.network_info); none without an API.
    type: dict
  wanted:
    description: Results of the modules that judged the wanted state in check mode, also failed ones.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show what speaks against a change
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | harvester.network.preflight_findings(hostvars) | map(attribute='line') }}"
"""

RETURN = r"""
_value:
  description: Findings, errors first, then by node.
  type: list
  elements: dict
  contains:
    severity:
      description: V(error) when a change has to be refused, else V(warning).
      type: str
    check:
      description: The check that found it.
      type: str
    node:
      description: Node by its inventory name; empty when it is about several.
      type: str
    message:
      description: What is wrong.
      type: str
    next_step:
      description: What to do.
      type: str
    line:
      description: All of it as a line.
      type: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils import _preflight


def preflight_findings(
    hosts: Sequence[str],
    hostvars: Mapping[str, Any],
    cluster: Mapping[str, Any] | None = None,
    wanted: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, str]]:
    found = _preflight.findings([_host(name, hostvars[name]) for name in hosts], cluster, wanted)
    return [{**finding._asdict(), "line": finding.line()} for finding in found]


def _host(name: str, known: Mapping[str, Any]) -> _preflight.Host:
    return _preflight.Host(
        name,
        str(known.get("harvester_node_name") or name),
        known["node_check_facts"],
        # A module that was skipped has registered that, and nothing else.
        known.get("preflight_host") or {},
        known.get("preflight_profiles") or {},
    )


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"preflight_findings": preflight_findings}
