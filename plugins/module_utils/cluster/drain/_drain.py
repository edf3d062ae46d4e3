# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evicts the pods of a node and waits until they are gone. This module util is private to the collection."""

from __future__ import annotations

import time
from typing import Callable, List, Mapping, NamedTuple

from ...common import _pause
from ...common._errors import Problem, ValidationError
from .. import _cordon
from .._carry_out import Executor, Look, Pace, Timeout
from .._client import Client
from .._kinds import BY_KEY
from .._plan import Step
from .._read import read_snapshot
from .._snapshot import Snapshot
from ._pods import Pod, pods
from ._refusals import refusals, running

KINDS = ("nodes", "upgrades", "vmis")
"""What every look reads, beside the pods of the node."""


class Rules(NamedTuple):
    """How a node is drained.

    unmanaged: "leave" or "evict", what becomes of pods that no controller would make again. allow_running_vms: whether
    VMs may be on it; they are left alone.
    """

    unmanaged: str
    allow_running_vms: bool


class Drain:
    """One node and what is done with it.

    steps: what was written. targets: the pods that are evicted, those that were on the node once it was cordoned.
    left: the other pods of that look. granted: whether any eviction was. missing: what was waited for at the last look.
    progress: the same, one entry whenever it changed. cordoned: whether this call has cordoned the node.
    """

    def __init__(
        self,
        client: Client,
        node: str,
        pace: Pace,
        sleep: Callable[[float], None] = _pause.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._node = node
        self._pace = pace
        self._sleep = sleep
        self._clock = clock
        self._begin = clock()
        self._executor = Executor(client, pace, sleep, clock)
        self.steps: List[Step] = []
        self.targets: List[Pod] = []
        self.left: List[Pod] = []
        self.granted = False
        self.cordoned = False
        self.missing: List[str] = []
        self.progress: List[Look] = []

    def look(self) -> Snapshot:
        """The cluster now, without pods. Raises ApiError, and ValidationError for an unknown node."""
        snapshot = read_snapshot(self._client, KINDS)
        if self._node not in snapshot.nodes:
            known = ", ".join(sorted(snapshot.nodes))
            problem = Problem(
                "node '%s'" % self._node, "", None, "it is not in the cluster", "its nodes are %s" % known
            )
            raise ValidationError([problem])
        return snapshot

    def plan(self, snapshot: Snapshot, rules: Rules) -> None:
        """Note what would be done. Raises ApiError, and ValidationError with all that speaks against it."""
        problems = refusals(snapshot, self._node, rules.allow_running_vms)
        if problems:
            raise ValidationError(problems)
        self._choose(rules)
        step = _cordon.cordon(snapshot, self._node)
        self.steps = [step] if step is not None else []

    def cordon(self, snapshot: Snapshot) -> None:
        """Cordon the node, unless it is cordoned. Raises ApiError."""
        step = _cordon.cordon(snapshot, self._node)
        if step is not None:
            self._executor.write(step)
            self.steps.append(step)
            self.cordoned = True

    def uncordon(self, snapshot: Snapshot) -> None:
        """Take this collection's cordon away. Raises ApiError."""
        step = _cordon.uncordon(snapshot, self._node)
        if step is not None:
            self._executor.write(step)
            self.steps.append(step)

    def empty(self, rules: Rules) -> None:
        """Evict the pods of the cordoned node and wait until they are gone; without waiting, ask once.

        A refused eviction is asked for again as long as there is time: a disruption budget may allow it later. Raises
        ApiError, Timeout, and ValidationError when the node is not left alone meanwhile.
        """
        self._choose(rules)
        here = {pod.uid: pod for pod in self.targets}
        until = self._clock() + self._pace.timeout
        while True:
            self._ask(here)
            if not self.missing or not self._pace.wait:
                return
            if self._clock() + self._pace.sleep > until:
                raise Timeout(self._pace.timeout, self.missing)
            self._sleep(self._pace.sleep)
            self._guard(self.look(), rules)
            here = {pod.uid: pod for pod in self._pods(rules)}

    def _choose(self, rules: Rules) -> None:
        found = self._pods(rules)
        self.targets = [pod for pod in found if not pod.why]
        self.left = [pod for pod in found if pod.why]

    def _pods(self, rules: Rules) -> List[Pod]:
        items = self._client.list(BY_KEY["pods"], fields="spec.nodeName=%s" % self._node)
        return pods(items, rules.unmanaged)

    def _ask(self, here: Mapping[str, Pod]) -> None:
        """Ask for the eviction of every pod that is still here, by uid, and not on its way out."""
        missing = []
        for pod in [here[pod.uid] for pod in self.targets if pod.uid in here]:
            if pod.deleting:
                missing.append("pod '%s' is ending" % pod.reference)
                continue
            why = self._client.evict(pod.name, pod.namespace, pod.uid)
            self.granted = self.granted or not why
            missing.append("pod '%s' %s" % (pod.reference, "may not go yet: %s" % why if why else "is ending"))
        if missing != self.missing or not self.progress:
            self.missing = missing
            self.progress.append(Look(int(self._clock() - self._begin), missing))

    def _guard(self, snapshot: Snapshot, rules: Rules) -> None:
        """Others may do something to the node meanwhile."""
        node = snapshot.nodes[self._node]
        rule = ""
        if not node.cordoned:
            rule = "somebody has uncordoned it while it was drained"
        elif not node.ready:
            rule = "it has become not Ready while it was drained"
        vms = () if rules.allow_running_vms else running(snapshot, self._node)
        if vms:
            rule = "VMs have come to it while it was drained: %s" % ", ".join(vms)
        if rule:
            raise ValidationError([Problem("node '%s'" % self._node, "", None, rule, "see who works on it")])
