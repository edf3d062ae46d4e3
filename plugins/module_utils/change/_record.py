# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a change: its inputs, its nodes, its phases and what was there before each. Pure.

The record is what a change is resumed and rolled back from, by another runner on another day. So it is read as
strictly as user input. Its schema, version 1, is a JSON object with exactly these fields:

  schema     int    the version of the schema
  id         str    "<UTC time>-<runbook>"
  runbook    str    name of the playbook, without the collection
  state      str    "open", "done" or "rolled-back"
  direction  str    "forward"; "back" once a rollback has begun, from where there is no way forward any more
  opened     str    UTC, "2026-11-25T23:13:51Z"
  closed     str    UTC; empty while the change is open
  inputs     dict   the runbook's declared variables with their values
  nodes      dict   name of each node that takes part -> uid of its Node object
  notes      dict   str -> str, what else has to be known, as the name of an etcd snapshot
  phases     list   in their order, each a JSON object with exactly these fields:
    id         str    unique in the change
    role       str    fully qualified name of the role whose task files it runs
    bound      int    seconds that the phase may take
    input      any    what the role is told
    before     any    what was there before the phase; null until it starts
    state      str    "planned", "started", "done" or "undone"
    started    str    UTC; empty until it starts
    ended      str    UTC, when it was done or undone; empty until then
    took       float  seconds of its last run, its check and its proof included; 0 until it is done
    waited     float  seconds of that in which it waited for the cluster, the nodes or people

This module util is private to the collection.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ..common._errors import NetworkError, Problem, ValidationError
from . import _time

SCHEMA = 1
OPEN, DONE, ROLLED_BACK = "open", "done", "rolled-back"
STATES = (OPEN, DONE, ROLLED_BACK)
FORWARD, BACK = "forward", "back"
PLANNED, STARTED, UNDONE = "planned", "started", "undone"
PHASE_STATES = (PLANNED, STARTED, DONE, UNDONE)

_ID = re.compile(r"\d{8}t\d{6}z-[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_RUNBOOK = re.compile(r"[a-z][a-z0-9_]*")
_PHASE = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_ROLE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)?")


class ChangeError(NetworkError):
    """The change cannot go on as it was asked for."""


@dataclass(frozen=True)
class Phase:
    """One phase; the fields are those of the schema."""

    id: str
    role: str
    bound: int
    input: Any = None
    before: Any = None
    state: str = PLANNED
    started: str = ""
    ended: str = ""
    took: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True)
