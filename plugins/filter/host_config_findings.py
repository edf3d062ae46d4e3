# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: host_config_findings
short_description: Say which host network configurations are not as before a change
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Compares host network configurations with what they were before a change of the MTU. Each has to be there and ready
    on the nodes on which it was, with its device, and the device has to have the MTU on every node that has it.
positional: _input, now, links, mtu
options:
  _input:
    description: The objects (HostNetworkConfig) as they were.
    type: list
    elements: dict
    required: true
  now:
    description: RV(harvester.network.network_info#module:host_network_configs).
    type: list
    elements: dict
    required: true
  links:
    description: By node, its name in the cluster, RV(harvester.network.profile_info#module:links).
    type: dict
    required: true
  mtu:
    description: MTU that the devices have to have, in bytes.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show what is otherwise
  ansible.builtin.debug:
    msg: "{{ before | harvester.network.host_config_findings(found.host_network_configs, links, 9000) }}"
"""

RETURN = r"""
_value:
  description: What is otherwise, a line each; empty when nothing is.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils._host_configs import host_config_findings


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"host_config_findings": host_config_findings}
