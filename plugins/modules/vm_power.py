#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power of VMs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_power
short_description: Stop, start and move the VMs that a change of the network concerns
version_added: "0.1.0"
description:
  - Stops the VMs that are attached to a network, starts them again as they were, or empties a node by live migration.
  - A VM is attached when its instance has the network, in any phase and with or without a node, or when its template
    has it and its run strategy will start it. The VMs are listed again before every write, so that those that appear
    meanwhile are treated like the others.
  - The module keeps no memory. It returns RV(vms), RV(schedules) and RV(cordoned), also when it fails on the way, and
    O(state=started) takes them. In check mode it returns the same, so that a caller can store them before the first VM
    is stopped. An interrupted O(state=stopped) goes on with what it had returned in O(vms) and O(schedules).
  - Run strategy and power are recorded separately and both restored. Only VMs of the record are started. One that is
    gone by then, or that was made anew under its name, is a failure. O(gone) leaves out such VMs.
  - A VM that ran has to be Ready again, and have its guest agent and its interfaces again, as far as the record has
    that of it. What does not come within the wait is named, and so are interfaces that differ in number, VM network or
    MAC, for which nothing is waited. O(accepted) leaves out what a VM need not have again.
  - A change of a template that has waited for a restart is no difference, since the record has the interfaces that the
    VM starts with. A MAC that KubeVirt did not show is not compared.
  - VMs are stopped by run strategy V(Halted), those with the field C(spec.running) in that field. An instance that its
    guest has ended for good is deleted, and the VM is not booted later.
  - Instances without a VM, VMs of pools, VMs that are paused by an I/O error, and ended instances of run strategy
    V(Once) are refused by name, before anything is written.
  - KubeVirt kills a guest that has not shut down within C(terminationGracePeriodSeconds), whatever asked for it.
    RV(cautions) lists the VMs that this may happen to.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  state:
    description:
      - V(stopped) stops the selected VMs and those of O(vms).
      - V(started) uncordons O(cordoned), brings the VMs of O(vms) back, and lets O(schedules) go on once all of them
        are as they were. A failure names those that are still suspended.
      - V(migrated) moves the selected VMs of O(node) or O(nodes) to other nodes on which all their networks are active.
    type: str
    choices: [stopped, started, migrated]
    required: true
  cluster_networks:
    description:
      - Select VMs that are attached to one of these cluster networks; V(mgmt) stands for its VM networks.
      - All selecting options that are given have to hold for a VM. At least one is required for O(state=stopped),
        unless O(vms) is given.
    type: list
    elements: str
  pod_network:
    description:
      - Select VMs on the built-in pod network, which runs over C(mgmt), beside those of O(cluster_networks).
    type: bool
    default: false
  namespaces:
    description:
      - Select VMs of these namespaces.
    type: list
    elements: str
  labels:
    description:
      - Select VMs that have all these labels, themselves or in their template.
    type: dict
  names:
    description:
      - Select these VMs, as C(namespace/name).
    type: list
    elements: str
  node:
    description:
      - Select VMs that run on this node, its name in the cluster. This or O(nodes) is required for O(state=migrated).
    type: str
  nodes:
    description:
      - Select VMs that run on one of these nodes. With O(state=migrated) none of them moves to another one of these.
    type: list
    elements: str
  all_vms:
    description:
      - Select every VM.
    type: bool
    default: false
  vms:
    description:
      - The record of VMs that a run has returned as RV(vms). Required for O(state=started).
      - With another state, what an earlier run has recorded of a VM is kept as long as it is the same VM.
    type: list
    elements: dict
    suboptions:
      namespace:
        description: Namespace.
        type: str
        required: true
      name:
        description: Name.
        type: str
        required: true
      uid:
        description: UID of the VM.
        type: str
        required: true
      run_strategy:
        description: Run strategy that it had.
        type: str
        required: true
      running_field:
        description: Whether it uses the field C(spec.running).
        type: bool
        default: false
      phase:
        description: Phase that its instance had; empty when there was none.
        type: str
        default: ""
      node:
        description: Node that it ran on; empty when it was on none.
        type: str
        default: ""
      agent:
        description: Whether its guest agent was connected.
        type: bool
        default: false
      outcome:
        description: How its guest ended.
        type: str
        default: ""
      ready:
        description: Whether its instance was Ready.
        type: bool
        default: false
      instance:
        description: The uid of the instance that ends. While that one runs, its interfaces are not compared.
        type: str
        default: ""
      interfaces:
        description: The interfaces that it has to have again. Without them none are compared.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the network in its template.
            type: str
            required: true
          mac:
            description: MAC address; empty for one that is not compared.
            type: str
            default: ""
          network:
            description:
              - VM network as C(namespace/name), or V(pod) for the built-in pod network; empty for another source.
            type: str
            default: ""
  schedules:
    description:
      - The jobs that a run has suspended and returned as RV(schedules).
    type: list
    elements: dict
    suboptions:
      kind:
        description: Kind of the object.
        type: str
        choices: [ScheduleVMBackup, CronJob]
        required: true
      namespace:
        description: Namespace.
        type: str
        required: true
      name:
        description: Name.
        type: str
        required: true
      uid:
        description: UID of the object.
        type: str
        required: true
  cordoned:
    description:
      - The nodes that a run has cordoned and returned as RV(cordoned). For O(state=started).
      - A node that somebody else has cordoned stays so.
    type: list
    elements: str
  gone:
    description:
      - VMs of O(vms) that their owners have deleted since, as C(namespace/name). O(state=started) leaves them out.
      - One that was made anew under its name, with another uid, is gone too. The new one is not touched.
      - One that is not in O(vms) or still there is refused before anything is written.
    type: list
    elements: str
  accepted:
    description:
      - VMs of O(vms) that may be otherwise than they were, as C(namespace/name). O(state=started) starts them, and they
        have to run. Whether they are Ready, their guest agent and their interfaces are not looked at.
      - One that is not in O(vms) is refused before anything is written.
    type: list
    elements: str
  gone_nodes:
    description:
      - Nodes that are gone for good. A VM of O(vms) that ran on one of them and that no other node could run stays
        stopped with O(state=started), and a warning names it.
    type: list
    elements: str
  paused_vms:
    description:
      - What becomes of paused VMs, whose guests cannot shut down.
      - V(refuse) names them and stops none. V(unpause) resumes them first. V(kill) stops them; KubeVirt ends them when
        their grace is over.
      - One that is paused by an I/O error is always refused.
    type: str
    choices: [refuse, unpause, kill]
    default: refuse
  busy_vms:
    description:
      - Whether migrations and backups of VMs that are in progress are waited for (V(wait)) or refused (V(refuse)).
    type: str
    choices: [wait, refuse]
    default: wait
  guest_clusters_paused:
    description:
      - Whether Rancher leaves the nodes of guest clusters alone. Without it VMs with the label
        C(guestcluster.harvesterhci.io/name) are refused, since Rancher may replace nodes that it cannot reach, and
        delete their VMs.
    type: bool
    default: false
  min_grace:
    description:
      - VMs whose grace is below this are listed in RV(cautions), in seconds.
    type: int
    default: 120
  force:
    description:
      - Whether a guest that KubeVirt has not ended 30 seconds after its grace is forced off.
    type: bool
    default: false
  window:
    description:
      - How long the VMs will be down, in seconds. Backup schedules of the VMs and recurring jobs of Longhorn that are
        due in that time are suspended by O(state=stopped). V(0) leaves all of them alone.
      - A ScheduleVMBackup is suspended by its own field, a RecurringJob by the CronJob that Longhorn makes of it.
    type: int
    default: 14400
  infrastructure_vms:
    description:
      - VMs that start first and stop last, as C(namespace/name), for example those with DNS or a directory.
    type: list
    elements: str
  order:
    description:
      - VMs in the order in which they start, as C(namespace/name), each when the one before it is up. They stop the
        other way round. VMs that nothing orders start last and stop first.
    type: list
    elements: str
  order_label:
    description:
      - Label whose value is a number, the stage of a VM. The lowest starts first.
    type: str
  start_batch:
    description:
      - How many VMs of one node may be starting at a time.
    type: int
    default: 10
  canary:
    description:
      - Whether one VM per VM network and node is started first. The others of its stage are started when it is as it
        was, Ready, with its guest agent and its interfaces. They stay stopped when it does not come up.
      - Other VMs let the next stage start as soon as they are Running and Ready. Their guest agents are waited for at
        the same time.
    type: bool
    default: true
  cordon:
    description:
      - Whether O(state=migrated) cordons the node. It stays cordoned until O(state=started) gets it in O(cordoned).
    type: bool
    default: true
  non_migratable_vms:
    description:
      - What O(state=migrated) does with VMs that cannot move, as those with devices of their node, pinned ones, and
        those that no other node could run. V(refuse) names them and moves none, V(leave) lists them in
        RV(not_migratable).
    type: str
    choices: [refuse, leave]
    default: refuse
  check_timeout:
    description:
      - How long check mode looks again while all that RV(missing) names comes with time, in seconds, as Ready, guest
        agents and MACs of VMs that run. V(0) looks once. Only of O(state=started).
    type: int
    default: 0
  wait:
    description:
      - Whether to look, write and wait until all is done. Without it there is one look and its writes, and RV(missing)
        says what is left.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most after the last write, in seconds. The grace of the VMs that are stopped is added, and
        for migrations 150 seconds per GiB of memory, after which KubeVirt itself gives up.
    type: int
    default: 300
  wait_sleep:
    description:
      - Time between two looks, in seconds.
    type: int
    default: 5
