# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs out of the way and back, as two changes: the record of the one that is done says what the other brings back.

Between the two no change is open, so that others can run. This module util is private to the collection.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...cluster._client import Client
from ...cluster._kinds import SYSTEM
from ...cluster._read import read_snapshot
from ...cluster._snapshot import Snapshot
from ...cluster.power import _migrate
from ...cluster.power._run import KINDS as POWER_KINDS
from ...common._errors import Problem, ValidationError
from .. import phases
from .._record import Record
from .._store import Store
from ..phases import _vms
from ._going_on import going_on

RUNBOOK = "vm_power"
MOVE = "vms-move"
STOPPED, MIGRATED, STARTED = "stopped", "migrated", "started"
LEAVE = "leave"
KINDS = POWER_KINDS
"""What this runbook looks at."""

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "state": {"type": "str", "choices": [STOPPED, MIGRATED, STARTED], "required": True},
    "selection": {"type": "dict", "default": {}},
    "options": {"type": "dict", "default": {}},
    "record": {"type": "str", "default": ""},
    "namespace": {"type": "str", "default": SYSTEM},
}


class Stopped(NamedTuple):
    """A change that is done and whose VMs wait. told: the input of its phase. image: what the phase has recorded."""

    change: str
    told: Mapping[str, Any]
    image: Mapping[str, Any]


def waiting(records: Sequence[Record]) -> List[Stopped]:
    """The changes of this runbook whose VMs nobody has brought back yet, in their order. records: of done changes."""
    ours = [record for record in records if record.runbook == RUNBOOK]
    back = {phase.input.get("record_of") for record in ours for phase in record.phases}
    return [
        Stopped(record.id, phase.input, phase.before["cluster"])
        for record in ours
        for phase in record.phases
        if phase.input["state"] != STARTED and record.id not in back
    ]


def analyse(snapshot: Snapshot, given: Mapping[str, Any], moment: datetime) -> List[Mapping[str, Any]]:
    """The phase that stops or moves VMs; none where none is left to be.

    given: of ARGUMENT_SPEC. moment: now, in UTC and naive. Raises ValidationError for VMs that cannot be.
    """
    told, options = _known(given["selection"], _vms.SELECTION), _known(given["options"], _vms.OPTIONS)
    phase = _moved(snapshot, told, options) if given["state"] == MIGRATED else _stopped(snapshot, told, options, moment)
    return phases.with_steps([phase], snapshot, {}) if phase else []


def _known(given: Mapping[str, Any], names: Mapping[str, str]) -> Dict[str, Any]:
    """Without what is empty, which selects nothing and has the module's default. Raises ValidationError."""
    unknown = sorted(set(given) - set(names))
    if unknown:
        rule = "there is no such option"
        known = ", ".join(sorted(names))
        raise ValidationError([Problem("vm_power", name, None, rule, "there are %s" % known) for name in unknown])
    return {name: value for name, value in given.items() if value not in (None, "", [], {})}


def _stopped(
    snapshot: Snapshot, told: Mapping[str, Any], options: Mapping[str, Any], moment: datetime
) -> Optional[Dict[str, Any]]:
    entries = _vms.stopping(snapshot, {**told, **options}, moment)
    if not entries:
        return None
    stop, _start = _vms.phases(snapshot, told, options, entries)
    return {key: value for key, value in stop.items() if key != "until"}


def _moved(snapshot: Snapshot, told: Mapping[str, Any], options: Mapping[str, Any]) -> Optional[Dict[str, Any]]:
    nodes = told.get("nodes")
    if not nodes:
        raise ValidationError([Problem("vm_power", "node", None, "is missing", "give the node that is to be emptied")])
    names = _vms.moving(snapshot, told)
    found = [_migrate.evacuation(snapshot, node, names, nodes) for node in nodes]
    if options.get("non_migratable") != LEAVE:
        problems = [
            Problem(
                "VM '%s'" % staying.reference,
                "",
                None,
                "it cannot leave node '%s': %s" % (one.node, "; ".join(staying.reasons)),
                "stop it, or give change_non_migratable_vms=leave",
            )
            for one in found
            for staying in one.staying
        ]
        if problems:
            raise ValidationError(problems)
    some = any(one.moving or one.starting for one in found)
    closes = options.get("cordon", True) and any(not snapshot.nodes[node].cordoned for node in nodes)
    return _vms.emptied(snapshot, MOVE, told, options) if some or closes else None


def restoring(
    snapshot: Snapshot, records: Sequence[Record], wanted: str, options: Mapping[str, Any]
) -> Tuple[List[Mapping[str, Any]], str]:
    """(the phase that brings VMs back, the id of the change that had stopped them); nothing where none waits.

    records: those that are done. wanted: id of the change, needed where several wait. Raises ValidationError.
    """
    found = waiting(records)
    if wanted:
        chosen = [one for one in found if one.change == wanted]
        if not chosen and wanted not in [record.id for record in records if record.runbook == RUNBOOK]:
            rule = "no change of playbook vm_power that is done has this id"
            shown = ", ".join(one.change for one in found) or "none"
            raise ValidationError([Problem("vm_power", "change_record", wanted, rule, "VMs wait in: %s" % shown)])
        found = chosen
    if len(found) > 1:
        rule = "VMs of several changes wait: %s" % ", ".join(one.change for one in found)
        raise ValidationError([Problem("vm_power", "", None, rule, "give one of them as change_record")])
    if not found:
        return [], ""
    (one,) = found
    phase = _vms.restoring(snapshot, one.told, one.change, one.image, _known(options, _vms.OPTIONS))
    return phases.with_steps([phase], snapshot, {}), one.change


def read(client: Client, params: Mapping[str, Any], moment: Optional[datetime] = None) -> Dict[str, Any]:
    """The result of module vm_power_info: the phase of the cluster's case, or that of the open change.

    params: the parsed options. moment: now, in UTC and naive. Raises NetworkError.
    """
    snapshot = read_snapshot(client, KINDS)
    record = going_on(client, params["namespace"], RUNBOOK)
    if record is not None:
        planned = phases.recorded(record, snapshot, params["options"].get("wait_timeout"))
        return {"change": record.id, "phases": planned, "vms": [], "restores": ""}
    restores = ""
    if params["state"] == STARTED:
        done = [stored.record for stored in Store(client, params["namespace"]).records("done")]
        planned, restores = restoring(snapshot, done, params["record"], params["options"])
    else:
        planned = analyse(snapshot, params, moment or datetime.now(timezone.utc).replace(tzinfo=None))
    vms = sorted({name for phase in planned for step in phase["steps"] for name in step.get("vms") or ()})
    return {"change": "", "phases": planned, "vms": vms, "restores": restores}
