# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter vm_plan_lines: what becomes of VMs, in words."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vm_plan_lines
short_description: Say what becomes of VMs whose node is rebooted
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns one line per VM.
positional: _input
options:
  _input:
    description: What was planned for the VMs, RV(harvester.network.reboot_plan_info#module:vms).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what becomes of the VMs
  ansible.builtin.debug:
    msg: "{{ plan.vms | harvester.network.vm_plan_lines }}"
"""

RETURN = r"""
_value:
  description: A line per VM.
  type: list
  elements: str
  sample: [default/web moves, "default/gpu1 stops, and starts again with its node (it has devices of its node)"]
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

WORDS = {
    ("move", ""): "moves",
    ("refuse", ""): "stands in the way",
    ("stop", "after_drain"): "stops, and starts again on another node",
    ("stop", "after_uncordon"): "stops, and starts again with its node",
    ("stop", "never"): "stops, and stays off",
}


def vm_plan_lines(vms: Iterable[Mapping[str, Any]]) -> list[str]:
    found = []
    for vm in vms:
        why = f" ({'; '.join(vm['reasons'])})" if vm["reasons"] else ""
        found.append(f"{vm['namespace']}/{vm['name']} {WORDS[vm['action'], vm['start']]}{why}")
    return found


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vm_plan_lines": vm_plan_lines}