seealso:
  - module: harvester.network.network_info
  - module: harvester.network.network_config
  - name: KubeVirt's run strategies
    description: What KubeVirt does with a VM by its run strategy.
    link: https://kubevirt.io/user-guide/compute/run_strategies/
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Stop what is attached to a cluster network
  harvester.network.vm_power:
    state: stopped
    cluster_networks: [vmnet]
    infrastructure_vms: [infra/dns]
  delegate_to: localhost
  run_once: true
  register: stopped

- name: Bring back what was stopped
  harvester.network.vm_power:
    state: started
    vms: "{{ stopped.vms }}"
    schedules: "{{ stopped.schedules }}"
    infrastructure_vms: [infra/dns]
  delegate_to: localhost
  run_once: true

- name: Empty a node
  harvester.network.vm_power:
    state: migrated
    node: node1
    non_migratable_vms: leave
  delegate_to: localhost
  run_once: true
  register: moved

- name: Let the node have VMs again
  harvester.network.vm_power:
    state: started
    vms: "{{ moved.vms }}"
    cordoned: "{{ moved.cordoned }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
objects:
  description: One entry per object that is written.
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
      description: V(created), V(changed) or V(removed); in check mode what it would be.
      type: str
      returned: always
  sample:
    - {kind: VirtualMachine, namespace: default, name: vm1, action: changed}
