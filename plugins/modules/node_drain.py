#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cordon, drain and uncordon a node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_drain
short_description: Cordon, drain and uncordon a node of Harvester
version_added: "0.1.0"
description:
  - Cordons a node, evicts the pods that can go elsewhere, and takes its own cordon away again.
  - An eviction that is refused for now (status 429, by a disruption budget or a webhook) is asked for again as long as
    there is time.
  - VMs are moved or stopped before, by M(harvester.network.vm_power). A node on which VMs run is refused.
  - Left on the node are pods of VMs and their hotplugged disks, C(csi-attacher) and C(csi-provisioner), without which
    volumes are not detached, pods of DaemonSets, static pods, those that have ended, and by default those without a
    controller. RV(left) has the reasons. Volumes of type emptyDir of evicted pods are lost, as with Harvester's own
    drain.
  - The cordon has the annotation C(harvester.network/cordoned). A cordon without it is somebody else's, and stays.
  - A drain that fails takes a cordon of the same call away again, and says so; one of an earlier call stays.
  - Refused are witnesses, nodes that are not Ready or in maintenance mode, any drain during an upgrade, and
    control-plane nodes unless exactly three of them are not in maintenance mode, which is Harvester's own rule.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  node:
    description:
      - The node, by its name in the cluster.
    type: str
    required: true
  state:
    description:
      - V(cordoned) keeps new pods and VMs away from the node.
      - V(drained) does that, evicts its pods, and waits until they are gone.
      - V(uncordoned) takes this collection's cordon away. Nothing is drained back to the node.
    type: str
    choices: [cordoned, drained, uncordoned]
    required: true
  unmanaged_pods:
    description:
      - What O(state=drained) does with pods that no controller would make again. With V(leave) they start again with
        the node, with V(evict) they are gone for good.
    type: str
    choices: [leave, evict]
    default: leave
  allow_running_vms:
    description:
      - Whether a node may be drained though VMs run on it. They are left alone.
    type: bool
    default: false
  wait:
    description:
      - Whether O(state=drained) waits until the pods are gone. Without it each eviction is asked for once, and
        RV(missing) says what is left.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most, in seconds. Harvester's own drain takes up to 240.
      - Only with O(wait=true).
    type: int
    default: 300
  wait_sleep:
    description:
      - Time between two looks, in seconds.
      - Only with O(wait=true).
    type: int
    default: 5
seealso:
  - module: harvester.network.vm_power
  - module: harvester.network.reboot_gate_info
  - module: kubernetes.core.k8s_drain
    description: Fails at the first eviction that is refused, also at those that KubeVirt refuses for a while.
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Drain a node whose VMs have been moved
  harvester.network.node_drain:
    node: node1
    state: drained
    wait_timeout: 600
  delegate_to: localhost

- name: Let it have pods and VMs again
  harvester.network.node_drain:
    node: node1
    state: uncordoned
  delegate_to: localhost
"""

RETURN = r"""
objects:
  description: One entry for each write to the node.
  returned: unless the call is refused
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
      returned: always
    namespace:
      description: Empty, a node has none.
      type: str
      returned: always
    name:
      description: Name of the node.
      type: str
      returned: always
    action:
      description: V(changed); in check mode what it would be.
      type: str
      returned: always
  sample:
    - {kind: Node, namespace: "", name: node1, action: changed}
cordoned_by:
  description:
    - Whose cordon the node has afterwards. V(this_call), V(harvester.network) for an earlier call of this collection,
      V(others) for somebody else; empty without a cordon. In check mode whose it would be.
  returned: unless the call is refused
  type: str
  sample: this_call
evicted:
  description: The pods that were evicted, or that RV(missing) still waits for; in check mode those that would be.
  returned: unless the call is refused
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
  sample:
    - {namespace: default, name: web-5d8c7-x2k4j}
left:
  description: The pods that were left on the node.
  returned: unless the call is refused
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
    why:
      description: Why it was left, a sentence part.
      type: str
      returned: always
  sample:
    - namespace: kube-system
      name: rke2-canal-4x7kp
      why: DaemonSet 'rke2-canal' would make it anew on this node
missing:
  description: The pods that were still there at the last look, a line each.
  returned: unless the call is refused
  type: list
  elements: str
progress:
  description: What was waited for, one entry whenever it changed.
  returned: unless the call is refused
  type: list
  elements: dict
  contains:
    after:
      description: Seconds since the beginning.
      type: int
      returned: always
    missing:
      description: What was missing then, a line each; empty when nothing was.
      type: list
      elements: str
      returned: always
waited:
  description: Seconds that the call has waited for the cluster.
  returned: when it had to wait
  type: float
  sample: 35.0
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.drain._drain_module import DRAIN_ARGSPEC, run


def main() -> None:
    run(ClusterModule(argument_spec=DRAIN_ARGSPEC))


if __name__ == "__main__":
    main()
