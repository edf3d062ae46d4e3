# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs of a record that their owners have deleted since, or accept as they are. This module util is private to the
collection."""

from __future__ import annotations

from typing import Collection, Dict, Iterable, List, Optional, Sequence

from ...common._errors import Problem, ValidationError
from .._placement import placement
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


def homeless(snapshot: Snapshot, entries: Sequence[Entry], nodes: Collection[str]) -> Dict[str, str]:
    """VM -> a line, of those that ran on one of these nodes, are stopped, and that no node can run now.

    nodes: those that are gone for good. Resources are not looked at, as for any start.
    """
    found = {}
    for entry in entries:
        vm = snapshot.vms.get(entry.reference)
        if entry.node not in nodes or not entry.ran or vm is None or not vm.halted or replaced(snapshot, entry):
            continue
        if not placement(snapshot, vm).nodes:
            found[entry.reference] = (
                "VM '%s' stays stopped: it ran on node '%s', which is gone, and no other node can run it; start it with"
                " run strategy %s once one can" % (entry.reference, entry.node, entry.run_strategy)
            )
    return found


def accepted(entries: Sequence[Entry], names: Iterable[str]) -> List[str]:
    """Those named, each once and sorted: they are in the record. Raises ValidationError with all that are not."""
    known = {entry.reference for entry in entries}
    found = sorted(set(names))
    problems = [_unknown(name, "accepted") for name in found if name not in known]
    if problems:
        raise ValidationError(problems)
    return found


def _unknown(name: str, option: str) -> Problem:
    rule, remedy = (
        "it is not in the record of stopped VMs",
        "see its spelling, namespace/name, or take it off the list",
    )
    return Problem("VM '%s'" % name, option, name, rule, remedy)


def _problem(snapshot: Snapshot, entry: Optional[Entry], name: str) -> Optional[Problem]:
    if entry is None:
        return _unknown(name, "gone")
    if name not in snapshot.vms or replaced(snapshot, entry):
        return None
    rule = "it is still there (uid %s), and only a VM that is not there is left out" % entry.uid
    return Problem("VM '%s'" % name, "gone", name, rule, "take it off the list, so that it is started")
