#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster network with all of its configurations."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_network
short_description: Manage a cluster network with all of its network configurations
version_added: "0.1.0"
description:
  - Creates, changes and removes a cluster network and, when O(configs) is given, its network configurations, with one
    uplink for all of them.
  - What is not given stays as it is. A given list is the whole list. Null gives an option its default again.
  - The whole change is planned first and judged step by step in the state that the steps before it leave. What is taken
    away from nodes goes first, and is waited for before others take it. Everything that speaks against a step is told
    before anything is written, in check mode too.
  - Harvester demands that all configurations of a cluster network have the same MTU at any time. The MTU of more than
    one is changed by playbook C(harvester.network.cluster_network_mtu).
  - Whether the links are as wanted the API does not show. Hand RV(expect) to role C(link_proof).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.network_options.uplink
  - harvester.network.wait
options:
  state:
    description:
      - V(present) creates or changes the cluster network.
      - V(absent) removes its network configurations and then itself. What others still use is not removed, as VM
        networks, running VMs, the storage network and host network configurations.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - Name of the cluster network, at most 12 characters; V(mgmt) is the management network.
    type: str
    required: true
  description:
    description:
      - Free text.
    type: str
  configs:
    description:
      - All network configurations of the cluster network; others are removed. Without it they stay, with O(uplink) if
        that is given.
      - Not for V(mgmt), whose uplink is made on the hosts.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the network configuration; unique in the whole cluster.
        type: str
        required: true
      description:
        description:
          - Free text.
        type: str
      nics:
        description:
          - NICs of the uplink on every node of the selection, the whole list. Their order means nothing.
          - Required for a new one.
        type: list
        elements: str
      all_nodes:
        description:
          - With V(true), the configuration is for all nodes without the label of witness nodes, also for those that
            join later.
          - A new configuration needs exactly one of O(configs[].all_nodes), O(configs[].node) and
            O(configs[].node_selector).
        type: bool
      node:
        description:
          - The configuration is for this node.
        type: str
      node_selector:
        description:
          - The configuration is for the nodes that have all of these labels; witness nodes never count.
        type: dict
  uplink_mtu:
    description:
      - MTU that VM networks of V(mgmt) get, in bytes, 576 to 9000; null is 1500, written as a number.
      - For V(mgmt) only; that of others follows O(uplink.mtu).
      - It changes nothing on the hosts, whose management network must have this MTU before.
    type: int
  labels:
    description:
      - Labels of nodes that the selections of O(configs) need, set before them and judged in one plan with them; as in
        module M(harvester.network.node_labels).
      - By node, its name in the cluster, a dictionary of labels. Null removes a label. They stay when the cluster
        network goes.
    type: dict
seealso:
  - module: harvester.network.network_config
  - module: harvester.network.node_labels
  - module: harvester.network.vm_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: A cluster network over nodes with unequal NICs
  harvester.network.cluster_network:
    name: vmnet
    description: VMs of all departments
    uplink:
      mode: 802.3ad
      mtu: 9000
    configs:
      - name: vmnet-rack-a
        node_selector:
          topology.kubernetes.io/zone: rack-a
        nics: [ens3f0, ens3f1]
      - name: vmnet-node4
        node: node4
        nics: [enp5s0]
  register: vmnet
  delegate_to: localhost
  run_once: true

- name: See that bond and bridge are as wanted on every node
  ansible.builtin.include_role:
    name: harvester.network.link_proof
  vars:
    link_proof_expect: "{{ vmnet.expect[harvester_node_name | default(inventory_hostname)] | default({}) }}"

- name: Tell Harvester the MTU of the hosts' management network
  harvester.network.cluster_network:
    name: mgmt
    uplink_mtu: 9000
  delegate_to: localhost
  run_once: true

- name: Remove a cluster network with its configurations
  harvester.network.cluster_network:
    name: vmnet
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
    - {kind: ClusterNetwork, namespace: "", name: vmnet, action: unchanged}
    - {kind: VlanConfig, namespace: "", name: vmnet-rack-a, action: created}
expect:
  description:
    - What has to be true on the hosts, in the words of role C(link_proof), by name of the node in the cluster.
    - The API shows none of it.
  returned: success
  type: dict
  sample:
    node1:
      devices:
        - {name: vmnet-bo, mtu: 9000, mode: 802.3ad, ports: [ens3f0, ens3f1], controller: vmnet-br, up: true}
        - {name: vmnet-br, mtu: 9000}
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
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _cluster_network


def main() -> None:
    module = ClusterModule(argument_spec=change_argspec(_cluster_network.CLUSTER_NETWORK_ARGSPEC))
    run(module, _cluster_network.KINDS, _cluster_network.plan)


if __name__ == "__main__":
    main()
