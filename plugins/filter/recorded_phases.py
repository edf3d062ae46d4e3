# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: recorded_phases
short_description: Take the phases of a change that goes on from its record
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - The phases as they were planned, with what is left of the reboots among them.
positional: _input, wait_timeout
options:
  _input:
    description: The RV(harvester.network.change_info#module:changes[].phases), read with C(full=true).
    type: list
    elements: dict
    required: true
  wait_timeout:
    description:
      - Seconds for which VMs are waited for. Where that is longer than planned, so are the bounds of the turns.
    type: int
    default: 0
seealso:
  - plugin: harvester.network.reboot_phases
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what is left of the open change
  ansible.builtin.debug:
    msg: "{{ open.changes[0].phases | harvester.network.recorded_phases }}"
"""

RETURN = r"""
_value:
  description: Phases, as role C(change) takes them.
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils import _reboot_phases


def recorded_phases(phases: Iterable[Mapping[str, Any]], wait_timeout: int = 0) -> list[dict[str, Any]]:
    return _reboot_phases.recorded(phases, int(wait_timeout))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"recorded_phases": recorded_phases}
