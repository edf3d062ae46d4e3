# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until all gates hold. This module util is private to the collection."""

from __future__ import annotations

import time
from typing import Callable, List, NamedTuple, Tuple

from ...common import _pause
from .._api_errors import ServerError, Unreachable
from .._carry_out import Look, Pace
from .._snapshot import Snapshot
from ._gates import Before, Gate, gates


class Waited(NamedTuple):
    """How waiting ended. snapshot: of the last look. progress: what was missing, one entry whenever it changed."""

    snapshot: Snapshot
    gates: List[Gate]
    progress: List[Look]

    @property
    def refuses(self) -> Tuple[str, ...]:
        return tuple("%s: %s" % (gate.name, line) for gate in self.gates for line in gate.refuses)

    @property
    def waits_for(self) -> Tuple[str, ...]:
        return tuple("%s: %s" % (gate.name, line) for gate in self.gates for line in gate.waits_for)


def wait(
    read: Callable[[], Snapshot],
    before: Before,
    pace: Pace,
    sleep: Callable[[float], None] = _pause.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Waited:
    """Look until every gate holds, one refuses, or the time is over.

    read: one look at the cluster. Whether the gates hold is the caller's to see; nothing is raised for those that do
    not. The API may be away for a while too: the node that was rebooted may be the one that serves it. Raises ApiError
    of the last look.
    """
    start = clock()
    progress: List[Look] = []

    def note(missing: List[str]) -> None:
        if not progress or progress[-1].missing != missing:
            progress.append(Look(int(clock() - start), missing))

    def over() -> bool:
        return not pace.wait or clock() + pace.sleep > start + pace.timeout

    while True:
        try:
            snapshot = read()
        except (ServerError, Unreachable) as error:
            note(["the API does not answer: %s" % error])
            if over():
                raise
        else:
            waited = Waited(snapshot, gates(snapshot, before), progress)
            missing = [*waited.refuses, *waited.waits_for]
            note(missing)
            if waited.refuses or not missing or over():
                return waited
        sleep(pace.sleep)
