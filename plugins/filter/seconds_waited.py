# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: seconds_waited
short_description: Say how long tasks have waited for others
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - The sum over the tasks of what each has waited, which is C(waited) of its result, or C(elapsed) of a reboot, or of a
    wait for a connection. Of hosts that wait at the same time the one counts that waits the longest.
positional: _input, hostvars, names
options:
  _input:
    description: Names of hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: Ansible's C(hostvars).
    type: dict
    required: true
  names:
    description: Variables that the tasks have registered. One that a host does not have has not waited.
    type: list
    elements: str
    required: true
  pause:
    description: Seconds between two looks of tasks with C(until), which count beside what their last look has waited.
    type: float
    default: 0
  in_turn:
    description: Whether the hosts wait one after the other, as with C(throttle=1), so that all of them count.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Say how long the reboots took
  ansible.builtin.debug:
    msg: "{{ ansible_play_hosts | harvester.network.seconds_waited(hostvars, ['rebooted']) }} s"
  run_once: true
"""

RETURN = r"""
_value:
  description: Seconds.
  type: float
  sample: 93.5
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def seconds_waited(
    hosts: Iterable[str],
    hostvars: Mapping[str, Mapping[str, Any]],
    names: Iterable[str],
    pause: float = 0,
    in_turn: bool = False,
) -> float:
    known = list(hosts)
    each = ([_seconds(hostvars[host].get(name), float(pause)) for host in known] for name in names)
    return round(sum(sum(seconds) if in_turn else max(seconds, default=0.0) for seconds in each), 1)


def _seconds(result: Any, pause: float) -> float:
    if not isinstance(result, Mapping):
        return 0.0
    pauses = max(int(result.get("attempts") or 1) - 1, 0)
    return float(result.get("waited") or result.get("elapsed") or 0) + pauses * pause


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"seconds_waited": seconds_waited}
