# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of module change_plan. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Callable, Dict, List, Mapping, Tuple

from ..cluster._client import Client
from ..cluster._read import read_snapshot
from ..cluster._shown import diff
from ..cluster._snapshot import Snapshot
from ..cluster._storage import SETTINGS
from . import _ground, _plan, _runner, _time, _window
from .steps import STEPS

STEP_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(STEPS)},
    "name": {"type": "str"},
    "namespace": {"type": "str"},
    "object": {"type": "dict"},
    "labels": {"type": "dict"},
    # bytes
    "mtu": {"type": "int"},
    "values": {
        "type": "list",
        "elements": "dict",
        "options": {
            "field": {"type": "str", "required": True},
            "from": {"type": "str", "default": ""},
            "to": {"type": "str", "required": True},
        },
    },
    "setting": {"type": "str", "choices": list(SETTINGS)},
    "value": {"type": "str"},
    "allow_v2_volumes": {"type": "bool"},
    "allow_in_progress": {"type": "bool"},
    "vms": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["stopped", "started"]},
    "run_strategies": {"type": "dict"},
    "nodes": {"type": "list", "elements": "str"},
    "cluster_networks": {"type": "list", "elements": "str"},
    "text": {"type": "str"},
}

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "phases": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "id": {"type": "str", "required": True},
            "role": {"type": "str", "default": ""},
            # seconds
            "bound": {"type": "int", "required": True},
            # of the record: one list of phases serves module change too
            "input": {"type": "raw"},
            "until": {"type": "str"},
            "steps": {"type": "list", "elements": "dict", "default": [], "options": STEP_ARGSPEC},
        },
    },
    "window_end": {"type": "str", "default": ""},
    "session": {"type": "dict"},
    "gitops_paused": {"type": "bool", "default": True},
}


def read(
    client: Client, given: Mapping[str, Any], look: Callable[..., _ground.Runner] = _runner.look
) -> Tuple[Dict[str, Any], List[str]]:
    """(the module's result, what speaks against the plan). given: the parsed options. look: finds the runner.

    Raises NetworkError.
    """
    phases = given["phases"]
    window_end = _window.end(given["window_end"])
    snapshot = read_snapshot(client, _plan.kinds(phases))
    found = _plan.plan(snapshot, phases)
    told = found.all_objections
    stops = [vm for phase in found.phases for vm in phase.stops]
    if given["session"] is not None and stops:
        seen = _ground.session(given["session"])
        runner = look(_node_addresses(snapshot), client.urls(), seen.names)
        told += _ground.objections(snapshot, stops, seen, runner)
    if not given["gitops_paused"]:
        told += _plan.gitops(found)
    result = {**_plan.shown(found), "diff": diff([step for phase in found.phases for step in phase.steps])}
    result["lines"] += _window.outlook([(one.id, one.ends) for one in found.phases], _time.now(), window_end)
    if told:
        result["objections"] = [asdict(one) for one in told]
    return result, [str(one) for one in told]


def _node_addresses(snapshot: Snapshot) -> List[str]:
    return [
        str(entry.get("address"))
        for node in snapshot.nodes.values()
        for entry in (node.raw.get("status") or {}).get("addresses") or ()
        if entry.get("type") == "InternalIP"
    ]
