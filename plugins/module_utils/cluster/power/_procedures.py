# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three states of module vm_power as procedures. This module util is private to the collection."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from ...common._errors import Problem, ValidationError
from .. import _objects
from .._snapshot import Snapshot
from . import _gone, _migrate, _record, _refusals, _schedules, _stop
from ._order import Order
from ._record import Entry
from ._selection import SELECTORS, Selection, chosen
from ._start import Pace, left_halted, start_turn
from ._turn import Turn

MARGIN = 30
"""Seconds beyond its grace after which a guest counts as one that KubeVirt could not end."""


class Stop:
    """State stopped: the selected VMs, and those of an earlier record, are down."""

    def __init__(self, options: Mapping[str, Any], start: datetime) -> None:
        """Raises ValidationError. start: the beginning of the window, in UTC."""
        self.entries: Tuple[Entry, ...] = _record.read(options.get("vms") or ())
        self._jobs = _schedules.read(options.get("schedules") or ())
        # a record alone goes on with its VMs, be they there still or not
        alone = self.entries and not any(options.get(name) for name in SELECTORS)
        self._selection = Selection(names=frozenset()) if alone else Selection.read(options)
        self._policy = _refusals.Policy.read(options)
        self._order = Order.read(options)
        self._start = start
        self._window = float(options.get("window") or 0)
        self.cautions: List[_refusals.Caution] = []
        self._clusters: Dict[str, List[str]] = {}
        self._chosen: List[str] = []
        # of the record, those that are not another VM by now
        self._ours: Set[str] = set()
        # since when a guest was asked to shut down, and its grace; of one that others had asked, since when it was seen
        self._asked: Dict[str, Tuple[float, int]] = {}
        self._found: Dict[str, Tuple[float, int]] = {}
        self._phases: Dict[str, List[str]] = {}
        self._outcomes: Dict[str, str] = {}
        self._look_again = False

    def judge(self, snapshot: Snapshot) -> None:
        self._take(snapshot)

    def plan(self, snapshot: Snapshot) -> Turn:
        turn = _stop.stop_turn(snapshot, self._references, self._policy, self._order, all_stages=True)
        return turn._replace(writes=(*_schedules.suspending(snapshot, self._jobs), *turn.writes))

    def turn(self, snapshot: Snapshot, now: float) -> Turn:
        self._take(snapshot)
        self._watch(snapshot, now)
        known = {**self._found, **self._asked}
        overdue = [name for name, (since, grace) in known.items() if now > since + grace + MARGIN]
        turn = _stop.stop_turn(snapshot, self._references, self._policy, self._order, overdue)
        self._remember(snapshot, turn, now)
        turn = turn._replace(writes=(*_schedules.suspending(snapshot, self._jobs), *turn.writes))
        if self._look_again and not turn.missing and not turn.writes:
            # KubeVirt before status.runStrategy boots a VM with RerunOnFailure whose instance was deleted
            self._look_again = False
            return turn._replace(missing=("one more look, since an instance was deleted",))
        return turn

    def result(self) -> Dict[str, Any]:
        return {
            "vms": [entry.as_result() for entry in _record.with_outcomes(self.entries, self._outcomes)],
            "schedules": [job.as_result() for job in self._jobs],
            "cordoned": [],
            "cautions": [caution.as_result() for caution in self.cautions],
            "guest_clusters": self._clusters,
            "not_migratable": [],
            "left_out": [],
        }

    @property
    def _references(self) -> List[str]:
        return sorted({*self._chosen, *self._ours})

    def _take(self, snapshot: Snapshot) -> None:
        """Take in what the look shows: VMs that have come meanwhile are judged and recorded like the first ones.

        One that was made anew under a recorded name is stopped when it is chosen, and never for the record's sake.
        """
        self._ours = {entry.reference for entry in self.entries if not _record.replaced(snapshot, entry)}
        known: Set[str] = self._ours.intersection(self._asked)
        self._chosen = [name for name in chosen(snapshot, self._selection) if not _stop.down(snapshot, name)]
        pending = [name for name in self._references if not _stop.down(snapshot, name)]
        new = [name for name in pending if name not in known and not _is_halted(snapshot, name)]
        problems = _refusals.refusals(snapshot, new, self._policy)
        if problems:
            raise ValidationError(problems)
        listed = {(caution.namespace, caution.name) for caution in self.cautions}
        self.cautions += [
            caution
            for caution in _refusals.cautions(snapshot, new, self._policy)
            if (caution.namespace, caution.name) not in listed
        ]
        for cluster, names in _refusals.by_guest_cluster(snapshot, new).items():
            self._clusters[cluster] = sorted({*self._clusters.get(cluster, ()), *names})
        self.entries = _record.recorded(snapshot, new, self.entries)
        if self._window and self._references:
            due = _schedules.due(snapshot, self._references, self._start, self._window)
            self._jobs = _schedules.merged(self._jobs, due)

    def _remember(self, snapshot: Snapshot, turn: Turn, now: float) -> None:
        """Since when each guest has been asked to shut down."""
        for write in turn.writes:
            reference = "%s/%s" % (write.step.namespace, write.step.name)
            if write.step.kind == "vmis":
                self._look_again = True
            vmi = snapshot.vmis.get(reference)
            if write.step.kind == "vms" and vmi is not None and not vmi.final:
                self._asked[reference] = (now, vmi.grace)

    def _watch(self, snapshot: Snapshot, now: float) -> None:
        """How the guests end that were asked to, by this run or before it."""
        for reference in self._references:
            vmi = snapshot.vmis.get(reference)
            if vmi is not None and not vmi.final and _is_halted(snapshot, reference) and reference not in self._asked:
                self._found.setdefault(reference, (now, vmi.grace))
        for reference, (since, grace) in {**self._found, **self._asked}.items():
            vmi = snapshot.vmis.get(reference)
            if vmi is not None:
                self._phases.setdefault(reference, []).append(vmi.phase)
            elif reference not in self._outcomes:
                waited = now - since if reference in self._asked else float("inf")
                self._outcomes[reference] = _stop.outcome(self._phases.get(reference, ()), waited, grace)


