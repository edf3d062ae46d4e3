# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of a cluster network's configurations before anything stops, and what has to be known.

What the webhooks and the rules of this collection say of each step, module change_plan tells. This module util is
private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Sequence

from ...cluster import _objects, _selectors, _storage
from ...cluster._config import SWITCH_MODES, NetworkConfig
from ...cluster._kinds import title
from ...cluster._nodes import Node
from ...cluster._plan import Step
from ...cluster._snapshot import Snapshot
from ...cluster.wanted._network_config import siblings
from ...common import _mtu
from ...common._errors import Problem, ValidationError
from .. import _live
from . import _network_refusals
from ._change_groups import Group

RUNBOOK = "cluster_network_change"
STOP, MIGRATE = "stop", "migrate"


def refuse_network(snapshot: Snapshot, wish: Any) -> None:
    """Raises ValidationError when there is nothing that could be changed, or nothing is asked for, or an MTU is.

    wish: a _cluster_network_change.Wish.
    """
    name = wish.cluster_network
    problem = _network_refusals.of_network(
        snapshot,
        name,
        of_mgmt=(
            "the uplink of the management network is made on the hosts",
            "use playbook harvester.network.mgmt_network",
        ),
        without_configs=(
            "it has no network configuration that could change",
            "create one with playbook harvester.network.cluster_network",
        ),
    )
    found = [problem] if problem else [*_of_mtu(snapshot, wish)]
    if wish.exclusive and wish.configs is not None and not wish.configs:
        rule = "every network configuration of cluster network '%s' would go" % name
        remedy = "give those that are to be there; to remove the cluster network use playbook"
        found.append(Problem(RUNBOOK, "configs", "[]", rule, remedy + " harvester.network.cluster_network"))
    if not (wish.uplink or wish.configs is not None or wish.labels):
        rule = "nothing is asked for"
        remedy = "describe '%s' in harvester_cluster_networks, or give change_uplink, change_configs" % name
        found.append(Problem(RUNBOOK, "", None, rule, remedy + " or change_node_labels"))
    if found:
        raise ValidationError(found)


def require_from(configs: Sequence[NetworkConfig], mode: str, nics: Mapping[str, Sequence[str]]) -> None:
    """Raises ChangeError with a table where bond mode or NICs are not what the change is said to start from.

    mode: of every configuration; empty for any. nics: configuration -> its NICs.
    """
    where = "network configuration '%s'"
    if mode:
        _live.require("change_mode_from", mode, {where % config.name: config.mode for config in configs})
    known = {config.name: _objects.listed(sorted(config.nics or ())) for config in configs}
    for name, wanted in sorted(nics.items()):
        _live.require("change_nics_from.%s" % name, _objects.listed(sorted(wanted)), {where % name: known.get(name)})


def refusals(snapshot: Snapshot, wish: Any, groups: Sequence[Group], settings: Sequence[str]) -> List[Problem]:
    """Everything that speaks against a beginning, apart from VMs."""
    steps = [step for group in groups for step in group.steps]
    changed = [NetworkConfig.read(step.before) for step in steps if step.kind == "vlanconfigs" and step.before]
    return [
        *_of_switches(wish, steps),
        *_of_system_networks(wish, settings),
        *_of_labels(snapshot, wish.cluster_network, steps),
        *_network_refusals.of_nodes(snapshot, {node for group in groups for node in group.nodes}),
        *_network_refusals.of_configs(snapshot, wish.cluster_network),
        *_network_refusals.of_managers(changed, wish.gitops_paused),
    ]


def cautions(name: str, groups: Sequence[Group], settings: Sequence[str], moves: bool) -> Iterator[str]:
    """What an operator has to know, in the words of this cluster."""
    interrupted = sorted({node for group in groups for node in group.interrupted})
    if interrupted:
        yield "traffic of cluster network '%s' is interrupted on %s: bonds are made anew" % (
            name,
            _objects.listed(interrupted),
        )
    leaving = sorted({node for group in groups for node in group.leaving})
    if leaving:
        yield "%s %s without it for some seconds, between two configurations, or for good" % (
            _objects.listed(leaving),
            "is" if len(leaving) == 1 else "are",
        )
    if moves and interrupted:
        yield "VMs that have moved off these nodes do not move back"
    if _storage.STORAGE in settings:
        yield "the storage network is on it: every VM stops, and every Longhorn volume is detached"
    for group in groups:
        for step in group.steps if group.nodes else ():
            config = NetworkConfig.read(step.object) if step.kind == "vlanconfigs" and step.after else None
            if config is not None and len(config.nics or ()) == 1:
                yield "network configuration '%s' has one NIC: a bond without redundancy" % config.name


