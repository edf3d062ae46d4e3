# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter run_report: the report of a run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_report
short_description: Make the report of a run
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Gathers what the roles of a run have left in the variables of its hosts. The plan of a change, whether the run came
    to its end, findings of the preflight, what the links are unlike, and every path that was proved.
  - What the API was asked for the topology and has not told is a line of C(not_measured).
  - The result is a report as filter P(harvester.network.evidence#filter) takes it.
positional: _input, hostvars, runbook, change
options:
  _input:
    description: Hosts of the run, inventory names.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts.
    type: dict
    required: true
  runbook:
    description: Name of the playbook, without the collection.
    type: str
    required: true
  change:
    description: Id of the change, for the names of files; the runbook's name without one.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Write the evidence of a run
  ansible.builtin.include_role:
    name: harvester.network.evidence
  vars:
    evidence_report: "{{ ansible_play_hosts_all | harvester.network.run_report(hostvars, 'mgmt_network') }}"
"""

RETURN = r"""
_value:
  description: >-
    The report, with C(id), C(title), C(plan), C(checks), C(paths), C(not_measured), C(times) and C(topology).
  type: dict
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..plugin_utils.report._run import of_run


def run_report(hosts: Sequence[str], hostvars: Mapping[str, Any], runbook: str, change: str = "") -> dict[str, Any]:
    return of_run({name: hostvars[name] for name in hosts}, runbook, change)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"run_report": run_report}
