# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machine this is, and which boot of it. This module util is private to the collection."""

from __future__ import annotations

import os
from typing import NamedTuple


class Identity(NamedTuple):
    """As the kubelet reports them in status.nodeInfo: machineID, bootID, kernelVersion."""

    machine_id: str
    boot_id: str
    kernel: str


def read(root: str = "/") -> Identity:
    """A file that is not there gives an empty text."""
    return Identity(
        machine_id=_text(root, "etc/machine-id"),
        boot_id=_text(root, "proc/sys/kernel/random/boot_id"),
        kernel=_text(root, "proc/sys/kernel/osrelease"),
    )


def _text(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path), encoding="ascii", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return ""
