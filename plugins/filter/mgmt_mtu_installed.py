# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_mtu_installed
short_description: Find the one MTU that all nodes were installed with
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Compares the MTUs of devices, profiles and C(/oem/harvester.config) of all nodes.
positional: _input
options:
  _input:
    description: MTU in bytes by host and place; null and 0 mean 1500.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the MTU of all nodes
  ansible.builtin.debug:
    msg: "{{ {'node1': {'mgmt-bo': 9000, '/oem/harvester.config': 9000}} | harvester.network.mgmt_mtu_installed }}"
"""

RETURN = r"""
_value:
  description: C(mtu) in bytes, 0 when they differ, and C(refusal), what differs and the next step, empty otherwise.
  type: dict
  sample: {mtu: 9000, refusal: ""}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _one_mtu


def mgmt_mtu_installed(mtus: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    try:
        return _one_mtu.installed(mtus)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_mtu_installed": mgmt_mtu_installed}
