# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: bond_ports
short_description: Tell which ports of a bond carry traffic
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Tells which ports of a bond carry traffic now, or could as a backup. In mode 802.3ad a port has to be in the active
    aggregator, too.
positional: _input, bond
options:
  _input:
    description: Result of module M(harvester.network.profile_info).
    type: dict
    required: true
  bond:
    description: Name of the bond.
    type: str
    default: mgmt-bo
"""

EXAMPLES = r"""
- name: Show ports without a link
  ansible.builtin.debug:
    msg: "{{ (found | harvester.network.bond_ports('mgmt-bo')).down }}"
"""

RETURN = r"""
_value:
  description: Names of ports, in the driver's order. C(up) for those that carry traffic or could, and C(down).
  type: dict
  sample: {up: [eno1], down: [eno2]}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_devices


def bond_ports(found: Mapping[str, Any], bond: str = "mgmt-bo") -> dict[str, list[str]]:
    try:
        return _mgmt_devices.bond_ports(found, bond)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"bond_ports": bond_ports}
