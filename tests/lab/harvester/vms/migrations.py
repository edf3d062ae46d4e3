# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live migrations (VirtualMachineInstanceMigration): asked for by somebody, or by an eviction (7.1)."""

from __future__ import annotations

import zlib

from ..kinds import MIGRATION, NODE, POD, VMI
from ..manager.placement import choose
from ..moment import Moment, Timers
from ..objects import Obj, full_name, is_deleting, labels, name, namespace, spec, status
from ..view import Snapshot, View, get
from ..writes import Create, Delete, Write, patch
from .instances import FINAL, node_of, owned_by, phase_of, uid_of
from .launchers import JOB, launcher

EVACUATION = "kubevirt-evacuation-"
NODE_NAME = "kubevirt.io/nodeName"


class Migrations:
    """Writes for all migrations: one phase further at each look."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers or Timers()

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """What is due."""
        found = evacuations(view)
        for migration in sorted(view.list(MIGRATION), key=full_name):
            if _phase(migration) not in FINAL and not is_deleting(migration):
                found += self._step(migration, view, moment)
        return found

    def _step(self, migration: Obj, view: View, moment: Moment) -> list[Write]:
        vmi = get(view, VMI, str(spec(migration).get("vmiName")), namespace(migration))
        if vmi is None or phase_of(vmi) in FINAL or is_deleting(vmi):
            return _failed(migration, "the VMI is gone or has ended")
        phase, uid = _phase(migration), uid_of(migration)
        if phase in ("", "Pending"):
            return [] if phase_of(vmi) != "Running" else [_to(migration, "Scheduling")]
        if phase == "Scheduling":
            target = _target(view, vmi)
            if target:
                begun = {"migrationState": _state(migration, vmi, target, moment)}
                pod = launcher(vmi, target, uid)
                return [Create(POD, pod), patch(VMI, vmi, {"status": begun}), _to(migration, "Running", begun)]
            if self._timers.due(("pending", uid), moment.delays.migration_pending, moment.clock):
                return _failed(migration, "the target pod was not scheduled in time")
            return []
        if not self._timers.due(("migration", uid), moment.delays.migration, moment.clock):
            return []
        state = {**(status(migration).get("migrationState") or {}), "completed": True, "endTimestamp": moment.now}
        target = str(state.get("targetNode") or "")
        pods = [pod for pod in view.list(POD) if labels(pod).get("kubevirt.io/created-by") == uid_of(vmi)]
        if full_name(vmi) in moment.faults.failing_migrations:
            state |= {"failed": True, "failureReason": "the lab lets it fail"}
            ended = [Delete(POD, name(pod), namespace(pod), 0) for pod in pods if labels(pod).get(JOB) == uid]
            return [
                *ended,
                patch(VMI, vmi, {"status": {"migrationState": state}}),
                _to(migration, "Failed", {"migrationState": state}),
            ]
        moved = {"nodeName": target, "migrationState": state, "evacuationNodeName": None}
        return [
            patch(VMI, vmi, {"metadata": {"labels": {NODE_NAME: target}}, "status": moved}),
            _to(migration, "Succeeded", {"migrationState": state}),
            *[Delete(POD, name(pod), namespace(pod), 0) for pod in pods if labels(pod).get(JOB) != uid],
        ]


def evacuations(view: View) -> list[Write]:
    """A migration for each instance that an eviction has marked, unless one is on its way."""
    busy = {
        f"{namespace(item)}/{spec(item).get('vmiName')}" for item in view.list(MIGRATION) if _phase(item) not in FINAL
    }
    found: list[Write] = []
    for vmi in sorted(view.list(VMI), key=full_name):
        marked = status(vmi).get("evacuationNodeName")
        if not marked or marked != node_of(vmi) or full_name(vmi) in busy or phase_of(vmi) != "Running":
            continue
        count = sum(name(item).startswith(EVACUATION) for item in view.list(MIGRATION))
        digest = f"{zlib.crc32(f'{uid_of(vmi)} {count}'.encode()):08x}"[:5]
        owner = owned_by({"apiVersion": VMI.api_version, "kind": VMI.kind, **vmi})
        metadata = {
            "name": EVACUATION + digest,
            "namespace": namespace(vmi),
            "annotations": {"kubevirt.io/evacuationMigration": marked},
            "ownerReferences": [owner],
        }
        found.append(Create(MIGRATION, {"metadata": metadata, "spec": {"vmiName": name(vmi)}}))
    return found


def is_migratable(vmi: Obj) -> bool:
    """As its condition says; one without the condition is not (KubeVirt api/core/v1, IsMigratable)."""
    said = [item for item in status(vmi).get("conditions") or [] if item.get("type") == "LiveMigratable"]
    return bool(said) and said[0].get("status") == "True"


def _target(view: View, vmi: Obj) -> str:
    """Where it goes: any node that fits but its own."""
    others = Snapshot({VMI: view.list(VMI), NODE: [item for item in view.list(NODE) if name(item) != node_of(vmi)]})
    return choose(others, spec(vmi))


def _phase(migration: Obj) -> str:
    return str(status(migration).get("phase") or "")


def _state(migration: Obj, vmi: Obj, target: str, moment: Moment) -> Obj:
    return {
        "migrationUid": uid_of(migration),
        "sourceNode": node_of(vmi),
        "targetNode": target,
        "startTimestamp": moment.now,
        # of the instance's last migration
        **dict.fromkeys(("completed", "failed", "failureReason", "endTimestamp")),
    }


def _to(migration: Obj, phase: str, rest: Obj | None = None) -> Write:
    return patch(MIGRATION, migration, {"status": {"phase": phase, **(rest or {})}}, status=True)


def _failed(migration: Obj, reason: str) -> list[Write]:
    return [_to(migration, "Failed", {"migrationState": {"completed": True, "failed": True, "failureReason": reason}})]
