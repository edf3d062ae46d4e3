# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API has to show before a change counts as done, and what of it is missing.

Condition ready of a cluster network is no proof: it is True as soon as there is any VlanStatus. What counts is every
VlanStatus, found by its labels, the label of each node, and the MTU in annotation and VM networks. Whether links are as
wanted is seen on the hosts only (role link_proof). Pure; this module util is private to the collection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Collection, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..common import _mtu
from . import _keys, _nad, _network_mtu, _objects, _selectors, _storage
from ._config import NetworkConfig
from ._host_config import HostConfig
from ._kinds import title
from ._nodes import Node
from ._plan import Step
from ._snapshot import Snapshot
from .storage import _wait


@dataclass(frozen=True)
class Goal:
    """What has to be seen.

    up: (cluster network, configuration, node) of uplinks that have to be ready. down: (cluster network, node) of those
    that have to be gone. mtus: cluster network -> bytes in its annotation. nad_mtus: VM network -> bytes. hosts: (host
    network configuration, node) that have to be ready. gone: (kind, namespace, name) of objects. settings: network
    setting -> its value, which the cluster has to have taken up.
    """

    up: FrozenSet[Tuple[str, str, str]] = frozenset()
    down: FrozenSet[Tuple[str, str]] = frozenset()
    mtus: Mapping[str, int] = field(default_factory=dict)
    nad_mtus: Mapping[str, int] = field(default_factory=dict)
    hosts: FrozenSet[Tuple[str, str]] = frozenset()
    gone: FrozenSet[Tuple[str, str, str]] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def kinds(self) -> Tuple[str, ...]:
        """The kinds that have to be read to see it."""
        wanted: Set[str] = {kind for kind, _namespace, _name in self.gone}
        if self.up or self.down:
            wanted |= {"nodes", "vlanstatuses"}
        if self.mtus:
            wanted.add("clusternetworks")
        if self.nad_mtus:
            wanted.add("nads")
        if self.hosts:
            wanted.add("hostnetworkconfigs")
        if self.settings:
            wanted.update(_wait.KINDS)
        return tuple(sorted(wanted))


def of_plan(steps: Sequence[Step], end: Snapshot) -> Goal:
    """What a plan has to lead to. Objects that the plan leaves unchanged count too: an earlier run may not have seen
    them through.

    end: the cluster that the plan leads to.
    """
    up: Set[Tuple[str, str, str]] = set()
    down: Set[Tuple[str, str]] = set()
    hosts: Set[Tuple[str, str]] = set()
    networks: Set[str] = set()
    nad_mtus: Dict[str, int] = {}
    settings: Dict[str, str] = {}
    for step in steps:
        item = end.get(step.kind, step.name, step.namespace) if step.after is not None else None
        if step.kind == "vlanconfigs":
            down |= released([step], end)
            if item is not None:
                config = NetworkConfig.read(item)
                up |= {(config.cluster_network, config.name, node) for node in config.nodes}
                networks.add(config.cluster_network)
        elif step.kind == "clusternetworks" and step.name == _keys.MGMT:
            networks.add(_keys.MGMT)
        elif step.kind == "nads" and item is not None:
            nad_mtus.update(_nad_mtus(end, [_nad.Nad.read(item)]))
        elif step.kind == "hostnetworkconfigs" and item is not None:
            config_of_hosts = HostConfig.read(item)
            hosts |= {(config_of_hosts.name, node) for node in config_of_hosts.matched(end.nodes.values())}
        elif step.kind == "settings":
            settings[step.name] = _storage.text_of(step.after)
        elif step.kind == "nodes" and step.before is not None and step.after is not None:
            joined, left = _moved(step.before, step.after, end)
            up |= joined
            down |= left
    mtus = dict(_mtus(end, networks))
    for network in mtus:
        nad_mtus.update(_nad_mtus(end, end.nads_of(network)))
    gone = {(step.kind, step.namespace, step.name) for step in steps if step.after is None}
    return Goal(frozenset(up), frozenset(down), mtus, nad_mtus, frozenset(hosts), frozenset(gone), settings)


def released(steps: Iterable[Step], end: Snapshot) -> Set[Tuple[str, str]]:
    """(cluster network, node) of the nodes that configurations had before these steps, or before their labels changed,
    and no configuration has at the end."""
    found: Set[Tuple[str, str]] = set()
    for step in steps:
        if step.kind == "vlanconfigs" and step.before is not None:
            old = NetworkConfig.read(step.before)
            new = NetworkConfig.read(step.after) if step.after is not None else None
            if new is None or new.cluster_network != old.cluster_network or new.selector != old.selector:
                kept = end.statuses_of(old.cluster_network)
                found |= {(old.cluster_network, node) for node in old.nodes if node not in kept}
        elif step.kind == "nodes" and step.before is not None and step.after is not None:
            found |= _moved(step.before, step.after, end)[1]
    return found


