# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every module that changes the cluster goes about it. This module util is private to the collection.

Read, plan, judge, write, wait: nothing is written before the whole plan has met every rule, in check mode too.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ..common._errors import NetworkError
from ..common._wait import WAIT_ARGSPEC
from . import _goal
from ._carry_out import Executor, Pace, Timeout
from ._expect import expected
from ._module import ClusterModule
from ._plan import Judged, Step, judge
from ._read import read_snapshot
from ._shown import diff, objects
from ._snapshot import Snapshot
from ._warnings import warnings
from .rules import OURS

Planner = Callable[[Snapshot, Mapping[str, Any]], Tuple[Step, ...]]
"""(the cluster, the options as given) -> the steps. Raises ValidationError."""
Teller = Callable[[Snapshot, Sequence[Step]], Mapping[str, Any]]
"""(the cluster before, the steps) -> what else the module returns, also when it fails on the way."""


def change_argspec(own: Mapping[str, Any], state: bool = True) -> Dict[str, Any]:
    """The argument spec of a module that changes the cluster, without the options to reach it.

    state: whether it has that option, which a module that only changes what is there has no use for.
    """
    states = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}} if state else {}
    return {**states, **WAIT_ARGSPEC, **own}


def run(
    module: ClusterModule,
    kinds: Iterable[str],
    plan: Planner,
    tell: Optional[Teller] = None,
    passed_over: Sequence[str] = (),
    restoring: bool = False,
) -> None:
    """Carry out a module's call and exit.

    kinds: what the plan and the rules for it look at. passed_over: rules that a caller has judged already, over more
    steps than these. restoring: whether what was there before is put back; then objections of this collection's own,
    which Harvester does not share, are warnings.
    """
    try:
        client = module.client()
        start = read_snapshot(client, kinds)
        steps = plan(start, module.given())
        judged = judge(start, steps)
        goal = _goal.of_plan(steps, judged.end)
        found_warnings = warnings(steps, start, judged.end)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    objections = [objection for objection in judged.objections if objection.rule not in passed_over]
    if restoring:
        found_warnings += [str(objection) for objection in objections if objection.by == OURS]
        objections = [objection for objection in objections if objection.by != OURS]
    if objections:
        found: List[Dict[str, Any]] = [asdict(objection) for objection in objections]
        module.fail_json(msg="\n".join(map(str, objections)), objections=found)
    told = tell(start, steps) if tell else {}
    for line in found_warnings:
        module.warn(line)
    if not module.check_mode:
        params = module.params
        pace = Pace(params["wait"], params["wait_timeout"], params["wait_sleep"], tuple(params.get("gone_nodes") or ()))
        _carry_out(module, Executor(client, pace), steps, judged, goal, told)
    module.exit_json(**_result(steps), **told, expect=expected(steps, goal, judged.end), warnings_found=found_warnings)


def _carry_out(
    module: ClusterModule,
    executor: Executor,
    steps: Sequence[Step],
    judged: Judged,
    goal: _goal.Goal,
    told: Mapping[str, Any],
) -> None:
    """A failure tells what was written before it."""
    try:
        executor.carry_out(steps, judged)
        executor.finish(goal, judged.states[0])
    except NetworkError as error:
        missing = error.missing if isinstance(error, Timeout) else []
        module.fail_json(msg=str(error), missing=missing, **_result(executor.done), **told)


def _result(steps: Sequence[Step]) -> Dict[str, Any]:
    return {"changed": any(step.writes for step in steps), "diff": diff(steps), "objects": objects(steps)}
