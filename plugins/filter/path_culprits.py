# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter path_culprits: whose fault it is that a proof between nodes failed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: path_culprits
short_description: Say whose fault it is that a proof between nodes failed
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Looks at the results of module M(harvester.network.path_mtu) of all nodes together and names the node, the leg of
    its bond, the VLAN and the size.
positional: _input, ports_up
options:
  _input:
    description: The results, by name of the node.
    type: dict
    required: true
  ports_up:
    description: Ports that have to carry traffic, by name of the node. All of its bond, of a node that is not there.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Expect that everything is proved
  ansible.builtin.assert:
    that: results | harvester.network.path_culprits | length == 0
    fail_msg: "{{ results | harvester.network.path_culprits }}"
"""

RETURN = r"""
_value:
  description: Findings; empty when everything is proved.
  type: list
  elements: str
  sample:
    - >-
      VLAN 2018: node2, leg eno2: 9000 bytes do not pass, at most 1500 do (not the active one); see its cable and switch
      port
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _path_proof


def path_culprits(
    results: Mapping[str, Mapping[str, Any]], ports_up: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    try:
        return _path_proof.culprits(results, ports_up)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"path_culprits": path_culprits}
