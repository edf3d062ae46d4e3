# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stopping VMs, look by look. This module util is private to the collection.

A VM is stopped as Harvester's UI does it, by run strategy Halted; KubeVirt then asks the guest to shut down. An
instance that has ended by itself is deleted instead: passed through Halted, a VM with RerunOnFailure would be booted at
the restore although its owner had shut it down. Where the run strategy boots it again at once, as Always does, that is
what its owner wants, and it is halted like a running one.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .._objects import listed
from .._snapshot import Snapshot
from .._vms import FAILED, HALTED, RERUN_ON_FAILURE, STOPPED, SUCCEEDED, Vm, Vmi
from . import _activity
from ._order import Order
from ._record import KILLED, SHUT_DOWN, UNKNOWN
from ._refusals import KILL, UNPAUSE, Policy
from ._turn import Call, Turn, Write, patch, removal


class Action(NamedTuple):
    """What one VM needs now. missing: empty when it is down."""

    write: Optional[Write] = None
    call: Optional[Call] = None
    missing: str = ""


def stop_turn(
    snapshot: Snapshot,
    references: Iterable[str],
    policy: Policy,
    order: Order,
    overdue: Iterable[str] = (),
    all_stages: bool = False,
) -> Turn:
    """The next look at VMs that are to be stopped; those without a VM object only count as missing.

    overdue: VMs, by reference, whose guests have outlived their grace; with ``policy.force`` they are forced off.
    all_stages: what every stage would write, for a plan.
    """
    going = _activity.going_on(snapshot)
    late = frozenset(overdue) if policy.force else frozenset()
    stages: Dict[Tuple[int, float], List[str]] = {}
    for reference in sorted(references):
        stages.setdefault(order.stage(snapshot, reference), []).append(reference)
    writes: List[Write] = []
    calls: List[Call] = []
    missing: List[str] = []
    grace = 0
    for stage in sorted(stages, reverse=True):
        if missing and not all_stages:
            missing.append("not stopped before these: %s" % listed(stages[stage]))
            continue
        for reference in stages[stage]:
            action = _action(snapshot, reference, policy, going.get(reference, ()), reference in late)
            if action.write:
                writes.append(action.write)
                vmi = snapshot.vmis.get(reference)
                grace = max(grace, vmi.grace if vmi and not vmi.final else 0)
            if action.call:
                calls.append(action.call)
            if action.missing:
                missing.append(action.missing)
    return Turn(tuple(writes), tuple(calls), tuple(missing), bound=grace)


def outcome(phases: Sequence[str], waited: float, grace: float) -> str:
    """How a guest ended, as far as that can be told: "shut_down", "killed" or "unknown".

    phases: those that were seen of its instance after the request, in order. waited: seconds from the request until it
    was seen gone. KubeVirt calls an instance Failed that it had to destroy, Succeeded one whose guest shut down
    (pkg/virt-handler); one that was gone before its grace was over was not killed for it.
    """
    if FAILED in phases:
        return KILLED
    if SUCCEEDED in phases or waited < grace:
        return SHUT_DOWN
    return UNKNOWN


def down(snapshot: Snapshot, reference: str) -> bool:
    """Whether a VM is stopped for every webhook: no instance in any phase, nothing that starts one, status Stopped.

    A VM with RerunOnFailure and status Stopped is at rest: its guest was shut down, and the instance is gone.
    """
    vm = snapshot.vms.get(reference)
    if reference in snapshot.vmis:
        return False
    if vm is None:
        return True
    at_rest = not vm.starts(None) or vm.run_strategy == RERUN_ON_FAILURE
    return at_rest and vm.printable_status == STOPPED


def _action(snapshot: Snapshot, reference: str, policy: Policy, going: Sequence[str], late: bool) -> Action:
    vm, vmi = snapshot.vms.get(reference), snapshot.vmis.get(reference)
    if vm is None or down(snapshot, reference):
        return Action(missing="" if vmi is None else "VM instance '%s' has no VM" % reference)
    missing = _missing(vm, vmi)
    if vmi is not None and vmi.final and not vm.starts(vmi):
        if vmi.deleting:
            return Action(missing=missing)
        reason = "its instance has ended (%s); the object would stop changes of its networks" % vmi.phase
        return Action(removal(snapshot, "vmis", vmi.namespace, vmi.name, reason), missing=missing)
    if vmi is not None and vmi.paused and not vmi.final and not vm.halted and policy.paused_vms == UNPAUSE:
        reason = "it is paused (%s), and its guest has to shut down" % vmi.paused
        return Action(call=Call("vmis", vmi.namespace, vmi.name, "unpause", {}, reason), missing=missing)
    if vmi is not None and vmi.paused and not vmi.final and policy.paused_vms not in (UNPAUSE, KILL):
        return Action(missing="%s, and is paused (%s)" % (missing, vmi.paused))
    if going and not vm.halted:
        return Action(missing="%s; %s" % (missing, listed(going)))
    if not vm.halted:
        return Action(halting(snapshot, vm), missing=missing)
    if late and vmi is not None:
        reason = "its guest has outlived its grace of %d s" % vmi.grace
        return Action(call=Call("vms", vm.namespace, vm.name, "stop", {"gracePeriod": 0}, reason), missing=missing)
    return Action(missing=missing)


def halting(snapshot: Snapshot, vm: Vm) -> Write:
    """The patch that stops a VM, in the field that the VM uses."""
    spec: Mapping[str, object] = {"running": False} if vm.running_field else {"runStrategy": HALTED}
    return patch(snapshot, "vms", vm.namespace, vm.name, {"spec": dict(spec)}, "it is stopped")


def _missing(vm: Vm, vmi: Optional[Vmi]) -> str:
    if vmi is None:
        return "VM '%s' has no instance, and its status is %s, not %s" % (
            vm.reference,
            vm.printable_status or "empty",
            STOPPED,
        )
    where = " on node '%s'" % vmi.node if vmi.node else ""
    limit = " (grace %d s)" % vmi.grace if not vmi.final else ""
    return "VM '%s': its instance is %s%s%s" % (vm.reference, vmi.phase or "new", where, limit)
