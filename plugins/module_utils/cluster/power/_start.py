# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting the VMs of a record, look by look. This module util is private to the collection.

Harvester's webhook rewrites the run strategy of a VM that leaves Halted, to its annotation vmRunStrategy or to
RerunOnFailure (HV pkg/webhook/resources/virtualmachine/mutator.go). So the recorded one is written once more when the
VM has left Halted, and for Once and Manual not before there is an instance, since neither of them starts one again.

A VM that is Running and Ready lets others start. Its guest agent, which may come later, holds them back only where it
is a canary, and is waited for beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .._attachments import attachment
from .._change import Change
from .._objects import listed
from .._snapshot import Snapshot
from .._vms import ALWAYS, HALTED, MANUAL, ONCE, POD, RERUN_ON_FAILURE, RUNNING, Vm, Vmi
from ..rules import objections
from . import _again
from ._order import Order
from ._record import Entry, replaced
from ._turn import Turn, Write, patch

GONE = (
    "VM '%s' is gone; it was stopped and cannot be started; if its owner has deleted it for good, name it in"
    " change_gone_vms (option gone of vm_power)"
)
"""Of a VM of the record that is no longer there."""
ANOTHER = (
    "VM '%s' is another one than was stopped (uid %s, not %s); look at it; if its owner has made it anew, name it in"
    " change_gone_vms (option gone of vm_power), and start it yourself"
)
"""Of a VM that has the name of one of the record: its uid, and the recorded one."""


@dataclass(frozen=True)
class Pace:
    """batch: VMs per node that may be starting at one time. canary: whether a first VM per network and node has to be
    as it was, with its guest agent and its interfaces, before the others are started."""

    batch: int = 10
    canary: bool = True


class Standing(NamedTuple):
    """How far one VM is. up: whether those that wait for it may start. begun: whether it is starting. write: what it
    needs now. missing: what it lacks of what it was. failure: what it will not get by waiting. started: whether it runs
    for all that."""

    entry: Entry
    up: bool = False
    begun: bool = False
    write: Optional[Write] = None
    missing: str = ""
    failure: str = ""
    started: bool = False


def start_turn(
    snapshot: Snapshot, entries: Iterable[Entry], order: Order, pace: Pace, everything: bool = False
) -> Turn:
    """The next look at VMs that are to be as they were.

    A VM that is gone, or that is another one of the same name, is a failure; the others are started none the less.
    everything: what would be written over all, for a plan.
    """
    known = [entry for entry in entries if not entry.ended]
    firsts: FrozenSet[str] = _canaries(snapshot, known, order) if pace.canary else frozenset()
    standings = [_standing(snapshot, entry, entry.reference in firsts) for entry in known]
    failures = tuple(standing.failure for standing in standings if standing.failure)
    open_ones = [standing for standing in standings if standing.missing]
    if everything:
        coming = tuple(standing.missing for standing in open_ones if standing.started)
        return Turn(_writes(open_ones), (), tuple(one.missing for one in open_ones), failures, late=coming)
    now, waiting = _due(snapshot, standings, firsts, order)
    writes = _writes(_within(now, pace.batch))
    late = [standing for standing in standings if standing.up and standing.missing]
    missing = [standing.missing for standing in (*now, *late)]
    names = listed([one.entry.reference for one in waiting])
    if waiting and not now:
        runs = all(one.started for one in standings if one.failure and one.entry.reference in firsts)
        why = "is not as it was" if runs else "cannot start"
        failures += ("left stopped, since a canary before them %s: %s" % (why, names),)
    elif waiting:
        canaries = any(standing.entry.reference in firsts for standing in now)
        missing.append("not started before %s: %s" % ("the canaries are up" if canaries else "earlier stages", names))
    return Turn(writes, (), tuple(missing), failures)


def left_halted(snapshot: Snapshot, entries: Iterable[Entry]) -> List[str]:
    """VMs whose guests had ended and whose run strategy is not the recorded one now: writing it would boot them."""
    found = []
    for entry in entries:
        vm = snapshot.vms.get(entry.reference)
        if entry.ended and vm is not None and vm.uid == entry.uid and vm.run_strategy != entry.run_strategy:
            found.append(
                "VM '%s' had been shut down by its guest and stays %s; run strategy %s would boot it"
                % (entry.reference, vm.run_strategy, entry.run_strategy)
            )
    return found


def _canaries(snapshot: Snapshot, entries: Sequence[Entry], order: Order) -> FrozenSet[str]:
    """The first VM per network and node, earlier stages first."""
    covered: Set[Tuple[str, str]] = set()
    found = set()
    for entry in sorted(entries, key=lambda entry: (order.stage(snapshot, entry.reference), entry.reference)):
        places = set(_places(snapshot, entry))
        vm = snapshot.vms.get(entry.reference)
        if entry.ran and vm is not None and vm.uid == entry.uid and places - covered:
            found.add(entry.reference)
            covered |= places
    return frozenset(found)


def _places(snapshot: Snapshot, entry: Entry) -> Iterator[Tuple[str, str]]:
    vm = snapshot.vms.get(entry.reference)
    if vm is None:
        return
    networks = attachment(snapshot, vm)
    for network in (*networks.networks, *networks.mgmt_networks, *((POD,) if networks.pod_network else ())):
        yield network, entry.node


