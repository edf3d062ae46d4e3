# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KubeVirt's subresources of VMs and instances: start, stop, restart, pause, unpause (6.2 of the facts).

Pure: what a request writes, or why it is refused (KubeVirt pkg/virt-api/rest).
"""

from __future__ import annotations

from ..kinds import VM, VMI
from ..objects import Obj, is_true, name, namespace, spec, status
from ..view import View, get
from ..webhooks.admission import Refusal
from ..webhooks.virtual_machine import run_strategy
from ..writes import Patch, Write
from .instances import is_final, phase_of, uid_of

VERBS = {
    VM.plural: ("start", "stop", "restart"),
    VMI.plural: ("pause", "unpause"),
}
STOPPED_BY_STRATEGY = ("Always", "Once")
"""Run strategies that a stop turns to Halted; the others are stopped by a request in the VM's status."""


def writes(view: View, plural: str, place: str, of: str, verb: str, body: Obj, now: str) -> list[Write]:
    """What the subresource does. Raises Refusal: 404 for what is not there, 409 where the state does not allow it."""
    kind = VM if plural == VM.plural else VMI
    item = get(view, kind, of, place)
    if item is None:
        raise Refusal(f'{kind.plural}.kubevirt.io "{of}" not found', 404, "NotFound")
    if kind == VMI:
        return _pause(item, verb == "pause", now)
    vmi = get(view, VMI, of, place)
    runs = vmi is not None and not is_final(vmi)
    if verb == "start":
        if runs:
            raise _conflict("VM is already running")
        return _start(item)
    if verb == "restart":
        if not runs:
            raise _conflict("VM is not running")
        return [_request(item, "Stop", vmi, "Start")]
    return _stop(item, vmi, body)


def _start(vm: Obj) -> list[Write]:
    if run_strategy(vm) == "Halted":
        if "running" in spec(vm):
            return [Patch(VM, name(vm), {"spec": {"running": True}}, namespace(vm))]
        return [Patch(VM, name(vm), {"spec": {"runStrategy": "Always"}}, namespace(vm))]
    if run_strategy(vm) == "Always":
        raise _conflict("Always does not support manual start requests")
    return [_request(vm, "Start", None)]


def _stop(vm: Obj, vmi: Obj | None, body: Obj) -> list[Write]:
    found: list[Write] = []
    runs = vmi is not None and not is_final(vmi)
    grace = body.get("gracePeriod")
    if runs and vmi is not None and grace is not None:
        # a shorter grace holds for an instance that is on its way down too
        change = {"spec": {"terminationGracePeriodSeconds": int(grace)}}
        found.append(Patch(VMI, name(vmi), change, namespace(vmi)))
    strategy = run_strategy(vm)
    if strategy == "Halted":
        if not found:
            raise _conflict("VM is not running")
        return found
    if not runs and strategy not in STOPPED_BY_STRATEGY:
        raise _conflict("VM is not running")
    if strategy in STOPPED_BY_STRATEGY:
        halted: Obj = {"running": False} if "running" in spec(vm) else {"runStrategy": "Halted"}
        return [*found, Patch(VM, name(vm), {"spec": halted}, namespace(vm))]
    return [*found, _request(vm, "Stop", vmi)]


def _request(vm: Obj, action: str, vmi: Obj | None, *more: str) -> Write:
    first: Obj = {"action": action, **({"uid": uid_of(vmi)} if vmi else {})}
    asked = [first, *({"action": item} for item in more)]
    return Patch(VM, name(vm), {"status": {"stateChangeRequests": asked}}, namespace(vm), status=True)


def _pause(vmi: Obj, pauses: bool, now: str) -> list[Write]:
    if phase_of(vmi) != "Running":
        raise _conflict("VM is not running")
    paused = is_true(vmi, "Paused")
    if paused == pauses:
        raise _conflict("VMI is already paused" if paused else "VMI is not paused")
    others = [item for item in status(vmi).get("conditions") or [] if item.get("type") != "Paused"]
    if pauses:
        times = {"lastProbeTime": now, "lastTransitionTime": now}
        others.append({"type": "Paused", "status": "True", "reason": "PausedByUser", **times})
    return [Patch(VMI, name(vmi), {"status": {"conditions": others}}, namespace(vmi))]


def _conflict(message: str) -> Refusal:
    return Refusal(message, 409, "Conflict")
