# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the bonding driver shows the value of an option. This module util is private to the collection."""

from __future__ import annotations


def bond_value(text: str) -> str:
    """sysfs shows 'active-backup 1': the word counts; a list of addresses is joined as in a keyfile."""
    parts = text.split()
    if len(parts) == 2 and parts[1].isdigit():
        return parts[0]
    return ",".join(parts)
