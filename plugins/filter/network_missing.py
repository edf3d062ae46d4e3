# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter network_missing: what of a node's management network is not back yet."""

from __future__ import annotations

DOCUMENTATION = r"""
name: network_missing
short_description: Say what of a node's management network is not back after a boot
version_added: "0.1.0"
author: The harvester.network authors (@harvester-network)
description:
  - Compares two results of module M(harvester.network.profile_info), after and before a boot.
  - The node is back when its boot id changed, every address that NetworkManager had given to the management network is
    there again, and the bond has a port with link.
positional: _input, before
options:
  _input:
    description: Result of module M(harvester.network.profile_info) now.
    type: dict
    required: true
  before:
    description: Result of the same module before the boot.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Wait until the network of the node is back
  harvester.network.profile_info:
  register: after
  until: after | harvester.network.network_missing(before) | length == 0
  retries: 60
  delay: 5
"""

RETURN = r"""
_value:
  description: What is missing, in words; empty when the node is back.
  type: list
  elements: str
  sample: ["address 192.0.2.11/24 on mgmt-br.2017"]
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils import _network_gate


def network_missing(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    return _network_gate.missing(now, before)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"network_missing": network_missing}
