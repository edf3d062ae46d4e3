# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase of playbook cluster_network: cluster networks, their configurations and VM networks become as declared.

The steps are those of modules cluster_network and vm_network, planned one after the other on the cluster that the ones
before leave. What speaks against them, module change_plan says. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from ...cluster import _keys, _network_mtu, _objects
from ...cluster._client import Client
from ...cluster._effects import after_all
from ...cluster._kinds import SYSTEM
from ...cluster._plan import Step
from ...cluster._read import read_snapshot
from ...cluster._snapshot import Snapshot
from ...cluster.wanted import _cluster_network, _vm_network, _whole
from ...cluster.wanted._cluster_network import CLUSTER_NETWORK_ARGSPEC
from ...cluster.wanted._network_config import siblings
from ...cluster.wanted._vm_network import VM_NETWORK_ARGSPEC
from ...common._errors import Problem, ValidationError
from ...common._options import parsed
from .. import _plan, phases
from ..phases import _configs
from . import _network_uses
from ._change_groups import having
from ._cluster_network import SUBNET, with_expectations
from ._going_on import going_on

RUNBOOK = "cluster_network"
PHASE = "networks"
PRESENT, ABSENT = "present", "absent"
KINDS = tuple(dict.fromkeys((*_whole.KINDS, *_cluster_network.KINDS, *_vm_network.KINDS)))
"""What this runbook looks at."""
ITEMS: Dict[str, Mapping[str, Any]] = {"networks": CLUSTER_NETWORK_ARGSPEC, "vm_networks": VM_NETWORK_ARGSPEC}
"""Option -> the options of each of its entries, beside STATE."""
STATE: Dict[str, Any] = {"state": {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT}}
ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "networks": {"type": "list", "elements": "dict", "default": []},
    "vm_networks": {"type": "list", "elements": "dict", "default": []},
    "gitops_paused": {"type": "bool", "default": False},
    "prove": {"type": "bool", "default": True},
    "prove_paths": {"type": "bool", "default": True},
    "subnet": {"type": "str", "default": SUBNET},
    "wait_timeout": {"type": "int", "default": _configs.WAIT},
    "namespace": {"type": "str", "default": SYSTEM},
}


class Declared(NamedTuple):
    """What is asked for, as ARGUMENT_SPEC has it; of the lists only what the user gave."""

    networks: Sequence[Mapping[str, Any]] = ()
    vm_networks: Sequence[Mapping[str, Any]] = ()
    gitops_paused: bool = False
    prove: bool = True
    prove_paths: bool = True
    subnet: str = SUBNET
    wait_timeout: int = _configs.WAIT


def analyse(snapshot: Snapshot, declared: Declared) -> List[Mapping[str, Any]]:
    """The phases as role change takes them; none when everything is as declared.

    Raises ValidationError with everything that speaks against a beginning.
    """
    steps, end = _steps(snapshot, declared)
    if not steps:
        return []
    problems = [*_twice(steps), *(() if declared.gitops_paused else _managed(steps))]
    if problems:
        raise ValidationError(problems)
    paths = _paths(end, declared) if declared.prove and declared.prove_paths else []
    told: Dict[str, Any] = {
        "prove": declared.prove,
        "paths": paths,
        "subnet": declared.subnet,
        "interrupts": _interrupted(steps),
        "wait_timeout": declared.wait_timeout,
    }
    phase = _configs.phase(PHASE, _entries(steps), **told)
    return with_expectations(phases.with_steps([phase], snapshot, {}), snapshot)


def _steps(snapshot: Snapshot, declared: Declared) -> Tuple[List[Step], Snapshot]:
    """What changes, and the cluster afterwards. VM networks that go make room for the rest, the others come last."""
    goes = [item for item in declared.vm_networks if item.get("state") == ABSENT]
    comes = [item for item in declared.vm_networks if item.get("state") != ABSENT]
    planners: List[Tuple[Callable[[Snapshot, Mapping[str, Any]], Tuple[Step, ...]], Sequence[Mapping[str, Any]]]] = [
        (_vm_network.plan, goes),
        (_cluster_network.plan, declared.networks),
        (_vm_network.plan, comes),
    ]
    found: List[Step] = []
    problems: List[Problem] = []
    state = snapshot
    for plan, items in planners:
        for item in items:
            try:
                steps = [step for step in plan(state, item) if step.writes]
            except ValidationError as error:
                problems += error.problems
                continue
            found += steps
            state = after_all(state, [step.change for step in steps])
    if problems:
        raise ValidationError(problems)
    return found, state


