# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: reboot_phases
short_description: Turn the turns of ordered reboots into phases of a change
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - A phase of role C(change) for each turn, whose task files are those of role C(ordered_reboot). Each has its expected
    nodes; which nodes it really takes is asked right before it.
positional: _input, names, vms, bound, wait_timeout
options:
  _input:
    description: Lists of hosts, in the order of their turns, of filter P(harvester.network.reboot_batches#filter).
    type: list
    elements: list
    required: true
  names:
    description: Name of the node of each host.
    type: dict
    required: true
  vms:
    description: What becomes of the VMs, RV(harvester.network.reboot_plan_info#module:vms).
    type: list
    elements: dict
    required: true
  bound:
    description: Seconds that one turn may take.
    type: int
    required: true
  wait_timeout:
    description: Seconds to wait for VMs, for a rollback.
    type: int
    required: true
seealso:
  - plugin: harvester.network.recorded_phases
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the phases of two turns
  ansible.builtin.debug:
    msg: "{{ [['host1'], ['host2']] | harvester.network.reboot_phases({'host1': 'n1', 'host2': 'n2'}, [], 3600, 300) }}"
"""

RETURN = r"""
_value:
  description: Phases, as role C(change) takes them.
  type: list
  elements: dict
  sample:
    - id: reboot-1
      role: harvester.network.ordered_reboot
      bound: 3600
      input: {turn: 1, turns: 1, nodes: [n1], expected: [n1], wait_timeout: 300}
      steps: [{kind: reboot, nodes: [n1]}]
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..plugin_utils import _reboot_phases


def reboot_phases(
    batches: Sequence[Sequence[str]],
    names: Mapping[str, str],
    vms: Iterable[Mapping[str, Any]],
    bound: int | str,
    wait_timeout: int | str,
) -> list[dict[str, Any]]:
    return _reboot_phases.phases(batches, names, vms, int(bound), int(wait_timeout))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"reboot_phases": reboot_phases}
