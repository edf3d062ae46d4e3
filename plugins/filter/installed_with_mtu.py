# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter installed_with_mtu: the installer's configuration with another MTU."""

from __future__ import annotations

DOCUMENTATION = r"""
name: installed_with_mtu
short_description: Write an MTU into the installer's configuration
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Returns the text of C(/oem/harvester.config) with another MTU of the management interface. Every other character
    stays as it is, comments included.
  - Fails for a text without C(install.management_interface), and says nothing of it, since the file has passwords and
    tokens.
positional: _input, mtu
options:
  _input:
    description: The text of the file.
    type: str
    required: true
  mtu:
    description: The MTU, in bytes. 1500 is not added where the file has none, which means 1500.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Write it
  ansible.builtin.copy:
    content: "{{ read.content | b64decode | harvester.network.installed_with_mtu(9000) }}"
    dest: /oem/harvester.config
    mode: preserve
    backup: true
  no_log: true
"""

RETURN = r"""
_value:
  description: The new text.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.common._errors import NetworkError
from ..plugin_utils._stale_mtu import with_mtu


def installed_with_mtu(content: str, mtu: Any) -> str:
    try:
        return with_mtu(content, int(mtu))
    except NetworkError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"installed_with_mtu": installed_with_mtu}
