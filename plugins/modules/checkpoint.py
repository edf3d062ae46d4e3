#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a node's network that is undone unless it is confirmed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: checkpoint
short_description: Undo a change of a node's network unless it is confirmed
version_added: "0.1.0"
description:
  - Records the profiles that a change is about to touch, and what the kernel has, in a folder of root's on the node,
    and starts a systemd timer. Unless the change is confirmed in time, the profiles are put back byte for byte, and the
    devices in the gentlest way. Only what is gone, or a bond whose options differ, is activated.
  - It needs neither the runner nor Python. It survives a restart of NetworkManager, a reboot (the window starts again
    once the network is up) and a loss of power between any two steps.
  - There is one checkpoint per node. What the node did when it put itself back is kept until O(state=restored) or the
    next change reads it, and is in C(journalctl -u harvester-network-confirm).
  - M(harvester.network.profiles) arms one itself with O(harvester.network.profiles#module:commit_confirm).
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.change
attributes:
  diff_mode:
    support: none
    details:
      - Changes nothing but its own record; the return values say what was put back.
options:
  state:
    description:
      - V(armed) records and starts the window. With the O(id) of the checkpoint that is there already, it starts the
        window anew, with the length given, and records nothing.
      - V(extended) starts the window of whatever checkpoint waits to be confirmed anew, for O(timeout) or for its own
        length, whichever is longer. Without one it does nothing.
      - V(confirmed) keeps the change and removes the checkpoint. It fails when the node was put back already, and
        when the call itself began before a change of M(harvester.network.profiles) was live. Such a call may have come
        by a way that the change has cut.
      - V(restored) puts the node back now, unless that was done, returns what was done and removes the checkpoint.
      - V(gathered) shows what there is.
      - Without a checkpoint V(confirmed) and V(restored) do nothing.
    type: str
    choices: [armed, extended, confirmed, restored, gathered]
    default: gathered
  id:
    description:
      - A name for the change, made of letters, digits, C(.), C(_) and C(-). Required by O(state=armed).
      - With V(confirmed) and V(restored), a checkpoint with another id is refused.
    type: str
  profiles:
    description:
      - Ids of the profiles that are about to be changed, created or removed. Required for a new checkpoint.
    type: list
    elements: str
    default: []
  earlier:
    description:
      - With V(confirmed), RV(harvester.network.reach_info#module:targets) of a call before the change.
      - Nothing is confirmed unless what was reached then, and what is required, is reached now. It is asked up to three
        times, two seconds apart.
    type: list
    elements: dict
    default: []
  timeout:
    description: Seconds that the change waits to be confirmed, from 30 to 86400.
    type: int
    default: 300
  window:
    description:
      - V(now) starts the window at once; V(boot) at the next boot, for profiles that are changed on disk only.
    type: str
    choices: [now, boot]
    default: now
  owner:
    description:
      - Who makes the change, for messages. By default the user and address of the session; a text in parentheses is
        added to these.
    type: str
    default: ""
notes:
  - Addresses that others gave a device (a VIP) are not put back when the device was lost. Another node may have them.
seealso:
  - module: harvester.network.profiles
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See what the node reaches
  harvester.network.reach_info:
  register: before

- name: Record the management network before a script changes it
  harvester.network.checkpoint:
    state: armed
    id: move-to-rack-7
    profiles: [bond-mgmt, bridge-mgmt, vlan-mgmt]
    timeout: 180

- name: Come back over a new connection
  ansible.builtin.meta: reset_connection

- name: Keep the change if the node reaches what it reached before
  harvester.network.checkpoint:
    state: confirmed
    id: move-to-rack-7
    earlier: "{{ before.targets }}"

- name: Give a slow proof ten minutes from now, whoever armed it
  harvester.network.checkpoint:
    state: extended
    timeout: 600

- name: Show what waits to be confirmed
  harvester.network.checkpoint:
  register: found

- name: Undo it now
  harvester.network.checkpoint:
    state: restored
"""

RETURN = r"""
checkpoint:
  description: What there is, or was before it was confirmed or restored; empty when there is nothing.
  returned: success
  type: dict
  contains:
    id:
      description: Name of the change.
      type: str
      returned: always
    state:
      description: V(armed), V(restoring) while the node is being put back, V(restored), or V(confirmed).
      type: str
      returned: always
    owner:
      description: Who armed it.
      type: str
      returned: always
    since:
      description: When, as UTC by the clock of the node.
      type: str
      returned: always
    timeout:
      description: Seconds that the change waits.
      type: int
      returned: always
    window:
      description: V(now) or V(boot).
      type: str
      returned: always
    files:
      description: Names of the profile files that are put back or removed.
      type: list
      elements: str
      returned: always
    restored_at:
      description: When the node was put back, as UTC; empty when it was not.
      type: str
      returned: always
    done:
      description: What was put back.
      type: list
      elements: str
      returned: always
    failed:
      description: What could not be put back.
      type: list
      elements: str
      returned: always
  sample:
    id: move-to-rack-7
    state: restored
    owner: rancher from 192.0.2.9
    since: "2026-01-01T00:00:00Z"
    timeout: 180
    window: now
    files: [bond-mgmt.nmconnection]
    restored_at: "2026-01-01T00:03:02Z"
    done: [profile file bond-mgmt.nmconnection put back, "mgmt-bo: MTU 9000 to 1500"]
    failed: []
story:
  description: The same as a sentence, when the node was put back; empty otherwise.
  returned: success
  type: str
summary:
  description: What there is, as a sentence; empty when there is nothing.
  returned: success
  type: str
leftovers:
  description: Paths that an interruption left though there is no checkpoint; the next change removes them.
  returned: success
  type: list
  elements: str
waited:
  description: Seconds that the call has waited until what was reached before was reached again.
  returned: when it had to wait
  type: float
  sample: 2.0
"""

from typing import Any, List, Mapping, Sequence

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.common._module import CommandModule
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _module

ARGUMENT_SPEC = {
    "state": {
        "type": "str",
        "choices": ["armed", "extended", "confirmed", "restored", "gathered"],
        "default": "gathered",
    },
    "id": {"type": "str"},
    "profiles": {"type": "list", "elements": "str", "default": []},
    "earlier": {"type": "list", "elements": "dict", "default": []},
    "timeout": {"type": "int", "default": 300},
    "window": {"type": "str", "choices": ["now", "boot"], "default": "now"},
    "owner": {"type": "str", "default": ""},
}


def missing(earlier: Sequence[Mapping[str, Any]]) -> List[str]:
    """What is not reached any more. Loaded only by a call that asks."""
    if not earlier:
        return []
    from ansible_collections.harvester.network.plugins.module_utils.probe import _reach

    return _reach.missing(earlier)


def main() -> None:
    module = CommandModule(
        argument_spec=ARGUMENT_SPEC, required_if=[("state", "armed", ["id"])], supports_check_mode=True
    )
    try:
        changed, result = _module.carry_out(module.run, module.params, module.check_mode, missing=missing)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=changed, **result)


if __name__ == "__main__":
    main()