def _twice(steps: Sequence[Step]) -> Iterator[Problem]:
    """An object is written once in a phase. Labels of a node are joined, so nodes may come more than once."""
    seen = set()
    for step in steps:
        if step.kind != "nodes" and step.title in seen:
            rule = "it would go and come back as another one in the same change"
            yield Problem(step.title, "", None, rule, "remove it in a run of its own first")
        seen.add(step.title)


def _managed(steps: Sequence[Step]) -> Iterator[Problem]:
    """Nobody undoes the change meanwhile."""
    for step in steps:
        for manager in _plan.managers(step.before or {}) if step.kind != "nodes" else ():
            rule = "%s manages it and would put it back" % manager
            yield Problem(step.title, "", None, rule, "pause that, and give change_gitops_paused=true")


def _entries(steps: Sequence[Step]) -> Dict[str, Any]:
    """As module config_objects takes them."""
    found: Dict[str, Any] = {}
    labels: Dict[str, Dict[str, Any]] = {}
    for step in steps:
        if step.kind == "nodes":
            was, now = _objects.labels_of(step.before or {}), _objects.labels_of(step.object)
            one = labels.setdefault(step.name, {"name": step.name, "labels": {}, "expected": {}})
            for key in sorted(_objects.dig(step.patch, "metadata", "labels") or {}):
                one["labels"][key] = now.get(key)
                if key in was:
                    one["expected"][key] = was[key]
    if labels:
        found["node_labels"] = list(labels.values())
    for option, kind in _whole.OPTIONS.items():
        entries = [
            _whole.entry(kind, step.name, step.after, step.before, step.namespace)
            for step in steps
            if step.kind == kind
        ]
        if entries:
            found[option] = entries
    return found


def _interrupted(steps: Sequence[Step]) -> List[str]:
    """The plan's lines: cluster networks of which a configuration that is there changes or goes."""
    names = {
        str(_objects.dig(step.before, "spec", "clusterNetwork"))
        for step in steps
        if step.kind == "vlanconfigs" and step.before is not None
    }
    return ["traffic of cluster network '%s'" % name for name in sorted(names)]


def _paths(end: Snapshot, declared: Declared) -> List[Dict[str, Any]]:
    """The VLANs of VM networks of what is declared, between the nodes that have the cluster network then.

    Those of settings and of hosts are in use, and are proved with the playbooks that make them. Of untagged frames the
    switch decides.
    """
    found = []
    for item in declared.networks:
        name = item["name"]
        if item.get("state") == ABSENT:
            continue
        if name == _keys.MGMT:
            nodes = end.active_nodes(name)
            mtu = _network_mtu.of_annotation(end.get("clusternetworks", name) or {})
        else:
            nodes = having(end, name)
            mtu = max((config.effective_mtu for config in siblings(end, name)), default=0)
        own = _network_uses.carried(end, name).own
        found += [path for path in _network_uses.paths(end, name, nodes, mtu) if path["vlan_id"] in own]
    return found


def entries(params: Mapping[str, Any], option: str) -> List[Dict[str, Any]]:
    """The entries of ``networks`` or ``vm_networks`` as their modules would parse them, without what is not given.

    Raises ValidationError.
    """
    spec = {**STATE, **ITEMS[option]}
    found: List[Dict[str, Any]] = []
    problems: List[Problem] = []
    for place, item in enumerate(params[option]):
        options, wrong = parsed(item, spec)
        problems += [Problem("%s[%d]" % (option, place), "", None, message) for message in wrong]
        found.append(options)
    if problems:
        raise ValidationError(problems)
    return found


def read(client: Client, params: Mapping[str, Any]) -> Dict[str, Any]:
    """The result of module cluster_network_info: the phases of the cluster's case, or those of the open change.

    params: the parsed options. Raises NetworkError.
    """
    declared = Declared(
        networks=entries(params, "networks"),
        vm_networks=entries(params, "vm_networks"),
        gitops_paused=params["gitops_paused"],
        prove=params["prove"],
        prove_paths=params["prove_paths"],
        subnet=params["subnet"],
        wait_timeout=params["wait_timeout"],
    )
    snapshot = read_snapshot(client, KINDS)
    record = going_on(client, params["namespace"], RUNBOOK)
    if record is not None:
        return {"change": record.id, "phases": phases.recorded(record, snapshot)}
    return {"change": "", "phases": list(analyse(snapshot, declared))}
