# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter mgmt_state: what the others know a node by in the management network."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_state
short_description: Note what the others know a node by
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Notes the address of a node in the management network, the MACs of the bond and of the devices on it that have the
    bond's, and its default routes, before a change that must leave them.
positional: _input, internal_ip
options:
  _input:
    description: Result of module M(harvester.network.profile_info).
    type: dict
    required: true
  internal_ip:
    description: InternalIP of the Kubernetes node; empty when it is not known.
    type: str
    default: ""
seealso:
  - plugin: harvester.network.mgmt_differences
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Note what is there
  ansible.builtin.set_fact:
    state_before: "{{ found | harvester.network.mgmt_state }}"
"""

RETURN = r"""
_value:
  description: For filter P(harvester.network.mgmt_differences#filter).
  type: dict
  sample:
    boot_id: 0b7d33b8-9c2d-4a0e-8f0e-8f8d3f1f3f5e
    internal_ip: 10.217.0.11
    address: 10.217.0.11
    macs: {mgmt-bo: "52:54:00:aa:00:11", mgmt-br: "52:54:00:aa:00:11"}
    default_routes: {inet: [10.217.0.1 on mgmt-br.2017]}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_state


def mgmt_state(found: Mapping[str, Any], internal_ip: str = "") -> dict[str, Any]:
    try:
        return _mgmt_state.noted(found, internal_ip)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_state": mgmt_state}
