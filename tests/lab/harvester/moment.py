# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller is told at a look besides the cluster: the time, how long things take, what goes wrong."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

from .settings import Delays, Faults
from .versions import DEFAULT, VERSIONS, Version


@dataclass(frozen=True)
class Moment:
    """One look. ``clock``: seconds of any steady clock; ``now``: the time as the API writes it."""

    clock: float
    now: str
    delays: Delays = field(default_factory=Delays)
    faults: Faults = field(default_factory=Faults)
    version: Version = VERSIONS[DEFAULT]


class Timers:
    """Since when something is due. ``soonest``: seconds until the next thing is, as of the looks since `begin`."""

    def __init__(self) -> None:
        self._since: dict[Hashable, float] = {}
        self.soonest = math.inf

    def begin(self) -> None:
        """A new round of looks."""
        self.soonest = math.inf

    def due(self, key: Hashable, seconds: float, clock: float) -> bool:
        """True once ``seconds`` have passed since the first call with this key."""
        left = self._since.setdefault(key, clock) + seconds - clock
        if left <= 0:
            return True
        self.soonest = min(self.soonest, left)
        return False

    def forget(self, key: Hashable) -> None:
        """What was due begins anew at its next call."""
        self._since.pop(key, None)
