#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network, on and off."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_network
short_description: Switch the storage network off and on, and put it back as it was
version_added: "0.1.0"
description:
  - Sets Harvester's setting C(storage-network), whose network Longhorn's replicas use, and waits until the whole
    cluster has taken it up, every instance-manager included.
  - Everything that speaks against the change is told before anything is written, in check mode too. Before the network
    is switched off its way back is judged as well, so that none is switched off that could not come back.
  - All VMs and all other workloads with Longhorn volumes have to be stopped before, see M(harvester.network.vm_power).
    With O(before_vms_stop=true) a check tells what will speak against the change once the VMs are stopped.
  - Settings that use the storage network are released first, namely C(rwx-network) when it shares the storage network,
    and from Harvester 1.9 on C(rwx-network) and C(vm-migration-network) with networks of their own on the same cluster
    network, which would block a change of that. O(state=recorded) puts all of them back in reverse order.
  - Values are compared by meaning. One that means what is there is not written, since Harvester takes another text for
    another network.
  - That the VLAN passes between the nodes the API does not show. Role P(harvester.network.storage_network#role) proves
    it before.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.wait
options:
  state:
    description:
      - V(disabled) releases what uses the storage network and switches it off.
      - V(enabled) gives it the value of the options. What is not given stays as it is.
      - V(recorded) puts the settings back that O(recorded) holds, their values unchanged.
    type: str
    choices: [disabled, enabled, recorded]
    required: true
  cluster_network:
    description:
      - Cluster network that carries it; it has to be ready on every node but witnesses.
      - Required to enable a storage network that is off. Only with O(state=enabled).
    type: str
  vlan_id:
    description:
      - Its VLAN id, 1 to 4094, on V(mgmt) from 2 on; V(0) for none.
      - Required to enable a storage network that is off. Only with O(state=enabled).
    type: int
  range:
    description:
      - IPv4 subnet of its addresses, for example V(192.168.60.0/24), at most a /16.
      - Required to enable a storage network that is off. Only with O(state=enabled).
    type: str
  exclude:
    description:
      - Parts of the range that are not given out, the whole list. Their order means nothing.
      - Only with O(state=enabled).
    type: list
    elements: str
  exclusive_vlan:
    description:
      - Whether no VM network may have its VLAN (Harvester 1.9 and later).
      - Only with O(state=enabled).
    type: bool
  settings:
    description:
      - Which settings let go of their networks, in the place of V(storage-network), as before a change of the cluster
        network that carries them. With V(storage-network) what shares it lets go too.
      - Only with O(state=disabled).
    type: list
    elements: str
    choices: [storage-network, rwx-network, vm-migration-network]
  recorded:
    description:
      - What an earlier call returned as RV(recorded). Required with O(state=recorded).
      - With O(state=disabled) what an interrupted call had recorded already; the result has it too.
    type: list
    elements: dict
    suboptions:
      setting:
        description:
          - Name of the setting.
        type: str
        required: true
      value:
        description:
          - Its value, unchanged to the byte.
        type: str
        required: true
  before_vms_stop:
    description:
      - Judge the change as if every VM was stopped, with the volumes detached that go with VMs. Volumes that others
        hold still count.
      - Only in check mode.
    type: bool
    default: false
  permanent:
    description:
      - With V(true) the way back is not judged, to switch off a storage network that is broken.
      - Only with O(state=disabled).
    type: bool
    default: false
  allow_v2_volumes:
    description:
      - Go on although volumes have Longhorn's v2 engine, which does not work with a storage network everywhere
        (Harvester issue 11123).
    type: bool
    default: false
  allow_in_progress:
    description:
      - Reset the storage network although its last change is in progress, as after one that never ends (Harvester 1.8
        and later). Networks that were created meanwhile may be left behind.
      - Only with O(state=disabled).
    type: bool
    default: false
  gone_nodes:
    description:
      - Nodes that are gone for good. What they would have to do is not waited for.
    type: list
    elements: str
  wait_timeout:
    description:
      - How long to wait at most for all settings together, in seconds. Harvester stops and starts workloads meanwhile,
        and itself waits without a bound.
      - A setting is waited for before the next one changes also with O(wait=false).
    type: int
    default: 1200
seealso:
  - module: harvester.network.vm_power
  - module: harvester.network.cluster_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See what will speak against it, while the VMs still run
  harvester.network.storage_network:
    state: disabled
    before_vms_stop: true
  check_mode: true
  delegate_to: localhost
  run_once: true

- name: Switch the storage network off
  harvester.network.storage_network:
    state: disabled
  register: disabled
  delegate_to: localhost
  run_once: true

- name: Put it back as it was, with what shared it
  harvester.network.storage_network:
    state: recorded
    recorded: "{{ disabled.recorded }}"
  delegate_to: localhost
  run_once: true

- name: A storage network on a cluster network of its own
  harvester.network.storage_network:
    state: enabled
    cluster_network: storage
    vlan_id: 60
    range: 192.168.60.0/24
    exclude: [192.168.60.0/28]
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
recorded:
  description:
    - The values that the settings had before, unchanged, in the order of their release. Give it to a later call with
      O(state=recorded).
    - Empty when the storage network was off already; keep what the call returned that switched it off.
    - With O(state=enabled) the value that it replaces.
  returned: unless the options are wrong
  type: list
  elements: dict
  contains:
    setting:
      description: Name of the setting.
      type: str
      returned: always
    value:
      description: Its value.
      type: str
      returned: always
  sample:
    - {setting: rwx-network, value: '{"share-storage-network":true}'}
    - {setting: storage-network, value: '{"vlan":60,"clusterNetwork":"storage","range":"192.168.60.0/24","exclude":[]}'}
network:
  description:
    - The storage network that is to be, or the one that goes. None where there is neither.
  returned: unless the options are wrong
  type: dict
  contains:
    cluster_network:
      description: Cluster network that carries it.
      type: str
      returned: always
    vlan_id:
      description: VLAN id; 0 for none.
      type: int
      returned: always
    range:
      description: Subnet of its addresses.
      type: str
      returned: always
    exclude:
      description: Parts of the range that are not given out.
      type: list
      elements: str
      returned: always
    mtu:
      description: MTU of the cluster network in bytes, which the storage network takes over when it is enabled.
      type: int
      returned: always
    nodes:
      description: Nodes that it has to reach, all but witnesses.
      type: list
      elements: str
      returned: always
  sample:
    cluster_network: storage
    vlan_id: 60
    range: 192.168.60.0/24
    exclude: [192.168.60.0/28]
    mtu: 9000
    nodes: [node1, node2, node3]
volumes:
  description:
    - Longhorn volumes that were attached at the beginning, but those of workloads that Harvester stops by itself.
  returned: unless the options are wrong
  type: list
  elements: dict
  contains:
    name:
      description: Name of the volume.
      type: str
      returned: always
    claim:
      description: Its claim, V(namespace/name); the volume's name where it has none.
      type: str
      returned: always
    node:
      description: Node that it is attached to.
      type: str
      returned: always
    workloads:
      description: The pods that have it, each with C(pod), and C(kind) and C(name) of its owner.
      type: list
      elements: dict
      returned: always
    detaches_with_vm:
      description: Whether it detaches when the VMs stop that use it.
      type: bool
      returned: always
objects:
  description:
    - One entry per setting, in the order of the changes.
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
      description: V(changed) or V(unchanged); in check mode what it would be.
      type: str
      returned: always
  sample:
    - {kind: Setting, namespace: "", name: storage-network, action: changed}
progress:
  description: What was waited for, one entry whenever it changed.
  returned: unless the change is refused
  type: list
  elements: dict
  contains:
    after:
      description: Seconds since the first change.
      type: int
      returned: always
    missing:
      description: What was missing then, a line each; empty when everything was there.
      type: list
      elements: str
      returned: always
expect:
  description:
    - What has to be true on the hosts, in the words of role C(link_proof), by name of the node in the cluster.
    - The API shows none of it.
  returned: success
  type: dict
  sample:
    node1:
      devices:
        - {name: storage-bo, vlans: ["60"]}
      absent: []
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

from ansible_collections.harvester.network.plugins.module_utils.cluster._change_module import change_argspec
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.storage._module import run
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._storage_network import (
    STORAGE_NETWORK_ARGSPEC,
)


def main() -> None:
    run(ClusterModule(argument_spec=change_argspec(STORAGE_NETWORK_ARGSPEC, state=False)))


if __name__ == "__main__":
    main()
