#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The case and the phases of a change of a cluster network's configurations."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_network_change_info
short_description: Say which phases a change of a cluster network's configurations has
version_added: "0.1.0"
description:
  - Reads the cluster once and says what becomes of the network configurations, on which nodes bonds are made anew,
    which VMs stop or move, which settings have to let go of their networks, and the phases, as role C(change) takes
    them. Playbook C(harvester.network.cluster_network_change) is built on it.
  - Configurations that exchange neither nodes nor NICs change one after the other, those with fewest nodes first, each
    proved before the next.
  - Everything that speaks against a beginning is told at once. The number of requests does not depend on the number of
    nodes and VMs.
  - Where a change of this playbook is open, its recorded phases are returned, with what is left of each.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.network_options.uplink
options:
  cluster_network:
    description: The cluster network; not V(mgmt), whose uplink is made on the hosts.
    type: str
    required: true
  configs:
    description:
      - Network configurations, each with what is to become of it. What is not given of one stays as it is.
      - Others of the cluster network stay, unless O(exclusive=true).
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
          - With V(true), the configuration is for all nodes without the label of witness nodes.
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
  exclusive:
    description: Whether configurations of the cluster network that O(configs) does not name are removed.
    type: bool
    default: false
  labels:
    description:
      - Labels of nodes that the selections need, set before the configurations change.
      - By node, its name in the cluster, a dictionary of labels. Null removes a label.
    type: dict
  mode_from:
    description: The bond mode that every configuration has; anything else is refused with a table. Any when omitted.
    type: str
    choices: [balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb, balance-alb]
  nics_from:
    description: By configuration, the NICs that it has; anything else is refused with a table.
    type: dict
  affected_vms:
    description:
      - What becomes of the VMs on the cluster network that run where a bond is made anew.
      - V(stop) stops them once and starts them at the end.
      - V(migrate) moves them off the nodes of one configuration after the other. Refused where one cannot move, and
        where a setting has its network on the cluster network.
    type: str
    choices: [stop, migrate]
    default: stop
  switches_ready:
    description:
      - Whether the switch ports are set up as the bond mode needs it. Required where a mode that needs it
        (V(balance-rr), V(balance-xor), V(broadcast), V(802.3ad)) comes, goes, or gets other ports.
    type: bool
    default: false
  gitops_paused:
    description: Whether whoever manages the configurations, as Fleet or Argo CD, leaves them alone meanwhile.
    type: bool
    default: false
  legs:
    description: Whether each leg of the bonds is to be proved.
    type: bool
    default: true
  subnet:
    description: IPv4 network of the temporary endpoints of the proof.
    type: str
    default: 198.18.0.0/24
  vms:
    description: Options of role C(vms) without their prefix, for VMs that stop and start.
    type: dict
    default: {}
  settings:
    description: Options of role C(storage_network) without their prefix, where its network is on the cluster network.
    type: dict
    default: {}
  wait_timeout:
    description: How long agents may take for each phase, in seconds.
    type: int
    default: 300
  namespace:
    description: Namespace of records of changes.
    type: str
    default: harvester-system
seealso:
  - module: harvester.network.change
  - module: harvester.network.change_plan
  - module: harvester.network.cluster_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Say what another NIC in rack a would do
  harvester.network.cluster_network_change_info:
    cluster_network: vmnet
    configs:
      - {name: vmnet-rack-a, nics: [ens4f0, ens4f1]}
  delegate_to: localhost
  run_once: true
  register: case
"""

RETURN = r"""
change:
  description: The open change whose phases these are; empty when none is open.
  returned: success
  type: str
phases:
  description: The phases as role C(change) takes them; none when everything is as wanted.
  returned: success
  type: list
  elements: dict
nodes:
  description: The nodes on which bonds are made anew, or go; empty for a change that is open.
  returned: success
  type: list
  elements: str
settings:
  description: The settings that let go of their networks, in this order.
  returned: success
  type: list
  elements: str
vms:
  description: The VMs that stop or move, as C(namespace/name).
  returned: success
  type: list
  elements: str
links:
  description: What role C(link_proof) has to find on each node before the first phase; empty for a change that is open.
  returned: success
  type: dict
cautions:
  description: What has to be known, a line each.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _network_change_info
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_network_change_info.ARGUMENT_SPEC)
    try:
        found = _network_change_info.read(module.client(), module.params, module.given())
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
