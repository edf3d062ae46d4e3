# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of a node that this collection reads and writes. This module util is private to the collection."""

from __future__ import annotations

PERSISTENT = "/etc/NetworkManager/system-connections"
"""The only place of keyfiles that survives a boot and is ours to write."""
DIRECTORIES = (
    PERSISTENT,
    "/run/NetworkManager/system-connections",
    "/usr/lib/NetworkManager/system-connections",
)
"""All places of keyfiles, in the order in which NetworkManager lets one hide the other."""
SUFFIX = ".nmconnection"
LIVE_FOLDER = "/run/harvester-network-live"
"""Where a live change lies until its result was fetched."""
CONFIRM_FOLDER = "/etc/NetworkManager/harvester-network-confirm"
"""Where a change lies that waits to be confirmed; see confirm/_store.py."""
