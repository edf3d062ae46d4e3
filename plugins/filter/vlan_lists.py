# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter vlan_lists: the two VLAN lists of the management network of each node, in lines."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vlan_lists
short_description: Show the VLAN lists of bond and bridge of each node
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Lines that show, per node, which VLAN ids the profiles of bond and bridge have, which ones the kernel has, and which
    of them Harvester's agent stripped.
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
    description: Name of the variable that holds the result of module M(harvester.network.profile_info).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Read the VLAN lists
  harvester.network.profile_info:
  register: now

- name: Show the VLAN lists
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | harvester.network.vlan_lists(hostvars, 'now') }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Lines.
  type: list
  elements: str
  sample: ["node1: mgmt-bo: profile bond-mgmt: 1 pvid untagged, 2017; kernel: 1 pvid untagged, 100, 2017"]
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils import _vlan_lists


def vlan_lists(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    return _vlan_lists.lines({host: hostvars[host][name] for host in hosts if name in hostvars[host]})


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vlan_lists": vlan_lists}
