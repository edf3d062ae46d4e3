# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_mtu_refusal
short_description: Say why a node must not get an MTU of its own
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Compares the MTU that a node is to have on its management network with the cluster's. That is annotation
    C(uplink-mtu) of cluster network C(mgmt), or where it is missing what all other nodes have, when it is one value.
positional: _input, seen, host, wanted
options:
  _input:
    description: Result of module M(harvester.network.network_info) about C(mgmt) and the nodes.
    type: dict
    required: true
  seen:
    description: Result of module M(harvester.network.profile_info) by host. Looked at where the annotation is missing.
    type: dict
    required: true
  host:
    description: The host that is to have the MTU.
    type: str
    required: true
  wanted:
    description: The MTU in bytes.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show why node3 must not have 9000 bytes
  ansible.builtin.debug:
    msg: "{{ known | harvester.network.mgmt_mtu_refusal(seen, 'node3', 9000) }}"
"""

RETURN = r"""
_value:
  description: The reason with the next step; empty when it is the cluster's MTU.
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils import _one_mtu


def mgmt_mtu_refusal(known: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]], host: str, wanted: int) -> str:
    return _one_mtu.refusal(known, seen, host, int(wanted))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_mtu_refusal": mgmt_mtu_refusal}
