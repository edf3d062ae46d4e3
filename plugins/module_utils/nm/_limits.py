# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds that a site may set. This module util is private to the collection."""

from __future__ import annotations

from typing import NamedTuple

from ..common import _mtu

LIVE = "live"
REBOOT = "reboot"
"""Values of the option apply: go live now, or leave it to the next boot."""

CONFIRM_WINDOW = (30, 86400)
"""Seconds. Below, a slow node would be put back while it still answers the first question."""
CONFIRM_RULE = "the window to confirm has %d to %d seconds" % CONFIRM_WINDOW


class Limits(NamedTuple):
    """MTUs in bytes; vlan_filter_limit in VLAN ids per uplink."""

    mtu_min: int = _mtu.MINIMUM
    mtu_max: int = _mtu.MAXIMUM
    vlan_filter_limit: int = 512


class Confirm(NamedTuple):
    """How long the change waits to be confirmed, in seconds, and who makes it ('' for the session's user)."""

    timeout: int
    owner: str = ""
