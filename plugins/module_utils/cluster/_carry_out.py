# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the steps of a plan and waits for what they lead to. This module util is private to the collection."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Set, Tuple

from ..common import _pause
from ..common._errors import NetworkError
from . import _objects
from ._api_errors import Conflict
from ._client import Client
from ._goal import Goal, lacking, released
from ._kinds import BY_KEY
from ._plan import CREATED, REMOVED, Judged, Step
from ._read import read_snapshot
from ._snapshot import Snapshot
from ._storage import text_of


class Timeout(NetworkError):
    """What was written did not lead to the wanted state in time. missing: what lacks, a line each."""

    def __init__(self, seconds: float, missing: Sequence[str]) -> None:
        super().__init__("waited %d s in vain; what is missing:\n%s" % (seconds, "\n".join(missing)))
        self.missing = list(missing)


class Pace(NamedTuple):
    """How to wait: whether at the end, at most how long over all, and how long between two looks, in seconds.

    gone: nodes that are gone for good, of which nothing is waited for."""

    wait: bool
    timeout: float
    sleep: float
    gone: Tuple[str, ...] = ()


class Look(NamedTuple):
    """What was missing at a look that found something else than the one before. after: seconds since the beginning."""

    after: int
    missing: List[str]


class Executor:
    """Carries out one plan.

    done: the steps that were written, in their order, also when a later one failed. progress: what was waited for.
    """

    def __init__(
        self,
        client: Client,
        pace: Pace,
        sleep: Callable[[float], None] = _pause.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._pace = pace
        self._sleep = sleep
        self._clock = clock
        self._start = clock()
        self.done: List[Step] = []
        self.progress: List[Look] = []

    def carry_out(self, steps: Sequence[Step], judged: Judged) -> None:
        """Write every step that changes something.

        Configurations that are removed and nodes that are released are waited for before another step may need them,
        also when ``pace.wait`` is off: it would be refused, or would meet links that are still there. So is a
        network setting before the next one changes.
        Raises ApiError and Timeout.
        """
        down: Set[Tuple[str, str]] = set()
        gone: Set[Tuple[str, str, str]] = set()
        settings: Dict[str, str] = {}
        for place, step in enumerate(steps):
            if step.kind == "settings":
                if settings and step.writes:
                    self.wait_for(Goal(settings=settings))
                    settings = {}
                settings[step.name] = text_of(step.after)
            if not step.writes:
                continue
            removes_config = step.kind == "vlanconfigs" and step.action == REMOVED
            if (down or gone) and not removes_config and step.kind != "nodes":
                self.wait_for(Goal(down=frozenset(down), gone=frozenset(gone)))
                down, gone = set(), set()
            self.write(step)
            self.done.append(step)
            down |= released([step], judged.states[place + 1])
            if removes_config:
                gone.add((step.kind, step.namespace, step.name))

    def finish(self, goal: Goal, known: Snapshot) -> None:
        """Wait for the goal; ``known`` is what was read before, and enough when nothing was written. Raises Timeout."""
        if not self._pace.wait or (not self.done and not lacking(goal, known, self._pace.gone)):
            return
        self.wait_for(goal)

    def wait_for(self, goal: Goal) -> None:
        """Look until all of it is there: one list request per kind and look. Raises Timeout."""
        while True:
            missing = lacking(goal, read_snapshot(self._client, goal.kinds), self._pace.gone)
            if not self.progress or self.progress[-1].missing != missing:
                self.progress.append(Look(int(self._clock() - self._start), missing))
            if not missing:
                return
            if self._clock() + self._pace.sleep > self._start + self._pace.timeout:
                raise Timeout(self._pace.timeout, missing)
            self._sleep(self._pace.sleep)

    def write(self, step: Step) -> None:
        """Write one step, whatever surrounds it. Raises ApiError."""
        kind = BY_KEY[step.kind]
        if step.action == CREATED:
            self._client.create(kind, step.object)
        elif step.action == REMOVED:
            uid = str(_objects.dig(step.before, "metadata", "uid") or "")
            self._client.delete(kind, step.name, step.namespace, uid=uid)
        else:
            self._patch(step)

    def _patch(self, step: Step) -> None:
        """Controllers touch objects at any time, as after an earlier step of this plan: that is no conflict."""
        kind, before = BY_KEY[step.kind], step.before or {}
        try:
            self._client.patch(kind, step.name, step.patch, step.namespace, seen=before)
        except Conflict:
            now = self._client.get(kind, step.name, step.namespace)
            if now is None or _overtaken(step.patch, before, now):
                raise
            self._client.patch(kind, step.name, step.patch, step.namespace, seen=now)


def _overtaken(patch: Mapping[str, Any], before: _objects.Object, now: _objects.Object) -> bool:
    """Whether others changed what the patch was made from: anything in the spec, or a value that it sets."""
    if before.get("spec") != now.get("spec"):
        return True
    return any(_objects.dig(before, *path) != _objects.dig(now, *path) for path in _leaves(patch))


def _leaves(patch: Mapping[str, Any], below: Tuple[str, ...] = ()) -> Iterator[Tuple[str, ...]]:
    """The paths of the values that a patch sets."""
    for key, value in patch.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*below, key))
        else:
            yield (*below, key)
