# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the modules on the node have in common; argument spec: module_utils/common/_node_argspec.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  mtu_max:
    description:
      - Largest MTU that a profile may have, in bytes. The smallest is 576.
      - Raise it where NICs and switches pass more than Harvester's own limit of 9000.
    type: int
    default: 9000
  vlan_filter_limit:
    description:
      - Number of VLAN ids on an uplink above which the module warns. Many NICs filter 512 in hardware; what is above
        may be dropped silently (Harvester issue 7650).
      - 0 turns the warning off.
    type: int
    default: 512
"""
