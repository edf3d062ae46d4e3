# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One runner's part in a change: Lease, record and nodes together. This module util is private to the collection.

Order of writes: the Lease before the record, the record before the first mutation. The Lease is read before the
records, so that whoever opens a change in between is met by its resourceVersion. Each method is one call of module
change.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..cluster._client import Client
from ..cluster._read import read_snapshot
from ..cluster._snapshot import Snapshot
from . import _gone_nodes, _lease, _phases, _ports, _resume, _texts, _time, _window
from ._record import BACK, PLANNED, ChangeError, Phase, Record, check
from ._store import Store, Stored
from .phases import _vms

KINDS = ("nodes", "upgrades")
"""What is looked at before a change and before each of its phases."""


class NotReady(ChangeError):
    """A node is away, which may be for moments only."""


class Outcome(NamedTuple):
    """What a call did. before: the record as it was; None when there was none. resumed: whether it was there at an
    opening. phase: the one that was named. report: for the operator, where a run stops, and what a rollback bears."""

    record: Record
    before: Optional[Record]
    runner: str
    resumed: bool = False
    phase: Optional[Phase] = None
    report: str = ""

    @property
    def changed(self) -> bool:
        """Whether the record changed; a renewed Lease does not count."""
        return self.record != self.before


@dataclass(frozen=True)
class Session:
    """runner: id of this run; empty before it has one. dry: write nothing, the Lease included."""

    client: Client
    namespace: str
    runner: str = ""
    dry: bool = False
    clock: Callable[[], datetime] = _time.now

    @property
    def store(self) -> Store:
        return Store(self.client, self.namespace)

    def open(
        self, runbook: str, inputs: Mapping[str, Any], phases: Tuple[Phase, ...], takeover: bool = False
    ) -> Outcome:
        """Begin a change, or go on with the open one. Raises ChangeError, Held, ValidationError, ApiError."""
        moment = self.clock()
        nodes = self._nodes()
        wanted = _resume.Wanted(runbook, inputs, nodes, phases)
        lease = self.store.lease()
        self._may_take(lease, takeover, moment)
        found = self.store.records("open")
        record, resumed = _resume.opened([stored.record for stored in found], wanted, moment)
        runner = self.runner or new_runner()
        before = found[0].record if resumed else None
        if not self.dry:
            mine = _lease.holder(record.id, runner)
            self.store.write_lease(lease, _lease.taken(lease, mine, _lease.OPENING, moment, takeover))
            if before is None:
                self.store.create(record)
            elif record != before:
                self.store.save(record, found[0])
        return Outcome(record, before, runner, resumed)

    def back(
        self,
        takeover: bool = False,
        switches_ready: bool = False,
        switch_tasks: bool = False,
        gone: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> Outcome:
        """Begin the rollback of the open change, or go on with it.

        switches_ready, switch_tasks: what is known of the switches, as _ports.require() takes it. gone: nodes that it
        goes without; hosts: those in the run, by their names in the inventory. Raises ChangeError when none is open,
        for ports that nobody vouches for, while Harvester is upgraded, and when a node of the change is not Ready;
        where VMs alone were touched, the report says so instead. ValidationError for a node that is not gone.
        """
        moment = self.clock()
        lease = self.store.lease()
        self._may_take(lease, takeover, moment)
        found = self.store.records("open")
        known = _resume.only([stored.record for stored in found])
        if known is None:
            raise ChangeError(
                "no change is open in namespace '%s', so there is nothing to roll back; see"
                " harvester.network.change_info" % self.namespace
            )
        record = _gone_nodes.left_out(_phases.turned_back(known), gone, hosts, self._ready_nodes() if gone else {})
        _ports.require(record, switches_ready, switch_tasks)
        away = self._there(record)
        runner = self.runner or new_runner()
        if not self.dry:
            mine = _lease.holder(record.id, runner)
            self.store.write_lease(lease, _lease.taken(lease, mine, _lease.OPENING, moment, takeover))
            if record != known:
                self.store.save(record, found[0])
        return Outcome(record, known, runner, True, report=away)

    def started(
        self, change_id: str, phase_id: str, before: Any, window_end: str = "", extend: bool = False
    ) -> Outcome:
        """A phase begins: its time must fit, its nodes be there and Ready, no upgrade run, and the Lease be ours.

        extend: of a phase that had begun, the before-image is this one.
        """
        moment = self.clock()
        stored = self.store.load(change_id)
        record = check(_phases.started(stored.record, phase_id, before, moment, extend), "change '%s'" % change_id)
        phase = _known(record, phase_id)
        _window.fits("phase '%s'" % phase_id, phase.bound, moment, _window.end(window_end))
        self._renew(change_id, phase.bound)
        self._ready(record)
        self._save(record, stored)
        return Outcome(record, stored.record, self.runner, phase=phase)

    def held(self, change_id: str, phase_id: str = "", bound: int = 0) -> Outcome:
        """See that the Lease is ours still.

        phase_id: make it last this phase's bound, for its proof or its undoing. bound: seconds, where it takes longer.
        """
        stored = self.store.load(change_id)
        phase = _known(stored.record, phase_id) if phase_id else None
        if phase is None:
            _lease.still_mine(self.store.lease(), _lease.holder(change_id, self.runner))
        else:
            self._renew(change_id, max(phase.bound, bound))
        return Outcome(stored.record, stored.record, self.runner, phase=phase)

    def turn(self, change_id: str, phase_id: str, bound: int, window_end: str = "") -> Outcome:
        """The next node of a phase begins: its time must fit, the nodes be there and Ready, and the Lease be ours.

        bound: seconds that the node may take. The Lease lasts as it did, since that is the phase's. On the way back
        also the undoing of a phase, before its first node.
        """
        stored = self.store.load(change_id)
        phase = _known(stored.record, phase_id)
        _lease.still_mine(self.store.lease(), _lease.holder(change_id, self.runner))
        _window.fits("the next node of phase '%s'" % phase_id, bound, self.clock(), _window.end(window_end))
        if stored.record.direction == BACK:
            self._there(stored.record)
        else:
            self._ready(stored.record)
        return Outcome(stored.record, stored.record, self.runner, phase=phase)

    def noted(self, change_id: str, notes: Mapping[str, str]) -> Outcome:
        """Something else has to be known of the change. notes: by name; others stay."""
        return self._event(change_id, "", lambda record: _phases.noted(record, notes))

    def done(self, change_id: str, phase_id: str, took: float = 0.0, waited: float = 0.0) -> Outcome:
        """A phase is through. took, waited: seconds of it, and of that those of waiting for others."""
        return self._event(
            change_id, phase_id, lambda record: _phases.done(record, phase_id, self.clock(), took, waited)
        )

    def undone(self, change_id: str, phase_id: str) -> Outcome:
        """A phase was undone."""
        return self._event(change_id, phase_id, lambda record: _phases.undone(record, phase_id, self.clock()))

    def closed(self, change_id: str) -> Outcome:
        """The change ends; the Lease goes. The report says how long its phases took, or what a rollback left out."""
        outcome = self._event(change_id, "", lambda record: _phases.closed(record, self.clock()))
        lease = self.store.lease()
        if lease is not None and not self.dry:
            self.store.delete_lease(lease)
        return outcome._replace(report=_texts.pace(outcome.record) or _gone_nodes.report(outcome.record))

    def released(self, change_id: str, why: str) -> Outcome:
        """The run stops; the change stays open for the next one. The report says what is done and what to do."""
        stored = self.store.load(change_id)
        lease = self.store.lease()
        patch = _lease.released(lease, _lease.holder(change_id, self.runner))
        if patch is not None and not self.dry:
            self.store.write_lease(lease, patch)
        report = _texts.failure(stored.record, why, self.namespace)
        return Outcome(stored.record, stored.record, self.runner, report=report)

    def leased(self, name: str, bound: int, takeover: bool = False) -> str:
        """Take the Lease alone, without a record, for what changes nothing that lasts: ``bound`` seconds and SLACK.

        name: for the holder, in place of a change's id. Returns the runner. A run that has it already makes it last
        anew. Raises Held, also when that run has lost it, and ChangeError while a change is open: what is seen in the
        middle of one says little.
        """
        lease = self.store.lease()
        if self.runner:
            _lease.still_mine(lease, _lease.holder(name, self.runner))
        self._may_take(lease, takeover, self.clock())
        found = self.store.records("open")
        if found:
            raise ChangeError("change '%s' is open; go on with it, or roll it back first" % found[0].record.id)
        runner = self.runner or new_runner()
        if not self.dry:
            mine = _lease.holder(name, runner)
            self.store.write_lease(lease, _lease.taken(lease, mine, bound, self.clock(), takeover))
        return runner

    def unleased(self, name: str) -> None:
        """Give the Lease back that leased() took; another's stays."""
        lease = self.store.lease()
        if lease is not None and not self.dry and _lease.read(lease).holder == _lease.holder(name, self.runner):
            self.store.delete_lease(lease)

    def _event(self, change_id: str, phase_id: str, event: Callable[[Record], Record]) -> Outcome:
        stored = self.store.load(change_id)
        record = event(stored.record)
        if record != stored.record:
            _lease.still_mine(self.store.lease(), _lease.holder(change_id, self.runner))
            self._save(record, stored)
        return Outcome(record, stored.record, self.runner, phase=record.phase(phase_id))

    def _save(self, record: Record, stored: Stored) -> None:
        if record != stored.record and not self.dry:
            self.store.save(record, stored)

    def _may_take(self, lease: Optional[Mapping[str, Any]], takeover: bool, moment: datetime) -> None:
        """Raises Held before anything else is found to be wrong: a change that runs is what the operator must know."""
        known = _lease.read(lease)
        own = bool(self.runner) and known.runner == self.runner
        _lease.taken(lease, known.holder if own else "", 0, moment, takeover)

    def _renew(self, change_id: str, bound: int) -> None:
        lease = self.store.lease()
        mine = _lease.holder(change_id, self.runner)
        _lease.still_mine(lease, mine)
        if not self.dry:
            self.store.write_lease(lease, _lease.taken(lease, mine, bound, self.clock()))

    def _cluster(self) -> Snapshot:
        """Raises ChangeError while Harvester is upgraded."""
        snapshot = read_snapshot(self.client, KINDS)
        if snapshot.running_upgrade:
            raise ChangeError(
                "upgrade '%s' is running; the network is not changed before it has ended" % snapshot.running_upgrade
            )
        return snapshot

    def _nodes(self) -> Dict[str, str]:
        """Name -> uid of every node, all of them Ready."""
        snapshot = self._cluster()
        away = sorted(node.name for node in snapshot.nodes.values() if not node.ready)
        if away:
            raise NotReady("not Ready: node %s; every node of the cluster takes part in a change" % ", ".join(away))
        return {node.name: str(node.raw["metadata"].get("uid") or "") for node in snapshot.nodes.values()}

    def _ready_nodes(self) -> Dict[str, bool]:
        """Name of every node -> whether it is Ready."""
        return {node.name: node.ready for node in read_snapshot(self.client, ("nodes",)).nodes.values()}

    def _ready(self, record: Record) -> None:
        lines = _resume.node_differences(record.nodes, self._nodes())
        if lines:
            raise ChangeError(
                "change '%s': the cluster has other nodes than at its beginning: %s" % (record.id, "; ".join(lines))
            )

    def _there(self, record: Record) -> str:
        """On the way back nodes of the change alone count: one that is new has nothing to give back, and one that was
        taken out of the cluster could not become Ready. Nor do those that are called gone.

        Where VMs alone were touched, a node that is not Ready is told and keeps nobody waiting: the others run them.
        """
        gone = _gone_nodes.noted(record)
        nodes = [node for node in self._cluster().nodes.values() if node.name in record.nodes and node.name not in gone]
        away = sorted(node.name for node in nodes if not node.ready)
        if away and all(phase.role == _vms.ROLE for phase in record.phases if phase.state != PLANNED):
            return (
                "not Ready: node %s; VMs go back all the same, since nothing else was changed. What only that node can"
                " run stays as it is, and is named" % ", ".join(away)
            )
        if away:
            raise NotReady(
                "not Ready: node %s; every node of the change takes part in its rollback. Bring it back, then roll back"
                " again. Where the change itself keeps it away, change_scope=hosts gives the hosts what they had first,"
                " over ssh alone" % ", ".join(away)
            )
        return ""


def new_runner() -> str:
    """A random id for one run."""
    return secrets.token_hex(4)


def _known(record: Record, phase_id: str) -> Phase:
    phase = record.phase(phase_id)
    if phase is None:
        raise ChangeError("change '%s' has no phase '%s'" % (record.id, phase_id))
    return phase
