# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a change of a cluster network's MTU before anything stops, and what an operator has to know.

What the webhooks and the rules of this collection say of each step, module change_plan tells. This module util is
private to the collection.
"""

from __future__ import annotations

from typing import Any, Iterator, List, Sequence

from ...cluster import _objects, _storage
from ...cluster._config import NetworkConfig
from ...cluster._snapshot import Snapshot
from ...common import _mtu
from ...common._errors import Problem, ValidationError
from . import _network_refusals, _network_uses, _probe_gateways

RUNBOOK = "cluster_network_mtu"


def refuse_network(snapshot: Snapshot, name: str, mtu_from: Any, mtu_to: Any) -> None:
    """Raises ValidationError when there is nothing that could be changed: no such network, or no MTU."""
    rule = "the MTU of the management network is changed on the hosts"
    without = "it has no network configuration, so it has no MTU"
    problem = _network_refusals.of_network(
        snapshot,
        name,
        of_mgmt=(rule, "use playbook harvester.network.mgmt_mtu"),
        without_configs=(without, "create one with the MTU, see module cluster_network"),
    )
    found = [problem] if problem else []
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
        *_probe_gateways.problems(wish.gateways, _ground(snapshot, wish, configs)),
        *_network_refusals.of_nodes(snapshot, {node for config in configs for node in config.nodes}),
        *_network_refusals.of_configs(snapshot, wish.cluster_network),
        *_network_refusals.of_hosts(snapshot, wish.cluster_network),
        *_network_refusals.of_managers(configs, wish.gitops_paused),
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


def _ground(snapshot: Snapshot, wish: Any, configs: Sequence[NetworkConfig]) -> _probe_gateways.Ground:
    taken = {
        str(entry.get("address")): "an address of node '%s'" % name
        for name, node in snapshot.nodes.items()
        for entry in _objects.dig(node.raw, "status", "addresses") or ()
        if entry.get("type") == "InternalIP"
    }
    return _probe_gateways.Ground(
        wish.cluster_network,
        _network_uses.carried(snapshot, wish.cluster_network).all,
        len({node for config in configs for node in config.nodes}),
        _mtu.effective(wish.mtu_to),
        taken,
    )


def _of_switches(wish: Any, raising: bool) -> Iterator[Problem]:
    if raising and not wish.switches_ready and not wish.switches_phase:
        rule = "a larger MTU needs switches and routers that pass it"
        remedy = "set their ports first, then give change_switches_ready=true; it is proved before VMs start again"
        yield Problem(RUNBOOK, "change_switches_ready", "false", rule, remedy)
