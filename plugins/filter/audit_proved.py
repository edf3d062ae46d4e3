# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter audit_proved: what came of the standing audit's proofs on the wire."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_proved
short_description: Judge what the standing audit has proved on the wire
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Judges what role P(harvester.network.verify#role) has proved, as far as it came.
positional: _input, answers, wire, lost, unleased
options:
  _input:
    description: The proofs, as filter P(harvester.network.audit#filter) gives them.
    type: list
    elements: dict
    required: true
  answers:
    description:
      - Of each proof that was made to its end, in the same order, the results of module
        M(harvester.network.path_mtu) by host.
    type: list
    elements: dict
    required: true
  wire:
    description: Why a proof broke off; empty when none did.
    type: str
    default: ""
  lost:
    description: Who has begun to change the network meanwhile; empty for nobody.
    type: str
    default: ""
  unleased:
    description:
      - Of C(probe) and C(legs), as far as they were asked for, why there was no Lease. Empty texts when there was one.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show the legs by which less passes
  ansible.builtin.debug:
    msg: >-
      {{ (found.proofs | harvester.network.audit_proved(answers)).checks | selectattr('id', 'equalto', 'leg')
      | rejectattr('passed') | map(attribute='seen') }}
"""

RETURN = r"""
_value:
  description: What came of it.
  type: dict
  contains:
    checks:
      description: Checks as those of filter P(harvester.network.audit#filter).
      type: list
      elements: dict
    paths:
      description: The paths, as filter P(harvester.network.path_rows#filter) gives them.
      type: list
      elements: dict
    not_measured:
      description: What was to be proved and was not, a line each.
      type: list
      elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils.audit._proofs import judged


def audit_proved(
    proofs: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Mapping[str, Any]]],
    wire: str = "",
    lost: str = "",
    unleased: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    return judged(proofs, answers, wire, lost, unleased)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"audit_proved": audit_proved}
