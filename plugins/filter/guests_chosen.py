# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter guests_chosen: which VMs are looked at from inside, and which are not."""

from __future__ import annotations

DOCUMENTATION = r"""
name: guests_chosen
short_description: Choose the guests that can be looked at from inside
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Matches VMs with hosts of the inventory, by the variable C(harvester_guest_vm) of each host, C(namespace/name). A
    name without namespace is in C(default), and without the variable it is the host's own.
positional: _input, hosts, hostvars
options:
  _input:
    description: VMs, as C(namespace/name).
    type: list
    elements: str
    required: true
  hosts:
    description: Hosts of the group C(harvester_guests).
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show which VMs cannot be looked at
  ansible.builtin.debug:
    msg: "{{ (vms | harvester.network.guests_chosen(groups['harvester_guests'], hostvars)).outside }}"
"""

RETURN = r"""
_value:
  description: C(inside), hosts of the inventory, and C(outside), VMs that none of them is.
  type: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils._guests import chosen


def guests_chosen(
    vms: Iterable[str], hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    return chosen(hosts, hostvars, vms)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"guests_chosen": guests_chosen}
