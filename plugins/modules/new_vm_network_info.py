#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which MTU Harvester gives a new VM network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: new_vm_network_info
short_description: Ask Harvester which MTU a new VM network gets
version_added: "0.1.0"
description:
  - Asks Harvester to create a VM network without a VLAN id as a dry run, and returns the MTU that its webhooks give it.
    Nothing is created. Role C(mgmt_annotation) proves with it that new VM networks carry the MTU.
  - A network that Harvester would refuse is an error with its words, as where it has not noted the MTU of an
    installation (#11661).
  - The account needs the verb C(create) on VM networks in O(namespace).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  cluster_network:
    description: Cluster network that it would be on.
    type: str
    required: true
  namespace:
    description: Namespace that it would be in.
    type: str
    default: default
  mtu:
    description: MTU that is expected, in bytes; any other is an error. V(0) means 1500. Without it any will do.
    type: int
seealso:
  - module: harvester.network.vm_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See that new VM networks on mgmt get jumbo frames
  harvester.network.new_vm_network_info:
    cluster_network: mgmt
    mtu: 9000
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
mtu:
  description: MTU that it would get, in bytes.
  returned: success
  type: int
  sample: 9000
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster import _new_vm_network
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_new_vm_network.ARGUMENT_SPEC)
    try:
        mtu = _new_vm_network.ask(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, mtu=mtu)


if __name__ == "__main__":
    main()
