# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter accepted_refusals: VMs that a change has nothing to do with."""

from __future__ import annotations

DOCUMENTATION = r"""
name: accepted_refusals
short_description: Say which VMs that may come back otherwise are none of a change's
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - A VM is refused that the change has not recorded and that no phase of it stops.
  - Until the last turn of reboots has begun, nobody knows whom they stop. Each VM that there is may be named then.
positional: _input, recorded, planned, present
options:
  _input:
    description: VMs as C(namespace/name), a list or a text with commas.
    type: raw
    required: true
  recorded:
    description:
      - The RV(harvester.network.change_info#module:changes[].phases) of the open change, read with C(full=true). None
        before it begins.
    type: list
    elements: dict
    required: true
  planned:
    description:
      - The phases of the run, as role P(harvester.network.change#role) takes them. None when a change goes back.
    type: list
    elements: dict
    default: []
  present:
    description: The VMs of the cluster, as C(namespace/name).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what speaks against accepting a VM as it is
  ansible.builtin.debug:
    msg: "{{ ['default/vm1'] | harvester.network.accepted_refusals(open.changes[0].phases) }}"
"""

RETURN = r"""
_value:
  description: Reasons with the way out; empty when nothing speaks against it.
  type: list
  elements: str
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..plugin_utils import _accepted


def accepted_refusals(
    given: Any,
    recorded: Iterable[Mapping[str, Any]],
    planned: Iterable[Mapping[str, Any]] = (),
    present: Collection[str] = (),
) -> list[str]:
    return _accepted.refusals(given, recorded, planned, present)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"accepted_refusals": accepted_refusals}