vms:
  description:
    - The record, VMs as they were before they were stopped or moved. Store it, and hand it to O(state=started).
    - With O(state=started) the list that was given.
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    namespace:
      description: Namespace.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    uid:
      description: UID of the VM.
      type: str
      returned: always
    run_strategy:
      description: Its run strategy.
      type: str
      returned: always
    running_field:
      description: Whether it uses the field C(spec.running).
      type: bool
      returned: always
    phase:
      description: Phase of its instance; empty when there was none.
      type: str
      returned: always
    node:
      description: Node that it ran on; empty when it was on none.
      type: str
      returned: always
    agent:
      description: Whether its guest agent was connected.
      type: bool
      returned: always
    outcome:
      description:
        - How its guest ended. V(shut_down), V(killed), or V(unknown) where that cannot be told; empty while it has not.
      type: str
      returned: always
    ready:
      description: Whether its instance was Ready.
      type: bool
      returned: always
    instance:
      description: The uid of the instance that ends. Empty without one, and of a VM that moves.
      type: str
      returned: always
    interfaces:
      description:
        - The interfaces that it has to have again, by name. Those of its template, or of its instance where it moves.
        - Null of a VM that did not run, and where an earlier version has made the record.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: Name of the network in its template.
          type: str
          returned: always
        mac:
          description: MAC address; empty where KubeVirt showed none.
          type: str
          returned: always
        network:
          description: VM network as C(namespace/name), or V(pod) for the built-in pod network.
          type: str
          returned: always
  sample:
    - namespace: default
      name: vm1
      uid: 0f6f2c0e-8a3c-4b43-9a4c-3f2f3d1c7a11
      run_strategy: RerunOnFailure
      running_field: false
      phase: Running
      node: node1
      agent: true
      outcome: shut_down
      ready: true
      instance: 0c1f5d3e-7a0b-4c55-9d5e-3f0e1a2b4c6d
      interfaces:
        - {name: nic-1, mac: "52:54:00:11:22:33", network: default/vlan100}
