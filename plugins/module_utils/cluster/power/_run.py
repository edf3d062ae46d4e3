# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out what the looks lead to, and waits. This module util is private to the collection."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, Callable, Dict, Iterable, List, Protocol, Tuple

from ...common import _pause
from ...common._errors import NetworkError
from .._api_errors import Conflict, Refused
from .._carry_out import Executor, Pace, Timeout
from .._client import Client
from .._kinds import BY_KEY, title
from .._plan import Step
from .._read import read_snapshot
from .._snapshot import Snapshot
from ._turn import Call, Turn

KINDS = (
    "nodes",
    "clusternetworks",
    "nads",
    "settings",
    "backups",
    "vm_schedules",
    "cron_jobs",
    "vms",
    "vmis",
    "migrations",
)
"""What every look reads."""
WRITES = 6
"""How often one object may be written, or a subresource of it called: what undoes it each time is told, not fought."""


class Procedure(Protocol):
    """What is done with VMs. The first look judges and plans, each further one says what comes next."""

    def judge(self, snapshot: Snapshot) -> None:
        """Take the first look. Raises ValidationError with everything that speaks against it."""

    def plan(self, snapshot: Snapshot) -> Turn:
        """Everything that would be written, for check mode."""

    def turn(self, snapshot: Snapshot, now: float) -> Turn:
        """What is to be done at ``now``, in seconds of any steady clock. Raises ValidationError."""

    def result(self) -> Dict[str, Any]:
        """What the module returns of it, also when it fails on the way."""


class Failure(NetworkError):
    """Something that waiting does not bring right. failures: a line each."""

    def __init__(self, failures: Iterable[str]) -> None:
        self.failures = list(failures)
        super().__init__("\n".join(self.failures))


class Runner:
    """Carries out one procedure.

    steps: what was written, one per object. progress: what was done and what was waited for, with the seconds since the
    beginning. missing: what was missing at the last look.
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
        self._begin = clock()
        self._executor = Executor(client, pace, sleep, clock)
        self._written: Dict[Tuple[str, str, str], List[Step]] = {}
        self._tries: Counter[Tuple[str, str, str]] = Counter()
        self.called = False
        self.progress: List[Dict[str, Any]] = []
        self.missing: List[str] = []

    @property
    def steps(self) -> List[Step]:
        return [Step(steps[0].kind, steps[0].before, steps[-1].after) for steps in self._written.values()]

    def look(self) -> Snapshot:
        """The cluster now: one list request per kind. Raises ApiError."""
        return read_snapshot(self._client, KINDS)

    def carry_out(self, procedure: Procedure, first: Snapshot) -> None:
        """Look, write and wait until nothing is missing; without waiting, once.

        A write gives more time: the option's and what the turn asks for. Raises ApiError, Failure, Timeout and
        ValidationError.
        """
        snapshot = first
        until = self._clock() + self._pace.timeout
        allowed = self._pace.timeout
        while True:
            now = self._clock()
            turn = procedure.turn(snapshot, now)
            self._note(turn)
            for write in turn.writes:
                self._write(write.step, write.reason)
            for call in turn.calls:
                self._call(call)
            if turn.writes or turn.calls:
                allowed = self._pace.timeout + turn.bound
                until = max(until, self._clock() + allowed)
            elif not turn.missing:
                if turn.failures:
                    raise Failure(turn.failures)
                return
            if not self._pace.wait:
                if turn.failures:
                    raise Failure(turn.failures)
                return
            # What was missing before a write says nothing: there is a look at the end of the time too.
            left = until - self._clock()
            if left <= 0:
                raise Timeout(allowed, [*turn.failures, *turn.missing])
            self._sleep(min(self._pace.sleep, left))
            snapshot = self.look()

    def settled(self, procedure: Procedure, first: Snapshot, timeout: float) -> Turn:
        """The plan, which writes nothing, looked at again as long as all that is missing comes with time.

        timeout: seconds after which that is the plan too. Raises ApiError.
        """
        snapshot = first
        until = self._clock() + timeout
        while True:
            plan = procedure.plan(snapshot)
            left = until - self._clock()
            if not plan.late or plan.failures or plan.missing != plan.late or left <= 0:
                return plan
            self._note(plan)
            self._sleep(min(self._pace.sleep, left))
            snapshot = self.look()

    def _note(self, turn: Turn) -> None:
        """What is missing goes into the progress when it has changed."""
        if list(turn.missing) != self.missing:
            self.missing = list(turn.missing)
            self._say("waiting", self.missing)

    def _say(self, event: str, lines: Iterable[str]) -> None:
        after = round(self._clock() - self._begin)
        self.progress += [{"after": after, "event": event, "text": line} for line in lines]

    def _write(self, step: Step, reason: str) -> None:
        """Write one object. What others have changed meanwhile, or what a webhook refuses for now, as a stop while a
        backup has just begun, is left to the next look, as long as tries are left."""
        place = (step.kind, step.namespace, step.name)
        self._try(place, "%s was written %d times, and others undo it each time" % (step.title, WRITES))
        try:
            self._executor.write(step)
        except (Conflict, Refused) as error:
            if not self._pace.wait or self._tries[place] == WRITES:
                raise
            self._say("refused", [str(error)])
            return
        self._written[place] = [*self._written.get(place, []), step]
        self._say("written", ["%s %s: %s" % (step.title, step.action, reason)])

    def _call(self, call: Call) -> None:
        kind = BY_KEY[call.kind]
        thing = title(call.kind, call.namespace, call.name)
        self._try(
            (call.kind + "/" + call.verb, call.namespace, call.name),
            "%s was asked to %s %d times, and does not" % (thing, call.verb, WRITES),
        )
        self._client.act(kind, call.name, call.namespace, call.verb, call.body)
        self.called = True
        self._say("called", ["%s %s: %s" % (thing, call.verb, call.reason)])

    def _try(self, place: Tuple[str, str, str], text: str) -> None:
        if self._tries[place] >= WRITES:
            raise Failure([text])
        self._tries[place] += 1
