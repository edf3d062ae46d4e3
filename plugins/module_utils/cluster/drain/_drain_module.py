# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module node_drain from beginning to end. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from ...common._errors import NetworkError
from ...common._wait import WAIT_ARGSPEC
from .. import _cordon
from .._carry_out import Pace
from .._module import ClusterModule
from .._shown import diff, objects
from .._snapshot import Snapshot
from ._drain import Drain, Rules
from ._pods import EVICT, LEAVE

__all__ = ["DRAIN_ARGSPEC", "run"]

CORDONED, DRAINED, UNCORDONED = "cordoned", "drained", "uncordoned"
THIS_CALL = "this_call"
DRAIN_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "node": {"type": "str", "required": True},
    "state": {"type": "str", "required": True, "choices": [CORDONED, DRAINED, UNCORDONED]},
    "unmanaged_pods": {"type": "str", "choices": [LEAVE, EVICT], "default": LEAVE},
    "allow_running_vms": {"type": "bool", "default": False},
    **WAIT_ARGSPEC,
}


def run(module: ClusterModule) -> None:
    """Carry out a module's call and exit. In check mode everything is judged and planned, and nothing is written."""
    params = module.params
    pace = Pace(params["wait"], params["wait_timeout"], params["wait_sleep"])
    by = ""
    try:
        drain = Drain(module.client(), params["node"], pace)
        snapshot = drain.look()
        by = _cordon.cordoned_by(snapshot.nodes[params["node"]])
        changed, by = _planned(drain, snapshot, params, by)
    except NetworkError as error:
        module.fail_json(msg=str(error))
    if params["state"] == UNCORDONED and by == _cordon.OTHERS:
        module.warn("node '%s' stays cordoned: somebody else has cordoned it" % params["node"])
    if module.check_mode:
        module.exit_json(changed=changed, **_result(drain, by))
    drain.steps = []
    try:
        by = _carried_out(drain, snapshot, params, by)
    except NetworkError as error:
        said, by = _ended(drain, params["node"], by)
        text = "node '%s' is not %s: %s\n%s" % (params["node"], params["state"], error, said)
        module.fail_json(msg=text, **_all(drain, by))
    module.exit_json(**_all(drain, by))


def _planned(drain: Drain, snapshot: Snapshot, params: Dict[str, Any], by: str) -> Tuple[bool, str]:
    """Whether anything would change, and whose cordon the node would have."""
    if params["state"] == UNCORDONED:
        step = _cordon.uncordon(snapshot, params["node"])
        drain.steps = [step] if step is not None else []
        return step is not None, _cordon.OTHERS if by == _cordon.OTHERS else ""
    if params["state"] == DRAINED:
        drain.plan(snapshot, _rules(params))
    else:
        step = _cordon.cordon(snapshot, params["node"])
        drain.steps = [step] if step is not None else []
    return bool(drain.steps or drain.targets), by or THIS_CALL


def _carried_out(drain: Drain, snapshot: Snapshot, params: Dict[str, Any], by: str) -> str:
    """Do it; gives whose cordon the node has afterwards."""
    if params["state"] == UNCORDONED:
        drain.uncordon(snapshot)
        return by
    drain.cordon(snapshot)
    if params["state"] == DRAINED:
        drain.empty(_rules(params))
    return by


def _ended(drain: Drain, node: str, by: str) -> Tuple[str, str]:
    """After a failure: take back a cordon of this call. Gives what to say of it, and whose cordon the node has."""
    if not drain.cordoned:
        if by == _cordon.OTHERS:
            return "It stays cordoned, as somebody else has it", by
        if by == _cordon.OURS:
            return "It stays cordoned by an earlier call; state=uncordoned takes that away", by
        return "It is not cordoned", ""
    try:
        drain.uncordon(drain.look())
    except NetworkError as error:
        return "It stays cordoned (%s); state=uncordoned takes that away" % error, by
    return "Its cordon was taken away again", ""


def _rules(params: Dict[str, Any]) -> Rules:
    return Rules(params["unmanaged_pods"], params["allow_running_vms"])


def _all(drain: Drain, by: str) -> Dict[str, Any]:
    return {"changed": bool(drain.steps) or drain.granted, **_result(drain, by)}


def _result(drain: Drain, by: str) -> Dict[str, Any]:
    return {
        "diff": diff(drain.steps),
        "objects": objects(drain.steps),
        "cordoned_by": by,
        "evicted": [pod.as_result() for pod in drain.targets],
        "left": [pod.as_result() for pod in drain.left],
        "missing": drain.missing,
        "progress": [look._asdict() for look in drain.progress],
    }