schedules:
  description: The jobs that are suspended. Store them, and hand them to O(state=started).
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
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
    uid:
      description: UID of the object.
      type: str
      returned: always
  sample:
    - {kind: ScheduleVMBackup, namespace: default, name: nightly, uid: 7b1c2d7e-54f4-4c7f-8d42-0a6f7f4a1b02}
cordoned:
  description: The nodes that have this collection's cordon. Store it, and hand it to O(state=started).
  returned: unless the change is refused
  type: list
  elements: str
  sample: [node1]
cautions:
  description: Running VMs whose guests may be killed instead of shut down.
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    namespace:
      description: Namespace.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    reasons:
      description: Why, a sentence part each.
      type: list
      elements: str
      returned: always
  sample:
    - {namespace: default, name: vm2, reasons: [it is killed 30 s after the request to shut down]}
guest_clusters:
  description: By guest cluster, those of its nodes that are stopped, as C(namespace/name).
  returned: unless the change is refused
  type: dict
  sample: {blue: [default/blue-pool1-x7k2p]}
not_migratable:
  description: VMs that cannot leave the node.
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    namespace:
      description: Namespace.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    reasons:
      description: Why, a sentence part each.
      type: list
      elements: str
      returned: always
  sample:
    - {namespace: default, name: gpu1, reasons: ["it has devices of its node: node1-0000b1000"]}
left_out:
  description: VMs that O(state=started) has left out, as C(namespace/name), since they are gone and in O(gone).
  returned: unless the change is refused
  type: list
  elements: str
  sample: [default/vm3]
missing:
  description: What was missing at the last look, a line each; in check mode what is not yet as it is to be.
  returned: unless the change is refused
  type: list
  elements: str
failures:
  description: What waiting does not bring right, a line each, for example VMs that are gone or interfaces that differ.
  returned: unless the change is refused
  type: list
  elements: str
progress:
  description: What was done and waited for, in its order.
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    after:
      description: Seconds since the beginning.
      type: int
      returned: always
    event:
      description: V(written), V(called), V(refused) or V(waiting).
      type: str
      returned: always
    text:
      description: What it was.
      type: str
      returned: always
  sample:
    - {after: 0, event: written, text: "VM 'default/vm1' changed: it is stopped"}
waited:
  description: Seconds that the call has waited for the cluster.
  returned: when it had to wait
  type: float
  sample: 35.0
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._options import VM_POWER_ARGSPEC
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._power_module import run
from ansible_collections.harvester.network.plugins.module_utils.common._wait import WAIT_ARGSPEC


def main() -> None:
    module = ClusterModule(
        argument_spec={**VM_POWER_ARGSPEC, **WAIT_ARGSPEC},
        required_if=[("state", "migrated", ["node", "nodes"], True), ("state", "started", ["vms"])],
    )
    run(module)


if __name__ == "__main__":
    main()
