#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole set of a node's NetworkManager profiles in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: profiles
short_description: Manage all NetworkManager profiles of a node in one call
version_added: "0.1.0"
description:
  - Creates, changes and removes bond, bond port, bridge and VLAN profiles (keyfiles) on a Harvester node, and makes the
    changes live in the gentlest way there is, or leaves them to the next boot.
  - What is not given stays as it is. A given list is the whole list, a given dict is merged by key, an explicit null
    unsets an option.
  - Everything is validated before anything is written. The kernel is read back afterwards; a difference that was not
    asked for is a failure, and a failure puts profiles and kernel back as they were.
  - Live steps run in a transient systemd unit that outlives the ssh session. A call whose session was cut is finished
    on the node, and the next call fetches its result.
  - A call that changes nothing, and one in check mode, need one command of the shell on the node and no Python there.
    Where the command does not tell enough, the module looks by itself.
  - Needs Harvester 1.7 or later, where NetworkManager owns the management network.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.node
  - harvester.network.profile_options.profiles
seealso:
  - module: harvester.network.profile_info
  - module: harvester.network.checkpoint
  - module: harvester.network.bond_profile
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Give the management network of a node jumbo frames, live
  harvester.network.profiles:
    profiles:
      - id: bond-mgmt
        mtu: 9000
      - id: bridge-mgmt
        mtu: 9000
      - id: vlan-mgmt
        mtu: 9000

- name: Add secondary VLANs, to be live after the next boot
  harvester.network.profiles:
    apply: reboot
    profiles:
      - id: bond-mgmt
        bridge_port:
          vlans: ["1 pvid untagged", 2017, 2018, "2100-2103"]
      - id: bridge-mgmt
        bridge:
          vlans: [2017, 2018, "2100-2103"]

- name: Change the address of the node, and take it back unless the next task comes through
  harvester.network.profiles:
    commit_confirm: true
    confirm_timeout: 120
    profiles:
      - id: vlan-mgmt
        ipv4:
          addresses: [192.0.2.17/24]
  register: changed

- name: Show the keyfiles of a new bond without a node
  harvester.network.profiles:
    state: rendered
    profiles:
      - id: bond-mgmt
        type: bond
        interface_name: mgmt-bo
        controller: mgmt-br
        port_type: bridge
        ports: [eno1, eno2]
        bond:
          mode: active-backup
          miimon: 100
        bridge_port:
          vlans: ["1 pvid untagged", 2017]
  delegate_to: localhost

- name: Remove a VLAN profile and its device
  harvester.network.profiles:
    state: absent
    profiles:
      - id: mgmt-br.2018
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
    run_face(None)


if __name__ == "__main__":
    main()
