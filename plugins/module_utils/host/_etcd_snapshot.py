# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot of etcd, by RKE2 on a control-plane node. This module util is private to the collection.

RKE2 takes it through the server that runs on the node, which names it "<name>-<node>-<seconds>", keeps it below FOLDER
unless it is told otherwise, and lists it as an ETCDSnapshotFile object. It never removes those that were asked for.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import Any, Callable, Dict, NamedTuple, Sequence, Tuple

Run = Callable[[Sequence[str]], Tuple[int, str, str]]

PROGRAMS = ("/opt/rke2/bin/rke2", "/usr/local/bin/rke2", "/usr/bin/rke2")
"""Where rke2 lies; Harvester installs it into the first, since its /usr cannot be written."""
SERVICE = "rke2-server.service"
DATA = "/var/lib/rancher/rke2/server/db"
FOLDER = DATA + "/snapshots"
DATABASE = DATA + "/etcd/member/snap/db"
ROOM = 2
"""How many times the size of the database has to be free."""

_SAVED = re.compile(r"Snapshot (\S+) saved")
_MEBIBYTE = 1024 * 1024


class Place(NamedTuple):
    """Where a snapshot can be taken. program: rke2; empty when it cannot. why: why not, a sentence part."""

    program: str
    why: str


def place(run: Run, root: str = "/") -> Place:
    """Whether this node can take one."""
    program = next((path for path in PROGRAMS if os.access(_under(root, path), os.X_OK)), "")
    if not program:
        return Place("", "there is no rke2 on this node (%s)" % ", ".join(PROGRAMS))
    status, output, _errors = run(["systemctl", "is-active", SERVICE])
    if status != 0:
        return Place("", "%s is %s, so this is no control-plane node" % (SERVICE, output.strip() or "not there"))
    try:
        size = os.path.getsize(_under(root, DATABASE))
        free = shutil.disk_usage(_under(root, DATA)).free
    except OSError as error:
        return Place("", "etcd's database cannot be looked at: %s" % error)
    if free < ROOM * size:
        words = "%d MiB are free below %s, and a database of %d MiB wants %d times that"
        return Place("", words % (free // _MEBIBYTE, DATA, size // _MEBIBYTE, ROOM))
    return Place(program, "")


def take(program: str, name: str, run: Run, root: str = "/") -> Dict[str, Any]:
    """Take one: ``snapshot``, its name; empty when there is none, and then ``reason``; ``path``, empty when it is
    elsewhere (S3)."""
    argv = [program, "etcd-snapshot", "save", "--name", name]
    status, output, errors = run(argv)
    found = _SAVED.search(output + "\n" + errors)
    if status != 0 or not found:
        said = _last_line(errors) or _last_line(output) or "no message"
        return {"snapshot": "", "path": "", "reason": "'%s' ended with %d: %s" % (" ".join(argv), status, said)}
    path = "%s/%s" % (FOLDER, found.group(1))
    return {"snapshot": found.group(1), "path": path if os.path.exists(_under(root, path)) else "", "reason": ""}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _under(root: str, path: str) -> str:
    return os.path.join(root, path.lstrip("/"))
