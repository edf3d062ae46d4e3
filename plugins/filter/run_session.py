# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter run_session: what the nodes see of the run that looks at them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_session
short_description: Tell what the nodes see of this run
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - From which address each node sees the run come, and by which gateway it answers, as role C(node_check) has found it.
  - A node that was not looked at, or is not reached over ssh, is left out.
positional: _input, hostvars
options:
  _input:
    description: Names of hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: See whether a VM that stops is needed by this run
  harvester.network.change_plan:
    phases: "{{ phases }}"
    session: "{{ ansible_play_hosts | harvester.network.run_session(hostvars) }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: Option O(harvester.network.change_plan#module:session) of module M(harvester.network.change_plan).
  type: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def run_session(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"clients": {}, "gateways": {}, "names": []}
    for host in hosts:
        known = hostvars[host]
        facts = known.get("node_check_facts", {})
        node = str(known.get("harvester_node_name", host))
        if facts.get("ssh_client"):
            found["clients"][node] = facts["ssh_client"]
            found["names"].append(str(known.get("ansible_host", host)))
        if facts.get("gateway"):
            found["gateways"][node] = facts["gateway"]
    return found


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"run_session": run_session}
