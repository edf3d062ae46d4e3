# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs stop, start again, or move. This module util is private to the collection."""

from __future__ import annotations

from typing import List, Set, Tuple

from ...cluster import _objects
from ...cluster._placement import placement
from ...cluster._plan import Step
from ...cluster._snapshot import Snapshot
from ...cluster._vms import HALTED, Vm
from ...cluster.power._selection import Selection, running
from ...cluster.rules.ours._vm import NO_NODE
from ...cluster.wanted._network_config import KINDS
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind


def _effect(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """A VM that is stopped already stays so; one is started with the run strategy of the beginning."""
    stops = given["state"] == "stopped"
    steps: List[Step] = []
    problems = []
    for reference in given["vms"]:
        namespace, _slash, name = reference.rpartition("/")
        before = state.get("vms", name, namespace)
        if before is None:
            problems.append(Problem(where, "vms", reference, "the cluster has no such VM", "give it as namespace/name"))
            continue
        strategy = (
            HALTED if stops else (given.get("run_strategies") or {}).get(reference) or _strategy(start, reference)
        )
        if _objects.dig(before, "spec", "runStrategy") == strategy:
            continue
        steps.append(Step("vms", before, _objects.merged(before, {"spec": {"runStrategy": strategy, "running": None}})))
    if problems:
        raise ValidationError(problems)
    turned = tuple("%s/%s" % (step.namespace, step.name) for step in steps if _turns(step, stops))
    if stops:
        return Effect(tuple(steps), stops=turned, settle=lambda after: _detached(after, turned))
    return Effect(
        tuple(steps), starts=turned, spared=tuple((NO_NODE, step.title) for step in steps if _waits(start, step))
    )


def _return(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """Of VMs that an earlier run has stopped, those that are there and off start again."""
    there = [name for name in given["vms"] if name in state.vms and state.vms[name].halted]
    effect = _effect(state, start, {**given, "vms": there, "state": "started"}, where)
    return effect._replace(starts=(), returns=effect.starts)


def _migration(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """VMs of these cluster networks, or these VMs, leave the nodes, each for the first other node that can run it."""
    closed, problems = set(given["nodes"]), []
    chosen = {key: given.get(key) for key in ("nodes", "cluster_networks")}
    names = running(state, Selection.read({**chosen, "names": given.get("vms")}))
    for reference in names:
        vmi = state.vmis[reference]
        targets = [name for name in placement(state, vmi).nodes if name not in closed]
        if not targets:
            rule = "VM '%s' runs on node '%s', and no other node could run it" % (reference, vmi.node)
            problems.append(Problem(where, "", None, rule, "stop it instead"))
            continue
        moved = _objects.merged(state.get("vmis", vmi.name, vmi.namespace), {"status": {"nodeName": targets[0]}})
        state = state.put("vmis", moved)
    if problems:
        raise ValidationError(problems)
    end = state
    return Effect(moves=names, settle=lambda _after: end)


def _waits(start: Snapshot, step: Step) -> bool:
    """Whether no node could run the VM at the beginning of the change either: it goes back to waiting for one."""
    vm = start.vms.get("%s/%s" % (step.namespace, step.name))
    return vm is not None and not placement(start, vm).nodes


def _strategy(start: Snapshot, reference: str) -> str:
    vm = start.vms.get(reference)
    return vm.run_strategy if vm else HALTED


def _turns(step: Step, stops: bool) -> bool:
    """Whether the VM really goes off or on, not only its run strategy changes."""
    before, after = (Vm.read(item or {}) for item in (step.before, step.after))
    return not before.halted if stops else before.halted and not after.halted


def _detached(state: Snapshot, stopped: Tuple[str, ...]) -> Snapshot:
    """Longhorn detaches the volumes of VMs that have stopped."""
    claims: Set[Tuple[str, str]] = set()
    for reference in stopped:
        namespace, _slash, name = reference.rpartition("/")
        claims |= {(namespace, claim) for claim in _claims(state.get("vms", name, namespace) or {})}
    for volume in list(state.all("volumes")):
        owner = _objects.dig(volume, "status", "kubernetesStatus") or {}
        if (owner.get("namespace"), owner.get("pvcName")) in claims:
            detached = {"status": {"state": "detached", "currentNodeID": ""}}
            state = state.put("volumes", _objects.merged(volume, detached))
    return state


def _claims(vm: _objects.Object) -> Set[str]:
    found = set()
    for volume in _objects.dig(vm, "spec", "template", "spec", "volumes") or ():
        claim = _objects.dig(volume, "persistentVolumeClaim", "claimName") or _objects.dig(volume, "dataVolume", "name")
        if claim:
            found.add(str(claim))
    return found


KIND = StepKind(("vms", "state"), ("run_strategies",), (*KINDS, "backups"), _effect)
RETURN = StepKind(("vms", "run_strategies"), (), KIND.kinds, _return)
MIGRATION = StepKind(("nodes",), ("cluster_networks", "vms"), KIND.kinds, _migration)
