#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks and their configurations as whole objects."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_objects
short_description: Write networks and their configurations as whole objects, and labels of nodes
version_added: "0.1.0"
description:
  - Brings cluster networks (ClusterNetwork), network configurations (VlanConfig), VM networks
    (NetworkAttachmentDefinition) and host network configurations (HostNetworkConfig) to the objects that are given,
    creates and removes them, and returns what was there before, so that the same module puts it back. Labels of nodes,
    which decide where configurations are, are set in the same way.
  - For procedures that take configurations away and put them back, as a change of the MTU. To say what a cluster
    network has to be use M(harvester.network.cluster_network).
  - Everything that speaks against a write is told before anything is written, as by
    M(harvester.network.network_config). Whether bond options are equal in the end and every VM keeps a node is not
    judged, since this is a part of a change; M(harvester.network.change_plan) judges the whole.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
  - harvester.network.wait
options:
  node_labels:
    description:
      - Labels of nodes, set before any of O(configs) is written; as in module M(harvester.network.node_labels).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the node in the cluster.
        type: str
        required: true
      labels:
        description: Labels with their values; null removes one. Others stay.
        type: dict
        required: true
      expected:
        description:
          - The same labels as they are before; one that is left out is not there.
          - Only with O(strict=true).
        type: dict
  networks:
    description: Cluster networks. Those that are removed go after everything else, the others come before O(configs).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the object.
        type: str
        required: true
      object:
        description:
          - C(metadata) with the labels and annotations that it has to have; null takes one away, others stay.
          - Without it the object is removed.
        type: dict
      expected:
        description:
          - What it is before, in the same form; without it, it is not there. Only that it is there counts.
          - Only with O(strict=true).
        type: dict
  configs:
    description: Network configurations, in the order in which they are written.
    type: list
    elements: dict
    suboptions: &entry
      name:
        description: Name of the object.
        type: str
        required: true
      object:
        description:
          - Its C(spec) as a whole, and C(metadata) with the labels and annotations that it has to have; null takes one
            away, others stay.
          - Without it the object is removed.
        type: dict
      expected:
        description:
          - What it is before, in the same form; without it, it is not there. Only the C(spec) counts.
          - Only with O(strict=true).
        type: dict
  vm_networks:
    description:
      - VM networks. Those that are removed go before O(configs), the others come after them. The MTU in their CNI
        configuration is Harvester's to write and does not count.
    type: list
    elements: dict
    suboptions:
      namespace:
        description: Namespace of the object.
        type: str
        default: default
      name:
        description: Name of the object.
        type: str
        required: true
      object:
        description:
          - Its C(spec) as a whole, and C(metadata) with the labels and annotations that it has to have; null takes one
            away, others stay.
          - Without it the object is removed.
        type: dict
      expected:
        description:
          - What it is before, in the same form; without it, it is not there. Only the C(spec) counts.
          - Only with O(strict=true).
        type: dict
  host_configs:
    description:
      - Host network configurations. Those that are removed go before any of O(configs), the others come after all of
        them.
    type: list
    elements: dict
    suboptions: *entry
  strict:
    description: Whether an object or a label that is neither as expected nor as it is to be is refused.
    type: bool
    default: false
  restoring:
    description:
      - Whether what was there before is put back, as by a rollback. What this collection objects to and Harvester takes
        is a warning then.
    type: bool
    default: false
  gone_nodes:
    description:
      - Nodes that are gone for good. What they would have to do is not waited for.
    type: list
    elements: str
seealso:
  - module: harvester.network.network_config
  - module: harvester.network.host_network_config
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Take a network configuration away
  harvester.network.config_objects:
    configs: [{name: vmnet-rack-b}]
  delegate_to: localhost
  run_once: true
  register: taken

- name: Put it back
  harvester.network.config_objects:
    configs: "{{ taken.recorded.configs }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
recorded:
  description: What was there before, in the words of the options; also when the call fails on the way.
  returned: unless the change is refused
  type: dict
  contains:
    node_labels:
      description: The labels of nodes that change.
      type: list
      elements: dict
      returned: always
    networks:
      description: The cluster networks.
      type: list
      elements: dict
      returned: always
    configs:
      description: The network configurations.
      type: list
      elements: dict
      returned: always
    vm_networks:
      description: The VM networks.
      type: list
      elements: dict
      returned: always
    host_configs:
      description: The host network configurations.
      type: list
      elements: dict
      returned: always
objects:
  description: Kind, namespace, name and action (V(created), V(changed), V(removed) or V(unchanged)) of each object.
  returned: unless the change is refused
  type: list
  elements: dict
expect:
  description: What has to be true on the hosts, in the words of role C(link_proof), by name of the node in the cluster.
  returned: success
  type: dict
missing:
  description: What was still missing when the wait ended, a line each.
  returned: when the call fails on the way
  type: list
  elements: str
warnings_found:
  description: What does not stop the change and should be known.
  returned: success
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
waited:
  description: Seconds that the call has waited for the cluster.
  returned: when it had to wait
  type: float
  sample: 35.0
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster._change_module import change_argspec, run
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster._plan import OF_THE_END
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _whole


def main() -> None:
    module = ClusterModule(argument_spec=change_argspec(_whole.WHOLE_ARGSPEC, state=False))
    run(
        module,
        _whole.KINDS,
        _whole.plan,
        tell=_whole.recorded,
        passed_over=OF_THE_END,
        restoring=module.params["restoring"],
    )


if __name__ == "__main__":
    main()
