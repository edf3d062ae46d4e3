# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter mgmt_differences: what of a node's addresses, MACs and default routes is not as before."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_differences
short_description: Say which addresses, MACs and default routes of a node are not as before
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Compares a node with what P(harvester.network.mgmt_state#filter) has noted of it. What was not noted is not
    compared.
  - After a boot the bond may have the MAC of another of its NICs, which join it in any order, and the devices on it
    have the bond's; a bridge that has further ports is not compared then.
positional: _input, before, internal_ip
options:
  _input:
    description: Result of module M(harvester.network.profile_info), as the node is now.
    type: dict
    required: true
  before:
    description: Result of filter P(harvester.network.mgmt_state#filter).
    type: dict
    required: true
  internal_ip:
    description: InternalIP of the Kubernetes node now; empty when it is not known.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Expect that the node is known as before
  ansible.builtin.assert:
    that: found | harvester.network.mgmt_differences(state_before) | length == 0
"""

RETURN = r"""
_value:
  description: Differences; empty when all is as before.
  type: list
  elements: str
  sample: ["default route of IPv4 none instead of 10.217.0.1 on mgmt-br.2017"]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_state


def mgmt_differences(found: Mapping[str, Any], before: Mapping[str, Any] | None, internal_ip: str = "") -> list[str]:
    try:
        return _mgmt_state.differences(before, found, internal_ip)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_differences": mgmt_differences}
