#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The case and the phases of a change of a cluster network's MTU."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_network_mtu_info
short_description: Say which phases a change of a cluster network's MTU has
version_added: "0.1.0"
description:
  - Reads the cluster once and says which case it is, which configuration stays while the others are away, which VMs
    stop, which settings have to let go of their networks, and the phases, as role C(change) takes them. Playbook
    C(harvester.network.cluster_network_mtu) is built on it.
  - Everything that speaks against a beginning is told at once. The number of requests does not depend on the number of
    nodes and VMs.
  - Where a change of this playbook is open, its recorded phases are returned, with what is left of each.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  cluster_network:
    description: The cluster network; not V(mgmt), whose MTU is changed on the hosts.
    type: str
    required: true
  mtu_from:
    description: The MTU that it has everywhere, in bytes; anything else is refused with a table.
    type: str
    required: true
  mtu_to:
    description: The MTU that it is to have, 576 to 9000 bytes.
    type: str
    required: true
  keep:
    description: The network configuration that stays while the others are away; the one with most nodes when omitted.
    type: str
    default: ""
  switches_ready:
    description: Whether switches and routers pass a larger MTU already. Required to raise it, unless
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
  gateways:
    description:
      - VLANs that are proved through a router too, each to its gateway, or through it to an address outside.
    type: list
    elements: dict
    default: []
    suboptions:
      vlan_id:
        description: VLAN of a network on the cluster network; V(1) for untagged frames.
        type: int
        required: true
      subnet:
        description: IPv4 network of the VLAN, for example V(192.168.100.0/24).
        type: str
        required: true
      range_start:
        description:
          - First of the free addresses that endpoints take, one for each node; the first of O(gateways[].subnet) when
            omitted.
        type: str
      range_end:
        description: Last of them; the last of O(gateways[].subnet) when omitted.
        type: str
      gateway:
        description: The router's address in O(gateways[].subnet).
        type: str
        required: true
      target:
        description: Address behind the router to which packets are sent; O(gateways[].gateway) itself when omitted.
        type: str
      target_mtu:
        description: Size that has to pass there, in bytes, where it is less than O(mtu_to).
        type: int
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
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Say what a change of vmnet's MTU would do
  harvester.network.cluster_network_mtu_info:
    cluster_network: vmnet
    mtu_from: 1500
    mtu_to: 9000
    switches_ready: true
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
  description: The phases as role C(change) takes them; none when everything has the MTU already.
  returned: success
  type: list
  elements: dict
keep:
  description: The network configuration that stays; empty for a change that is open.
  returned: success
  type: str
settings:
  description: The settings that let go of their networks, in this order.
  returned: success
  type: list
  elements: str
vms:
  description: The VMs that stop, as C(namespace/name).
  returned: success
  type: list
  elements: str
links:
  description: What role C(link_proof) has to find on each node before the first phase; empty for a change that is open.
  returned: success
  type: dict
probes:
  description: Networks of the proof whose endpoints can be tried ahead, as role C(path_proof) takes them.
  returned: success
  type: list
  elements: dict
cautions:
  description: What has to be known, a line each.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _mtu_info
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_mtu_info.ARGUMENT_SPEC)
    try:
        found = _mtu_info.read(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
