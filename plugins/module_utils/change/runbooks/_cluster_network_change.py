# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The general change of a cluster network's configurations: what it touches, what speaks against it, and the phases.

NICs, bond mode and options, the nodes of each configuration and their labels. The steps are those of module
cluster_network. Harvester takes none of them while a VM of the cluster network has an instance on a node that is
interrupted, or a setting has its network there (NC pkg/webhook/vlanconfig). So exactly those VMs stop, once for all
configurations, or they move off the nodes of one configuration after the other.

This module util is private to the collection.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...cluster import _objects, _storage
from ...cluster._config import NetworkConfig
from ...cluster._effects import after_all
from ...cluster._plan import Step
from ...cluster._snapshot import Snapshot
from ...cluster.power import _migrate
from ...cluster.wanted import _cluster_network as wanted_network
from ...cluster.wanted._network_config import siblings
from ...common._errors import Problem, ValidationError
from .. import _plan, phases
from ..phases import _configs, _settings, _vms
from . import _change_refusals, _network_refusals, _network_uses
from ._change_groups import Group, groups, having
from ._change_refusals import MIGRATE, STOP
from ._cluster_network import SUBNET, entry, host_phases, hosts_of, links, with_expectations

AFFECTED_VMS = (STOP, MIGRATE)


class Wish(NamedTuple):
    """What is asked for.

    uplink, configs, labels: as module cluster_network takes them; what is not given stays. exclusive: whether
    configurations that ``configs`` does not name go. mode_from, nics_from: what the change starts from; empty for
    whatever is there. affected_vms: "stop" or "migrate". switches_ready, gitops_paused: what the operator vouches for.
    legs: whether each leg of the bonds is proved. subnet: of the endpoints of the proof. vms: options of role vms
    without their prefix. settings: options of role storage_network without theirs. wait: seconds for agents.
    """

    cluster_network: str
    uplink: Mapping[str, Any] = {}
    configs: Optional[Sequence[Mapping[str, Any]]] = None
    labels: Mapping[str, Any] = {}
    exclusive: bool = False
    mode_from: str = ""
    nics_from: Mapping[str, Sequence[str]] = {}
    affected_vms: str = STOP
    switches_ready: bool = False
    gitops_paused: bool = False
    legs: bool = True
    subnet: str = SUBNET
    vms: Mapping[str, Any] = {}
    settings: Mapping[str, Any] = {}
    wait: int = _configs.WAIT


class Case(NamedTuple):
    """What there is to do.

    phases: as role change takes them; none when everything is as wanted. nodes: those whose bonds are made anew.
    settings: those that have to let go of their networks. vms: what stops or moves, by reference. links: node -> what
    role link_proof has to find there before the first phase. cautions: what the operator has to know, a line each.
    """

    phases: Tuple[Mapping[str, Any], ...]
    nodes: Tuple[str, ...]
    settings: Tuple[str, ...]
    vms: Tuple[str, ...]
    links: Mapping[str, Any]
    cautions: Tuple[str, ...]


def analyse(snapshot: Snapshot, wish: Wish, moment: datetime) -> Case:
    """The case of this cluster. moment: now, in UTC and naive.

    Raises ValidationError with everything that speaks against it, ChangeError with a table where ``mode_from`` or
    ``nics_from`` is not what is there.
    """
    name = wish.cluster_network
    _change_refusals.refuse_network(snapshot, wish)
    configs = siblings(snapshot, name)
    steps = _steps(snapshot, wish, configs)
    if not steps:
        return Case((), (), (), (), links(configs), ())
    _change_refusals.require_from(configs, wish.mode_from, wish.nics_from)
    found = groups(snapshot, name, steps)
    interrupted = sorted({node for group in found for node in group.interrupted})
    settings = _network_uses.settings_on(snapshot, name) if interrupted else ()
    problems = _change_refusals.refusals(snapshot, wish, found, settings)
    hosts = _hosts_that_go(snapshot, name, found)
    problems += _network_refusals.of_hosts(snapshot, name) if hosts else ()
    vms: Tuple[str, ...] = ()
    planned: List[Mapping[str, Any]] = []
    try:
        if wish.affected_vms == MIGRATE:
            planned, vms = _migrating(snapshot, wish, found)
        else:
            planned, vms = _stopping(snapshot, wish, found, settings, moment)
    except ValidationError as error:
        problems += error.problems
    if problems:
        raise ValidationError(problems)
    if hosts:
        planned = _around(snapshot, wish, hosts, planned, steps)
    cautions = _change_refusals.cautions(name, found, settings, wish.affected_vms == MIGRATE)
    told = with_expectations(phases.with_steps(planned, snapshot, {}), snapshot)
    return Case(tuple(told), tuple(interrupted), settings, vms, links(configs), tuple(cautions))


def _steps(snapshot: Snapshot, wish: Wish, configs: Sequence[NetworkConfig]) -> List[Step]:
    """What changes, in the order in which it can be made. Raises ValidationError."""
    given: Dict[str, Any] = {"name": wish.cluster_network}
    if wish.uplink:
        given["uplink"] = dict(wish.uplink)
    if wish.labels:
        given["labels"] = wish.labels
    if wish.configs is not None:
        named = {item["name"] for item in wish.configs}
        others = [] if wish.exclusive else [{"name": one.name} for one in configs if one.name not in named]
        given["configs"] = [*wish.configs, *others]
    found = wanted_network.plan(snapshot, given)
    return [step for step in found if step.writes and step.kind != "clusternetworks"]


