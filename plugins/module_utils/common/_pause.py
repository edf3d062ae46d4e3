# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting between two looks, and how long a call has waited in all. This module util is private to the collection.

What a run waits for others is told apart from its own time, so that it can be said how long a change takes beyond that.
"""

from __future__ import annotations

import time
from typing import List

_pauses: List[float] = []


def sleep(seconds: float) -> None:
    """Wait before the next look. seconds: how long."""
    time.sleep(seconds)
    _pauses.append(seconds)


def slept() -> float:
    """Seconds that this process has waited so far."""
    return round(sum(_pauses), 1)