def _moved(
    before: _objects.Object, after: _objects.Object, end: Snapshot
) -> Tuple[Set[Tuple[str, str, str]], Set[Tuple[str, str]]]:
    """What other labels of a node lead to: configurations that it joins, cluster networks that it leaves for good."""
    old, new = Node.read(before), Node.read(after)
    up: Set[Tuple[str, str, str]] = set()
    down: Set[Tuple[str, str]] = set()
    for config in end.user_configs.values():
        was, is_now = (bool(_selectors.matched([node], config.selector)) for node in (old, new))
        if is_now and not was and not config.deleting:
            up.add((config.cluster_network, config.name, new.name))
        elif was and not is_now and new.name not in end.statuses_of(config.cluster_network):
            down.add((config.cluster_network, new.name))
    return up, down


def _mtus(end: Snapshot, networks: Iterable[str]) -> Iterator[Tuple[str, int]]:
    for name in sorted(networks):
        item = end.get("clusternetworks", name)
        if item is not None and _network_mtu.annotated(item) is not None:
            yield name, _network_mtu.of_annotation(item)


def _nad_mtus(end: Snapshot, nads: Iterable[_nad.Nad]) -> Dict[str, int]:
    """VM networks of settings keep the MTU that they were created with, and overlays have none."""
    return {
        nad.reference: _network_mtu.for_nads(end, nad.bridge_network, nad.cluster_network)
        for nad in nads
        if nad.type == _nad.BRIDGE and not nad.setting and not nad.deleting
    }


def lacking(goal: Goal, live: Snapshot, gone: Collection[str] = ()) -> List[str]:
    """What is missing still, a line each, objects of the cluster before nodes; empty when all is there.

    gone: nodes of which nothing is expected any more.
    """
    lines = ["%s is still there" % title(*thing) for thing in sorted(goal.gone) if _there(live, *thing)]
    for name, value in goal.settings.items():
        lines += _wait.lacking(live, name, value, gone)
    for network, mtu in sorted(goal.mtus.items()):
        item = live.get("clusternetworks", network)
        text = _network_mtu.annotated(item or {})
        if text is None or not _mtu.equal(text, mtu):
            shown = "missing" if text is None else "'%s'" % text
            lines.append(
                "cluster network '%s': annotation %s is %s instead of '%d'" % (network, _keys.UPLINK_MTU, shown, mtu)
            )
    for reference, mtu in sorted(goal.nad_mtus.items()):
        nad = live.nads.get(reference)
        if nad is None:
            lines.append("VM network '%s' is not there" % reference)
        elif not _mtu.equal(nad.mtu, mtu):
            lines.append("VM network '%s': mtu %d instead of %d" % (reference, _mtu.effective(nad.mtu), mtu))
    up = {place for place in goal.up if place[2] not in gone}
    down = {place for place in goal.down if place[1] not in gone}
    hosts = {place for place in goal.hosts if place[1] not in gone}
    for network, config, node in sorted(up, key=lambda place: (place[2], place[0])):
        lines += ["node %s: %s" % (node, text) for text in _not_up(live, network, config, node)]
    for network, node in sorted(down, key=lambda place: (place[1], place[0])):
        lines += ["node %s: %s" % (node, text) for text in _not_down(live, network, node)]
    for name, node in sorted(hosts, key=lambda place: (place[1], place[0])):
        text = _host_not_ready(live.get("hostnetworkconfigs", name), node)
        if text is not None:
            lines.append("node %s: host network configuration '%s' is not ready: %s" % (node, name, text))
    return lines


def _there(live: Snapshot, kind: str, namespace: str, name: str) -> bool:
    return live.get(kind, name, namespace) is not None


def _not_up(live: Snapshot, network: str, config: str, node: str) -> Iterator[str]:
    status = live.statuses_of(network).get(node)
    if status is None:
        yield "no VlanStatus of network configuration '%s'" % config
    elif status.config != config:
        yield "its VlanStatus is that of network configuration '%s', not yet of '%s'" % (status.config, config)
    elif not status.ready:
        yield "network configuration '%s' is not ready: %s" % (config, status.message or "its agent gives no reason")
    found = live.nodes.get(node)
    if found is not None and not found.active(network):
        yield "label %s%s is missing" % (_keys.PREFIX, network)


def _not_down(live: Snapshot, network: str, node: str) -> Iterator[str]:
    status = live.statuses_of(network).get(node)
    if status is not None:
        reason = ": %s" % status.message if status.message else ""
        yield "VlanStatus '%s' is still there%s" % (status.name, reason)
    found = live.nodes.get(node)
    if found is not None and found.active(network):
        yield "label %s%s is still there" % (_keys.PREFIX, network)


def _host_not_ready(item: Optional[_objects.Object], node: str) -> Optional[str]:
    """Why a host network configuration is not ready on a node; None when it is."""
    if item is None:
        return "it is not there"
    state = _objects.dig(item, "status", "nodeStatus", node)
    ready = _objects.condition({"status": state}, "ready")
    if ready is not None and ready.true:
        return None
    return ready.message if ready is not None and ready.message else "its agent has not said so"
