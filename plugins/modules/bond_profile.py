#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a bond and its ports as NetworkManager profiles."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bond_profile
short_description: Manage a bond and its ports as NetworkManager profiles
version_added: "0.1.0"
description:
  - Owns the profile of the bond and, when O(ports) is given, one profile C(bond-slave-<nic>) per port.
  - With O(state=absent) the bond's profile is removed, and the port profiles of the NICs that O(ports) names.
  - The same engine and the same result as M(harvester.network.profiles), for people who think in devices.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.node
  - harvester.network.profile_options.bond
seealso:
  - module: harvester.network.profiles
  - module: harvester.network.profile_info
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Replace a NIC of the management bond
  harvester.network.bond_profile:
    id: bond-mgmt
    ports: [eno1, eno3]

- name: Change the mode of the management bond at the next boot
  harvester.network.bond_profile:
    id: bond-mgmt
    apply: reboot
    bond:
      mode: 802.3ad
      lacp_rate: fast
      xmit_hash_policy: layer3+4
"""

RETURN = r"""
profiles:
  description: One entry per profile that the call names.
  returned: O(state=present) and O(state=absent)
  type: list
  elements: dict
  contains:
    id:
      description: Profile id.
      type: str
      returned: always
    action:
      description:
        - V(created), V(changed), V(removed), V(unchanged), or V(loaded).
        - V(loaded) says that the file was right and that NetworkManager only had to read it again.
      type: str
      returned: always
    before:
      description: The profile as it was, in the vocabulary of the options; null for a new one.
      type: dict
      returned: always
    after:
      description: The profile as it is, in check mode as it would be; null for a removed one.
      type: dict
      returned: always
  sample:
    - id: bond-mgmt
      action: changed
      before: {id: bond-mgmt, type: bond, interface_name: mgmt-bo, mtu: 1500}
      after: {id: bond-mgmt, type: bond, interface_name: mgmt-bo, mtu: 9000}
devices:
  description: Devices concerned, with the way in which each took its change (or would take it).
  returned: O(state=present) and O(state=absent)
  type: list
  elements: dict
  contains:
    name:
      description: Device.
      type: str
      returned: always
    how:
      description: One of V(kernel), V(up), V(reapply), V(activate), V(remove), V(reboot).
      type: str
      returned: always
    why:
      description: What made it necessary.
      type: str
      returned: always
  sample:
    - {name: mgmt-bo, how: kernel, why: MTU 1500 to 9000}
reboot_required:
  description: Whether the node has to be rebooted for the profiles to be live. Computed from the kernel at every call.
  returned: O(state=present) and O(state=absent)
  type: bool
reboot_reasons:
  description: Why a reboot is needed, a line per device and reason.
  returned: O(state=present) and O(state=absent)
  type: list
  elements: str
restored:
  description: Commands that put back what an activation had taken from bystanders (VLAN ids, addresses, routes, ports).
  returned: O(state=present) and O(state=absent)
  type: list
  elements: str
earlier_change:
  description:
    - What became of an earlier call whose session was cut; V(none), V(completed) when this call fetched its
      result, V(pending) when check mode left it alone, V(undone) when check mode found a change that was not
      confirmed; without check mode that is a failure, once.
  returned: O(state=present) and O(state=absent)
  type: str
checkpoint:
  description:
    - The change that waits to be confirmed, this one or an earlier one, as module M(harvester.network.checkpoint)
      returns it. Empty when there is none.
  returned: O(state=present) and O(state=absent)
  type: dict
  sample: {id: profiles-1767225600, state: armed, owner: rancher from 192.0.2.9, timeout: 300}
warnings_found:
  description: The warnings of this call as data, for example VLAN ids that an agent strips at every boot.
  returned: O(state=present) and O(state=absent)
  type: list
  elements: str
keyfiles:
  description: The keyfiles.
  returned: O(state=rendered)
  type: list
  elements: dict
  contains:
    path:
      description: Where the file would be stored on a node.
      type: str
      returned: always
    content:
      description: Its text.
      type: str
      returned: always
commands:
  description: nmcli commands that make the same profiles, as argument lists.
  returned: O(state=rendered)
  type: list
  elements: list
gathered:
  description: The profiles as they are on disk, in the vocabulary of the options.
  returned: O(state=gathered)
  type: list
  elements: dict
waited:
  description: Seconds that the call has waited until the change was live.
  returned: when it had to wait
  type: float
  sample: 4.5
"""

from ansible_collections.harvester.network.plugins.module_utils.nm._faces import run_face


def main() -> None:
    run_face("bond")


if __name__ == "__main__":
    main()
