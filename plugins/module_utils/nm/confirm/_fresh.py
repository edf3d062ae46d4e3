# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a call can prove that the node is still reached. This module util is private to the collection.

A confirm that was sent before the change was live, and waited on a slow node, has come by a way that may be gone: it
would keep the very change that cut its sender off. So it counts only when it began after the change.
"""

from __future__ import annotations

import os

from ...common._errors import NetworkError
from .._launch import pending
from .._places import LIVE_FOLDER
from ._store import FOLDER

ENDED = FOLDER.lstrip("/") + "/live"
"""Written by _live: boot id, and seconds since the boot when the change had become live."""
TOO_EARLY = (
    "this call began before the change was live, so it does not show that the node is still reached; call again over a"
    " new connection"
)


def refuse_early(root: str = "/", pid: int = 0) -> None:
    """Raise NetworkError when the change is still under way, or became live after this process began.

    pid: of the process that is asked about, default this one.
    """
    live = os.path.join(root, LIVE_FOLDER.lstrip("/"))
    job = pending(live)
    under_way = job is not None and bool(job.get("confirm")) and not os.path.exists(os.path.join(live, "result.json"))
    if under_way or _began(root, pid or os.getpid()) < _ended(root):
        raise NetworkError(TOO_EARLY)


def _ended(root: str) -> float:
    """When the change became live, in seconds since the boot; 0 where it was in another boot, or is not known."""
    boot, _space, seconds = _read(root, ENDED).partition(" ")
    if boot != _read(root, "proc/sys/kernel/random/boot_id").strip():
        return 0.0
    try:
        return float(seconds)
    except ValueError:
        return 0.0


def _began(root: str, pid: int) -> float:
    """When a process began, in seconds since the boot; never, where that is not known."""
    # The name in parentheses may hold anything; the time is the 22nd word.
    words = _read(root, "proc/%d/stat" % pid).rpartition(")")[2].split()
    return int(words[19]) / os.sysconf("SC_CLK_TCK") if len(words) > 19 else float("inf")


def _read(root: str, name: str) -> str:
    try:
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
