#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VLAN of a cluster network on the hosts themselves."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_network_config
short_description: Manage a VLAN of a cluster network on the hosts themselves
version_added: "0.1.0"
description:
  - Creates, changes and removes a host network configuration (HostNetworkConfig), by which Harvester gives hosts a VLAN
    device C(<cluster network>-br.<VLAN id>) with an address.
  - Needs Harvester 1.8 or later. On older ones VLANs of the management network are made on the hosts, by playbook
    C(harvester.network.mgmt_vlans).
  - What is not given stays as it is. Null takes an option away.
  - Everything that speaks against the change is told before anything is written, in check mode too.
  - Whether the device is there the API does not show. Hand RV(expect) to role C(link_proof). The device does not follow
    later changes of the MTU; delete and create the configuration for that.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.wait
options:
  state:
    description:
      - V(present) creates or changes the host network configuration, V(absent) removes it.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Name of the host network configuration.
    type: str
    required: true
  cluster_network:
    description:
      - Cluster network whose uplinks carry the VLAN; V(mgmt) is the management network. Required for a new one.
      - It cannot be changed later.
    type: str
  vlan_id:
    description:
      - VLAN id, 1 to 4094. Required for a new one. There is one configuration per cluster network and VLAN id.
      - It cannot be changed later.
    type: int
  mode:
    description:
      - V(static) gives the addresses of O(addresses), V(dhcp) asks a server. Required for a new one.
    type: str
    choices: [static, dhcp]
  addresses:
    description:
      - For O(mode=static), the address of each node with its prefix length, as C(node1) with V(10.1.2.11/24); the whole
        map.
      - Every node of the selection needs one, all of one subnet.
    type: dict
  all_nodes:
    description:
      - With V(true), the configuration is for all nodes, witness nodes too.
      - A new configuration needs exactly one of O(all_nodes), O(node) and O(node_selector).
    type: bool
  node:
    description:
      - The configuration is for this node.
    type: str
  node_selector:
    description:
      - The configuration is for the nodes that have all of these labels.
    type: dict
  underlay:
    description:
      - Whether overlay networks use it. There is one such configuration, and it is for all nodes.
    type: bool
  description:
    description:
      - Free text.
    type: str
seealso:
  - module: harvester.network.cluster_network
  - module: harvester.network.vlan_profile
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: A VLAN for backups on every node
  harvester.network.host_network_config:
    name: backup
    cluster_network: mgmt
    vlan_id: 2030
    mode: static
    addresses:
      node1: 10.20.30.11/24
      node2: 10.20.30.12/24
      node3: 10.20.30.13/24
    all_nodes: true
  delegate_to: localhost
  run_once: true

- name: Remove it
  harvester.network.host_network_config:
    name: backup
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
    - {kind: HostNetworkConfig, namespace: "", name: backup, action: created}
expect:
  description:
    - What has to be true on the hosts, in the words of role C(link_proof), by name of the node in the cluster.
    - The API shows none of it.
  returned: success
  type: dict
  sample:
    node1:
      devices:
        - {name: mgmt-br.2030}
        - {name: mgmt-br, vlans: ["2030"]}
        - {name: mgmt-bo, vlans: ["2030"]}
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
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _host_config


def main() -> None:
    module = ClusterModule(argument_spec=change_argspec(_host_config.HOST_CONFIG_ARGSPEC))
    run(module, _host_config.KINDS, _host_config.plan)


if __name__ == "__main__":
    main()
