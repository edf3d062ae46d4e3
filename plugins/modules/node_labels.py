#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of nodes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_labels
short_description: Set the labels of nodes that network configurations select
version_added: "0.1.0"
description:
  - Sets and removes labels of nodes. What is not named stays as it is.
  - A label decides which network configurations a node belongs to, and Harvester's manager follows it without a check.
    So before anything is written it is computed which configurations gain or lose each node. A node that would be in
    two configurations of one cluster network is refused, one that would leave a configuration while VMs run on it with
    that cluster network as well, and one that lacks the NICs of a configuration that it would join.
  - Labels of Harvester, Kubernetes and their programs are refused, other than C(topology.kubernetes.io/zone) and
    C(topology.kubernetes.io/region).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.wait
options:
  labels:
    description:
      - By node, its name in the cluster, a dictionary of labels. Null removes a label. Values are texts.
    type: dict
    required: true
seealso:
  - module: harvester.network.network_config
  - module: harvester.network.cluster_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Two racks
  harvester.network.node_labels:
    labels:
      node1: {example.com/rack: a}
      node2: {example.com/rack: a}
      node3: {example.com/rack: b, example.com/spare: null}
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
objects:
  description:
    - One entry per object that the call names.
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
      description: V(created), V(changed), V(removed) or V(unchanged); in check mode what it would be.
      type: str
      returned: always
  sample:
    - {kind: Node, namespace: "", name: node1, action: changed}
expect:
  description:
    - What has to be true on the hosts, in the words of role C(link_proof), by name of the node in the cluster.
    - The API shows none of it.
  returned: success
  type: dict
  sample:
    node1:
      devices:
        - {name: vmnet-bo, mtu: 9000, mode: 802.3ad, ports: [ens3f0, ens3f1], controller: vmnet-br, up: true}
        - {name: vmnet-br, mtu: 9000}
      absent: []
warnings_found:
  description: The warnings of this call as data, for example nodes on which an agent has left bond and bridge behind.
  returned: success
  type: list
  elements: str
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

from ansible_collections.harvester.network.plugins.module_utils.cluster._change_module import change_argspec, run
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _node_labels


def main() -> None:
    module = ClusterModule(argument_spec=change_argspec(_node_labels.NODE_LABELS_ARGSPEC, state=False))
    run(module, _node_labels.KINDS, _node_labels.plan)


if __name__ == "__main__":
    main()