def _due(
    snapshot: Snapshot, standings: Sequence[Standing], firsts: FrozenSet[str], order: Order
) -> Tuple[List[Standing], List[Standing]]:
    """The VMs whose turn it is, and those that wait: for the stages before them, and for the canaries of their own.

    A canary that failed keeps the rest of its stage, and later stages, from being started.
    """
    stages: Dict[Tuple[int, float], List[Standing]] = {}
    for standing in standings:
        stages.setdefault(order.stage(snapshot, standing.entry.reference), []).append(standing)
    now: List[Standing] = []
    waiting: List[Standing] = []
    held = False
    for stage in sorted(stages):
        canaries = [one for one in stages[stage] if one.entry.reference in firsts and not one.up]
        rest = [one for one in stages[stage] if one.entry.reference not in firsts and not one.up and not one.failure]
        if held:
            waiting += [one for one in (*canaries, *rest) if not one.failure]
            continue
        now += [one for one in canaries if not one.failure]
        if canaries:
            # those that are starting already are watched all the same
            now += [one for one in rest if one.begun]
            waiting += [one for one in rest if not one.begun]
        else:
            now += rest
        held = bool(canaries or rest)
    return now, waiting


def _within(standings: Iterable[Standing], batch: int) -> List[Standing]:
    """Those that may be written: what has begun goes on, and of the others as many per node as the batch has room."""
    all_of_them = list(standings)
    room: Dict[str, int] = {}
    for standing in all_of_them:
        room.setdefault(standing.entry.node, batch)
        if standing.begun:
            room[standing.entry.node] -= 1
    found = []
    for standing in all_of_them:
        if not standing.begun and room[standing.entry.node] <= 0:
            continue
        if not standing.begun:
            room[standing.entry.node] -= 1
        found.append(standing)
    return found


def _writes(standings: Iterable[Standing]) -> Tuple[Write, ...]:
    return tuple(standing.write for standing in standings if standing.write is not None)


def _standing(snapshot: Snapshot, entry: Entry, canary: bool) -> Standing:
    vm, vmi = snapshot.vms.get(entry.reference), snapshot.vmis.get(entry.reference)
    if vm is None:
        return Standing(entry, failure=GONE % entry.reference)
    if replaced(snapshot, entry):
        return Standing(entry, failure=ANOTHER % (entry.reference, vm.uid or "unknown", entry.uid))
    strategy = _next_strategy(entry, vm, vmi)
    write = _restoring(snapshot, vm, entry, strategy) if strategy else None
    # One that waited for a node goes back to waiting, whether or not there is one for it now.
    failure = _objection(snapshot, write) if write is not None and vm.halted and entry.ran else ""
    if failure:
        return Standing(entry, failure=failure)
    lacks = _lacks(entry, vm, vmi)
    if lacks or vmi is None or not entry.ran:
        missing = "VM '%s': %s" % (entry.reference, "; ".join(lacks)) if lacks else ""
        return Standing(entry, up=not missing, begun=not _idle(vm, vmi), write=write, missing=missing)
    # One that has never stopped has what it had, whatever its template says by now.
    failure = "" if entry.instance and vmi.uid == entry.instance else _again.differing(entry, vmi)
    if failure:
        return Standing(entry, up=not canary, begun=True, failure=failure, started=True)
    late = _again.late(entry, vmi)
    up = not late if canary else not (entry.ready and vmi.unready)
    return Standing(entry, up=up, begun=True, missing=late, started=True)


def _idle(vm: Vm, vmi: Optional[Vmi]) -> bool:
    """Whether nothing starts the VM so far."""
    return vmi is None and vm.run_strategy in (HALTED, MANUAL)


def _next_strategy(entry: Entry, vm: Vm, vmi: Optional[Vmi]) -> str:
    """The run strategy to write now; empty for none."""
    alive = vmi is not None and not vmi.final and not vmi.deleting
    if _idle(vm, vmi) and entry.run_strategy in (ONCE, MANUAL) and entry.phase:
        return RERUN_ON_FAILURE
    if (vm.run_strategy, vm.running_field) == (entry.run_strategy, entry.running_field):
        return ""
    if entry.run_strategy in (ONCE, MANUAL) and entry.phase and not alive:
        return ""
    return entry.run_strategy


def _restoring(snapshot: Snapshot, vm: Vm, entry: Entry, strategy: str) -> Write:
    # The two fields exclude each other, and Harvester's webhook may have written the one that the VM does not use.
    values: Dict[str, Any] = {"runStrategy": strategy}
    if entry.running_field:
        values = {"running": strategy == ALWAYS, "runStrategy": None}
    elif vm.running_field:
        values["running"] = None
    reason = "it gets the power and the run strategy that it had (%s)" % entry.run_strategy
    return patch(snapshot, "vms", vm.namespace, vm.name, {"spec": values}, reason)


def _objection(snapshot: Snapshot, write: Write) -> str:
    change: Change = write.step.change
    return "\n".join(str(objection) for objection in objections(snapshot, change))


def _lacks(entry: Entry, vm: Vm, vmi: Optional[Vmi]) -> List[str]:
    """What a VM lacks of the run strategy and the power that it had."""
    found: List[str] = []
    if vm.run_strategy != entry.run_strategy:
        found.append("its run strategy is %s, not %s" % (vm.run_strategy, entry.run_strategy))
    elif entry.running_field != vm.running_field:
        found.append("it says its power in the other field than it did")
    if entry.ran:
        if vmi is None:
            found.append("it has no instance")
        elif vmi.phase != RUNNING:
            found.append("its instance is %s, not Running" % (vmi.phase or "new"))
    return found
