#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change of many phases."""

from __future__ import annotations

DOCUMENTATION = r"""
module: change_plan
short_description: Say what the phases of a change will do
version_added: "0.1.0"
description:
  - Reads the cluster once and applies the phases in memory, one after the other. Each step is judged by the rules of
    Harvester and of this collection, in the state that the steps before it would leave.
  - Returns which objects change, which VMs stop and start, which nodes reboot, what is interrupted and how long each
    phase is bounded; never whole objects. Nothing is changed, in check mode or not. In diff mode it
    returns the difference that the whole change would make.
  - Fails when something speaks against a step.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  phases:
    description: The phases in their order.
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description: Name of the phase.
        type: str
        required: true
      role:
        description: Role whose task files it runs.
        type: str
        default: ""
      bound:
        description: How long it may take, in seconds.
        type: int
        required: true
      input:
        description: Not looked at, so that one list serves M(harvester.network.change) too.
        type: raw
      until:
        description: Not looked at, so that one list serves role C(change) too.
        type: str
      steps:
        description: What it does, in its order.
        type: list
        elements: dict
        default: []
        suboptions:
          kind:
            description:
              - V(network_config) - the network configuration O(phases[].steps[].name) becomes
                O(phases[].steps[].object), or is removed without it.
              - V(cluster_network), V(host_network_config) and V(vm_network) - the same for a cluster network, a host
                network configuration and a VM network.
              - V(uplink_mtu) - the cluster network O(phases[].steps[].name) gets O(phases[].steps[].mtu) by its
                annotation, and its VM networks follow.
              - V(host) - the node O(phases[].steps[].name) gets O(phases[].steps[].values), in its kernel or on its
                disk.
              - V(node_labels) - the node O(phases[].steps[].name) gets O(phases[].steps[].labels).
              - V(storage_network) - O(phases[].steps[].setting) becomes O(phases[].steps[].value).
              - V(vm_power) - O(phases[].steps[].vms) become O(phases[].steps[].state).
              - V(vm_return) - those of O(phases[].steps[].vms) that are off, since an earlier run has stopped them,
                start again with O(phases[].steps[].run_strategies).
              - V(vm_migration) - the running VMs of O(phases[].steps[].cluster_networks), or those of
                O(phases[].steps[].vms), leave O(phases[].steps[].nodes) by live migration.
              - V(reboot) - O(phases[].steps[].nodes) reboot.
              - V(interruption) - what O(phases[].steps[].text) says is interrupted.
              - V(proof) - what O(phases[].steps[].text) says is proved on the wire.
            type: str
            required: true
            choices:
              - cluster_network
              - network_config
              - vm_network
              - host_network_config
              - uplink_mtu
              - host
              - node_labels
              - storage_network
              - vm_power
              - vm_return
              - vm_migration
              - reboot
              - interruption
              - proof
          name:
            description: Name of the configuration, or of the node.
            type: str
          namespace:
            description: Namespace of the VM network; V(default) when omitted.
            type: str
          object:
            description: The object, or the part of it that is named; the rest stays as it is.
            type: dict
          labels:
            description: Labels of the node; null removes one.
            type: dict
          mtu:
            description: MTU in bytes.
            type: int
          values:
            description: What changes on the node, in words.
            type: list
            elements: dict
            suboptions:
              field:
                description: What it is, such as V(MTU of mgmt-bo).
                type: str
                required: true
              from:
                description: What it is now; empty where nobody has looked.
                type: str
                default: ""
              to:
                description: What it becomes.
                type: str
                required: true
          setting:
            description: Setting whose network changes; V(storage-network) when omitted.
            type: str
            choices: [storage-network, rwx-network, vm-migration-network]
          value:
            description: Text of the setting; empty to switch it off.
            type: str
          allow_v2_volumes:
            description:
              - Whether volumes of Longhorn's v2 engine do not speak against it, as for
                M(harvester.network.storage_network).
            type: bool
          allow_in_progress:
            description:
              - Whether a change of it that is in progress does not speak against it, as for
                M(harvester.network.storage_network).
            type: bool
          vms:
            description: VMs as V(namespace/name).
            type: list
            elements: str
          state:
            description: What becomes of the VMs.
            type: str
            choices: [stopped, started]
          run_strategies:
            description: Run strategy by VM, for those that are started with another than they have at the beginning.
            type: dict
          nodes:
            description: Nodes, by their names in the cluster.
            type: list
            elements: str
          cluster_networks:
            description: Cluster networks of the VMs that move; of all when omitted.
            type: list
            elements: str
          text:
            description: What is interrupted, or proved.
            type: str
  window_end:
    description:
      - End of the maintenance window, in ISO 8601 with an offset. RV(lines) then say what of the plan fits into it.
    type: str
    default: ""
  gitops_paused:
    description:
      - Whether Helm, Fleet and Argo CD leave the objects alone that change. With V(false) those that they manage speak
        against the plan. They are named in RV(lines) in any case.
    type: bool
    default: true
  session:
    description:
      - What the nodes see of the run, as filter P(harvester.network.run_session#filter) tells it. Then a VM that would
        stop though the run needs it speaks against the plan, since whoever stopped it could not start it again. That is
        one that the run is on or comes in through, and one through which it reaches nodes, API or name server, by the
        addresses and MACs that KubeVirt shows.
      - C(clients) has the address that the run comes from by node, C(gateways) the gateway by which the node answers,
        C(names) how the run calls the nodes.
      - Without it this is not asked.
    type: dict
seealso:
  - module: harvester.network.change
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Plan a change of the storage network
  harvester.network.change_plan:
    phases:
      - id: vms-stop
        bound: 900
        steps: [{kind: vm_power, vms: [default/web], state: stopped}]
      - id: storage-off
        bound: 600
        steps: [{kind: storage_network, value: ""}]
      - id: vms-start
        bound: 900
        steps: [{kind: vm_power, vms: [default/web], state: started}]
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
phases:
  description: The phases.
  returned: unless a step cannot be
  type: list
  elements: dict
  contains:
    id:
      description: Name of the phase.
      type: str
      returned: always
    role:
      description: Its role.
      type: str
      returned: always
    begins:
      description: When it begins at the latest, in seconds from the start.
      type: int
      returned: always
    ends:
      description: When it ends at the latest, in seconds from the start.
      type: int
      returned: always
    objects:
      description: Kind, namespace, name and action of each object that changes.
      type: list
      elements: dict
      returned: always
    sets:
      description:
        - Single values that change, of nodes and of objects that follow. Nodes are in the order of their turns, but for
          the holder of the VIP and the leader of etcd, which are last and are found when the phase begins.
      type: list
      elements: dict
      returned: always
      contains:
        kind:
          description: Kind of the object; V(Node) for what a node has in its kernel or on its disk.
          type: str
          returned: always
        namespace:
          description: Its namespace; empty where it has none.
          type: str
          returned: always
        name:
          description: Its name.
          type: str
          returned: always
        field:
          description: What changes.
          type: str
          returned: always
        from:
          description: What it is now; empty where there is none, or nobody has looked.
          type: str
          returned: always
        to:
          description: What it becomes.
          type: str
          returned: always
    stops:
      description: VMs that stop.
      type: list
      elements: str
      returned: always
    starts:
      description: VMs that start.
      type: list
      elements: str
      returned: always
    returns:
      description: VMs that an earlier run has stopped and that start again.
      type: list
      elements: str
      returned: always
    moves:
      description: VMs that move.
      type: list
      elements: str
      returned: always
    reboots:
      description: Nodes that reboot.
      type: list
      elements: str
      returned: always
    interrupts:
      description: What is interrupted.
      type: list
      elements: str
      returned: always
    proves:
      description: What is proved on the wire.
      type: list
      elements: str
      returned: always
    managed:
      description: Objects that Helm, which Fleet uses too, or Argo CD would put back.
      type: list
      elements: str
      returned: always
seconds:
  description: How long the change takes at most.
  returned: unless a step cannot be
  type: int
lines:
  description: The plan in words.
  returned: unless a step cannot be
  type: list
  elements: str
objections:
  description: What speaks against the change.
  returned: when something does
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
      description: What is wrong.
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
"""

from ansible_collections.harvester.network.plugins.module_utils.change import _plan_call
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_plan_call.ARGUMENT_SPEC)
    try:
        result, against = _plan_call.read(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    if against:
        module.fail_json(msg="\n".join(against), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
