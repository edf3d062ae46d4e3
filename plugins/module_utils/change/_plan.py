# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a change: its phases, applied in memory one after the other. Pure.

Phase N is judged in the state that phase N-1 would leave, so that a storage network can be switched off by a plan that
stops the VMs first. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

from ..cluster import _objects
from ..cluster._plan import OF_THE_END, Judged, Step, judge
from ..cluster._shown import objects
from ..cluster._snapshot import Snapshot
from ..cluster.rules import Objection
from ..common._errors import Problem, ValidationError
from ._effects import EFFECTS, values_told
from .steps import STEPS
from .steps._effect import Effect, Value

ALWAYS = ("nodes", "settings", "upgrades")
"""Kinds that every plan looks at: Harvester's version decides which rules there are."""

HELM = "meta.helm.sh/release-name"
ARGO = "argocd.argoproj.io/tracking-id"


class PlannedPhase(NamedTuple):
    """What a phase will do. begins, ends: the latest, in seconds from the start. managed: objects that a GitOps tool
    puts back, as "network configuration 'a' (Argo CD)"."""

    id: str
    role: str
    begins: int
    ends: int
    steps: Tuple[Step, ...]
    stops: Tuple[str, ...]
    starts: Tuple[str, ...]
    returns: Tuple[str, ...]
    moves: Tuple[str, ...]
    reboots: Tuple[str, ...]
    interrupts: Tuple[str, ...]
    proves: Tuple[str, ...]
    values: Tuple[Value, ...]
    managed: Tuple[str, ...]
    objections: Tuple[Objection, ...]


class Plan(NamedTuple):
    """objections: those of the whole, besides those of the phases. end: the cluster that the change leads to."""

    phases: Tuple[PlannedPhase, ...]
    objections: Tuple[Objection, ...]
    end: Snapshot

    @property
    def all_objections(self) -> List[Objection]:
        return [objection for phase in self.phases for objection in phase.objections] + list(self.objections)


def kinds(phases: Iterable[Mapping[str, Any]]) -> List[str]:
    """The kinds that the steps of these phases look at, each once. Raises ValidationError."""
    found = list(ALWAYS)
    for phase in phases:
        for where, given in _steps_of(phase):
            _check(given, where)
            found += STEPS[given["kind"]].kinds
    return list(dict.fromkeys(found))


def plan(snapshot: Snapshot, phases: Sequence[Mapping[str, Any]]) -> Plan:
    """Apply the phases in memory. phases: id, role, bound in seconds, and steps, each with ``kind`` and its options.

    Raises ValidationError for a step that cannot be, VersionError.
    """
    state, begins = snapshot, 0
    planned: List[PlannedPhase] = []
    for phase in phases:
        effects: List[Effect] = []
        found: List[Objection] = []
        for where, given in _steps_of(phase):
            _check(given, where)
            effect = STEPS[given["kind"]].effect(state, snapshot, given, where)
            judged = judge(state, effect.steps)
            found += [
                objection
                for objection in judged.objections
                if objection.rule not in OF_THE_END and (objection.rule, objection.object) not in effect.spared
            ]
            state = _settled(effect, judged)
            effects.append(effect)
        ends = begins + phase["bound"]
        planned.append(_planned(phase, effects, found, begins, ends))
        begins = ends
    steps = [step for phase in planned for step in phase.steps]
    lasting = [objection for objection in judge(snapshot, steps).objections if objection.rule in OF_THE_END]
    return Plan(tuple(planned), tuple(lasting), state)


def gitops(found: Plan) -> List[Objection]:
    """An objection for each object that changes and that a GitOps tool, or Helm, would put back.

    None for VMs that get back what they had: that is what their manager wants.
    """
    changing = [phase for phase in found.phases if not (phase.starts or phase.returns)]
    names = dict.fromkeys(name for phase in changing for name in phase.managed)
    next_step = "pause it, then give change_gitops_paused=true"
    return [Objection("gitops", name, "who manages it puts it back", "", next_step, "ours") for name in names]


def shown(found: Plan) -> Dict[str, Any]:
    """The plan as module change_plan returns it: never whole objects."""
    return {
        "phases": [
            {
                "id": phase.id,
                "role": phase.role,
                "begins": phase.begins,
                "ends": phase.ends,
                "objects": objects([step for step in phase.steps if step.writes]),
                "sets": _values(phase),
                **{field: list(getattr(phase, field)) for field, _words in EFFECTS},
            }
            for phase in found.phases
        ],
        "seconds": found.phases[-1].ends if found.phases else 0,
        "lines": lines(found),
    }


def lines(found: Plan) -> List[str]:
    """The plan in words: a line per phase, with what it does below it."""
    told = []
    for number, phase in enumerate(found.phases, 1):
        told.append("%d. %s: at most %d s" % (number, phase.id, phase.ends - phase.begins))
        told += ["   %s %s" % (step.action, step.title) for step in phase.steps if step.writes and step.kind != "vms"]
        told += ["   %s: %s" % (words, ", ".join(texts)) for words, texts in values_told(_values(phase))]
        for field, words in EFFECTS:
            names = getattr(phase, field)
            if names:
                told.append("   %s: %s" % (words, ", ".join(names)))
    return told


def _values(phase: PlannedPhase) -> List[Dict[str, str]]:
    return [dict(zip(("kind", "namespace", "name", "field", "from", "to"), value)) for value in phase.values]


def _steps_of(phase: Mapping[str, Any]) -> List[Tuple[str, Mapping[str, Any]]]:
    """The steps of a phase, each with its place in messages."""
    return [
        (
            "phase '%s', step %d" % (phase["id"], number),
            {key: value for key, value in given.items() if value is not None},
        )
        for number, given in enumerate(phase.get("steps") or (), 1)
    ]


def _check(given: Mapping[str, Any], where: str) -> None:
    kind = STEPS[given["kind"]]
    known = {"kind", *kind.required, *kind.optional}
    problems = [
        Problem(where, name, None, "is required with kind=%s" % given["kind"])
        for name in kind.required
        if name not in given
    ]
    problems += [
        Problem(where, name, None, "does not go with kind=%s" % given["kind"]) for name in sorted(set(given) - known)
    ]
    if problems:
        raise ValidationError(problems)


def _settled(effect: Effect, judged: Judged) -> Snapshot:
    return effect.settle(judged.end) if effect.settle else judged.end


def _planned(
    phase: Mapping[str, Any], effects: Sequence[Effect], found: Sequence[Objection], begins: int, ends: int
) -> PlannedPhase:
    steps = tuple(step for effect in effects for step in effect.steps)
    managed = [
        "%s (%s)" % (step.title, manager) for step in steps if step.writes for manager in managers(step.before or {})
    ]

    def of_all(field: str) -> Tuple[str, ...]:
        return tuple(name for effect in effects for name in getattr(effect, field))

    return PlannedPhase(
        id=phase["id"],
        role=phase["role"],
        begins=begins,
        ends=ends,
        steps=steps,
        stops=of_all("stops"),
        starts=of_all("starts"),
        returns=of_all("returns"),
        moves=of_all("moves"),
        reboots=of_all("reboots"),
        interrupts=of_all("interrupts"),
        proves=of_all("proves"),
        values=tuple(value for effect in effects for value in effect.values),
        managed=tuple(managed),
        objections=tuple(found),
    )


def managers(item: _objects.Object) -> List[str]:
    """Who puts the object back when it is changed. Fleet installs by Helm."""
    marks = _objects.annotations_of(item)
    found = ["Helm release %s" % marks[HELM]] if HELM in marks else []
    return found + (["Argo CD"] if ARGO in marks else [])
