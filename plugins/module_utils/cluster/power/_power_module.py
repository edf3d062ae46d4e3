# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module vm_power from beginning to end. This module util is private to the collection."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Sequence

from ...common._errors import NetworkError
from .._carry_out import Pace, Timeout
from .._module import ClusterModule
from .._objects import listed
from .._plan import Step
from .._shown import diff, objects
from ._procedures import Migrate, Start, Stop
from ._run import Failure, Procedure, Runner

SUSPENDED = "still suspended: %s; run again, or roll back, and they go on when all VMs are as they were"
"""Of a start that has failed: the jobs."""


def run(module: ClusterModule) -> None:
    """Carry out a module's call and exit. In check mode everything is judged and planned, and nothing is written."""
    params: Mapping[str, Any] = module.params
    try:
        procedure = of_state(params)
        pace = Pace(params["wait"], params["wait_timeout"], params["wait_sleep"])
        runner = Runner(module.client(), pace)
        first = runner.look()
        procedure.judge(first)
        plan = runner.settled(procedure, first, params["check_timeout"] if module.check_mode else 0)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    for line in _warnings(procedure):
        module.warn(line)
    if module.check_mode:
        steps = [write.step for write in plan.writes]
        changed = bool(steps or plan.calls)
        result = _result(procedure, steps, changed, runner, plan.missing, plan.failures)
        module.exit_json(**result)
    failures: List[str] = []
    try:
        runner.carry_out(procedure, first)
    except NetworkError as error:
        failures = error.failures if isinstance(error, Failure) else []
        missing = error.missing if isinstance(error, Timeout) else runner.missing
        lines = [str(error), *_still_suspended(procedure)]
        module.fail_json(msg="\n".join(lines), **_of_runner(procedure, runner, missing, failures))
    module.exit_json(**_of_runner(procedure, runner, runner.missing, failures))


def of_state(params: Mapping[str, Any]) -> Procedure:
    """The procedure that the options ask for. Raises ValidationError."""
    if params["state"] == "stopped":
        return Stop(params, datetime.now(timezone.utc).replace(tzinfo=None))
    return Start(params) if params["state"] == "started" else Migrate(params)


def _warnings(procedure: Procedure) -> List[str]:
    left = procedure.left if isinstance(procedure, Start) else []
    cautions = procedure.cautions if isinstance(procedure, Stop) else []
    if not cautions:
        return left
    names = listed(["%s/%s" % (caution.namespace, caution.name) for caution in cautions])
    return [*left, "guests that may be killed instead of shut down, see cautions: %s" % names]


def _still_suspended(procedure: Procedure) -> List[str]:
    """What a start that has failed leaves suspended, and what lets it go on; a line where there is something."""
    jobs = procedure.suspended if isinstance(procedure, Start) else ()
    return [SUSPENDED % ", ".join(jobs)] if jobs else []


def _of_runner(procedure: Procedure, runner: Runner, missing: Sequence[str], failures: Sequence[str]) -> Dict[str, Any]:
    return _result(procedure, runner.steps, bool(runner.steps) or runner.called, runner, missing, failures)


def _result(
    procedure: Procedure,
    steps: Sequence[Step],
    changed: bool,
    runner: Runner,
    missing: Sequence[str],
    failures: Sequence[str],
) -> Dict[str, Any]:
    return {
        "changed": changed,
        "diff": diff(steps),
        "objects": objects(steps),
        **procedure.result(),
        "missing": list(missing),
        "failures": list(failures),
        "progress": runner.progress,
    }
