# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: paths_seen
short_description: Keep what several proofs on the wire have found
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Joins the results of several calls of module M(harvester.network.path_mtu) on one node. Of a path, and of a leg,
    the last result counts.
positional: _input, answer
options:
  _input:
    description: What this filter returned for the calls before; an empty dictionary for none.
    type: dict
    required: true
  answer:
    description: Result of the last call. One that was skipped adds nothing.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep what was proved
  ansible.builtin.set_fact:
    seen: "{{ seen | default({}) | harvester.network.paths_seen(proof) }}"
"""

RETURN = r"""
_value:
  description: C(paths) and C(legs), as the module returns them.
  type: dict
  sample: {paths: [{name: "VLAN 2018|node2", mtu: 9000, status: proved}], legs: []}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _path_proof


def paths_seen(earlier: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _path_proof.seen(earlier, answer)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"paths_seen": paths_seen}
