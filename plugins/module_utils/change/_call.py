# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module change: its options, and its result. This module util is private to the collection."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

from ..cluster._client import Client
from ..cluster._kinds import SYSTEM
from ..common._pause import sleep
from . import _copy, _gone_nodes, _way_back
from ._configmap import name
from ._phases import rollback_order
from ._record import Phase, Record
from ._session import NotReady, Outcome, Session
from ._texts import compact

PHASE_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "id": {"type": "str", "required": True},
    "role": {"type": "str", "required": True},
    # seconds
    "bound": {"type": "int", "required": True},
    "input": {"type": "raw"},
    # of the role: it is not proved again once that phase has begun
    "until": {"type": "str"},
    # of the plan: one list of phases serves module change_plan too
    "steps": {"type": "list", "elements": "dict"},
}

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "state": {
        "type": "str",
        "choices": [
            "open",
            "back",
            "started",
            "done",
            "undone",
            "noted",
            "held",
            "turn",
            "closed",
            "released",
            "leased",
            "unleased",
        ],
        "default": "open",
    },
    "namespace": {"type": "str", "default": SYSTEM},
    "runbook": {"type": "str"},
    "inputs": {"type": "dict", "default": {}},
    "phases": {"type": "list", "elements": "dict", "options": PHASE_ARGSPEC},
    "id": {"type": "str"},
    "runner": {"type": "str"},
    "phase": {"type": "str"},
    "before": {"type": "raw"},
    "notes": {"type": "dict"},
    "extend": {"type": "bool", "default": False},
    "window_end": {"type": "str", "default": ""},
    "copy_dir": {"type": "path"},
    "takeover": {"type": "bool", "default": False},
    "why": {"type": "str", "default": ""},
    # seconds
    "took": {"type": "float", "default": 0.0},
    "waited": {"type": "float", "default": 0.0},
    # seconds
    "bound": {"type": "int"},
    "switches_ready": {"type": "bool", "default": False},
    "switch_tasks": {"type": "bool", "default": False},
    # seconds
    "vm_wait_timeout": {"type": "int", "default": 0},
    "gone_nodes": {"type": "list", "elements": "str", "default": []},
    "hosts": {"type": "list", "elements": "str", "default": []},
}

BACK, PAUSE = 120.0, 3.0
"""Seconds that a node may be away between two turns, and between two looks."""

_OF_A_RUN = ["id", "runner"]
REQUIRED_IF = [
    ("state", "open", ["runbook", "phases"]),
    ("state", "started", [*_OF_A_RUN, "phase"]),
    ("state", "done", [*_OF_A_RUN, "phase"]),
    ("state", "undone", [*_OF_A_RUN, "phase"]),
    ("state", "noted", [*_OF_A_RUN, "notes"]),
    ("state", "held", _OF_A_RUN),
    ("state", "turn", [*_OF_A_RUN, "phase", "bound"]),
    ("state", "closed", _OF_A_RUN),
    ("state", "released", _OF_A_RUN),
    ("state", "leased", ["runbook", "bound"]),
    ("state", "unleased", ["runbook", "runner"]),
]

Options = Mapping[str, Any]


def _phase(given: Options) -> Phase:
    return Phase(given["id"], given["role"], given["bound"], given["input"])


def _turn(
    run: Session, given: Options, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = sleep
) -> Outcome:
    """A node that has just changed may be away for moments: the next one waits for it."""
    end = clock() + BACK
    while True:
        try:
            return run.turn(given["id"], given["phase"], given["bound"], given["window_end"])
        except NotReady:
            if clock() + PAUSE > end:
                raise
        sleep(PAUSE)


_CALLS: Dict[str, Callable[[Session, Options], Outcome]] = {
    "open": lambda run, given: run.open(
        given["runbook"], given["inputs"], tuple(map(_phase, given["phases"])), given["takeover"]
    ),
    "back": lambda run, given: run.back(
        given["takeover"], given["switches_ready"], given["switch_tasks"], given["gone_nodes"], given["hosts"]
    ),
    "started": lambda run, given: run.started(
        given["id"], given["phase"], given["before"], given["window_end"], given["extend"]
    ),
    "done": lambda run, given: run.done(
        given["id"], given["phase"], round(given["took"], 1), round(given["waited"], 1)
    ),
    "undone": lambda run, given: run.undone(given["id"], given["phase"]),
    "noted": lambda run, given: run.noted(given["id"], {str(name): str(text) for name, text in given["notes"].items()}),
    "held": lambda run, given: run.held(given["id"], given["phase"] or "", given["bound"] or 0),
    "turn": _turn,
    "closed": lambda run, given: run.closed(given["id"]),
    "released": lambda run, given: run.released(given["id"], given["why"]),
}


def run(client: Client, given: Options, dry: bool) -> Dict[str, Any]:
    """The module's result. given: its parsed options. dry: check mode. Raises NetworkError."""
    session = Session(client, given["namespace"], given["runner"] or "", dry)
    if given["state"] in ("leased", "unleased"):
        return _lease_alone(session, given)
    outcome = _CALLS[given["state"]](session, given)
    found: Dict[str, Any] = {
        "changed": outcome.changed,
        "change": compact(outcome.record),
        "runner": outcome.runner,
        "phase": dataclasses.asdict(outcome.phase) if outcome.phase else None,
        "diff": _diff(outcome.before, outcome.record) if outcome.changed else [],
    }
    told = [outcome.report] if given["state"] == "back" and outcome.report else []
    if given["copy_dir"] and not dry:
        why = _copy.keep(given["copy_dir"], outcome.record)
        if why and given["state"] in ("open", "back"):
            told.append(why)
    if told:
        found["warnings"] = told
    if given["state"] in ("open", "back"):
        found["resumed"] = outcome.resumed
    if given["state"] == "back":
        found["rollback"] = [dataclasses.asdict(phase) for phase in rollback_order(outcome.record)]
        found["plan"] = _way_back.shown(
            outcome.record, tuple(given["hosts"]), given["vm_wait_timeout"], _gone_nodes.noted(outcome.record)
        )
    if given["state"] in ("released", "closed"):
        found["report"] = outcome.report
    return found


def _lease_alone(session: Session, given: Options) -> Dict[str, Any]:
    runner = session.runner
    if given["state"] == "leased":
        runner = session.leased(given["runbook"], given["bound"], given["takeover"])
    else:
        session.unleased(given["runbook"])
    return {"changed": False, "change": None, "runner": runner, "phase": None, "diff": []}


def _diff(before: Optional[Record], after: Record) -> List[Dict[str, str]]:
    header = "ConfigMap %s" % name(after.id)
    return [
        {
            "before_header": header,
            "after_header": header,
            "before": _text(before) if before else "",
            "after": _text(after),
        }
    ]


def _text(record: Record) -> str:
    return json.dumps(compact(record), indent=2, sort_keys=True) + "\n"
