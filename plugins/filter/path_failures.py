# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter path_failures: the hosts on which a proof on the wire could not be made."""

from __future__ import annotations

DOCUMENTATION = r"""
name: path_failures
short_description: Tell the hosts on which a proof on the wire could not be made
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Looks at what the modules of role P(harvester.network.path_proof#role) have answered on each host within one proof.
  - A host that did not answer one of them is lost. One on which a module failed has refused.
  - A path that was not proved is neither; filter P(harvester.network.path_culprits#filter) tells it.
positional: _input, hostvars
options:
  _input:
    description: Names of the hosts that took part.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variable C(hostvars).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the hosts that were lost within the proof
  ansible.builtin.debug:
    msg: >-
      {{ ansible_play_hosts_all | harvester.network.path_failures(hostvars) | selectattr('lost')
      | map(attribute='host') }}
  run_once: true
"""

RETURN = r"""
_value:
  description: Those hosts, in their order.
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      type: str
    lost:
      description: Whether it did not answer.
      type: bool
    why:
      description: What happened, with the name of the host.
      type: str
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils import _path_failures


def path_failures(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return _path_failures.failures({host: hostvars[host] for host in hosts})


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"path_failures": path_failures}
