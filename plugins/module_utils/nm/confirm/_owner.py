# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works on this node: for messages, not for decisions. This module util is private to the collection."""

from __future__ import annotations

import os
from typing import Dict

_DEPTH = 32


def owner(root: str = "/", pid: int = 0) -> str:
    """User and address of the session that this process belongs to ("rancher from 192.0.2.9").

    sudo takes the session's address out of the environment, so the parents are asked.
    """
    user = peer = ""
    process = pid or os.getpid()
    for _step in range(_DEPTH):
        words = _environment(root, process)
        user = user or words.get("SUDO_USER", "")
        peer = peer or words.get("SSH_CONNECTION", "").partition(" ")[0]
        process = _parent(root, process)
        if process <= 1 or (user and peer):
            break
    return "%s%s" % (user or "root", " from %s" % peer if peer else "")


def _environment(root: str, pid: int) -> Dict[str, str]:
    try:
        with open(os.path.join(root, "proc/%d/environ" % pid), encoding="utf-8", errors="replace") as stream:
            pairs = [item.partition("=") for item in stream.read().split("\0")]
    except OSError:
        return {}
    return {name: value for name, _equals, value in pairs}


def _parent(root: str, pid: int) -> int:
    try:
        with open(os.path.join(root, "proc/%d/stat" % pid), encoding="utf-8", errors="replace") as stream:
            # The name in parentheses may hold anything.
            return int(stream.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
