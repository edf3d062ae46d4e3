# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the storage network by itself: its phases, with all VMs stopped around it where that is asked for.

What speaks against it, module change_plan and the phase's own check tell. This module util is private to the
collection.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...cluster._client import Client
from ...cluster._kinds import SYSTEM
from ...cluster._read import read_snapshot
from ...cluster._snapshot import Snapshot
from ...cluster._storage import STORAGE
from ...cluster.power._run import KINDS as POWER_KINDS
from ...cluster.wanted._storage_network import (
    DISABLED,
    RECORDED,
    STORAGE_NETWORK_ARGSPEC,
    VALUE_OPTIONS,
    Recorded,
    StoragePlan,
    plan,
    wanted_text,
)
from ...cluster.wanted._storage_network import KINDS as STORAGE_KINDS
from .. import phases
from ..phases import _settings, _vms
from ._going_on import going_on

RUNBOOK = "storage_network"
WANTED = ("state", "settings", "recorded", *VALUE_OPTIONS)
KINDS = tuple(dict.fromkeys((*STORAGE_KINDS, *POWER_KINDS)))
"""What this runbook looks at."""

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    **{name: STORAGE_NETWORK_ARGSPEC[name] for name in WANTED},
    "stop_vms": {"type": "bool", "default": False},
    "vms": {"type": "dict", "default": {}},
    "options": {"type": "dict", "default": {}},
    "namespace": {"type": "str", "default": SYSTEM},
}


def analyse(
    snapshot: Snapshot, given: Mapping[str, Any], moment: datetime
) -> Tuple[List[Mapping[str, Any]], Tuple[str, ...]]:
    """(the phases as role change takes them, none when everything is as wanted; the VMs that stop, by reference).

    given: of ARGUMENT_SPEC, only what the user gave. moment: now, in UTC and naive. Raises ValidationError.
    """
    wanted = {name: given[name] for name in WANTED if name in given}
    found = plan(snapshot, wanted)
    if not any(step.writes for step in found.steps):
        return [], ()
    planned: List[Mapping[str, Any]] = [_change(snapshot, wanted, found, given.get("options") or {})]
    names: Tuple[str, ...] = ()
    if given.get("stop_vms"):
        options = given.get("vms") or {}
        entries = _vms.stopping(snapshot, {"all": True, **options}, moment)
        stop, start = _vms.phases(snapshot, {"all": True}, options, entries)
        planned = [stop, *planned, start]
        names = tuple(one.reference for one in entries)
    return phases.with_steps(planned, snapshot, {}), names


def _change(
    snapshot: Snapshot, wanted: Mapping[str, Any], found: StoragePlan, options: Mapping[str, Any]
) -> Dict[str, Any]:
    if wanted["state"] == DISABLED:
        return _settings.released(options, [step.name for step in found.steps])
    if wanted["state"] == RECORDED:
        return _settings.written(snapshot, options, found.recorded)
    return _settings.written(snapshot, options, [Recorded(STORAGE, wanted_text(snapshot, wanted))])


def read(
    client: Client, params: Mapping[str, Any], given: Mapping[str, Any], moment: Optional[datetime] = None
) -> Dict[str, Any]:
    """The result of module storage_network_info: the case of the cluster, or the phases of the open change.

    params: the parsed options. given: without those that the user did not name. moment: now, in UTC and naive. Raises
    NetworkError.
    """
    snapshot = read_snapshot(client, KINDS)
    record = going_on(client, params["namespace"], RUNBOOK)
    if record is not None:
        recorded = phases.recorded(record, snapshot, (given.get("vms") or {}).get("wait_timeout"))
        return {"change": record.id, "phases": recorded, "vms": []}
    planned, names = analyse(snapshot, given, moment or datetime.now(timezone.utc).replace(tzinfo=None))
    return {"change": "", "phases": list(planned), "vms": list(names)}
