#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a change of the storage network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_network_info
short_description: Say which phases a change of the storage network has
version_added: "0.1.0"
description:
  - Reads the cluster once and says which settings change, which VMs stop around it, and the phases, as role C(change)
    takes them. Playbook C(harvester.network.storage_network) is built on it.
  - What speaks against the change, module M(harvester.network.change_plan) says of these phases. The number of requests
    does not depend on the number of nodes and VMs.
  - Where a change of this playbook is open, its recorded phases are returned, with what is left of each.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  state:
    description:
      - V(disabled) switches it off, V(enabled) gives it the options below, V(recorded) puts back what a call of module
        M(harvester.network.storage_network) had recorded.
    type: str
    choices: [disabled, enabled, recorded]
    required: true
  cluster_network:
    description: Cluster network that carries it.
    type: str
  vlan_id:
    description: Its VLAN id; V(0) for none.
    type: int
  range:
    description: IPv4 subnet of its addresses.
    type: str
  exclude:
    description: Parts of the range that are not given out.
    type: list
    elements: str
  exclusive_vlan:
    description: Whether no VM network may have its VLAN (Harvester 1.9 and later).
    type: bool
  settings:
    description:
      - Which settings let go of their networks with O(state=disabled). By default the storage network, and what shares
        it.
    type: list
    elements: str
    choices: [storage-network, rwx-network, vm-migration-network]
  recorded:
    description: The values that O(state=recorded) puts back, the last one first.
    type: list
    elements: dict
    suboptions:
      setting:
        description: Name of the setting.
        type: str
        required: true
      value:
        description: Its value, unchanged.
        type: str
        required: true
  stop_vms:
    description:
      - Whether every VM stops before the change and starts again after it. Harvester takes none while one runs.
    type: bool
    default: false
  vms:
    description: Options of role C(vms) without their prefix, for VMs that stop and start.
    type: dict
    default: {}
  options:
    description:
      - Options of role C(storage_network) without their prefix, for the phase that changes it, as C(wait_timeout) and
        C(permanent).
    type: dict
    default: {}
  namespace:
    description: Namespace of records of changes.
    type: str
    default: harvester-system
seealso:
  - module: harvester.network.change
  - module: harvester.network.change_plan
  - module: harvester.network.storage_network
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Say what switching the storage network off would do
  harvester.network.storage_network_info:
    state: disabled
    stop_vms: true
  delegate_to: localhost
  run_once: true
  register: case
"""

RETURN = r"""
change:
  description: The open change whose phases these are; empty when none is open.
  returned: success
  type: str
  sample: ""
phases:
  description: The phases, as role C(change) takes them; none when everything is as wanted.
  returned: success
  type: list
  elements: dict
  sample:
    - id: storage-off
      role: harvester.network.storage_network
      bound: 1500
      input: {state: disabled, settings: [storage-network]}
vms:
  description: The VMs that stop and start, as C(namespace/name). None of a change that is open.
  returned: success
  type: list
  elements: str
  sample: [default/web]
"""

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _storage_network
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_storage_network.ARGUMENT_SPEC)
    try:
        found = _storage_network.read(module.client(), module.params, module.given())
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
