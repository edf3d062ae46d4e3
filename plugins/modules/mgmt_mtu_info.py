#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change of the management network's MTU asks of the cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mgmt_mtu_info
short_description: Plan a change of the management network's MTU
version_added: "0.1.0"
description:
  - Says which VMs stop for a change of the management network's MTU, and why, which settings let go of the network
    meanwhile, and in which phases the change goes. Playbook C(harvester.network.mgmt_mtu) calls it.
  - VMs on VM networks of C(mgmt) stop, and those on the built-in pod network. Longhorn's replicas use the storage
    network, or the pod network where there is none. When that is on C(mgmt), every VM stops.
  - Fails with everything that speaks against the change. Changes nothing.
  - Where a change of this playbook is open, its recorded phases are returned, with what is left of each.
  - Where every node and the cluster have O(mtu_to) already, there are no phases, and RV(lines) says so.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  mtu_from:
    description: MTU that all nodes have now, in bytes.
    type: int
    required: true
  mtu_to:
    description: MTU that they are to have, in bytes, 576 to 9000.
    type: int
    required: true
  hosts:
    description:
      - MTU of the kernel by device of the management network, in bytes, of every node by its name in the cluster. All
        of them have to be O(mtu_from), or O(mtu_to) all of them. So do annotation C(uplink-mtu) and the VM networks of
        C(mgmt).
    type: dict
    required: true
  ports:
    description:
      - Ports of the bond that carry traffic (C(up)) and that do not (C(down)), of every node by its name in the
        cluster, as filter P(harvester.network.bond_ports#filter) says. The legs of the first have to be proved; the
        others are named in RV(lines).
    type: dict
    default: {}
  profiles:
    description:
      - MTU of the profiles on disk that make these devices, in bytes, by profile, of every node by its name in the
        cluster; null for a profile that names none, which means 1500. They have to agree with O(hosts).
    type: dict
    default: {}
  turns:
    description:
      - The nodes in the order of their turns, as far as it is known, with the devices that each changes. The plan names
        them.
    type: list
    elements: dict
    default: []
    suboptions:
      node:
        description: Its name in the cluster.
        type: str
        required: true
      lower:
        description:
          - MTU of the kernel by device, in bytes, of layer V(lower) as in filter
            P(harvester.network.mgmt_mtu_devices#filter).
        type: dict
        required: true
      upper:
        description: The same of layer V(upper).
        type: dict
        required: true
  apply:
    description:
      - V(live) changes the kernel of one node after the other.
      - V(reboot) writes the profiles of all nodes, and each has the MTU from its reboot on. The turns of the reboots
        (role C(ordered_reboot)) are none of RV(phases); their place is after phase C(hosts-profiles).
    type: str
    choices: [live, reboot]
    default: live
  running_vms:
    description:
      - V(stop) stops every VM where Longhorn's replicas talk over C(mgmt).
      - V(keep) leaves those running that are not on C(mgmt). Only without a storage network, and with every volume in
        use healthy and of more than one replica. Not where O(apply=reboot) raises the MTU.
    type: str
    choices: [stop, keep]
    default: stop
  stop_pod_network_vms:
    description: Whether VMs on the built-in pod network stop. They are cut off for moments otherwise.
    type: bool
    default: true
  pod_network_mtu_ready:
    description: Whether the pod network's MTU fits one below 1500, 50 bytes for VXLAN included.
    type: bool
    default: false
  switches_ready:
    description: Whether the switches pass frames of O(mtu_to). Required to raise the MTU, unless
      O(switches_phase=true).
    type: bool
    default: false
  switches_phase:
    description:
      - Whether the switches are set in the middle, in a phase of its own, so that O(switches_ready) is not needed. It
        comes before what changes the hosts when the MTU is raised, after that when it is lowered.
    type: bool
    default: false
  switches_bound:
    description: How long setting the switches may take, in seconds.
    type: int
    default: 1800
  prove_legs:
    description: Whether each leg of the bond is proved by itself. The active port changes for some seconds.
    type: bool
    default: true
  installer_config:
    description: Whether C(/oem/harvester.config) of every node gets the MTU too, in a last phase.
    type: bool
    default: false
  canal_restarts:
    description:
      - Nodes, by their names in the cluster, on which the pod network's device is missing or not on the device with the
        node's address. canal's pods of these are restarted in phase C(overlay).
    type: list
    elements: str
    default: []
  gitops_paused:
    description: Whether Helm, Fleet and Argo CD leave the objects alone that change. Required when they manage some.
    type: bool
    default: false
  annotate_only:
    description:
      - Whether all hosts have O(mtu_to) and Harvester alone is to be told. VMs on VM networks of C(mgmt) stop for that,
        and what is about hosts is not asked. O(mtu_from) is what the annotation says.
    type: bool
    default: false
  vms:
    description: Options of role C(vms) without their prefix, for VMs that stop and start.
    type: dict
    default: {}
  settings:
    description: Options of role C(storage_network) without their prefix, where its network is on C(mgmt).
    type: dict
    default: {}
  namespace:
    description: Namespace of records of changes.
    type: str
    default: harvester-system
seealso:
  - module: harvester.network.change_plan
  - module: harvester.network.link_mtu
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Plan jumbo frames on the management network
  harvester.network.mgmt_mtu_info:
    mtu_from: 1500
    mtu_to: 9000
    switches_ready: true
    hosts:
      node1: {mgmt-bo: 1500, mgmt-br: 1500, mgmt-br.2017: 1500}
      node2: {mgmt-bo: 1500, mgmt-br: 1500, mgmt-br.2017: 1500}
  delegate_to: localhost
  run_once: true
  register: planned
"""

RETURN = r"""
change:
  description: The open change whose phases these are; empty when none is open.
  returned: when the cluster could be read
  type: str
longhorn:
  description:
    - Where Longhorn's replicas talk. V(mgmt) for a storage network on it, V(pod_network) without a storage network, or
      V(elsewhere). Empty where nothing is to be done, and of an open change.
  returned: when the cluster could be read
  type: str
vms:
  description: VMs that stop, by namespace and name.
  returned: when the cluster could be read
  type: list
  elements: dict
  contains:
    vm:
      description: Namespace and name.
      type: str
      returned: always
    reasons:
      description: Why it stops.
      type: list
      elements: str
      returned: always
  sample:
    - {vm: default/web, reasons: [VM network default/vlan100]}
settings:
  description: Settings whose networks are on C(mgmt). They let go of it and get it back.
  returned: when the cluster could be read
  type: list
  elements: str
host_network_configs:
  description: Host network configurations on C(mgmt), whose devices follow in the kernel.
  returned: when the cluster could be read
  type: list
  elements: str
lines:
  description: All of it in words.
  returned: when the cluster could be read
  type: list
  elements: str
phases:
  description: The phases, as role C(change) takes them.
  returned: when the cluster could be read
  type: list
  elements: dict
refusals:
  description: What speaks against the change, a line each.
  returned: when something does
  type: list
  elements: str
"""

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _mgmt_mtu_info
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_mgmt_mtu_info.ARGUMENT_SPEC)
    try:
        result, refusals = _mgmt_mtu_info.read(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    if refusals:
        module.fail_json(msg="\n".join(refusals), refusals=refusals, **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
