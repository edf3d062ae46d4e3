# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a cron schedule is due in a window. This module util is private to the collection.

Five fields as Kubernetes' CronJob reads them (robfig/cron: lists, ranges, steps, names, "?" for "*", macros as @daily).
Python has no library for it within its standard one, which is all that this code may import.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import FrozenSet, NamedTuple, Optional, Set, Tuple

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_FIELDS: Tuple[Tuple[int, int, Tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, ("", *_MONTHS)),
    (0, 6, tuple(_DAYS)),
)
_PART = re.compile(r"(?P<first>[a-z0-9]+|[*?])(?:-(?P<last>[a-z0-9]+))?(?:/(?P<step>[0-9]+))?\Z")


class Schedule(NamedTuple):
    """The values that match, by field. any_day, any_weekday: whether that field is "*": of two that are not, one has
    to match."""

    minutes: FrozenSet[int]
    hours: FrozenSet[int]
    days: FrozenSet[int]
    months: FrozenSet[int]
    weekdays: FrozenSet[int]
    any_day: bool
    any_weekday: bool

    def matches(self, moment: datetime) -> bool:
        """Whether it is due in this minute."""
        day = moment.day in self.days
        weekday = moment.isoweekday() % 7 in self.weekdays
        either = day and weekday if self.any_day or self.any_weekday else day or weekday
        return moment.minute in self.minutes and moment.hour in self.hours and moment.month in self.months and either


def parsed(text: str) -> Optional[Schedule]:
    """The schedule of an expression; None for one that is none, or that this reader does not know, as "@every 1h"."""
    fields = MACROS.get(text.strip().lower(), text).lower().split()
    if len(fields) != len(_FIELDS):
        return None
    values = []
    for field, (low, high, names) in zip(fields, _FIELDS):
        found = _values(field, low, high, names)
        if not found:
            return None
        values.append(found)
    return Schedule(values[0], values[1], values[2], values[3], values[4], fields[2][0] in "*?", fields[4][0] in "*?")


def due(text: str, start: datetime, seconds: float) -> bool:
    """Whether a schedule is due at or after ``start`` and before ``seconds`` more have passed.

    start: in the time zone of the cluster's controllers, UTC on Harvester. A schedule that cannot be read counts as
    due.
    """
    schedule = parsed(text)
    if schedule is None:
        return True
    end = start + timedelta(seconds=seconds)
    moment = start.replace(second=0, microsecond=0)
    if moment < start:
        moment += timedelta(minutes=1)
    while moment < end:
        if schedule.matches(moment):
            return True
        moment += timedelta(minutes=1)
    return False


def _values(field: str, low: int, high: int, names: Tuple[str, ...]) -> FrozenSet[int]:
    """The values of one field; empty for a field that cannot be read."""
    found: Set[int] = set()
    for part in field.split(","):
        match = _PART.match(part)
        if not match:
            return frozenset()
        step = int(match["step"] or 1)
        if match["first"] in "*?":
            first, last = low, high
        else:
            first = _number(match["first"], names)
            last = _number(match["last"], names) if match["last"] else high if match["step"] else first
        # Sunday is 0 or 7 to many programs, but 0 alone to this one, as to robfig/cron.
        if step < 1 or not low <= first <= last <= high:
            return frozenset()
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(word: str, names: Tuple[str, ...]) -> int:
    """A number or a name; -1 for neither."""
    if word.isdigit():
        return int(word)
    return names.index(word) if word in names and word else -1
