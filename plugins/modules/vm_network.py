#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_network
short_description: Manage a VM network (VLAN, untagged or trunk)
version_added: "0.1.0"
description:
  - Creates, changes and removes a VM network (NetworkAttachmentDefinition of type bridge), to which VMs are attached.
  - What is not given stays as it is. Null takes an option away.
  - Its MTU is that of its cluster network, and Harvester's to write.
  - Everything that speaks against the change is told before anything is written, in check mode too. A VM network is
    neither changed nor removed while a VM runs with it, and not removed while a VM refers to it.
  - Whether the VLAN ids are on the uplinks the API does not show. Hand RV(expect) to role C(link_proof).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.wait
options:
  state:
    description:
      - V(present) creates or changes the VM network, V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
  namespace:
    description:
      - Namespace of the VM network.
    type: str
    default: default
  name:
    description:
      - Name of the VM network.
    type: str
    required: true
  cluster_network:
    description:
      - Cluster network whose uplinks carry it; V(mgmt) is the management network. Required for a new one.
      - It cannot be changed later.
    type: str
  type:
    description:
      - V(vlan) gives VMs the frames of one VLAN without their tag, V(untagged) the frames that have none, V(trunk) the
        frames of several VLANs with their tags. V(trunk) needs Harvester 1.7 or later.
      - Not needed where O(vlan_id) or O(vlan_ids) is given.
    type: str
    choices: [vlan, untagged, trunk]
  vlan_id:
    description:
      - VLAN id, 1 to 4094, for O(type=vlan).
    type: int
  vlan_ids:
    description:
      - VLAN ids and ranges such as V(100-110), for O(type=trunk), the whole list.
    type: list
    elements: str
  description:
    description:
      - Free text.
    type: str
  route:
    description:
      - The gateway that Harvester pings to tell whether the VLAN works. Null takes it away.
    type: dict
    suboptions:
      mode:
        description:
          - V(auto) lets Harvester ask a DHCP server on the VLAN, V(manual) takes what is given here.
        type: str
        choices: [auto, manual]
      cidr:
        description:
          - Network with prefix length, as V(192.168.100.0/24). Required for V(manual).
        type: str
      gateway:
        description:
          - Address of the gateway. Required for V(manual).
        type: str
      dhcp_server:
        description:
          - Address of the DHCP server, for V(auto) where there are several.
        type: str
seealso:
  - module: harvester.network.cluster_network
  - module: harvester.network.network_config
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: A VLAN for VMs
  harvester.network.vm_network:
    name: vlan100
    cluster_network: vmnet
    vlan_id: 100
    route:
      mode: manual
      cidr: 192.168.100.0/24
      gateway: 192.168.100.1
  delegate_to: localhost
  run_once: true

- name: A trunk for virtual routers
  harvester.network.vm_network:
    namespace: production
    name: trunk
    cluster_network: vmnet
    vlan_ids: [100-110, 200]
  delegate_to: localhost
  run_once: true

- name: The frames of the management network that have no tag
  harvester.network.vm_network:
    name: untagged
    cluster_network: mgmt
    type: untagged
  delegate_to: localhost
  run_once: true

- name: Remove a VM network
  harvester.network.vm_network:
    name: vlan100
    state: absent
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
objects:
  description:
    - One entry per object that the call names.
    - When the call fails on the way, those that were written before it did.
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      returned: always
    namespace:
      description: Namespace; empty for an object of the cluster.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    action:
      description: V(created), V(changed), V(removed) or V(unchanged); in check mode what it would be.
      type: str
      returned: always
  sample:
    - {kind: NetworkAttachmentDefinition, namespace: default, name: vlan100, action: created}
expect:
  description:
    - What has to be true on the hosts, in the words of role C(link_proof), by name of the node in the cluster.
    - The API shows none of it.
  returned: success
  type: dict
  sample:
    node1:
      devices:
        - {name: vmnet-bo, vlans: ["100"]}
      absent: []
warnings_found:
  description: The warnings of this call as data, for example nodes on which an agent has left bond and bridge behind.
  returned: success
  type: list
  elements: str
objections:
  description: What speaks against the change. Nothing was written.
  returned: when the change is refused
  type: list
  elements: dict
  contains:
    rule:
      description: Id of the rule.
      type: str
      returned: always
    object:
      description: Object that would be changed.
      type: str
      returned: always
    message:
      description: What is wrong; for Harvester's own rules the gist of its words.
      type: str
      returned: always
    source:
      description: Component whose behaviour it is.
      type: str
      returned: always
    next_step:
      description: What to do about it.
      type: str
      returned: always
    by:
      description: V(harvester) when Harvester would refuse the change, V(ours) when it would take it.
      type: str
      returned: always
missing:
  description: What was still missing when the time was over, a line each.
  returned: when the call fails after it has begun to write
  type: list
  elements: str
waited:
  description: Seconds that the call has waited for the cluster.
  returned: when it had to wait
  type: float
  sample: 35.0
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster._change_module import change_argspec, run
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _vm_network


def main() -> None:
    module = ClusterModule(argument_spec=change_argspec(_vm_network.VM_NETWORK_ARGSPEC))
    run(module, _vm_network.KINDS, _vm_network.plan)


if __name__ == "__main__":
    main()
