#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the VMs of nodes that are rebooted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: reboot_plan_info
short_description: See what becomes of the VMs of nodes that are rebooted
version_added: "0.1.0"
description:
  - Tells the VMs that leave their node by live migration from those that are stopped and those that stand in the way.
  - A VM moves when KubeVirt can migrate it and another node has its networks. CPU and memory of the other nodes are not
    looked at.
  - The label C(harvesterhci.io/maintain-mode-strategy) counts as in Harvester's maintenance mode. With
    C(ShutdownAndRestartAfterEnable) a VM is stopped and starts again on another node, with
    C(ShutdownAndRestartAfterDisable) once its node takes VMs again, with C(Shutdown) not by itself.
  - VMs that M(harvester.network.vm_power) would not stop are refused with its reasons, as those of guest clusters.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  nodes:
    description:
      - The nodes, by their names in the cluster.
    type: list
    elements: str
    required: true
  non_migratable_vms:
    description:
      - What becomes of VMs that cannot move, as those with devices of their node and pinned ones. V(refuse) has them
        stand in the way, V(stop) has them stopped until their node takes VMs again.
    type: str
    choices: [refuse, stop]
    default: refuse
  guest_clusters_paused:
    description:
      - Whether VMs of guest clusters may be stopped, since Rancher leaves the clusters' nodes alone.
    type: bool
    default: false
  stopped_vms:
    description:
      - VMs that an earlier phase of the change stops, as C(namespace/name). They are left out.
    type: list
    elements: str
    default: []
seealso:
  - module: harvester.network.reboot_gate_info
  - module: harvester.network.vm_power
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See what becomes of the VMs of node1
  harvester.network.reboot_plan_info:
    nodes: [node1]
    non_migratable_vms: stop
  delegate_to: localhost
  run_once: true
  register: plan

- name: Go on only when none stands in the way
  ansible.builtin.assert:
    that: plan.refused | length == 0
    fail_msg: "{{ plan.refused | join('; ') }}"
"""

RETURN = r"""
vms:
  description: The VMs on the nodes, in the order of O(nodes), without those that have ended.
  returned: success
  type: list
  elements: dict
  contains:
    node:
      description: Node that the VM is on.
      type: str
      returned: always
    namespace:
      description: Namespace.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    reference:
      description: Both, as C(namespace/name).
      type: str
      returned: always
    action:
      description: V(move), V(stop) or V(refuse).
      type: str
      returned: always
    start:
      description:
        - When a VM that is stopped starts again. V(after_drain), V(after_uncordon) or V(never); empty for other VMs.
      type: str
      returned: always
    reasons:
      description: Why it does not move, or why it is refused, a sentence part each.
      type: list
      elements: str
      returned: always
  sample:
    - {node: node1, namespace: default, name: web, reference: default/web, action: move, start: "", reasons: []}
    - node: node1
      namespace: default
      name: gpu1
      reference: default/gpu1
      action: stop
      start: after_uncordon
      reasons: ["it has devices of its node: node1-0000b1000"]
refused:
  description: The VMs that stand in the way, a line each.
  returned: success
  type: list
  elements: str
  sample: ["VM 'default/gpu1' on node 'node1': it has devices of its node: node1-0000b1000"]
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot._plan_module import PLAN_ARGSPEC, run


def main() -> None:
    run(ClusterModule(argument_spec=PLAN_ARGSPEC))


if __name__ == "__main__":
    main()
