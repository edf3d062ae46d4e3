# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mgmt_mtu_settings
short_description: Say how a layer of the management network gets an MTU
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Says which profiles and which devices of a node get the MTU. A device that no profile owns, as that of a host
    network configuration, is set in the kernel alone.
positional: _input, layer, mtu
options:
  _input:
    description: Result of module M(harvester.network.profile_info).
    type: dict
    required: true
  layer:
    description:
      - V(lower) is the bond, and the bridge where the node's address is on a VLAN device; V(upper) is the devices with
        addresses, every VLAN device on the bridge among them; V(all) is both, for a boot that sets them at once.
      - V(back) is what O(before) says.
    type: str
    required: true
  mtu:
    description: MTU in bytes; not looked at with V(back).
    type: int
  mtu_from:
    description: MTU that upper devices keep explicitly while lower ones are raised, in bytes; 0 when none has to.
    type: int
    default: 0
  before:
    description: C(before) of an earlier result, for V(back).
    type: dict
  only:
    description: The layer that goes back, with V(back).
    type: str
    default: all
"""

EXAMPLES = r"""
- name: Show what raises bond and bridge
  ansible.builtin.debug:
    msg: "{{ found | harvester.network.mgmt_mtu_settings('lower', 9000, mtu_from=1500) }}"
"""

RETURN = r"""
_value:
  description:
    - C(profiles) for module M(harvester.network.profiles), C(links) for module M(harvester.network.link_mtu), C(kept)
      for it afterwards, and C(before), the first two as they are.
    - Of V(all) the last has the pod network's device too. Nobody sets it, it follows with the boot.
  type: dict
  sample:
    profiles: [{id: vlan-mgmt, mtu: 9000}]
    links: [{name: mgmt-br.2030, mtu: 9000}]
    kept: []
    before:
      profiles: [{id: vlan-mgmt, mtu: null}]
      links: [{name: mgmt-br.2030, mtu: 1500}]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils import _mgmt_devices


def mgmt_mtu_settings(
    found: Mapping[str, Any],
    layer: str,
    mtu: int = 0,
    mtu_from: int = 0,
    before: Mapping[str, Any] | None = None,
    only: str = "all",
) -> dict[str, Any]:
    try:
        if layer == "back":
            return _mgmt_devices.mtu_settings_back(found, before, only)
        return _mgmt_devices.mtu_settings(found, layer, int(mtu), int(mtu_from))
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"mgmt_mtu_settings": mgmt_mtu_settings}
