# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter guests_judged: what was found in guests, and what is still to be proved from inside."""

from __future__ import annotations

DOCUMENTATION = r"""
name: guests_judged
short_description: Judge the MTU of guests from inside
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Finds the interface of each guest that has its address, C(harvester_guest_address) or else C(ansible_host), in the
    facts that module M(ansible.builtin.setup) has gathered, and compares its MTU.
  - Returns what module M(harvester.network.path_mtu) has to prove from inside, to C(harvester_guest_peers) of the
    guest, or else to the other guests in its network.
positional: _input, hostvars, mtu
options:
  _input:
    description: Guests, hosts of the inventory.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
  mtu:
    description: The MTU that they have to have, in bytes.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong inside
  ansible.builtin.debug:
    msg: "{{ (guests | harvester.network.guests_judged(hostvars, 9000)).problems }}"
"""

RETURN = r"""
_value:
  description: C(problems), a line each, C(paths) by host, and C(alone), hosts that have nobody to send to.
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils._guests import judged


def guests_judged(hosts: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]], mtu: Any) -> dict[str, Any]:
    return judged(hosts, hostvars, int(mtu))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"guests_judged": guests_judged}
