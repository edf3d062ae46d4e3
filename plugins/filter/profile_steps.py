# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter profile_steps: what becomes of the profiles and devices of nodes, as steps of a plan."""

from __future__ import annotations

DOCUMENTATION = r"""
name: profile_steps
short_description: Tell what becomes of profiles and devices as steps of a plan
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Makes a step of each node whose profiles or devices would change, for the plan of a phase.
positional: _input
options:
  _input:
    description: By name of the node in the cluster, what module M(harvester.network.profiles) returned in check mode.
    type: dict
    required: true
seealso:
  - module: harvester.network.change_plan
"""

EXAMPLES = r"""
- name: Show what would be set on node1
  ansible.builtin.debug:
    msg: "{{ {'node1': compared} | harvester.network.profile_steps }}"
"""

RETURN = r"""
_value:
  description: Steps, as module M(harvester.network.change_plan) takes them.
  type: list
  elements: dict
  sample:
    - kind: host
      name: node1
      values:
        - {field: profile bond-mgmt mtu, from: "1500", to: "9000"}
        - {field: device mgmt-bo, to: kernel (MTU 1500 to 9000)}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils import _profile_steps


def profile_steps(results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return _profile_steps.steps(results)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"profile_steps": profile_steps}
