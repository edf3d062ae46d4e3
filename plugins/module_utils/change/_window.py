# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The maintenance window. Pure; this module util is private to the collection."""

from __future__ import annotations

from datetime import datetime
from typing import List, Optional, Sequence, Tuple

from ..common._errors import Problem, ValidationError
from . import _time
from ._record import ChangeError


class WindowClosed(ChangeError):
    """What would begin now could end after the window. Nothing is half done: the run goes on in another window."""


def end(text: str) -> Optional[datetime]:
    """The end of the window, in ISO 8601 with an offset; None for an empty text. Raises ValidationError."""
    if not text:
        return None
    try:
        return _time.parsed(text)
    except ValueError:
        rule = "has to be a time in ISO 8601 with an offset, like 2026-11-26T02:00:00+01:00"
        raise ValidationError([Problem("window", "window_end", text, rule)]) from None


def fits(what: str, bound: int, moment: datetime, window_end: Optional[datetime]) -> None:
    """Raises WindowClosed when ``what`` ("phase 'hosts'") may last beyond the window. bound: seconds."""
    if window_end is None or moment + _time.seconds(bound) <= window_end:
        return
    left = int((window_end - moment).total_seconds())
    if left <= 0:
        why = "the window is over since %s" % _time.stamp(window_end)
    else:
        why = "it may take %d s, and the window has %d s left (until %s)" % (bound, left, _time.stamp(window_end))
    raise WindowClosed("%s does not begin: %s. Run again in another window" % (what, why))


def outlook(phases: Sequence[Tuple[str, int]], moment: datetime, window_end: Optional[datetime]) -> List[str]:
    """What the plan says of the window, a line or two; none without one.

    phases: id, and when it ends at the latest, in seconds from the start, in their order. Bounds are what a phase may
    take, not what it will: a run that is quicker gets further.
    """
    if window_end is None:
        return []
    left = int((window_end - moment).total_seconds())
    beyond = [phase for phase, ends in phases if ends > left]
    told = ["The window has %d s left (until %s)." % (max(left, 0), _time.stamp(window_end))]
    if beyond:
        told.append(
            "If every phase takes all the time that it may, these do not begin in it: %s. The run then ends before the"
            " first of them, and goes on in another window." % ", ".join(beyond)
        )
    return told