class Start:
    """State started: the VMs of a record are as they were, its jobs go on, and its nodes take VMs again.

    suspended: the jobs that the last look found suspended.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Raises ValidationError."""
        self.entries = _record.read(options.get("vms") or ())
        self._jobs = _schedules.read(options.get("schedules") or ())
        self._nodes = tuple(options.get("cordoned") or ())
        self._order = Order.read(options)
        self._pace = Pace(int(options.get("start_batch") or Pace.batch), bool(options.get("canary", True)))
        self._gone: Tuple[str, ...] = tuple(options.get("gone") or ())
        self._accepted: Tuple[str, ...] = tuple(options.get("accepted") or ())
        self._gone_nodes: Tuple[str, ...] = tuple(options.get("gone_nodes") or ())
        self._left_out: List[str] = []
        self._homeless: Dict[str, str] = {}
        self.left: List[str] = []
        self.suspended: Tuple[str, ...] = ()

    def judge(self, snapshot: Snapshot) -> None:
        self._left_out = _gone.left_out(snapshot, self.entries, self._gone)
        _gone.accepted(self.entries, self._accepted)
        self._homeless = _gone.homeless(snapshot, self.entries, self._gone_nodes)
        self.left = left_halted(snapshot, self.entries) + list(self._homeless.values())

    def plan(self, snapshot: Snapshot) -> Turn:
        turn = start_turn(snapshot, self._starting, self._order, self._pace, everything=True)
        return self._with_others(snapshot, turn, resume=True)

    def turn(self, snapshot: Snapshot, now: float) -> Turn:
        turn = start_turn(snapshot, self._starting, self._order, self._pace)
        return self._with_others(snapshot, turn, resume=not turn.missing and not turn.failures)

    def result(self) -> Dict[str, Any]:
        return {
            "vms": [entry.as_result() for entry in self.entries],
            "schedules": [job.as_result() for job in self._jobs],
            "cordoned": list(self._nodes),
            "cautions": [],
            "guest_clusters": {},
            "not_migratable": [],
            "left_out": list(self._left_out),
        }

    @property
    def _starting(self) -> List[Entry]:
        out = {*self._left_out, *self._homeless}
        kept = [entry for entry in self.entries if entry.reference not in out]
        return _record.accepting(kept, self._accepted)

    def _with_others(self, snapshot: Snapshot, turn: Turn, resume: bool) -> Turn:
        """Nodes first, since VMs need them; jobs last, since they need the VMs."""
        self.suspended = _schedules.suspended(snapshot, self._jobs)
        nodes = tuple(write for node in self._nodes for write in _migrate.uncordoning(snapshot, node))
        jobs, failures = _schedules.resuming(snapshot, self._jobs) if resume else ((), ())
        return turn._replace(writes=(*nodes, *turn.writes, *jobs), failures=(*turn.failures, *failures))