class Record:
    """One change; the fields are those of the schema, which read() and written() know."""

    id: str
    runbook: str
    opened: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)
    phases: Tuple[Phase, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    state: str = OPEN
    direction: str = FORWARD
    closed: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether a run of its runbook would go on with it."""
        return self.is_open and self.direction == FORWARD

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    def phase(self, phase_id: str) -> Optional[Phase]:
        """The phase of this id; None when the change has none."""
        return next((phase for phase in self.phases if phase.id == phase_id), None)

    def with_phase(self, phase: Phase) -> Record:
        """The record with this phase in the place of the one of its id."""
        phases = tuple(phase if known.id == phase.id else known for known in self.phases)
        return dataclasses.replace(self, phases=phases)


def new_id(runbook: str, moment: Any) -> str:
    """ "20261125t231351z-mgmt-mtu": a part of names of objects, so without underscores."""
    return "%s-%s" % (_time.compact(moment), runbook.replace("_", "-"))


def written(record: Record) -> Dict[str, Any]:
    """The record as its schema has it."""
    found: Dict[str, Any] = {"schema": SCHEMA, **{name: getattr(record, name) for name in RECORD_FIELDS}}
    found["phases"] = [{name: getattr(phase, name) for name in PHASE_FIELDS} for phase in record.phases]
    return found


def read(data: Any, where: str) -> Record:
    """The record of a JSON value. where: the object that it was read from, for messages.

    Raises ValidationError with every problem, ChangeError for another version of the schema.
    """
    schema = data.get("schema") if isinstance(data, Mapping) else None
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA:
        raise ChangeError(
            "%s: schema=%d: this version of the collection knows schema %d; go on with the version that made the record"
            % (where, schema, SCHEMA)
        )
    data = _completed(data)
    problems: List[Problem] = []
    if _fields(data, {"schema": _Field(_is(int), "has to be %d" % SCHEMA), **RECORD_FIELDS}, where, "", problems):
        for place, phase in enumerate(data["phases"]):
            _fields(phase, PHASE_FIELDS, where, "phases[%d]" % place, problems)
    if not problems:
        problems += _relations(data, where)
    if problems:
        raise ValidationError(problems)
    phases = tuple(Phase(**phase) for phase in data["phases"])
    return Record(**{**{name: data[name] for name in RECORD_FIELDS}, "phases": phases})


def _completed(data: Any) -> Any:
    """A record that was written before its phases had all of today's fields."""
    if not isinstance(data, Mapping) or not isinstance(data.get("phases"), list):
        return data
    phases = [{**ADDED, **phase} if isinstance(phase, Mapping) else phase for phase in data["phases"]]
    return {**data, "phases": phases}


def check(record: Record, where: str) -> Record:
    """The record itself, when it is one that read() takes. Raises ValidationError."""
    return read(written(record), where)


class _Field(NamedTuple):
    """valid: whether a value is one. rule: what it has to be, as a sentence part."""

    valid: Callable[[Any], bool]
    rule: str


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _one_of(words: Tuple[str, ...]) -> _Field:
    return _Field(lambda value: isinstance(value, str) and value in words, "has to be one of " + ", ".join(words))


def _like(pattern: re.Pattern[str], rule: str) -> _Field:
    return _Field(lambda value: isinstance(value, str) and bool(pattern.fullmatch(value)), rule)


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and _time.stamp(_time.parsed(value)) == value
    except ValueError:
        return False


_TIME = _Field(_is_time, "has to be a time in UTC like 2026-11-25T23:13:51Z")
_TIME_OR_EMPTY = _Field(lambda value: value == "" or _is_time(value), _TIME.rule + ", or empty")
_ANY = _Field(lambda value: True, "")
_SECONDS = _Field(lambda value: _is_number(value) and value >= 0, "has to be a number of seconds, 0 or above")
_TEXTS = _Field(
    lambda value: isinstance(value, Mapping) and all(isinstance(item, str) for pair in value.items() for item in pair),
    "has to be a mapping of texts to texts",
)

RECORD_FIELDS: Dict[str, _Field] = {
    "id": _like(_ID, "has to be '<UTC time>-<runbook>' in lower case"),
    "runbook": _like(_RUNBOOK, "has to be the name of a playbook: lower case letters, digits, '_'"),
    "state": _one_of(STATES),
    "direction": _one_of((FORWARD, BACK)),
    "opened": _TIME,
    "closed": _TIME_OR_EMPTY,
    "inputs": _Field(_is(dict), "has to be a mapping"),
    "nodes": _TEXTS,
    "notes": _TEXTS,
    "phases": _Field(_is(list), "has to be a list"),
}

ADDED = {"took": 0.0, "waited": 0.0}
"""Fields of a phase that a record of schema 1 may lack, as it is then."""

PHASE_FIELDS: Dict[str, _Field] = {
    "id": _like(_PHASE, "has to be lower case letters, digits, '-' and '_'"),
    "role": _like(_ROLE, "has to be the name of a role, as harvester.network.vms"),
    "bound": _Field(lambda value: _is(int)(value) and value > 0, "has to be a number of seconds above 0"),
    "input": _ANY,
    "before": _ANY,
    "state": _one_of(PHASE_STATES),
    "started": _TIME_OR_EMPTY,
    "ended": _TIME_OR_EMPTY,
    "took": _SECONDS,
    "waited": _SECONDS,
}


def _fields(data: Any, fields: Mapping[str, _Field], where: str, below: str, problems: List[Problem]) -> bool:
    """Whether the value is an object with exactly these fields, each valid; what is wrong goes to problems."""
    if not isinstance(data, Mapping):
        problems.append(Problem(where, below or "record", _shown(data), "has to be a JSON object"))
        return False
    before = len(problems)
    prefix = below + "." if below else ""
    for name, one in fields.items():
        if name not in data:
            problems.append(Problem(where, prefix + name, None, "is missing"))
        elif not one.valid(data[name]):
            problems.append(Problem(where, prefix + name, _shown(data[name]), one.rule))
    for name in sorted(map(str, set(data) - set(fields))):
        problems.append(Problem(where, prefix + name, None, "is no field of schema %d" % SCHEMA))
    return len(problems) == before


def _shown(value: Any) -> str:
    """A value in a message: before-images are long, and None is a value here."""
    text = "null" if value is None else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _relations(data: Mapping[str, Any], where: str) -> List[Problem]:
    """What has to hold between fields that are valid by themselves."""
    found = []
    if data["schema"] != SCHEMA:
        found.append(Problem(where, "schema", data["schema"], "has to be %d" % SCHEMA))
    if (data["state"] == OPEN) != (data["closed"] == ""):
        found.append(Problem(where, "closed", data["closed"] or "''", "does not go with state=%s" % data["state"]))
    seen = set()
    for place, phase in enumerate(data["phases"]):
        option = "phases[%d]" % place
        if phase["id"] in seen:
            found.append(Problem(where, option + ".id", phase["id"], "is used twice"))
        seen.add(phase["id"])
        for name in ("started", "ended"):
            wanted = phase["state"] in ((STARTED, DONE, UNDONE) if name == "started" else (DONE, UNDONE))
            if wanted != (phase[name] != ""):
                rule = "does not go with state=%s" % phase["state"]
                found.append(Problem(where, "%s.%s" % (option, name), phase[name] or "''", rule))
    return found
