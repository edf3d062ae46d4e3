#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open and past changes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: change_info
short_description: Show open and past changes of the network
version_added: "0.1.0"
description:
  - Reads the records that module M(harvester.network.change) has written, and who holds the Lease.
  - A record that was changed by hand is an error that names what is wrong.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  namespace:
    description: Namespace of the records and the Lease.
    type: str
    default: harvester-system
  id:
    description: Only this change. One that is not there is an error.
    type: str
  state:
    description: Only changes in this state.
    type: str
    choices: [open, done, rolled-back]
  full:
    description: Whether phases come with their inputs and before-images, which can be large.
    type: bool
    default: false
seealso:
  - module: harvester.network.change
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See whether a change is open
  harvester.network.change_info:
    state: open
  delegate_to: localhost
  run_once: true
  register: found
"""

RETURN = r"""
changes:
  description: The changes in the order in which they were opened.
  returned: success
  type: list
  elements: dict
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
        - With O(full=true) also C(input) and C(before).
      type: list
      elements: dict
      returned: always
    progress:
      description: The phases in words, a line per state.
      type: list
      elements: str
      returned: always
    commands:
      description: How to go on with an open change, and how to go back.
      type: list
      elements: str
      returned: always
lease:
  description: Who may change the network now.
  returned: success
  type: dict
  contains:
    holder:
      description: Change and run; empty when nobody has the Lease.
      type: str
      returned: always
    expires:
      description: Until when, in UTC; empty when nobody has the Lease.
      type: str
      returned: always
    held:
      description: Whether that time is not over.
      type: bool
      returned: always
"""

from ansible_collections.harvester.network.plugins.module_utils.change import _info
from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError


def main() -> None:
    module = ClusterModule(argument_spec=_info.ARGUMENT_SPEC)
    try:
        found = _info.read(module.client(), module.params)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