class Migrate:
    """State migrated: what can leave the nodes has left them."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Raises ValidationError."""
        self._selection = Selection.read(options)
        if not self._selection.nodes:
            problem = Problem("vm_power", "node", None, "is missing", "give the node that is to be emptied")
            raise ValidationError([problem])
        self._nodes = tuple(sorted(self._selection.nodes))
        self._cordon = bool(options.get("cordon", True))
        self._refuse = options.get("non_migratable_vms") != "leave"
        self.entries: Tuple[Entry, ...] = _record.read(options.get("vms") or ())
        self._moved: Set[str] = {entry.reference for entry in self.entries}
        self._staying: Tuple[_migrate.Staying, ...] = ()
        self._earlier: Optional[List[str]] = None
        self._cordoned: List[str] = []

    def judge(self, snapshot: Snapshot) -> None:
        self._take(snapshot)

    def plan(self, snapshot: Snapshot) -> Turn:
        return self._turn(snapshot)

    def turn(self, snapshot: Snapshot, now: float) -> Turn:
        self._take(snapshot)
        return self._turn(snapshot)

    def result(self) -> Dict[str, Any]:
        return {
            "vms": [entry.as_result() for entry in self.entries],
            "schedules": [],
            "cordoned": self._cordoned,
            "cautions": [],
            "guest_clusters": {},
            "not_migratable": [
                dict(zip(("namespace", "name"), staying.reference.split("/")), reasons=list(staying.reasons))
                for staying in self._staying
            ],
            "left_out": [],
        }

    def _take(self, snapshot: Snapshot) -> None:
        names = chosen(snapshot, self._selection)
        found = [_migrate.evacuation(snapshot, node, names, self._nodes) for node in self._nodes]
        self._staying = tuple(staying for one in found for staying in one.staying)
        if self._staying and self._refuse:
            raise ValidationError(
                [
                    Problem(
                        "VM '%s'" % staying.reference,
                        "",
                        None,
                        "it cannot leave node '%s': %s" % (one.node, "; ".join(staying.reasons)),
                        "stop it with state=stopped, or set non_migratable_vms=leave",
                    )
                    for one in found
                    for staying in one.staying
                ]
            )
        moving = [vmi.reference for one in found for vmi in (*one.moving, *one.starting)]
        self._moved.update(moving)
        self.entries = _record.recorded(snapshot, moving, self.entries, boots=False)
        if self._earlier is None:
            self._earlier = [_objects.name(item) for item in snapshot.all("migrations")]

    def _turn(self, snapshot: Snapshot) -> Turn:
        """All nodes are cordoned before the first VM looks for another one."""
        names = chosen(snapshot, self._selection)
        moved, earlier = sorted(self._moved), self._earlier or ()
        turns = {
            node: _migrate.migrate_turn(snapshot, node, names, self._cordon, moved, earlier, self._nodes)
            for node in self._nodes
        }
        self._cordoned = [
            node
            for node, turn in turns.items()
            if any(write.step.kind == "nodes" for write in turn.writes)
            or _migrate.uncordoning(snapshot, node)
            or node in self._cordoned
        ]
        writes = [write for turn in turns.values() for write in turn.writes]
        return Turn(
            writes=tuple(sorted(writes, key=lambda write: write.step.kind != "nodes")),
            missing=tuple(line for turn in turns.values() for line in turn.missing),
            failures=tuple(dict.fromkeys(line for turn in turns.values() for line in turn.failures)),
            bound=sum(turn.bound for turn in turns.values()),
        )


def _is_halted(snapshot: Snapshot, reference: str) -> bool:
    vm = snapshot.vms.get(reference)
    return vm is not None and vm.halted
