# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KubeVirt's and Harvester's VM controllers: instances by run strategy, the end of guests, printable status (6).

A guest that is told to shut down needs `Delays.vm_stop`; one that does not hear it (`Faults.stubborn_guests`, a paused
one) is killed when its grace is over, and its instance is Failed then, not Succeeded (KubeVirt pkg/virt-handler).
"""

from __future__ import annotations

import json

from ..kinds import NODE, VM, VMI
from ..manager.placement import choose
from ..moment import Moment, Timers
from ..objects import Obj, annotations_of, full_name, is_deleting, is_true, name, namespace, spec, status
from ..view import Snapshot, View, get
from ..webhooks.virtual_machine import RUN_STRATEGY, run_strategy
from ..writes import Create, Delete, Patch, Write, merged, patch
from .instances import (
    FINAL,
    FINALIZER,
    MACS,
    agent_connected,
    first_conditions,
    first_interfaces,
    grace_of,
    is_final,
    made_of,
    node_of,
    noted_macs,
    phase_of,
    shown_macs,
    uid_of,
)

RESTARTED: dict[str, tuple[str, ...]] = {"Always": FINAL, "RerunOnFailure": ("Failed",)}
"""Run strategy -> phases after which a new instance is made."""
ONE_START = ("RerunOnFailure", "Once")
"""Run strategies that start a VM without instance when they are new, and not again (KubeVirt pkg/virt-controller)."""
PRINTABLE = {
    "Pending": "Starting",
    "Scheduling": "Starting",
    "Scheduled": "Starting",
    "Running": "Running",
    "Succeeded": "Stopped",
    "Failed": "CrashLoopBackOff",
}
START = {"action": "Start"}


class Vms:
    """Writes for all VMs. Remembers since when something is due, each instance's boot of its node, and whose guest
    agent is still to come."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers or Timers()
        self._boots: dict[str, str] = {}
        self._agents: set[str] = set()

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """What is due."""
        found: list[Write] = []
        placed = Snapshot()
        placed.objects = {kind: {(namespace(o), name(o)): o for o in view.list(kind)} for kind in (NODE, VMI)}
        vms = {full_name(vm): vm for vm in view.list(VM)}
        for vmi in sorted(view.list(VMI), key=full_name):
            vm = vms.get(full_name(vmi))
            found += self._instance(vmi, vm, placed, moment)
        for vm in sorted(vms.values(), key=full_name):
            if not is_deleting(vm):
                found += self._vm(vm, placed, moment)
        return found

    # --- VMs

    def _vm(self, vm: Obj, view: Snapshot, moment: Moment) -> list[Write]:
        vmi = get(view, VMI, name(vm), namespace(vm))
        strategy = run_strategy(vm)
        found: list[Write] = []
        wanted: Obj = {}
        if vmi is None:
            if _starts(vm, strategy):
                vmi = made_of(vm, moment)
                view.put(VMI, vmi)
                found.append(Create(VMI, vmi))
                wanted["stateChangeRequests"] = None
        elif not is_deleting(vmi) and _is_to_end(vm, vmi, strategy):
            found.append(Delete(VMI, name(vmi), namespace(vmi)))
            again = strategy == "RerunOnFailure" and phase_of(vmi) == "Failed"
            wanted["stateChangeRequests"] = [START] if again or _asks(vm, "Start") else None
        noted = {}
        if strategy not in ("Halted", annotations_of(vm).get(RUN_STRATEGY)) and vmi is not None:
            noted[RUN_STRATEGY] = strategy
        if vmi is not None and phase_of(vmi) == "Running" and shown_macs(vmi) not in ({}, noted_macs(vm)):
            noted[MACS] = json.dumps(shown_macs(vmi), separators=(",", ":"))
        if noted:
            found.append(patch(VM, vm, {"metadata": {"annotations": noted}}))
        wanted |= _status(vmi, strategy)
        if vmi is None or not is_deleting(vmi):
            wanted["runStrategy"] = strategy
        if any(status(vm).get(key) != value for key, value in wanted.items()):
            # not held to the version: the annotation above has changed it
            found.append(Patch(VM, name(vm), {"status": wanted}, namespace(vm), status=True))
        return found

    # --- instances

    def _instance(self, vmi: Obj, vm: Obj | None, view: Snapshot, moment: Moment) -> list[Write]:
        if is_deleting(vmi):
            return self._ending(vmi, moment)
        phase = phase_of(vmi)
        if phase == "Running":
            if self._rebooted(vmi, view):
                return [_ended(vmi, "Failed", view)]
            return [*(_kept(vmi) if vm is not None else []), *self._agent(vmi, moment)]
        if vm is not None and phase not in FINAL and run_strategy(vm) != "Halted":
            return self._place(vmi, view, moment)
        return []

    def _place(self, vmi: Obj, view: Snapshot, moment: Moment) -> list[Write]:
        if not self._timers.due(("start", uid_of(vmi)), moment.delays.vm_start, moment.clock):
            return []
        node = choose(view, spec(vmi))
        wanted: Obj = {"phase": "Scheduling"}
        if node:
            wanted = {"phase": "Running", "nodeName": node, "conditions": first_conditions(vmi, moment)}
            wanted |= {"interfaces": first_interfaces(vmi)} if spec(vmi).get("networks") else {}
            if moment.delays.agent and full_name(vmi) not in moment.faults.without_agent:
                self._agents.add(uid_of(vmi))
        if phase_of(vmi) == wanted["phase"]:
            return []
        change = {"status": wanted} | ({"metadata": {"labels": {"kubevirt.io/nodeName": node}}} if node else {})
        # the next VM of this look sees the node as taken
        view.put(VMI, merged(vmi, change))
        return [patch(VMI, vmi, change)]

    def _agent(self, vmi: Obj, moment: Moment) -> list[Write]:
        """A guest agent that needs its time."""
        uid = uid_of(vmi)
        if uid not in self._agents or not self._timers.due(("agent", uid), moment.delays.agent, moment.clock):
            return []
        self._agents.remove(uid)
        conditions = [*(status(vmi).get("conditions") or []), agent_connected(moment)]
        return [Patch(VMI, name(vmi), {"status": {"conditions": conditions}}, namespace(vmi))]

    def _ending(self, vmi: Obj, moment: Moment) -> list[Write]:
        """A guest on its way down; once it is off, the instance goes."""
        there = list(vmi["metadata"].get("finalizers") or [])
        if FINALIZER not in there:
            return []
        if is_final(vmi) or not node_of(vmi):
            return [
                patch(VMI, vmi, {"metadata": {"finalizers": [item for item in there if item != FINALIZER] or None}})
            ]
        uid, delays = uid_of(vmi), moment.delays
        hears = full_name(vmi) not in moment.faults.stubborn_guests and not is_true(vmi, "Paused")
        grace = grace_of(vmi) * delays.grace_second
        if hears and delays.vm_stop <= grace and self._timers.due(("stop", uid), delays.vm_stop, moment.clock):
            return [_ended(vmi, "Succeeded")]
        if self._timers.due(("kill", uid), grace, moment.clock):
            return [_ended(vmi, "Failed")]
        return []

    def _rebooted(self, vmi: Obj, view: View) -> bool:
        node = get(view, NODE, node_of(vmi))
        boot = str((status(node).get("nodeInfo") or {}).get("bootID") or "") if node else ""
        return bool(boot) and self._boots.setdefault(f"{uid_of(vmi)} {node_of(vmi)}", boot) != boot


