# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter evidence: a run's checks as files."""

from __future__ import annotations

DOCUMENTATION = r"""
name: evidence
short_description: Make the files of a run's evidence
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Makes JSON, JUnit XML, Markdown and one HTML page that needs nothing besides itself, all from the same data and in a
    stable order. Only the times, which stand in one block of each, differ between two runs over the same state.
positional: _input
options:
  _input:
    description:
      - A report with C(id), a part of the files' names, and C(title).
      - C(checks) is a list of dictionaries with C(what), C(where), C(expected), C(seen) and C(passed), and
        optionally C(id), a name for programs, and C(remedy), what to do when it has not passed.
      - C(not_measured) is a list of lines, what nobody has looked at.
      - C(paths) is a list of dictionaries with C(network), C(source), C(target), C(mtu), C(status) and C(largest), the
        last three as module M(harvester.network.path_mtu) gives them.
      - C(plan) has C(phases), C(seconds) and optionally C(objections), as module M(harvester.network.change_plan)
        returns them.
      - C(topology) has C(hosts), by name the links of module M(harvester.network.profile_info), and C(vm_networks) and
        C(vms) of module M(harvester.network.network_info).
      - C(times) is a dictionary of times.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the evidence
  ansible.builtin.debug:
    msg: "{{ ({'id': 'verify', 'checks': checks} | harvester.network.evidence).files['verify.md'] }}"
"""

RETURN = r"""
_value:
  description:
    - C(files), texts by the name of the file.
    - C(summary), with C(id), C(title), C(passed), the numbers of C(checks) and C(paths), C(failed), a line for
      each, C(not_measured), and C(plan), null without one.
  type: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils.report._files import files
from ..plugin_utils.report._model import report


def evidence(data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = report(data)
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error
    return {"files": files(found), "summary": found.summary()}


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"evidence": evidence}