def _of_mtu(snapshot: Snapshot, wish: Any) -> Iterator[Problem]:
    if "mtu" not in wish.uplink:
        return
    wanted = wish.uplink["mtu"]
    wrong = None if wanted is None else _mtu.objection(wanted)
    other = {config.effective_mtu for config in siblings(snapshot, wish.cluster_network)} - {_mtu.effective(wanted)}
    if wrong:
        yield Problem(RUNBOOK, "uplink.mtu", wanted, wrong)
    elif other:
        rule = "cluster network '%s' has MTU %s, and changing it is a procedure of its own" % (
            wish.cluster_network,
            _objects.listed(sorted(other)),
        )
        remedy = "use playbook harvester.network.cluster_network_mtu first, or leave it out"
        yield Problem(RUNBOOK, "uplink.mtu", _mtu.effective(wanted), rule, remedy)


def _of_switches(wish: Any, steps: Sequence[Step]) -> Iterator[Problem]:
    """Switch ports are one group exactly where the bond mode needs it, on every NIC."""
    if wish.switches_ready:
        return
    reasons: Dict[str, str] = {}
    for step in steps:
        if step.kind != "vlanconfigs" or step.after is None:
            continue
        new = NetworkConfig.read(step.after)
        old = NetworkConfig.read(step.before) if step.before else None
        if old is not None and old.mode != new.mode:
            if {old.mode, new.mode} & set(SWITCH_MODES):
                reasons[new.name] = "bond mode %s instead of %s" % (new.mode, old.mode)
        elif new.mode in SWITCH_MODES:
            more = set(new.nics or ()) - set(old.nics or () if old else ())
            if more or old is None or old.selector != new.selector:
                reasons[new.name] = "bond mode %s on other ports" % new.mode
    for name, reason in sorted(reasons.items()):
        rule = "network configuration '%s' gets %s, for which the switch ports have to be set up" % (name, reason)
        remedy = "set them up as %s, then give change_switches_ready=true" % _ports(name, steps)
        yield Problem(RUNBOOK, "change_switches_ready", "false", rule, remedy)


def _ports(name: str, steps: Sequence[Step]) -> str:
    mode = next(NetworkConfig.read(step.object).mode for step in steps if step.name == name)
    if mode == "802.3ad":
        return "one group with LACP"
    return "one static group" if mode in SWITCH_MODES else "ports of their own, without a group"


def _of_system_networks(wish: Any, settings: Sequence[str]) -> Iterator[Problem]:
    if settings and wish.affected_vms == MIGRATE:
        rule = "setting %s has its network on cluster network '%s', and has to let go of it, for which VMs stop" % (
            _objects.listed(settings),
            wish.cluster_network,
        )
        yield Problem(RUNBOOK, "change_affected_vms", MIGRATE, rule, "give change_affected_vms=stop")


def _of_labels(snapshot: Snapshot, name: str, steps: Sequence[Step]) -> Iterator[Problem]:
    """A label that another cluster network selects would change that one as well."""
    for step in steps:
        if step.kind != "nodes":
            continue
        was, now = Node.read(step.before or {}), Node.read(step.object)
        for config in sorted(snapshot.user_configs.values(), key=lambda one: one.name):
            before, after = (bool(_selectors.matched([node], config.selector)) for node in (was, now))
            if config.cluster_network != name and before != after:
                rule = "its labels would change network configuration '%s' of cluster network '%s' as well" % (
                    config.name,
                    config.cluster_network,
                )
                yield Problem(title("nodes", "", step.name), "", None, rule, "use a label that only this one selects")
