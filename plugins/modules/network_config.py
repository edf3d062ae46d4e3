#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One network configuration of a cluster network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network_config
short_description: Manage one network configuration of a cluster network
version_added: "0.1.0"
description:
  - Creates, changes and removes a network configuration (VlanConfig), which says with which NICs and on which nodes a
    cluster network has its uplink.
  - What is not given stays as it is. A given list is the whole list. Null gives an option its default again.
  - Everything that speaks against the change is told before anything is written, in check mode too, namely what
    Harvester's webhooks refuse and what they let pass and then fails on the nodes.
  - The MTU and the bond options must be those of the cluster network's other configurations. An MTU is changed on all
    of them by playbook C(harvester.network.cluster_network_mtu), the other options by
    M(harvester.network.cluster_network).
  - Whether the links are as wanted the API does not show. Hand RV(expect) to role C(link_proof).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.network_options.config
  - harvester.network.network_options.uplink
  - harvester.network.wait
options:
  state:
    description:
      - V(present) creates or changes the configuration, V(absent) removes it.
      - A removal is done when VlanStatus and label of every node are gone.
    type: str
    choices: [present, absent]
    default: present
  cluster_network:
    description:
      - Cluster network that it belongs to. Required for a new one.
      - The management network V(mgmt) has none that users write.
    type: str
seealso:
  - module: harvester.network.cluster_network
  - module: harvester.network.vm_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Give cluster network vmnet an uplink on the nodes of a rack
  harvester.network.network_config:
    name: vmnet-rack-a
    cluster_network: vmnet
    node_selector:
      topology.kubernetes.io/zone: rack-a
    nics: [ens3f0, ens3f1]
    uplink:
      mode: 802.3ad
      mtu: 9000
  delegate_to: localhost
  run_once: true

- name: A node with other NICs has its own
  harvester.network.network_config:
    name: vmnet-node4
    cluster_network: vmnet
    node: node4
    nics: [enp5s0]
  delegate_to: localhost
  run_once: true

- name: Take a configuration out of use
  harvester.network.network_config:
    name: vmnet-node4
    state: absent
  register: removed
  delegate_to: localhost
  run_once: true

- name: See that bond and bridge are gone from every node that had them
  ansible.builtin.include_role:
    name: harvester.network.link_proof
  vars:
    link_proof_expect: "{{ removed.expect[harvester_node_name | default(inventory_hostname)] | default({}) }}"
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
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _network_config


def main() -> None:
    module = ClusterModule(argument_spec=change_argspec(_network_config.NETWORK_CONFIG_ARGSPEC))
    run(module, _network_config.KINDS, _network_config.plan)


if __name__ == "__main__":
    main()
