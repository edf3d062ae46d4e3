#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase that stops, moves or brings back VMs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_power_info
short_description: Say which VMs would stop, move or come back, as the phase of a change
version_added: "0.1.0"
description:
  - Reads the cluster once and says which VMs a change stops or moves off a node, or brings back, and its phase, as role
    C(change) takes it. Playbook C(harvester.network.vm_power) is built on it.
  - What comes back is what an earlier change of this playbook has recorded, which is done. Between the two no change is
    open, so that other playbooks can run.
  - The number of requests does not depend on the number of nodes and VMs.
  - Where a change of this playbook is open, its recorded phase is returned, with what is left of it.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  state:
    description:
      - V(stopped) stops the VMs, V(migrated) moves them off their nodes, V(started) brings back what an earlier change
        has stopped or moved.
    type: str
    choices: [stopped, migrated, started]
    required: true
  selection:
    description:
      - Which VMs, in the words of role C(vms) without their prefix. V(cluster_networks), V(pod_network), V(namespaces),
        V(labels), V(names), V(nodes) and V(all); what is empty selects nothing.
    type: dict
    default: {}
  options:
    description: Options of role C(vms) without their prefix, for example C(paused) and C(wait_timeout).
    type: dict
    default: {}
  record:
    description:
      - Id of the change whose VMs come back with O(state=started). It is needed where VMs of several changes wait.
    type: str
    default: ""
  namespace:
    description: Namespace of records of changes.
    type: str
    default: harvester-system
seealso:
  - module: harvester.network.change_info
  - module: harvester.network.vm_power
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Say which VMs of a cluster network would stop
  harvester.network.vm_power_info:
    state: stopped
    selection: {cluster_networks: [vmnet]}
  delegate_to: localhost
  run_once: true
  register: case
"""

RETURN = r"""
change:
  description: The open change whose phase this is; empty when none is open.
  returned: success
  type: str
  sample: ""
phases:
  description: The phase, as role C(change) takes it; none when there is nothing to do.
  returned: success
  type: list
  elements: dict
  sample:
    - id: vms-stop
      role: harvester.network.vms
      bound: 450
      input: {state: stopped, cluster_networks: [vmnet]}
vms:
  description: The VMs that stop, move or come back, as C(namespace/name). None of a change that is open.
  returned: success
  type: list
  elements: str
  sample: [default/web]
restores:
  description: Id of the change whose VMs come back; empty when none do.
  returned: success
  type: str
  sample: 20261127t101500z-vm-power
"""

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _vm_power
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_vm_power.ARGUMENT_SPEC)
    try:
        found = _vm_power.read(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
