# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter vms_to_start: those of a record of stopped VMs that start now."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vms_to_start
short_description: Tell which of the VMs that were stopped for a reboot start now
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns the entries of the record whose VM is to start at one of the given times, in the order of the record.
positional: _input, plan, starts
options:
  _input:
    description: The record of stopped VMs, RV(harvester.network.vm_power#module:vms).
    type: list
    elements: dict
    required: true
  plan:
    description: What was planned for the VMs, RV(harvester.network.reboot_plan_info#module:vms).
    type: list
    elements: dict
    required: true
  starts:
    description: When VMs start that are meant, C(after_drain), C(after_uncordon) or C(never).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Start what starts on other nodes
  harvester.network.vm_power:
    state: started
    vms: "{{ stopped.vms | harvester.network.vms_to_start(plan.vms, ['after_drain']) }}"
"""

RETURN = r"""
_value:
  description: Entries of the record.
  type: list
  elements: dict
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any


def vms_to_start(
    record: Iterable[Mapping[str, Any]], plan: Iterable[Mapping[str, Any]], starts: Collection[str]
) -> list[Mapping[str, Any]]:
    meant = {(vm["namespace"], vm["name"]) for vm in plan if vm["start"] in starts}
    return [entry for entry in record if (entry["namespace"], entry["name"]) in meant]


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"vms_to_start": vms_to_start}
