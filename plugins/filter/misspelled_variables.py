# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter misspelled_variables: which variables look like one of the playbooks' and are none."""

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelled_variables
short_description: Say which variables look like one of the playbooks' and are none
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Ansible passes over a variable that nobody reads, so that a letter too many in C(change_window_end) would mean a
    run without an end.
  - Names that begin with C(change_), that no playbook and no role of the collection has, and that are nearly one which
    a playbook specifies, are told. Others are left alone.
positional: _input
options:
  _input:
    description: Names of variables.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse misspelled variables
  ansible.builtin.assert:
    that: misspelled | length == 0
    fail_msg: "{{ misspelled | join('; ') }}"
  vars:
    misspelled: "{{ query('ansible.builtin.varnames', '^change') | harvester.network.misspelled_variables }}"
"""

RETURN = r"""
_value:
  description: A line per variable; empty when there is none.
  type: list
  elements: str
  sample: ["change_window_ends: no playbook has this variable; did you mean change_window_end?"]
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..plugin_utils import _variable_names

ROOT = Path(__file__).parents[2]


def misspelled_variables(given: Iterable[str]) -> list[str]:
    return _variable_names.misspelled(given, _variable_names.names(ROOT))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"misspelled_variables": misspelled_variables}
