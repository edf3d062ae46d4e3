# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds that a site may set. This module util is private to the collection."""

from __future__ import annotations

from typing import NamedTuple

from ..common import _mtu


class Limits(NamedTuple):
    """MTUs in bytes; vlan_filter_limit in VLAN ids per uplink."""

    mtu_min: int = _mtu.MINIMUM
    mtu_max: int = _mtu.MAXIMUM
    vlan_filter_limit: int = 512
