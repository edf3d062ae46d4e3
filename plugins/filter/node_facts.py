# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter node_facts: what the raw task of role node_check printed, as facts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: node_facts
short_description: Read what role node_check found out about a node
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Turns the key=value lines that the raw task of role P(harvester.network.node_check#role) prints into a dictionary.
positional: _input
options:
  _input:
    description: Standard output of the raw task.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Keep the facts
  ansible.builtin.set_fact:
    node_check_facts: "{{ node_check_answer.stdout | harvester.network.node_facts }}"
"""

RETURN = r"""
_value:
  description:
    - C(os_name), C(harvester_version), C(python), C(usable) (whether modules can run with it), C(pythons),
      C(interpreter), C(networkmanager), C(wicked), C(mgmt_state), C(findmnt), C(holders), C(vlan_id) (the VLAN of the
      management network, 0 without one), C(machine_id), C(boot_id), and C(old), whether it is Harvester 1.6 or older.
    - C(links) and C(vlans) as module M(harvester.network.profile_info) returns them, where that cannot run because
      NetworkManager does not; else empty.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _node_facts


def node_facts(text: str) -> dict[str, Any]:
    try:
        return _node_facts.parse(text)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"node_facts": node_facts}
