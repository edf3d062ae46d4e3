# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: profiles_back
short_description: Say which profiles undo a change of profiles
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - The profiles that put back what module M(harvester.network.profiles) changed or would change. A new profile goes, a
    removed one comes back, and of a changed one only the options are named that the change had touched, with null for
    what was not set.
positional: _input
options:
  _input:
    description: The RV(harvester.network.profiles#module:profiles) of the change, or of its check mode.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Put back what the task before has changed
  harvester.network.profiles:
    profiles: "{{ changed.profiles | harvester.network.profiles_back }}"
"""

RETURN = r"""
_value:
  description: Profiles, as module M(harvester.network.profiles) takes them.
  type: list
  elements: dict
  sample:
    - {id: vlan-mgmt, mtu: null}
    - {id: bond-slave-eno3, state: absent}
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..plugin_utils import _profiles_back


def profiles_back(changes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return _profiles_back.back(changes)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"profiles_back": profiles_back}
