# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold in the cluster before a node is rebooted. This module util is private to the collection.

The gates are asked before the first node and again before each next one. Pure: one snapshot is judged; who waits, and
for how long, is the caller's matter.
"""

from __future__ import annotations

from typing import Callable, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Tuple

from .. import _keys, _objects, _storage
from .._kinds import SYSTEM
from .._snapshot import Snapshot
from ..power import _activity
from ..storage._pods import instance_managers
from ..storage._volumes import attached
from ..storage._wait import interface_problem
from ._volumes import exposed, unhealthy

_READ = (
    "nodes",
    "vlanconfigs",
    "vlanstatuses",
    "settings",
    "upgrades",
    "volumes",
    "engines",
    "replicas",
    "longhorn_pods",
    "agents",
    "leases",
)
_READ_BY = {"migrations": ("migrations",), "detached": ("vms",)}
"""Gate that is asked by name only -> what it looks at besides."""
VOTER = "EtcdIsVoter"
"""Condition of a Node whose etcd member votes (rke2 #5034)."""
VIP_LEASE = "plndr-svcs-lock"
"""Lease of kube-vip; its holder has the VIP. It is read only (Harvester #11584)."""


class Before(NamedTuple):
    """What is known from before.

    boots: node -> boot id that it had before its reboot, for the nodes that this run has rebooted. turn: the nodes that
    are rebooted next, together. cordoned: nodes that may have the cordon of a reboot still. asked: the gates that are
    judged; none for those of a reboot.
    """

    boots: Mapping[str, str] = {}
    turn: Tuple[str, ...] = ()
    cordoned: FrozenSet[str] = frozenset()
    asked: Tuple[str, ...] = ()


class Gate(NamedTuple):
    """One gate. waits_for: what time may bring, a line each. refuses: what it will not bring, a line each."""

    name: str
    waits_for: Tuple[str, ...] = ()
    refuses: Tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.waits_for and not self.refuses


Lines = Iterator[str]


def kinds(before: Before) -> Tuple[str, ...]:
    """What gates() looks at."""
    return tuple(dict.fromkeys((*_READ, *(kind for name in before.asked for kind in _READ_BY.get(name, ())))))


def gates(snapshot: Snapshot, before: Before) -> List[Gate]:
    """Every gate that is asked, in the order in which messages name them.

    Raises KeyError for an unknown node in ``before.turn``.
    """
    return [
        Gate(name, tuple(waiting(snapshot, before)), tuple(REFUSING.get(name, _none)(snapshot, before)))
        for name, waiting in WAITING.items()
        if name in (before.asked or OF_A_REBOOT)
    ]


def _none(_snapshot: Snapshot, _before: Before) -> Lines:
    yield from ()


def _upgrade(snapshot: Snapshot, _before: Before) -> Lines:
    """An upgrade reboots nodes itself, and takes hours: it is refused, not waited for."""
    if snapshot.running_upgrade:
        yield "upgrade '%s' is running; it reboots nodes itself. Run again when it has ended" % snapshot.running_upgrade


def _nodes(snapshot: Snapshot, before: Before) -> Lines:
    for name, node in sorted(snapshot.nodes.items()):
        if not node.ready:
            yield "node %s is not Ready" % name
        if _keys.MAINTAIN_STATUS in node.annotations or _keys.DRAIN_REQUESTED in node.annotations:
            yield "node %s is in maintenance mode" % name
    for name, boot in sorted(before.boots.items()):
        now = snapshot.nodes[name].boot_id if name in snapshot.nodes else ""
        if name not in snapshot.nodes:
            yield "node %s is not in the cluster any more" % name
        elif not now or now == boot:
            yield "node %s has not reported a new boot id: it is still '%s'" % (name, boot)


def _left_cordoned(snapshot: Snapshot, before: Before) -> Lines:
    """A run takes its cordon away before it goes on, so that such a one is of a run that has ended on its way."""
    for name, node in sorted(snapshot.nodes.items()):
        if _keys.CORDONED in node.annotations and name not in before.turn and name not in before.cordoned:
            yield (
                "node %s still has the cordon of an earlier run. See whether it is well, then take it away (module"
                " node_drain, state=uncordoned)"
            ) % name


def _etcd(snapshot: Snapshot, _before: Before) -> Lines:
    for name, node in sorted(snapshot.nodes.items()):
        if not node.control_plane:
            continue
        if not node.ready:
            yield "etcd's node %s is not Ready" % name
        voter = _objects.condition(node.raw, VOTER)
        if _keys.ETCD in node.labels and (voter is None or not voter.true):
            yield "node %s: its etcd member is no voter (condition %s is %s)" % (
                name,
                VOTER,
                voter.status if voter else "missing",
            )


def _quorum(snapshot: Snapshot, before: Before) -> Lines:
    """Of n members, (n - 1) // 2 may be away; the only one of a cluster takes the whole cluster with it anyway."""
    members = sorted(node.name for node in snapshot.nodes.values() if node.control_plane)
    going = [name for name in before.turn if snapshot.nodes[name].control_plane]
    if len(members) > 1 and len(going) > (len(members) - 1) // 2:
        yield "%s would be away, and etcd's %d members (%s) bear the loss of %d" % (
            _objects.listed(going),
            len(members),
            _objects.listed(members),
            (len(members) - 1) // 2,
        )


def _networks(snapshot: Snapshot, _before: Before) -> Lines:
    for config in sorted(snapshot.user_configs.values(), key=lambda config: config.name):
        statuses = snapshot.statuses_of(config.label)
        for name in sorted(() if config.deleting else config.nodes):
            status = statuses.get(name)
            if status is None or status.config != config.name:
                yield "node %s: there is no VlanStatus of network configuration '%s'" % (name, config.name)
            elif not status.ready:
                yield "node %s: VlanStatus of network configuration '%s' is not ready: %s" % (
                    name,
                    config.name,
                    status.message or "its agent gives no reason",
                )
    for node in snapshot.workers:
        if node.name not in snapshot.agents:
            yield "node %s: its network agent (harvester-network-controller) is not Running and ready" % node.name


def _storage_network(snapshot: Snapshot, _before: Before) -> Lines:
    """A node may come back without lhnet1 in its instance-managers (Harvester #11639).

    A cordoned node may have none: Longhorn starts no instance-manager there (longhorn-manager,
    controller/instance_manager_controller.go).
    """
    managers = instance_managers(snapshot)
    running = {manager.node for manager in managers if manager.running}
    for node in snapshot.workers:
        if node.name not in running and not node.cordoned:
            yield "node %s: no instance-manager is Running" % node.name
    value = _storage.network_of(snapshot, _storage.STORAGE)
    for manager in managers if value is not None else ():
        problem = interface_problem(manager, value)
        if problem:
            yield "node %s: instance-manager %s %s" % (manager.node, manager.name, problem)


def _volumes(snapshot: Snapshot, _before: Before) -> Lines:
    yield from unhealthy(snapshot)


def _only_replica(snapshot: Snapshot, before: Before) -> Lines:
    yield from exposed(snapshot, before.turn)


def _vip(snapshot: Snapshot, _before: Before) -> Lines:
    holder = vip_holder(snapshot)
    if not holder:
        yield "nobody holds the VIP (Lease %s/%s)" % (SYSTEM, VIP_LEASE)
    elif holder not in snapshot.nodes:
        yield "the VIP's holder '%s' is no node of the cluster" % holder
    elif not snapshot.nodes[holder].ready:
        yield "the VIP's holder, node %s, is not Ready" % holder


def vip_holder(snapshot: Snapshot) -> str:
    """The node that has the VIP; empty when nobody holds its Lease."""
    lease = snapshot.get("leases", VIP_LEASE, SYSTEM)
    return str(_objects.dig(lease, "spec", "holderIdentity") or "")


def _migrations(snapshot: Snapshot, _before: Before) -> Lines:
    for vm, name in sorted(_activity.migrations(snapshot).items()):
        yield "migration '%s' of VM '%s' is in progress" % (name, vm)


def _detached(snapshot: Snapshot, _before: Before) -> Lines:
    for volume in attached(snapshot):
        if not volume.at_rest:
            yield "volume %s" % volume.holder


Asked = Callable[[Snapshot, Before], Lines]
WAITING: Dict[str, Asked] = {
    "upgrade": _none,
    "nodes": _nodes,
    "etcd": _etcd,
    "networks": _networks,
    "storage_network": _storage_network,
    "volumes": _volumes,
    "vip": _vip,
    "migrations": _migrations,
    "detached": _detached,
}
"""Gate -> what it waits for."""
OF_A_REBOOT = ("upgrade", "nodes", "etcd", "networks", "storage_network", "volumes", "vip")
"""The gates that a reboot asks; the others are of changes that leave the nodes up."""
REFUSING: Dict[str, Asked] = {
    "upgrade": _upgrade,
    "nodes": _left_cordoned,
    "etcd": _quorum,
    "volumes": _only_replica,
}
"""Gate -> what it refuses without waiting."""
