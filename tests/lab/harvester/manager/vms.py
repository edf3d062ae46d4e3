# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KubeVirt's and Harvester's VM controllers as far as the lab needs them: VMIs, run strategy, printable status (6)."""

from __future__ import annotations

from ..kinds import NODE, VM, VMI
from ..objects import Obj, annotations_of, full_name, is_deleting, name, namespace, spec, status, template_spec
from ..view import Snapshot, View, get
from ..webhooks.virtual_machine import RUN_STRATEGY
from ..writes import Create, Delete, Write, merged, patch
from .placement import choose

FINAL = ("Succeeded", "Failed")
RESTARTED: dict[str, tuple[str, ...]] = {"Always": FINAL, "RerunOnFailure": ("Failed",)}
"""Run strategy -> phases after which a new VMI is made."""
STARTED = ("Always", "RerunOnFailure", "Once")
PRINTABLE = {
    "Pending": "Starting",
    "Scheduling": "Starting",
    "Scheduled": "Starting",
    "Running": "Running",
    "Succeeded": "Stopped",
    "Failed": "CrashLoopBackOff",
}


class Vms:
    """Writes for all VMs. Remembers since when something is due (``start``, ``stop``: seconds) and each VMI's boot."""

    def __init__(self, start: float = 0.0, stop: float = 0.0) -> None:
        self._delays = {"start": start, "stop": stop}
        self._due: dict[tuple[str, str], float] = {}
        self._boots: dict[str, str] = {}

    def writes(self, view: View, clock: float) -> list[Write]:
        """What is due at ``clock`` (seconds of any steady clock)."""
        found: list[Write] = []
        placed = Snapshot()
        placed.objects = {kind: {(namespace(o), name(o)): o for o in view.list(kind)} for kind in (NODE, VMI)}
        for vm in sorted(view.list(VM), key=full_name):
            if not is_deleting(vm):
                found += self._vm(vm, placed, clock)
        return found

    def _vm(self, vm: Obj, view: Snapshot, clock: float) -> list[Write]:
        vmi = get(view, VMI, name(vm), namespace(vm))
        strategy = str(spec(vm).get("runStrategy") or ("Always" if spec(vm).get("running") else "Halted"))
        found: list[Write] = []
        if vmi is not None:
            found += self._instance(vm, vmi, strategy, view, clock)
        elif strategy in STARTED and not (strategy == "Once" and status(vm).get("created")):
            made = _instance_of(vm)
            view.put(VMI, made)
            found.append(Create(VMI, made))
        if strategy not in ("Halted", annotations_of(vm).get(RUN_STRATEGY)) and vmi is not None:
            found.append(patch(VM, vm, {"metadata": {"annotations": {RUN_STRATEGY: strategy}}}))
        wanted = _status(vm, get(view, VMI, name(vm), namespace(vm)), strategy)
        if any(status(vm).get(key) != value for key, value in wanted.items()):
            found.append(patch(VM, vm, {"status": wanted}, status=True))
        return found

    def _instance(self, vm: Obj, vmi: Obj, strategy: str, view: Snapshot, clock: float) -> list[Write]:
        phase = status(vmi).get("phase") or "Pending"
        uid = str(vmi["metadata"].get("uid") or "")
        if is_deleting(vmi):
            return []
        rebooted = phase == "Running" and self._rebooted(uid, vmi, view)
        if strategy == "Halted" or phase in RESTARTED.get(strategy, ()) or rebooted:
            if rebooted or self._is_due("stop", uid, clock):
                return [Delete(VMI, name(vmi), namespace(vmi))]
            return []
        if phase in ("Pending", "Scheduling", "Scheduled") and strategy in STARTED:
            return self._place(vmi, uid, view, clock)
        return []

    def _place(self, vmi: Obj, uid: str, view: Snapshot, clock: float) -> list[Write]:
        if not self._is_due("start", uid, clock):
            return []
        node = choose(view, spec(vmi))
        wanted = {"phase": "Running", "nodeName": node} if node else {"phase": "Scheduling"}
        if status(vmi).get("phase") == wanted["phase"]:
            return []
        # the next VM of this look sees the node as taken
        view.put(VMI, merged(vmi, {"status": wanted}))
        return [patch(VMI, vmi, {"status": wanted}, status=True)]

    def _rebooted(self, uid: str, vmi: Obj, view: View) -> bool:
        node = get(view, NODE, str(status(vmi).get("nodeName") or ""))
        boot = str((status(node).get("nodeInfo") or {}).get("bootID") or "") if node else ""
        return bool(boot) and self._boots.setdefault(uid, boot) != boot

    def _is_due(self, what: str, uid: str, clock: float) -> bool:
        return clock >= self._due.setdefault((what, uid), clock) + self._delays[what]


def _instance_of(vm: Obj) -> Obj:
    template = spec(vm).get("template") or {}
    metadata = {
        key: value for key, value in (template.get("metadata") or {}).items() if key in ("labels", "annotations")
    }
    owner = {
        "apiVersion": VM.api_version,
        "kind": VM.kind,
        "name": name(vm),
        "uid": vm["metadata"].get("uid", ""),
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "metadata": {**metadata, "name": name(vm), "namespace": namespace(vm), "ownerReferences": [owner]},
        "spec": template_spec(vm),
        "status": {"phase": "Pending"},
    }


def _status(vm: Obj, vmi: Obj | None, strategy: str) -> Obj:
    if vmi is None:
        return {"printableStatus": "Stopped", "ready": False}
    phase = str(status(vmi).get("phase") or "Pending")
    if strategy == "Halted" and phase not in FINAL:
        printable = "Stopping"
    elif phase == "Scheduling":
        printable = "ErrorUnschedulable"
    else:
        printable = PRINTABLE.get(phase, "Unknown")
    return {"printableStatus": printable, "ready": phase == "Running", "created": True}
