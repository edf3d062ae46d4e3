# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How module storage_network goes about it: read, plan, judge there and back, write, wait.

This module util is private to the collection.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...common._errors import NetworkError
from .. import _goal, _network_mtu, _storage
from .._carry_out import Executor, Pace, Timeout
from .._expect import expected
from .._module import ClusterModule
from .._plan import Judged, Step, judge
from .._read import read_snapshot
from .._shown import diff, objects
from .._snapshot import Snapshot
from .._storage import STORAGE, NetworkValue
from ..rules import Objection
from ..wanted import _storage_network
from . import _preflight, _volumes

__all__ = ["run"]


class Call:
    """One call, planned and judged. Raises NetworkError."""

    def __init__(self, start: Snapshot, given: Mapping[str, Any]) -> None:
        self.start = start
        self.plan = _storage_network.plan(start, given)
        state = _preflight.settled(start, self.plan.steps)
        if given.get("before_vms_stop"):
            state = _preflight.vms_stopped(state)
        self.judged: Judged = judge(state, self.plan.steps)
        found = list(self.judged.objections)
        if given["state"] == _storage_network.DISABLED and not given.get("permanent"):
            back = _storage_network.restored(self.judged.end, self.plan.recorded)
            found += _preflight.way_back(self.judged, back)
        self.objections: List[Objection] = _preflight.not_allowed(found, given)
        self.goal = _goal.of_plan(self.plan.steps, self.judged.end)

    @property
    def result(self) -> Dict[str, Any]:
        """What the module returns of the plan, whether it was carried out or not."""
        return {
            "recorded": [entry._asdict() for entry in self.plan.recorded],
            "network": self.network,
            "volumes": [volume.shown for volume in _volumes.attached(self.start) if not volume.at_rest],
        }

    @property
    def network(self) -> Optional[Dict[str, Any]]:
        """The storage network that is to be, or the one that goes; None where there is neither."""
        value = _storage.network_of(self.judged.end, STORAGE) or _storage.network_of(self.start, STORAGE)
        return _shown(self.start, value) if value is not None else None

    @property
    def expect(self) -> Dict[str, Any]:
        """What has to be true on the hosts, in the words of role link_proof."""
        return expected(_networks(self.start, self.judged.end), self.goal, self.judged.end)


def run(module: ClusterModule) -> None:
    """Carry out a module's call and exit."""
    params = module.params
    if params["before_vms_stop"] and not module.check_mode:
        module.fail_json(
            msg="before_vms_stop=true judges a change that cannot be made yet, so it needs check mode; give"
            " check_mode: true, or leave it out once the VMs are stopped"
        )
    try:
        client = module.client()
        call = Call(read_snapshot(client, _storage_network.KINDS), module.given())
    except NetworkError as error:
        module.fail_json(msg=str(error))
    if call.objections:
        found = [asdict(objection) for objection in call.objections]
        module.fail_json(msg="\n".join(map(str, call.objections)), objections=found, **call.result)
    gone = tuple(params["gone_nodes"] or ())
    executor = Executor(client, Pace(params["wait"], params["wait_timeout"], params["wait_sleep"], gone))
    if not module.check_mode:
        _carry_out(module, executor, call)
    module.exit_json(**_done(call.plan.steps, executor), **call.result, expect=call.expect)


def _carry_out(module: ClusterModule, executor: Executor, call: Call) -> None:
    """A failure tells what was written before it, and what a later call needs to go on or to put back."""
    try:
        executor.carry_out(call.plan.steps, call.judged)
        executor.finish(call.goal, call.start)
    except NetworkError as error:
        missing = error.missing if isinstance(error, Timeout) else []
        module.fail_json(msg=str(error), missing=missing, **_done(executor.done, executor), **call.result)


def _done(steps: Sequence[Step], executor: Executor) -> Dict[str, Any]:
    return {
        "changed": any(step.writes for step in steps),
        "diff": diff(steps),
        "objects": objects(steps),
        "progress": [look._asdict() for look in executor.progress],
    }


def _networks(start: Snapshot, end: Snapshot) -> Tuple[Step, ...]:
    """The VM networks of settings as steps: those that go, those that come, those that stay."""
    before = {nad.reference: nad for nad in start.nads.values() if nad.setting}
    after = {nad.reference: nad for nad in end.nads.values() if nad.setting}
    return tuple(
        Step("nads", before[name].raw if name in before else None, after[name].raw if name in after else None)
        for name in sorted({*before, *after})
    )


def _shown(snapshot: Snapshot, value: NetworkValue) -> Dict[str, Any]:
    return {
        "cluster_network": value.cluster_network,
        "vlan_id": value.vlan,
        "range": value.range,
        "exclude": list(value.exclude),
        "mtu": _network_mtu.for_nads(snapshot, value.cluster_network, value.cluster_network),
        "nodes": [node.name for node in snapshot.workers],
    }
