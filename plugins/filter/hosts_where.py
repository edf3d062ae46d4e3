# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter hosts_where: the hosts for which a variable is true."""

from __future__ import annotations

DOCUMENTATION = r"""
name: hosts_where
short_description: Choose the hosts for which a variable is true
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Keeps the hosts, in their order, whose variable of the given name is true.
  - A host that does not have the variable is left out.
  - A dot leads into a dictionary, C(node_check_facts.old).
positional: _input, hostvars, name
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
  name:
    description: Name of the variable.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the nodes that have to be rebooted
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | harvester.network.hosts_where(hostvars, 'ordered_reboot_wanted') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Names of hosts.
  type: list
  elements: str
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


def hosts_where(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    return [host for host in hosts if _value(hostvars[host], name.split(".")) is True]


def _value(found: Any, path: Sequence[str]) -> Any:
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"hosts_where": hosts_where}
