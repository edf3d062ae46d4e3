# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that the node modules have in common. This module util is private to the collection.

Documented by the fragment C(node); a unit test compares the two.
"""

from __future__ import annotations

from typing import Any, Dict

MTU_MAX = 9000
"""Bytes. Harvester's webhook takes 0 and 576 to 9000."""
VLAN_FILTER_LIMIT = 512
"""VLAN ids. Hardware filter of common NICs (Harvester issue 7650)."""

NODE_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "mtu_max": {"type": "int", "default": MTU_MAX},
    "vlan_filter_limit": {"type": "int", "default": VLAN_FILTER_LIMIT},
}
