#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's own copy of what a change has found on it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: change_copy
short_description: Keep on a node what was there before a change
version_added: "0.1.0"
description:
  - The record of a change lies in the cluster, and the network that is changed may be what leads there. So each node
    keeps its own part until the change is closed. That is its profiles and live state from before the change, and what
    is recorded of it by each phase that changes it. Role C(change) calls this module.
  - Playbook C(harvester.network.rollback) with C(change_scope=hosts) undoes these phases over ssh alone.
  - The folder is root's alone, and on Harvester it outlasts boots and upgrades. What was there is written once for each
    change; what another change has left goes.
  - A node without a place for it keeps nothing, which RV(reason) says.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
attributes:
  diff_mode:
    support: none
    details:
      - Copies what the node has.
options:
  state:
    description:
      - V(present) keeps what is there, and O(phase).
      - V(absent) removes what is kept of the change.
      - V(gathered) shows the changes of which something is kept.
    type: str
    choices: [present, absent, gathered]
    default: gathered
  id:
    description:
      - The change, RV(harvester.network.change#module:change.id).
      - Required with O(state=present) and O(state=absent).
    type: str
  phase:
    description:
      - A phase that changes this node. One that is kept already stays as it is.
      - Only with O(state=present).
    type: dict
    suboptions:
      place:
        description: Its place in the change.
        type: int
        required: true
      id:
        description: Its name.
        type: str
        required: true
      role:
        description: Role whose task file C(undo) takes it back.
        type: str
        required: true
      input:
        description: What the role is told.
        type: raw
      before:
        description: What was there on this node before the phase.
        type: raw
  folder:
    description: Where it is kept. Its parent has to be there.
    type: path
    default: /etc/NetworkManager/harvester-network-change
seealso:
  - module: harvester.network.change
  - module: harvester.network.checkpoint
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: Keep what is there
  harvester.network.change_copy:
    state: present
    id: 20261126t010203z-mgmt-mtu

- name: Show what the node keeps
  harvester.network.change_copy:
  register: kept
"""

RETURN = r"""
changes:
  description: What the node keeps; with O(state=present) and O(state=absent) afterwards, and in check mode now.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The change.
      type: str
      returned: always
    phases:
      description: The phases that change this node, as in O(phase), in their order.
      type: list
      elements: dict
      returned: always
reason:
  description: Why nothing can be kept; empty when it can.
  returned: success
  type: str
"""

import os
from typing import Any, Mapping, Sequence

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.nm import _kept

PHASE = {
    "place": {"type": "int", "required": True},
    "id": {"type": "str", "required": True},
    "role": {"type": "str", "required": True},
    "input": {"type": "raw"},
    "before": {"type": "raw"},
}
ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["present", "absent", "gathered"], "default": "gathered"},
    "id": {"type": "str"},
    "phase": {"type": "dict", "options": PHASE},
    "folder": {"type": "path", "default": _kept.FOLDER},
}


def would_change(given: Mapping[str, Any], known: Sequence[_kept.Kept]) -> bool:
    phases = {one.id: [phase["id"] for phase in one.phases] for one in known}
    there = given["id"] in phases
    if given["state"] == "absent":
        return there
    return not there or (given["phase"] is not None and given["phase"]["id"] not in phases[given["id"]])


def main() -> None:
    module = CommandModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ["id"]), ("state", "absent", ["id"])],
        supports_check_mode=True,
    )
    given = module.params
    folder, changed, reason = given["folder"], False, ""
    if not os.path.isdir(os.path.dirname(folder)):
        reason = "%s is not there, so nothing is kept on this node" % os.path.dirname(folder)
    try:
        if reason or given["state"] == "gathered":
            pass
        elif module.check_mode:
            changed = would_change(given, _kept.kept(folder))
        elif given["state"] == "present":
            changed = _kept.keep(given["id"], given["phase"], module.run, folder)
        else:
            changed = _kept.forget(given["id"], folder)
        changes = [{"id": one.id, "phases": list(one.phases)} for one in _kept.kept(folder)]
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed, changes=changes, reason=reason)


if __name__ == "__main__":
    main()
