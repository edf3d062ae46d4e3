# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time, as the record and the Lease carry them. This module util is private to the collection."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_SECONDS = "%Y-%m-%dT%H:%M:%SZ"
_MICRO = "%Y-%m-%dT%H:%M:%S.%fZ"
_COMPACT = "%Y%m%dt%H%M%Sz"


def now() -> datetime:
    """The controller's clock, in UTC."""
    return datetime.now(timezone.utc)


def stamp(moment: datetime) -> str:
    """ "2026-11-25T23:13:51Z"; parts of a second are dropped."""
    return moment.astimezone(timezone.utc).strftime(_SECONDS)


def micro(moment: datetime) -> str:
    """ "2026-11-25T23:13:51.000000Z", the type MicroTime of a Lease."""
    return moment.astimezone(timezone.utc).strftime(_MICRO)


def compact(moment: datetime) -> str:
    """ "20261125t231351z": in names of objects, which are lower case (RFC 1123)."""
    return moment.astimezone(timezone.utc).strftime(_COMPACT)


def parsed(text: str) -> datetime:
    """The moment of a text in ISO 8601 with an offset or Z, parts of a second or not. Raises ValueError."""
    # Before Python 3.11 fromisoformat() knows no Z.
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text)
    if moment.tzinfo is None:
        raise ValueError("'%s' has no offset from UTC" % text)
    return moment.astimezone(timezone.utc)


def seconds(count: float) -> timedelta:
    """A span of this many seconds."""
    return timedelta(seconds=count)