def _starts(vm: Obj, strategy: str) -> bool:
    """Whether a VM that has no instance gets one."""
    if strategy == "Halted":
        return False
    is_new = strategy in ONE_START and status(vm).get("runStrategy") != strategy
    return strategy == "Always" or is_new or _asks(vm, "Start")


def _is_to_end(vm: Obj, vmi: Obj, strategy: str) -> bool:
    if strategy == "Halted" or phase_of(vmi) in RESTARTED.get(strategy, ()) or _asks(vm, "Stop"):
        return True
    return _asks(vm, "Start") and is_final(vmi)


def _asks(vm: Obj, action: str) -> bool:
    return any(item.get("action") == action for item in status(vm).get("stateChangeRequests") or [])


def _kept(vmi: Obj) -> list[Write]:
    """The finalizer of an instance that the stand-in has not made."""
    there = list(vmi["metadata"].get("finalizers") or [])
    return [] if FINALIZER in there else [patch(VMI, vmi, {"metadata": {"finalizers": [*there, FINALIZER]}})]


def _ended(vmi: Obj, phase: str, view: Snapshot | None = None) -> Write:
    kept = [item for item in status(vmi).get("conditions") or [] if item.get("type") not in ("Ready", "AgentConnected")]
    change = {"status": {"phase": phase, "conditions": [*kept, {"type": "Ready", "status": "False"}]}}
    if view is not None:
        view.put(VMI, merged(vmi, change))
    return patch(VMI, vmi, change)


def _status(vmi: Obj | None, strategy: str) -> Obj:
    if vmi is None:
        return {"printableStatus": "Stopped", "ready": False, "created": None}
    phase = phase_of(vmi)
    if phase not in FINAL and (strategy == "Halted" or is_deleting(vmi)):
        printable = "Stopping"
    elif phase == "Scheduling":
        printable = "ErrorUnschedulable"
    elif phase == "Running" and is_true(vmi, "Paused"):
        printable = "Paused"
    elif phase == "Running" and _migrates(vmi):
        printable = "Migrating"
    else:
        printable = PRINTABLE.get(phase, "Unknown")
    return {"printableStatus": printable, "ready": printable in ("Running", "Migrating"), "created": True}


def _migrates(vmi: Obj) -> bool:
    state = status(vmi).get("migrationState") or {}
    return bool(state) and not state.get("completed")
