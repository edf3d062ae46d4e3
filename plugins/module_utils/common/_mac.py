# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAC addresses. This module util is private to the collection."""

from __future__ import annotations

import re
from typing import Optional

_MAC = re.compile(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$", re.IGNORECASE)
ZERO = "00:00:00:00:00:00"


def objection(mac: str, zero: bool = False) -> Optional[str]:
    """What is wrong with the MAC address of a device, as a sentence part; None when it is fit.

    zero: take 00:00:00:00:00:00, which stands for "the driver's own" in some options.
    """
    if not _MAC.match(mac):
        return "is no MAC address such as 52:54:00:12:34:56"
    if mac.replace("-", ":") == ZERO:
        return None if zero else "the MAC address of a device must not be all zeros"
    if int(mac[:2], 16) & 1:
        return "is a multicast address; the first octet of a device's MAC address is even"
    return None
