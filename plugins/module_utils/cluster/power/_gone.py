# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs of a record that their owners have deleted since. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterable, List, Optional, Sequence

from ...common._errors import Problem, ValidationError
from .._snapshot import Snapshot
from ._record import Entry, replaced


def left_out(snapshot: Snapshot, entries: Sequence[Entry], gone: Iterable[str]) -> List[str]:
    """Those named in gone, each once and sorted: they are in the record and no longer in the cluster.

    A VM that was made anew under its name has another uid: the recorded one is gone, and the new one is not touched.

    gone: "namespace/name". Raises ValidationError with all names that do not hold.
    """
    known = {entry.reference: entry for entry in entries}
    names = sorted(set(gone))
    problems = [problem for name in names for problem in [_problem(snapshot, known.get(name), name)] if problem]
    if problems:
        raise ValidationError(problems)
    return names


def _problem(snapshot: Snapshot, entry: Optional[Entry], name: str) -> Optional[Problem]:
    where = "VM '%s'" % name
    if entry is None:
        rule, remedy = (
            "it is not in the record of stopped VMs",
            "see its spelling, namespace/name, or take it off the list",
        )
        return Problem(where, "gone", name, rule, remedy)
    if name not in snapshot.vms or replaced(snapshot, entry):
        return None
    rule = "it is still there (uid %s), and only a VM that is not there is left out" % entry.uid
    return Problem(where, "gone", name, rule, "take it off the list, so that it is started")
