# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter installed_interface: the management interface of /oem/harvester.config."""

from __future__ import annotations

DOCUMENTATION = r"""
name: installed_interface
short_description: Read the management interface of a node's /oem/harvester.config
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns C(install.management_interface) and nothing else, since the file has passwords and tokens too.
positional: _input
options:
  _input:
    description: Text of the file.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Keep what the node was installed with
  ansible.builtin.set_fact:
    installed: "{{ file.content | b64decode | harvester.network.installed_interface }}"
"""

RETURN = r"""
_value:
  description: The section as it is written; none for a text that has none.
  type: dict
  sample: {interfaces: [{name: eno1}], method: dhcp, mtu: 9000, vlan_id: 2017}
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils.audit._installed import section


def installed_interface(content: str) -> dict[str, Any] | None:
    return section(content)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"installed_interface": installed_interface}
