# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter mgmt_profiles: the desired state of a management network as a set of profiles."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_profiles
short_description: Turn the desired state of a management network into profiles
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Turns C(harvester_mgmt) from an inventory into the option O(harvester.network.profiles#module:profiles) of module
    M(harvester.network.profiles).
  - What is not given is not in the result, so the node keeps it. A given list is the whole list, a dictionary is merged
    by key, null takes an option out of the profile.
  - VLAN lists always hold the primary VLAN, and on the bond C(1 pvid untagged).
positional: _input
options:
  _input:
    description:
      - The desired state, a dictionary.
      - C(bond) holds the bond options of module M(harvester.network.profiles), and C(ports), the whole list of NICs.
      - C(vlan_id) is the primary VLAN that the node was installed with, 0 without a management VLAN. It is needed by
        C(secondary_vlans), C(mtu), C(ipv4) and C(ipv6), and it is never changed on a node.
      - C(secondary_vlans) is the whole list of ids and ranges beside the primary VLAN.
      - C(secondary_vlan_devices), true by default, adds a profile C(mgmt-br.<id>) without addresses for each of them.
        Without it Harvester's agent takes their ids from the bond at the next boot.
      - C(mtu) in bytes is given to C(bond-mgmt), C(bridge-mgmt) and C(vlan-mgmt).
      - C(ipv4) and C(ipv6) are options of the device that has the node's address.
    type: dict
    required: true
  complete:
    description: Everything that Harvester's installer would write, to render the keyfiles of a new node.
    type: bool
    default: false
  holders:
    description:
      - VLAN ids that profiles C(mgmt-br.<id>) without addresses hold on the node, as role C(node_check) finds them in
        C(node_check_facts.holders). Profiles of ids that are not wanted any more are removed.
    type: list
    elements: int
    default: []
"""

EXAMPLES = r"""
- name: Show the profiles that the inventory asks for
  ansible.builtin.debug:
    msg: "{{ harvester_mgmt | harvester.network.mgmt_profiles }}"
  vars:
    harvester_mgmt:
      bond:
        mode: active-backup
        ports: [eno1, eno2]
      vlan_id: 2017
      secondary_vlans: [2018, "2100-2103"]
      mtu: 9000
"""

RETURN = r"""
_value:
  description: Profiles, as module M(harvester.network.profiles) takes them.
  type: list
  elements: dict
  sample:
    - id: bond-mgmt
      type: bond
      mtu: 9000
      bridge_port:
        vlans: ["1 pvid untagged", "2017-2018", "2100-2103"]
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_profiles


def mgmt_profiles(
    desired: Mapping[str, Any], complete: bool = False, holders: Iterable[int] = ()
) -> list[dict[str, Any]]:
    try:
        return _mgmt_profiles.mgmt_profiles(desired, complete, holders)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_profiles": mgmt_profiles}
