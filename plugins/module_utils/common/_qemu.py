# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that run on a node, from the command lines of their QEMU processes.

This module util is private to the collection.

KubeVirt names a guest <namespace>_<name>: ``-name guest=default_vm1,debug-threads=on``.
"""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple, Optional, Sequence

_PROGRAM = re.compile(r"(?:^|/)(?:qemu-system-[\w.-]+|qemu-kvm)$")


class Guest(NamedTuple):
    """A QEMU process. namespace, name: of the VM, empty when the guest's name is not KubeVirt's."""

    pid: int
    namespace: str
    name: str
    guest: str


def guests(proc: str = "/proc") -> List[Guest]:
    """The QEMU processes of this host, in the order of their process ids."""
    found = []
    for entry in sorted(filter(str.isdigit, os.listdir(proc)), key=int):
        try:
            with open(os.path.join(proc, entry, "cmdline"), "rb") as stream:
                words = stream.read().decode("utf-8", "replace").split("\0")
        except OSError:
            continue  # it ended meanwhile
        guest = parse(int(entry), words)
        if guest is not None:
            found.append(guest)
    return found


def parse(pid: int, words: Sequence[str]) -> Optional[Guest]:
    """The guest of a command line; None when it is not QEMU's."""
    if not words or not _PROGRAM.search(words[0]):
        return None
    text = next((after for word, after in zip(words, words[1:]) if word == "-name"), "")
    parts = text.split(",")
    named = next((part[len("guest=") :] for part in parts if part.startswith("guest=")), parts[0])
    namespace, underscore, name = named.partition("_")
    return Guest(pid, namespace if underscore else "", name if underscore else "", named)
