# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the record on the runner's disk. This module util is private to the collection.

The record in the cluster is the one that counts. The copy is for a reader whose cluster does not answer; a runner
without a disk has none, and loses nothing.
"""

from __future__ import annotations

import json
import os

from ._record import Record, written


def path(folder: str, change_id: str) -> str:
    """Where the copy of a change lies."""
    return os.path.join(os.path.expanduser(folder), change_id + ".json")


def keep(folder: str, record: Record) -> str:
    """Write the copy of an open change, remove that of a closed one. Returns why that cannot be, else nothing."""
    place = path(folder, record.id)
    try:
        if not record.is_open:
            if os.path.exists(place):
                os.unlink(place)
            return ""
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        descriptor = os.open(place + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(written(record), stream, indent=1, sort_keys=True)
            stream.write("\n")
        os.replace(place + ".new", place)
    except OSError as error:
        return "no copy of the record on this host: %s" % error
    return ""
