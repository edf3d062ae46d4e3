# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter mgmt_proof: what must be true of a management network after a change."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_proof
short_description: Say what must be true of a management network after a change
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Turns the desired state of a management network into what roles C(link_proof) and C(path_proof) prove.
  - What the desired state does not name is not judged.
positional: _input
options:
  _input:
    description: The desired state, as filter P(harvester.network.mgmt_profiles#filter) takes it.
    type: dict
    required: true
  vlan_id:
    description: VLAN of the node's address, 0 without one.
    type: int
    default: 0
  holders:
    description: VLAN ids that profiles C(mgmt-br.<id>) without addresses held before the change.
    type: list
    elements: int
    default: []
"""

EXAMPLES = r"""
- name: Show what would be proved
  ansible.builtin.debug:
    msg: "{{ harvester_mgmt | harvester.network.mgmt_proof(vlan_id=2017) }}"
"""

RETURN = r"""
_value:
  description: C(links) for role C(link_proof), C(networks) for role C(path_proof).
  type: dict
  sample:
    links: {devices: [{name: mgmt-bo, controller: mgmt-br, mtu: 9000}], absent: []}
    networks: [{name: management network, device: mgmt-br.2017, mtu: 9000}, {vlan_id: 2018}]
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_proof


def mgmt_proof(desired: Mapping[str, Any], vlan_id: int = 0, holders: Iterable[int] = ()) -> dict[str, Any]:
    try:
        return _mgmt_proof.proof(desired, int(vlan_id), holders)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_proof": mgmt_proof}
