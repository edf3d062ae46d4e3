#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases that bring cluster networks to their desired state."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_network_info
short_description: Say which phases bring cluster networks to their desired state
version_added: "0.1.0"
description:
  - Reads the cluster once and says what becomes of cluster networks, their network configurations, VM networks and
    labels of nodes, as phases that role C(change) takes. Playbook C(harvester.network.cluster_network) is built on it.
  - What speaks against the change, module M(harvester.network.change_plan) says of these phases. The number of requests
    does not depend on the number of nodes and VMs.
  - Where a change of this playbook is open, its recorded phases are returned, with what is left of each.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  networks:
    description:
      - Cluster networks, each with options of module M(harvester.network.cluster_network); those that go first.
        Filter P(harvester.network.cluster_networks#filter) makes the list.
    type: list
    elements: dict
    default: []
  vm_networks:
    description:
      - VM networks, each with options of module M(harvester.network.vm_network). Those that go make room for
        O(networks), the others come after them.
    type: list
    elements: dict
    default: []
  gitops_paused:
    description: Whether what manages objects that change, as Fleet, Argo CD or Helm, is paused; else they are refused.
    type: bool
    default: false
  prove:
    description: Whether the links of the hosts are proved after the change.
    type: bool
    default: true
  prove_paths:
    description: Whether each VLAN of VM networks of O(networks) is proved between its nodes, beside the links.
    type: bool
    default: true
  subnet:
    description: IPv4 subnet of the temporary endpoints of that proof.
    type: str
    default: 198.18.0.0/24
  wait_timeout:
    description: How long to wait for the agents, in seconds.
    type: int
    default: 300
  namespace:
    description: Namespace of records of changes.
    type: str
    default: harvester-system
seealso:
  - module: harvester.network.change_plan
  - module: harvester.network.cluster_network
  - module: harvester.network.vm_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Say what a cluster network with a VM network would change
  harvester.network.cluster_network_info:
    networks:
      - name: vmnet
        configs:
          - {name: vmnet-rack-a, nics: [ens3f0, ens3f1], all_nodes: true}
    vm_networks:
      - {name: vlan300, cluster_network: vmnet, vlan_id: 300}
  delegate_to: localhost
  run_once: true
  register: case
"""

RETURN = r"""
change:
  description: The open change whose phases these are; empty when none is open.
  returned: success
  type: str
  sample: ""
phases:
  description: The phases, as role C(change) takes them; none when everything is as wanted.
  returned: success
  type: list
  elements: dict
  sample:
    - id: networks
      role: harvester.network.cluster_network
      bound: 540
      input:
        networks: [{name: vmnet, object: {metadata: {}}, expected: null}]
"""

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _networks
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_networks.ARGUMENT_SPEC)
    try:
        found = _networks.read(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
