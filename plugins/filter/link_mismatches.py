# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter link_mismatches: what of a node's links is not as expected."""

from __future__ import annotations

DOCUMENTATION = r"""
name: link_mismatches
short_description: Say what of a node's links is not as expected
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Compares the result of module M(harvester.network.profile_info) with devices, MTUs, ports, modes and absences that
    are expected.
positional: _input, expect
options:
  _input:
    description: Result of module M(harvester.network.profile_info).
    type: dict
    required: true
  expect:
    description:
      - C(devices), a list of dictionaries with C(name) and any of C(mtu) in bytes, C(ports) (the whole list),
        C(ports_mtu) of each port but C(ports_left_out), C(mode) of a bond, C(controller), C(vlans) (ids that must be
        there), C(not_vlans) (ids that must not) and C(up).
      - C(absent), a list of devices that must not be there.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the links
  harvester.network.profile_info:
  register: found

- name: Expect MTU 9000
  ansible.builtin.assert:
    that: >-
      found | harvester.network.link_mismatches({'devices': [{'name': 'mgmt-br', 'mtu': 9000}]}) | length == 0
"""

RETURN = r"""
_value:
  description: Differences; empty when all is as expected.
  type: list
  elements: str
  sample: ["mgmt-br: MTU 1500 instead of 9000"]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _link_proof


def link_mismatches(found: Mapping[str, Any], expect: Mapping[str, Any]) -> list[str]:
    try:
        return _link_proof.mismatches(found, expect)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"link_mismatches": link_mismatches}
