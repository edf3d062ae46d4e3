# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change, as module change_plan returns it. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...module_utils.change._effects import EFFECTS, values_told

OBJECT = ("kind", "namespace", "name", "action")
VALUE = ("kind", "namespace", "name", "field", "from", "to")
OBJECTION = ("rule", "object", "message", "source", "next_step", "by")
VM = "VirtualMachine"
"""Of the objects, VMs are told by name with what becomes of them."""
HEADS = ("phase", "at most", "what", "which")


@dataclass(frozen=True)
class Plan:
    """phases: id, role, begins and ends (seconds from the start, at the latest), objects, sets, and a list for
    each of EFFECTS. seconds: how long all of it takes at most. objections: what speaks against it."""

    phases: tuple[Mapping[str, Any], ...]
    seconds: int
    objections: tuple[Mapping[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "phases": list(self.phases), "objections": list(self.objections)}

    def rows(self) -> list[tuple[str, str, str, str]]:
        """What HEADS says: a row for each thing that a phase does, at least one per phase."""
        return [row for phase in self.phases for row in _rows(phase)]

    def against(self) -> list[str]:
        """A line per objection."""
        return [f"{one['object']}: {one['message']}; {one['next_step']}" for one in self.objections]


def plan(data: Mapping[str, Any]) -> Plan:
    """The plan of plain data: of the module's result, whatever else it has. Raises KeyError for one without a key."""
    return Plan(
        phases=tuple(_phase(one) for one in data["phases"]),
        seconds=int(data["seconds"]),
        objections=tuple({key: str(one[key]) for key in OBJECTION} for one in data.get("objections") or ()),
    )


def _phase(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(one["id"]),
        "role": str(one["role"]),
        "begins": int(one["begins"]),
        "ends": int(one["ends"]),
        "objects": [{key: str(item[key]) for key in OBJECT} for item in one["objects"]],
        # The plan of a rollback has none: its hosts are objects.
        "sets": [{key: str(item[key]) for key in VALUE} for item in one.get("sets") or ()],
        **{field: [str(name) for name in one[field]] for field, _words in EFFECTS},
    }


def _rows(phase: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    bound = f"{phase['ends'] - phase['begins']} s"
    told = [
        (words, names) for words, names in (*_objects(phase), *values_told(phase["sets"]), *_effects(phase)) if names
    ]
    for words, names in told or [("", [])]:
        yield phase["id"], bound, words, ", ".join(names)


def _objects(phase: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """By what becomes of them, in the order of the steps."""
    found: dict[str, list[str]] = {}
    for item in phase["objects"]:
        if item["kind"] != VM:
            place = f"{item['namespace']}/" if item["namespace"] else ""
            found.setdefault(item["action"], []).append(f"{item['kind']} {place}{item['name']}")
    yield from found.items()


def _effects(phase: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for field, words in EFFECTS:
        yield words, phase[field]
