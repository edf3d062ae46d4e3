#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that run on a node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: running_vm_info
short_description: List the VMs that run on a node
version_added: "0.1.0"
description:
  - Reads the command lines of the node's QEMU processes, so it needs no access to the cluster's API and sees what
    really runs, also when the API says otherwise.
  - Other hypervisors than QEMU are not seen. Needs root where C(/proc) hides the processes of others.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
options: {}
seealso:
  - module: harvester.network.profile_info
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See which VMs run on the node
  harvester.network.running_vm_info:
  register: running

- name: Go on without VMs only
  ansible.builtin.assert:
    that: running.vms | length == 0
"""

RETURN = r"""
vms:
  description: One entry per QEMU process.
  returned: success
  type: list
  elements: dict
  contains:
    pid:
      description: Process id.
      type: int
      returned: always
    namespace:
      description: Namespace of the VM; empty when the guest is not KubeVirt's.
      type: str
      returned: always
    name:
      description: Name of the VM; empty when the guest is not KubeVirt's.
      type: str
      returned: always
    guest:
      description: Name of the guest as QEMU has it.
      type: str
      returned: always
  sample:
    - {pid: 4711, namespace: default, name: vm1, guest: default_vm1}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.harvester.network.plugins.module_utils.common._qemu import guests


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    module.exit_json(changed=False, vms=[guest._asdict() for guest in guests()])


if __name__ == "__main__":
    main()
