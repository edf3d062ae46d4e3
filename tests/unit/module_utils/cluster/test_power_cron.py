# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cron schedules as robfig/cron reads them: which are due in a window."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.cluster.power._cron import due, parsed

# a Thursday
NOON = datetime(2026, 11, 26, 12, 0, 30)
HOUR = 3600


@pytest.mark.parametrize(
    ("text", "hours", "wanted"),
    [
        ("* * * * *", 1, True),
        ("0 12 * * *", 1, False),
        ("1 12 * * *", 1, True),
        ("0 13 * * *", 1, True),
        ("1 13 * * *", 1, False),
        ("*/15 * * * *", 1, True),
        ("0 0 * * *", 11, False),
        ("0 0 * * *", 12, True),
        ("@daily", 12, True),
        ("@HOURLY", 1, True),
        ("0 13 26 11 *", 4, True),
        ("0 13 26 dec *", 4, False),
        ("0 13 * NOV Thu", 4, True),
        ("0 13 * * mon-wed", 4, False),
        ("0 13 ? * 4", 4, True),
        # of day and weekday one is enough, when both are given
        ("0 13 1 * thu", 4, True),
        ("0 13 1 * fri", 4, False),
        ("0 13 1 * *", 4, False),
        ("0 10-14/2 * * *", 4, True),
        ("0 5/8 * * *", 1, True),
        ("0 5,14 * * *", 1, False),
        ("0 5,14 * * *", 3, True),
        # what cannot be read counts as due
        ("@every 5h", 1, True),
        ("0 0 * *", 1, True),
        ("61 0 * * *", 1, True),
        ("0 0 * * 7", 1, True),
        ("0 9-5 * * *", 1, True),
        ("*/0 * * * *", 1, True),
        ("a b c d e", 1, True),
        ("", 1, True),
    ],
)
def test_what_is_due(text: str, hours: int, wanted: bool) -> None:
    assert due(text, NOON, hours * HOUR) is wanted


@pytest.mark.parametrize("text", ["@every 5h", "0 0 * *", "61 0 * * *", "0 0 * * 7", "*/0 * * * *", "- * * * *"])
def test_what_cannot_be_read(text: str) -> None:
    assert parsed(text) is None


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 2000))
def test_a_daily_job_is_due_when_its_minute_comes(minute: int, hour: int, minutes: int) -> None:
    start = NOON.replace(second=0)
    moment = start.replace(hour=hour, minute=minute)
    if moment < start:
        moment += timedelta(days=1)
    wanted = moment < start + timedelta(minutes=minutes)
    assert due("%d %d * * *" % (minute, hour), start, minutes * 60) is wanted
