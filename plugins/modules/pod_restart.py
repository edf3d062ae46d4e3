#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods of a node that begin anew."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_restart
short_description: Restart pods of a node
version_added: "0.1.0"
description:
  - Deletes the pods of a node that have given labels, so that their controller makes them anew. Role C(overlay_mtu)
    restarts canal with it on a node whose pod network lacks its device.
  - It does not wait for the new pods. Whoever calls waits for what they make.
  - A pod that is ending already is left alone. A pod without a controller is refused, since nothing would make it
    again, and so are labels that no pod of the node has.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
attributes:
  diff_mode:
    support: none
    details:
      - The return value names the pods.
options:
  node:
    description: The node, by its name in the cluster.
    type: str
    required: true
  namespace:
    description: Namespace of the pods.
    type: str
    required: true
  labels:
    description: Labels with their values. A pod has to have all of them.
    type: dict
    required: true
seealso:
  - module: harvester.network.node_drain
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Have canal make the pod network's device on a node
  harvester.network.pod_restart:
    node: node2
    namespace: kube-system
    labels: {k8s-app: canal}
  delegate_to: localhost
"""

RETURN = r"""
pods:
  description: The pods that were deleted, those that were ending already included; in check mode those that would be.
  returned: success
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
    - {namespace: kube-system, name: rke2-canal-4x7kp}
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster import _pod_restart
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_pod_restart.ARGUMENT_SPEC)
    try:
        changed, pods = _pod_restart.restart(module.client(), module.params, module.check_mode)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed, pods=pods)


if __name__ == "__main__":
    main()
