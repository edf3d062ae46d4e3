#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record and the Lease of a change."""

from __future__ import annotations

DOCUMENTATION = r"""
module: change
short_description: Keep the record of a change of many phases
version_added: "0.1.0"
description:
  - A change of many phases is recorded in the cluster, so that any other run can go on with it or roll it back. Role
    C(change) calls this module; a playbook rarely has to.
  - The record is a ConfigMap C(harvester-network-change-<UTC time>-<runbook>), in several parts above 800 KiB. It holds
    the runbook's inputs, the uids of the nodes, and of each phase what was there before it. At most one is open.
  - One Lease C(harvester-network-change) makes sure that one runner at a time changes the network. At each phase's
    start it lasts the phase's bound and 120 seconds. A runner that was overtaken fails before its next mutation.
  - Everything is safe to repeat. A phase that had started keeps its first before-image.
  - A change is opened, and a phase starts, only while every node of the cluster is Ready and no upgrade runs. A node
    that is new, gone, or another one by the same name stops the change. It goes back only while no upgrade runs, and
    none of its nodes is there and not Ready.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  state:
    description:
      - V(open) - begin the change, or go on with the open one, whose runbook, inputs, nodes and phases must be these.
      - V(back) - begin the rollback of the open change, or go on with it. From then on there is no way forward.
      - V(started) - a phase begins; O(before) is recorded.
      - V(done) - a phase is through, its proof included.
      - V(undone) - a phase was undone. The last one that had started has to be the first.
      - V(noted) - O(notes) are recorded beside those that there are.
      - V(held) - see that no other runner has taken over. With O(phase) the Lease lasts for this phase,
        or for O(bound) where that is longer.
      - V(turn) - see that the next node of a phase may change, or go back. No other runner has taken over, no upgrade
        runs, every node is there and Ready, and O(bound) fits in the window. One that is not Ready is waited for, two
        minutes at most. On the way back new nodes and nodes that were taken out of the cluster do not count.
      - V(closed) - the change ends. Every phase has to be done, or undone in a rollback. The Lease is deleted.
      - V(released) - the run stops. The record stays open, the Lease is given back, and RV(report) says what to do.
      - V(leased) - take the Lease alone, for what changes nothing that lasts, as a proof between temporary endpoints.
        There is no record, and none may be open. The Lease runs out by itself O(bound) and 120 seconds later. With
        O(runner) it has to be this run's still, also when nobody has it, and lasts anew.
      - V(unleased) - give such a Lease back.
    type: str
    choices: [open, back, started, done, undone, noted, held, turn, closed, released, leased, unleased]
    default: open
  namespace:
    description: Namespace of the record and the Lease.
    type: str
    default: harvester-system
  runbook:
    description:
      - Name of the playbook, without the collection.
      - Required with O(state=open), O(state=leased) and O(state=unleased).
    type: str
  inputs:
    description:
      - The runbook's declared variables with their values. A change goes on only with the same.
      - Only with O(state=open).
    type: dict
    default: {}
  phases:
    description:
      - The phases in their order.
      - Required with O(state=open).
    type: list
    elements: dict
    suboptions:
      id:
        description: Name of the phase, unique in the change.
        type: str
        required: true
      role:
        description: Fully qualified name of the role whose task files it runs.
        type: str
        required: true
      bound:
        description: How long it may take, in seconds.
        type: int
        required: true
      input:
        description: What the role is told. An open change keeps what is recorded.
        type: raw
      until:
        description: Not looked at. Role C(change) does not prove a phase again once the phase of this name has begun.
        type: str
      steps:
        description: Not looked at, so that one list serves M(harvester.network.change_plan) too.
        type: list
        elements: dict
  id:
    description:
      - The change, as RV(change.id) gives it.
      - Required unless O(state=open), O(state=back), O(state=leased) or O(state=unleased).
    type: str
  runner:
    description:
      - This run, as RV(runner) gives it.
      - Required unless O(state=open), O(state=back) or O(state=leased), where it is made up when it is not given. With
        O(state=leased) only a run that has the Lease gives it.
    type: str
  phase:
    description:
      - The phase that is meant.
      - Required with O(state=started), O(state=turn), O(state=done) and O(state=undone).
    type: str
  before:
    description:
      - What is there before the phase, as the role needs it to undo the phase.
      - Only with O(state=started).
    type: raw
  extend:
    description:
      - Whether O(before) takes the place of what is recorded of a phase that has begun. For a role that keeps what was
        recorded and adds what has come since, as a VM that was started meanwhile.
      - Only with O(state=started).
    type: bool
    default: false
  notes:
    description:
      - What else has to be known of the change, texts by name, as the name of an etcd snapshot.
      - Required with O(state=noted).
    type: dict
  copy_dir:
    description:
      - Folder on this host for a copy of the record, C(<id>.json), as long as the change is open. For whoever has to
        know it while the API does not answer. A copy that cannot be written is a warning.
      - None is written without it.
    type: path
  window_end:
    description:
      - End of the maintenance window, in ISO 8601 with an offset, as V(2026-11-26T02:00:00+01:00). A phase that may
        last longer does not begin, and neither does a node.
      - Only with O(state=started) and O(state=turn).
    type: str
    default: ""
  takeover:
    description:
      - Take the Lease from another runner whose time is not over, because it is known to be dead. If it lives, it stops
        before its next mutation.
      - Only with O(state=open), O(state=back) and O(state=leased).
    type: bool
    default: false
  why:
    description:
      - Why the run stops, for RV(report).
      - Only with O(state=released).
    type: str
    default: ""
  took:
    description:
      - How long the last run of the phase took, in seconds. It is recorded.
      - Only with O(state=done).
    type: float
    default: 0.0
  waited:
    description:
      - How much of that it waited for the cluster, the nodes or people, in seconds. It is recorded.
      - Only with O(state=done).
    type: float
    default: 0.0
  bound:
    description:
      - How long the Lease is needed, or how long a node may take, in seconds.
      - Required with O(state=leased) and O(state=turn).
    type: int
  switches_ready:
    description:
      - Whether the ports of the switches pass frames of the MTU that hosts go back to. Where that is larger than the
        one they have, the change does not go back without it.
      - Only with O(state=back).
    type: bool
    default: false
  switch_tasks:
    description:
      - Whether there are tasks that set the ports, which is enough where the change has a phase C(switches) that has
        begun.
      - Only with O(state=back).
    type: bool
    default: false
  vm_wait_timeout:
    description:
      - How long the rollback waits for VMs, in seconds, where longer than planned. RV(plan) is told with it.
      - Only with O(state=back).
    type: int
    default: 0
  gone_nodes:
    description:
      - Nodes that are gone for good, by their names in the cluster. The rollback goes without them, and the record
        notes them (C(gone_nodes), and C(left_out_hosts) for what was not put back).
      - One that took no part in the change is refused, and so is one that is Ready. Whether its host is reached is not
        looked at.
      - Only with O(state=back).
    type: list
    elements: str
    default: []
  hosts:
    description:
      - The hosts in the run, by their names in the inventory. What is recorded of others is left out of RV(plan), and
        the record notes them where O(gone_nodes) are given. Without it nothing is left out.
      - Only with O(state=back).
    type: list
    elements: str
    default: []
seealso:
  - module: harvester.network.change_info
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Open a change
  harvester.network.change:
    runbook: mgmt_mtu
    inputs: {change_mtu_from: 1500, change_mtu_to: 9000}
    phases:
      - {id: vms-stop, role: harvester.network.vms, bound: 900}
      - {id: hosts, role: harvester.network.mgmt_network, bound: 1800}
  delegate_to: localhost
  run_once: true
  register: opened

- name: Record what is there before a phase
  harvester.network.change:
    state: started
    id: "{{ opened.change.id }}"
    runner: "{{ opened.runner }}"
    phase: vms-stop
    before: {default/web: Always}
    window_end: "2026-11-26T02:00:00+01:00"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
change:
  description: The change, without the inputs and before-images of its phases; null for a Lease alone.
  returned: success
  type: dict
  contains:
    id:
      description: Id of the change.
      type: str
      returned: always
    runbook:
      description: Name of its playbook.
      type: str
      returned: always
    state:
      description: V(open), V(done) or V(rolled-back).
      type: str
      returned: always
    direction:
      description: V(forward), or V(back) once its rollback has begun.
      type: str
      returned: always
    config_map:
      description: Name of the ConfigMap.
      type: str
      returned: always
    opened:
      description: When it was opened, in UTC.
      type: str
      returned: always
    closed:
      description: When it was closed, in UTC; empty while it is open.
      type: str
      returned: always
    inputs:
      description: The runbook's variables.
      type: dict
      returned: always
    nodes:
      description: The nodes that take part.
      type: list
      elements: str
      returned: always
    notes:
      description: What else was recorded, as the name of an etcd snapshot.
      type: dict
      returned: always
    phases:
      description:
        - Id, role, bound in seconds, state (V(planned), V(started), V(done) or V(undone)), start and end of each, and
          the seconds that it took and waited.
      type: list
      elements: dict
      returned: always
runner:
  description: This run.
  returned: success
  type: str
  sample: 1f0c22ab
resumed:
  description: Whether the change was there already.
  returned: with O(state=open) and O(state=back)
  type: bool
phase:
  description: The phase, with its recorded input and before-image. Null when O(phase) is not given.
  returned: success
  type: dict
rollback:
  description: The phases that are still to be undone, in this order, with their recorded inputs and before-images.
  returned: with O(state=back)
  type: list
  elements: dict
plan:
  description:
    - What undoing them does, as far as it is recorded, with C(phases), C(seconds) and C(lines) of the form that
      M(harvester.network.change_plan) has. What is as it was before is written again, which changes nothing.
    - Actions of objects are V(put back), V(removed), V(released) of settings, V(uncordoned) of nodes, and V(left out).
    - An object of kind V(Host) is what a node has on its disk and in its kernel, by its name in the inventory.
  returned: with O(state=back)
  type: dict
report:
  description:
    - With O(state=released) what is done and what not, where the record is, and the commands to go on and to go back.
    - With O(state=closed) how long the phases took, and how much of it they waited; empty where that is not known.
      Of a rollback what it has left out.
  returned: with O(state=released) and O(state=closed)
  type: str
waited:
  description: Seconds that the call has waited for a node to be Ready.
  returned: when it had to wait
  type: float
  sample: 6.0
"""

from ansible_collections.harvester.network.plugins.module_utils.change import _call
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_call.ARGUMENT_SPEC, required_if=_call.REQUIRED_IF)
    try:
        result = _call.run(module.client(), module.params, module.check_mode)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
