# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a change through its phases, forward and back. Pure; this module util is private to the collection.

Each function gives the record after one event, or says why it cannot happen now. All of them are safe to repeat: what
has happened already changes nothing, so that a runner that was killed right after a write may write again.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Mapping, Tuple

from . import _time
from ._record import BACK, DONE, FORWARD, OPEN, ROLLED_BACK, STARTED, UNDONE, ChangeError, Phase, Record


def started(record: Record, phase_id: str, before: Any, moment: datetime, extend: bool = False) -> Record:
    """The phase begins; ``before`` is what is there, JSON values.

    A phase that was started already keeps the before-image that it has: what is there now may be its own half-done
    work. extend: it gets this one instead, of a role that keeps what was recorded and adds what has come since. Raises
    ChangeError when the phase is not the next one.
    """
    phase = _forward(record, phase_id)
    if phase.state == STARTED:
        return record.with_phase(dataclasses.replace(phase, before=before)) if extend else record
    if phase.state == DONE:
        raise ChangeError("change '%s': phase '%s' is done; only its proof is repeated" % (record.id, phase_id))
    _is_next(record, phase)
    changed = dataclasses.replace(phase, before=before, state=STARTED, started=_time.stamp(moment))
    return record.with_phase(changed)


def done(record: Record, phase_id: str, moment: datetime, took: float = 0.0, waited: float = 0.0) -> Record:
    """The phase is through, its proof included. took, waited: seconds of it, and of that those of waiting for others.

    Raises ChangeError when it has not started.
    """
    phase = _forward(record, phase_id)
    if phase.state == DONE:
        return record
    if phase.state != STARTED:
        raise ChangeError("change '%s': phase '%s' has not started, so it cannot be done" % (record.id, phase_id))
    return record.with_phase(
        dataclasses.replace(phase, state=DONE, ended=_time.stamp(moment), took=took, waited=waited)
    )


def noted(record: Record, notes: Mapping[str, str]) -> Record:
    """The record with these notes beside those that it has. Raises ChangeError for a closed change."""
    _is_open(record)
    return dataclasses.replace(record, notes={**record.notes, **notes})


def turned_back(record: Record) -> Record:
    """A rollback begins; from here the change goes back only. Raises ChangeError for a closed change."""
    _is_open(record)
    return dataclasses.replace(record, direction=BACK)


def rollback_order(record: Record) -> Tuple[Phase, ...]:
    """The phases that a rollback still has to undo, in its order: the last one that started comes first."""
    return tuple(phase for phase in reversed(record.phases) if phase.state in (STARTED, DONE))


def undone(record: Record, phase_id: str, moment: datetime) -> Record:
    """The phase was undone. Raises ChangeError when another one has to be undone before it."""
    _is_open(record)
    if record.direction != BACK:
        raise ChangeError("change '%s': its rollback has not begun; phase '%s' stays" % (record.id, phase_id))
    phase = _phase(record, phase_id)
    if phase.state == UNDONE:
        return record
    order = rollback_order(record)
    if phase not in order:
        raise ChangeError("change '%s': phase '%s' has not started; there is nothing to undo" % (record.id, phase_id))
    if phase != order[0]:
        raise ChangeError("change '%s': phase '%s' has to be undone before '%s'" % (record.id, order[0].id, phase_id))
    return record.with_phase(dataclasses.replace(phase, state=UNDONE, ended=_time.stamp(moment)))


def closed(record: Record, moment: datetime) -> Record:
    """The change ends: done when it went forward, rolled back when it went back.

    Raises ChangeError when a phase is not done, or not undone.
    """
    if not record.is_open:
        return record
    if record.direction == FORWARD:
        left = [phase.id for phase in record.phases if phase.state != DONE]
        state = DONE
    else:
        left = [phase.id for phase in rollback_order(record)]
        state = ROLLED_BACK
    if left:
        raise ChangeError("change '%s' cannot be closed as %s; still to come: %s" % (record.id, state, ", ".join(left)))
    return dataclasses.replace(record, state=state, closed=_time.stamp(moment))


def _forward(record: Record, phase_id: str) -> Phase:
    _is_open(record)
    if record.direction == BACK:
        raise ChangeError(
            "change '%s' is being rolled back, which has to come to its end first; run playbook rollback" % record.id
        )
    return _phase(record, phase_id)


def _phase(record: Record, phase_id: str) -> Phase:
    phase = record.phase(phase_id)
    if phase is None:
        known = ", ".join(phase.id for phase in record.phases) or "none"
        raise ChangeError("change '%s' has no phase '%s'; its phases: %s" % (record.id, phase_id, known))
    return phase


def _is_next(record: Record, phase: Phase) -> None:
    for earlier in record.phases:
        if earlier.id == phase.id:
            return
        if earlier.state != DONE:
            raise ChangeError(
                "change '%s': phase '%s' cannot begin before '%s' is done (it is %s)"
                % (record.id, phase.id, earlier.id, earlier.state)
            )


def _is_open(record: Record) -> None:
    if record.state != OPEN:
        raise ChangeError("change '%s' is closed (%s since %s)" % (record.id, record.state, record.closed))
