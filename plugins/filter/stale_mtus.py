# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter stale_mtus: variables of the inventory that have the MTU of before."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stale_mtus
short_description: Find variables with another MTU than a cluster network has
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Names the parts of C(harvester_mgmt) and C(harvester_cluster_networks) that say another MTU for a cluster network
    than it has since a change. The next run of the playbooks that read them would refuse, or bring the old one back.
positional: _input, cluster_network, mtu
options:
  _input:
    description: C(harvester_cluster_networks).
    type: list
    elements: dict
    required: true
  cluster_network:
    description: The cluster network.
    type: str
    required: true
  mtu:
    description: The MTU that it has, in bytes.
    type: int
    required: true
  mgmt:
    description: C(harvester_mgmt), which counts for V(mgmt).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Name what is still to be edited
  ansible.builtin.debug:
    msg: "{{ harvester_cluster_networks | harvester.network.stale_mtus('vmnet', 9000) }}"
"""

RETURN = r"""
_value:
  description: The variables with their values.
  type: list
  elements: str
  sample: ["harvester_cluster_networks[0].uplink.mtu=1500"]
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils._stale_mtu import stale


def stale_mtus(networks: Any, cluster_network: str, mtu: Any, mgmt: Any = None) -> list[str]:
    return stale(mgmt, networks, cluster_network, mtu)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"stale_mtus": stale_mtus}
