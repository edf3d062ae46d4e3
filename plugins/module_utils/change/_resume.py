# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a start is the beginning of a change, or goes on with one. Pure; this module util is private to the
collection."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import _time
from ._record import BACK, DONE, ChangeError, Phase, Record, check, new_id


class Wanted(NamedTuple):
    """What a start of a runbook asks for. inputs: its declared variables, never all extra variables.

    nodes: name of each Kubernetes node -> its uid. phases: all of them, as planned.
    """

    runbook: str
    inputs: Mapping[str, Any]
    nodes: Mapping[str, str]
    phases: Tuple[Phase, ...]


def opened(found: Sequence[Record], wanted: Wanted, moment: datetime) -> Tuple[Record, bool]:
    """(the record to go on with, whether it was there). found: the open changes, of which there is at most one.

    A record that was there keeps its inputs, images and phases; only bounds of phases to come are the new ones.
    Raises ChangeError that names what differs, ValidationError when what is wanted is no record.
    """
    known = only(found)
    if known is None:
        record = Record(
            id=new_id(wanted.runbook, moment),
            runbook=wanted.runbook,
            opened=_time.stamp(moment),
            inputs=wanted.inputs,
            nodes=wanted.nodes,
            phases=wanted.phases,
        )
        return check(record, "change '%s'" % record.id), False
    if known.runbook != wanted.runbook:
        on = "go on with it (harvester.network.%s) or " % known.runbook if known.goes_on else ""
        raise ChangeError(
            "change '%s' of playbook %s is open, so %s cannot begin; %sroll it back (harvester.network.rollback)"
            % (known.id, known.runbook, wanted.runbook, on)
        )
    if known.direction == BACK:
        raise ChangeError(
            "change '%s' is being rolled back, which has to come to its end first; run playbook"
            " harvester.network.rollback" % known.id
        )
    lines = input_differences(known.inputs, wanted.inputs)
    lines += node_differences(known.nodes, wanted.nodes) + phase_differences(known.phases, wanted.phases)
    if lines:
        raise ChangeError(
            "change '%s' is open and was begun with something else:\n%s\nRun again with what is recorded, or roll"
            " back with harvester.network.rollback" % (known.id, "\n".join("  " + line for line in lines))
        )
    bounds = {phase.id: phase.bound for phase in wanted.phases}
    phases = [
        phase if phase.state == DONE else dataclasses.replace(phase, bound=bounds[phase.id]) for phase in known.phases
    ]
    return dataclasses.replace(known, phases=tuple(phases)), True


def only(found: Sequence[Record]) -> Optional[Record]:
    """The open change; None when there is none. Raises ChangeError when there are several."""
    if len(found) > 1:
        raise ChangeError(
            "several changes are open: %s; at most one may be. Look at them with harvester.network.change_info"
            % ", ".join(record.id for record in found)
        )
    return found[0] if found else None


def input_differences(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> List[str]:
    """A line per variable that is not what it was; the values as JSON, so that "1500" and 1500 can be told apart."""
    return [
        "%s: recorded %s, now %s" % (name, _shown(recorded, name), _shown(now, name))
        for name in sorted({*recorded, *now})
        if name not in recorded or name not in now or recorded[name] != now[name]
    ]


def node_differences(recorded: Mapping[str, str], now: Mapping[str, str]) -> List[str]:
    """A line per node that is new, gone, or another one by the same name."""
    found = []
    for name in sorted({*recorded, *now}):
        if name not in now:
            found.append("node %s took part and is not there" % name)
        elif name not in recorded:
            found.append("node %s is new" % name)
        elif recorded[name] != now[name]:
            found.append("node %s is another one by the same name: uid %s, now %s" % (name, recorded[name], now[name]))
    return found


def phase_differences(recorded: Sequence[Phase], now: Sequence[Phase]) -> List[str]:
    """One line when the phases are not the same by id and role: another version of the runbook has begun the change."""
    old, new = _outline(recorded), _outline(now)
    return [] if old == new else ["phases: recorded %s; now %s" % (old or "none", new or "none")]


def _outline(phases: Sequence[Phase]) -> str:
    return ", ".join("%s (%s)" % (phase.id, phase.role) for phase in phases)


def _shown(values: Mapping[str, Any], name: str) -> str:
    return json.dumps(values[name], sort_keys=True) if name in values else "not given"