def _stopping(
    snapshot: Snapshot, wish: Wish, found: Sequence[Group], settings: Sequence[str], moment: datetime
) -> Tuple[List[Mapping[str, Any]], Tuple[str, ...]]:
    """VMs stop once, all groups change, VMs start. Raises ValidationError for VMs that cannot be stopped."""
    middle: List[Mapping[str, Any]] = [*_changes(snapshot, wish, found)]
    interrupted = sorted({node for group in found for node in group.interrupted})
    if not interrupted:
        return middle, ()
    some = {"cluster_networks": [wish.cluster_network], "nodes": interrupted}
    selection: Mapping[str, Any] = {"all": True} if _storage.STORAGE in settings else some
    entries = _vms.stopping(snapshot, {**selection, **wish.vms}, moment)
    stop, start = _vms.phases(snapshot, selection, wish.vms, entries)
    before, after = [stop], [start]
    if settings:
        off, on = _settings.phases(wish.settings, settings)
        before.append(off)
        after.insert(0, on)
    return [*before, *middle, *after], tuple(one.reference for one in entries)


def _migrating(
    snapshot: Snapshot, wish: Wish, found: Sequence[Group]
) -> Tuple[List[Mapping[str, Any]], Tuple[str, ...]]:
    """Of one group after the other the nodes are emptied, changed, and opened again.

    Raises ValidationError for VMs that cannot move.
    """
    planned: List[Mapping[str, Any]] = []
    names: List[str] = []
    state = snapshot
    for group, change in zip(found, _changes(snapshot, wish, found)):
        nodes = sorted(group.interrupted)
        selection = {"cluster_networks": [wish.cluster_network], "nodes": nodes}
        moving = _vms.moving(state, selection) if nodes else ()
        problems = [problem for node in nodes for problem in _staying(state, node, moving, nodes)]
        if problems:
            raise ValidationError(problems)
        some = [change]
        if nodes:
            away, opened = _vms.migration(state, ("vms-move-" + group.id, "open-" + group.id), selection, wish.vms)
            some = [away, change, opened]
        planned += some
        names += moving
        state = _plan.plan(state, phases.with_steps(some, state, {})).end
    return planned, tuple(dict.fromkeys(names))


def _staying(state: Snapshot, node: str, moving: Sequence[str], nodes: Sequence[str]) -> Iterable[Problem]:
    for one in _migrate.evacuation(state, node, moving, nodes).staying:
        rule = "it cannot leave node '%s': %s" % (node, "; ".join(one.reasons))
        yield Problem("VM '%s'" % one.reference, "", None, rule, "stop it, or give change_affected_vms=stop")


def _changes(snapshot: Snapshot, wish: Wish, found: Sequence[Group]) -> List[Dict[str, Any]]:
    """A phase per group; what is proved on the wire is between all nodes that have the cluster network after it."""
    planned = []
    state = snapshot
    for group in found:
        state = after_all(state, [step.change for step in group.steps])
        proof = _proof(snapshot, state, wish) if group.nodes else {}
        nodes = _objects.listed(sorted(group.interrupted))
        texts = ["traffic of cluster network '%s' on %s" % (wish.cluster_network, nodes)] if nodes else []
        told: Dict[str, Any] = {"interrupts": texts, "wait_timeout": wish.wait}
        planned.append(_configs.phase(group.id, _entries(group), **proof, **told))
    return planned


def _entries(group: Group) -> Dict[str, Any]:
    """As module config_objects takes them."""
    configs = [entry(step.name, step.after, step.before) for step in group.steps if step.kind == "vlanconfigs"]
    labels = [_labels(step) for step in group.steps if step.kind == "nodes"]
    return {**({"node_labels": labels} if labels else {}), **({"configs": configs} if configs else {})}


def _labels(step: Step) -> Dict[str, Any]:
    was, now = _objects.labels_of(step.before or {}), _objects.labels_of(step.object)
    keys = sorted(_objects.dig(step.patch, "metadata", "labels") or {})
    expected = {key: was[key] for key in keys if key in was}
    return {"name": step.name, "labels": {key: now.get(key) for key in keys}, "expected": expected}


def _proof(snapshot: Snapshot, state: Snapshot, wish: Wish) -> Dict[str, Any]:
    """snapshot: with the networks of settings, which are off by then. state: after the phase."""
    mtu = max(config.effective_mtu for config in siblings(snapshot, wish.cluster_network))
    paths = _network_uses.paths(snapshot, wish.cluster_network, having(state, wish.cluster_network), mtu)
    return {"paths": paths, "legs": wish.legs and bool(paths), "subnet": wish.subnet}


def _hosts_that_go(snapshot: Snapshot, name: str, found: Sequence[Group]) -> List[Any]:
    """Host network configurations whose bridge goes on one of their nodes, for however short."""
    leaving = {node for group in found for node in group.leaving}
    nodes = list(snapshot.nodes.values())
    return [host for host in hosts_of(snapshot, name) if leaving.intersection(host.matched(nodes))]


def _around(
    snapshot: Snapshot, wish: Wish, hosts: Sequence[Any], planned: Sequence[Mapping[str, Any]], steps: Sequence[Step]
) -> List[Mapping[str, Any]]:
    """Host network configurations go before the first change and come back after the last one."""
    end = after_all(snapshot, [step.change for step in steps])
    mtu = max(config.effective_mtu for config in siblings(end, wish.cluster_network))
    off, on = host_phases(snapshot, hosts, mtu, having(end, wish.cluster_network), wish.wait)
    places = [place for place, phase in enumerate(planned) if phase["role"] == _configs.ROLE]
    first, last = places[0], places[-1] + 1
    return [*planned[:first], off, *planned[first:last], on, *planned[last:]]
