# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of a cluster network's MTU before anything stops, and what an operator has to know.

What the webhooks and the rules of this collection say of each step, module change_plan tells. This module util is
private to the collection.
"""

from __future__ import annotations

from typing import Any, Iterator, List, Sequence

from ...cluster import _keys, _objects, _storage
from ...cluster._config import NetworkConfig
from ...cluster._host_config import HostConfig
from ...cluster._kinds import title
from ...cluster._snapshot import Snapshot
from ...cluster.wanted._network_config import siblings
from ...common import _mtu
from ...common._errors import Problem, ValidationError
from ...common._names import suggest
from .. import _plan

RUNBOOK = "cluster_network_mtu"


def refuse_network(snapshot: Snapshot, name: str, mtu_from: Any, mtu_to: Any) -> None:
    """Raises ValidationError when there is nothing that could be changed: no such network, or no MTU."""
    where = title("clusternetworks", "", name)
    found = []
    if name == _keys.MGMT:
        rule = "the MTU of the management network is changed on the hosts"
        found.append(Problem(where, "", None, rule, "use playbook harvester.network.mgmt_mtu"))
    elif snapshot.get("clusternetworks", name) is None:
        known = sorted(_objects.name(item) for item in snapshot.all("clusternetworks"))
        remedy = suggest(name, known) or "it has %s" % (", ".join(known) or "none")
        found.append(Problem(where, "", None, "the cluster has no such cluster network", remedy))
    elif not siblings(snapshot, name):
        rule = "it has no network configuration, so it has no MTU"
        found.append(Problem(where, "", None, rule, "create one with the MTU, see module cluster_network"))
    for option, mtu in (("change_mtu_from", mtu_from), ("change_mtu_to", mtu_to)):
        wrong = _mtu.objection(mtu)
        if wrong:
            found.append(Problem(RUNBOOK, option, mtu, wrong))
    if not found and _mtu.equal(mtu_from, mtu_to):
        found.append(Problem(RUNBOOK, "change_mtu_to", mtu_to, "is change_mtu_from too; there is nothing to change"))
    if found:
        raise ValidationError(found)


def refusals(snapshot: Snapshot, wish: Any, configs: Sequence[NetworkConfig], raising: bool) -> List[Problem]:
    """Everything that speaks against a beginning. wish: a _cluster_network_mtu.Wish."""
    return [
        *_of_switches(wish, raising),
        *_of_nodes(snapshot, configs),
        *_of_configs(snapshot, wish.cluster_network),
        *_of_hosts(snapshot, wish.cluster_network),
        *_of_managers(configs, wish.gitops_paused),
    ]


def cautions(name: str, configs: Sequence[NetworkConfig], settings: Sequence[str], raising: bool) -> Iterator[str]:
    """What the manual warns of, in the words of this cluster."""
    yield "traffic of cluster network '%s' is interrupted on every node: its bonds are made anew" % name
    if raising:
        yield "switches and routers have to take the larger frames on every port of it before the first VM starts again"
    else:
        yield "switches and routers may be set to the smaller MTU once this playbook has ended, not before"
    if _storage.STORAGE in settings:
        yield "the storage network is on it: every VM stops, and every Longhorn volume is detached"
    for config in configs:
        if len(config.nics or ()) == 1:
            yield "network configuration '%s' has one NIC: a bond without redundancy" % config.name


def _of_switches(wish: Any, raising: bool) -> Iterator[Problem]:
    if raising and not wish.switches_ready and not wish.switches_phase:
        rule = "a larger MTU needs switches and routers that pass it"
        remedy = "set their ports first, then give change_switches_ready=true; it is proved before VMs start again"
        yield Problem(RUNBOOK, "change_switches_ready", "false", rule, remedy)


def _of_nodes(snapshot: Snapshot, configs: Sequence[NetworkConfig]) -> Iterator[Problem]:
    for name, node in sorted(snapshot.nodes.items()):
        if not node.ready:
            yield Problem(
                title("nodes", "", name), "", None, "it is not Ready, and every node takes part", "bring it back first"
            )
    for name in sorted({node for config in configs for node in config.nodes}):
        known = snapshot.nodes.get(name)
        if known is not None and known.ready and name not in snapshot.agents:
            rule = "its network agent does not run; it would lose the removal of a configuration for good"
            remedy = "see that pod harvester-network-controller of namespace harvester-system is Running there"
            yield Problem(title("nodes", "", name), "", None, rule, remedy)


def _of_configs(snapshot: Snapshot, name: str) -> Iterator[Problem]:
    for config in snapshot.configs_of(name):
        if config.deleting:
            rule = "it is being deleted"
            yield Problem(title("vlanconfigs", "", config.name), "", None, rule, "wait until it is gone")


def _of_hosts(snapshot: Snapshot, name: str) -> Iterator[Problem]:
    for item in snapshot.all("hostnetworkconfigs"):
        host = HostConfig.read(item)
        if host.cluster_network == name and host.underlay:
            rule = "it is the underlay of overlay networks, and Harvester refuses to delete it"
            remedy = "stop the VMs on overlay networks and set underlay to false first"
            yield Problem(title("hostnetworkconfigs", "", host.name), "", None, rule, remedy)


def _of_managers(configs: Sequence[NetworkConfig], paused: bool) -> Iterator[Problem]:
    for config in configs:
        for manager in () if paused else _plan.managers(config.raw):
            rule = "%s manages it and would put it back" % manager
            remedy = "pause that, and give change_gitops_paused=true"
            yield Problem(title("vlanconfigs", "", config.name), "", None, rule, remedy)
