# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter mgmt_endpoint: the device and address by which the nodes of a cluster know a node."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_endpoint
short_description: Find the address of a node in the management network
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Reads from the kernel's links, as module M(harvester.network.profile_info) returns them, which device has the
    address of the node in the management network (C(mgmt-br.<id>), or C(mgmt-br) without a management VLAN).
positional: _input
options:
  _input:
    description: Result of module M(harvester.network.profile_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the address of the node
  ansible.builtin.debug:
    msg: "{{ found | harvester.network.mgmt_endpoint }}"
"""

RETURN = r"""
_value:
  description: Device, IPv4 address and MTU in bytes; empty when there is no address.
  type: dict
  sample: {device: mgmt-br.2017, address: 10.217.0.11, mtu: 1500}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _network_gate


def mgmt_endpoint(found: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _network_gate.endpoint(found)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_endpoint": mgmt_endpoint}
