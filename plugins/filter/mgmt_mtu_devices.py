# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_mtu_devices
short_description: Name the devices of a layer of the management network
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Names the devices that a change of the management network's MTU sets together.
positional: _input, layer
options:
  _input:
    description: Result of module M(harvester.network.profile_info).
    type: dict
    required: true
  layer:
    description: V(lower), V(upper) or V(all), as in filter P(harvester.network.mgmt_mtu_settings#filter).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the devices with addresses
  ansible.builtin.debug:
    msg: "{{ found | harvester.network.mgmt_mtu_devices('upper') }}"
"""

RETURN = r"""
_value:
  description: Names of devices, the lowest first.
  type: list
  elements: str
  sample: [mgmt-br.2017, mgmt-br.2018]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_devices


def mgmt_mtu_devices(found: Mapping[str, Any], layer: str) -> list[str]:
    try:
        return _mgmt_devices.mgmt_devices(found, layer)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_mtu_devices": mgmt_mtu_devices}
