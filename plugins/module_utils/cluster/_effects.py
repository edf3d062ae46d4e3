# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that a change leads to, once Harvester's controllers have done their part.

So that each phase of a plan is judged in the state that the one before it leaves. What is assumed: the change is
accepted, agents run, links come up. What is left out: label vlanconfig of nodes (one value, the last one wins, nobody
reads it), the route annotation of VM networks, and everything on the hosts. This module util is private to the
collection.
"""

from __future__ import annotations

import zlib
from typing import Any, Callable, Dict, Iterable, Optional, Union

from ..common import _mtu
from . import _keys, _links, _mutations, _nad, _network_mtu, _nics, _objects, _selectors, _vms
from ._change import Change
from ._config import NetworkConfig
from ._placement import placement
from ._snapshot import Snapshot
from ._versions import Version, has
from .storage import _after

Settle = Callable[[Snapshot, Optional[_objects.Object], Optional[_objects.Object], Version], Snapshot]


def after(snapshot: Snapshot, change: Change, version: Union[Version, str, None] = None) -> Snapshot:
    """The snapshot after a change; the one that is given stays as it was.

    version: Harvester's; that of the snapshot when None. Raises VersionError.
    """
    running = snapshot.version_or(version)
    old = snapshot.get(change.kind, change.name, change.namespace)
    new = _mutations.mutated(snapshot, change, running)
    if new is None:
        found = snapshot.without(change.kind, change.name, change.namespace)
    else:
        found = snapshot.put(change.kind, new)
    settle = SETTLE.get(change.kind)
    return settle(found, old, new, running) if settle else found


def after_all(snapshot: Snapshot, changes: Iterable[Change], version: Union[Version, str, None] = None) -> Snapshot:
    """The snapshot after changes in their order."""
    for change in changes:
        snapshot = after(snapshot, change, version)
    return snapshot


def _config(
    snapshot: Snapshot, old: Optional[_objects.Object], new: Optional[_objects.Object], version: Version
) -> Snapshot:
    """Agents write statuses and node labels (NC pkg/controller/agent/vlanconfig), the manager carries the MTU."""
    before = NetworkConfig.read(old) if old else None
    now = NetworkConfig.read(new) if new else None
    if now is not None and now.deleting:
        return snapshot
    if before is not None:
        moved = now is None or before.cluster_network != now.cluster_network
        left = set(before.nodes) - set(() if moved or now is None else now.nodes)
        snapshot = _leave(snapshot, before, left, version)
        if now is not None:
            dropped = set(before.nics or ()) - set(now.nics or ())
            for node in sorted(set(before.nodes) - left):
                snapshot = _release(snapshot, before.cluster_network, node, dropped, version)
    if now is not None:
        snapshot = _join(snapshot, now)
    for network in {config.cluster_network for config in (before, now) if config}:
        snapshot = _ready(snapshot, network)
    if before is not None and (now is None or before.cluster_network != now.cluster_network):
        snapshot = _mtu_source_gone(snapshot, before, version)
    return _mtu_from(snapshot, now, version) if now is not None else snapshot


def _leave(snapshot: Snapshot, config: NetworkConfig, nodes: Iterable[str], version: Version) -> Snapshot:
    for node in sorted(nodes):
        status = snapshot.statuses_of(config.cluster_network).get(node)
        if status is None or status.config != config.name:
            continue
        snapshot = snapshot.without("vlanstatuses", status.name)
        snapshot = _label(snapshot, node, config.cluster_network, None)
        snapshot = _release(snapshot, config.cluster_network, node, config.nics or (), version)
    return snapshot


def _release(snapshot: Snapshot, network: str, node: str, nics: Iterable[str], version: Version) -> Snapshot:
    """NICs of a bond are free again, in what LinkMonitor nic tells; before 1.7 they stay down."""
    monitor = snapshot.get("linkmonitors", _links.NIC_MONITOR)
    links, names = snapshot.nics.get(node, {}), snapshot.links_by_index.get(node, {})
    freed = {nic for nic in nics if nic in links and names.get(links[nic].master) == network + _nics.BOND_SUFFIX}
    if monitor is None or not freed:
        return snapshot
    change = {"masterIndex": 0, **({} if has(version, "nics_set_up_again") else {"state": "down"})}
    linked = monitor["status"]["linkStatus"]
    entries = [{**entry, **change} if entry["name"] in freed else entry for entry in linked[node]]
    return snapshot.put("linkmonitors", {**monitor, "status": {"linkStatus": {**linked, node: entries}}})


def _join(snapshot: Snapshot, config: NetworkConfig) -> Snapshot:
    for node in config.nodes:
        if node not in snapshot.statuses_of(config.cluster_network):
            snapshot = snapshot.put("vlanstatuses", _status(config, node))
        snapshot = _label(snapshot, node, config.cluster_network, "true")
    return snapshot


def _status(config: NetworkConfig, node: str) -> Dict[str, Any]:
    name = "%s-%s" % (config.cluster_network, node)
    labels = {
        _keys.CLUSTER_NETWORK: config.cluster_network,
        _keys.CONFIG: config.name,
        _keys.NODE: node,
    }
    return {
        "apiVersion": "network.harvesterhci.io/v1beta1",
        "kind": "VlanStatus",
        "metadata": {"name": ("%s-%08x" % (name, zlib.crc32(name.encode())))[:63], "labels": labels},
        "status": {
            "clusterNetwork": config.cluster_network,
            "vlanConfig": config.name,
            "node": node,
            "conditions": [{"type": "ready", "status": "True"}],
        },
    }


def _label(snapshot: Snapshot, node: str, network: str, value: Optional[str]) -> Snapshot:
    item = snapshot.get("nodes", node)
    key = _keys.PREFIX + network
    if item is None or _objects.labels_of(item).get(key) == value:
        return snapshot
    return snapshot.put("nodes", _objects.with_labels(item, {key: value}))


def _ready(snapshot: Snapshot, network: str) -> Snapshot:
    """Ready as long as there is any VlanStatus (NC pkg/controller/manager/vlanconfig); VM networks copy it."""
    item = snapshot.get("clusternetworks", network)
    if item is None:
        return snapshot
    any_status = bool(snapshot.statuses_of(network))
    known = _objects.condition(item, "ready")
    if (known is None and not any_status) or (known is not None and known.true == any_status):
        return snapshot
    snapshot = snapshot.put("clusternetworks", _objects.with_condition(item, "ready", str(any_status)))
    for nad in snapshot.nads_of(network):
        labels = {_keys.NETWORK_READY: "true" if any_status else "false"}
        snapshot = snapshot.put("nads", _objects.with_labels(nad.raw, labels))
    return snapshot


def _mtu_source_gone(snapshot: Snapshot, config: NetworkConfig, version: Version) -> Snapshot:
    item = snapshot.get("clusternetworks", config.cluster_network)
    if item is None or not has(version, "mtu_resourced"):
        return snapshot
    if _objects.annotations_of(item).get(_keys.MTU_SOURCE) != config.name:
        return snapshot
    others = [other for other in snapshot.configs_of(config.cluster_network) if not other.deleting]
    if others:
        return _mtu_from(snapshot, others[0], version)
    gone = _objects.with_annotations(item, {_keys.UPLINK_MTU: None, _keys.MTU_SOURCE: None})
    return _cluster_network(snapshot.put("clusternetworks", gone), item, gone, version)


def _mtu_from(snapshot: Snapshot, config: NetworkConfig, version: Version) -> Snapshot:
    """The configuration's MTU into the annotation; 0 and what is out of bounds become 1500."""
    item = snapshot.get("clusternetworks", config.cluster_network)
    if item is None:
        return snapshot
    mtu = str(config.effective_mtu if _network_mtu.valid(config.mtu) else _mtu.DEFAULT)
    source = _objects.annotations_of(item).get(_keys.MTU_SOURCE)
    if _network_mtu.annotated(item) == mtu and source in snapshot.configs:
        return snapshot
    new = _objects.with_annotations(item, {_keys.UPLINK_MTU: mtu, _keys.MTU_SOURCE: config.name})
    return _cluster_network(snapshot.put("clusternetworks", new), item, new, version)


def _cluster_network(
    snapshot: Snapshot, old: Optional[_objects.Object], new: Optional[_objects.Object], version: Version
) -> Snapshot:
    """The annotation's MTU into every VM network (NC manager, OnCNChange); "0" and its removal arrive as 0."""
    if old is None or new is None or _network_mtu.annotated(old) == _network_mtu.annotated(new):
        return snapshot
    try:
        mtu = _mtu.number(_network_mtu.annotated(new))
    except _mtu.MtuError:
        return snapshot
    for nad in snapshot.nads_of(_objects.name(new)):
        if nad.type == _nad.BRIDGE and not nad.setting and not _has_mtu(nad, mtu):
            snapshot = snapshot.put("nads", _nad.with_config(nad.raw, {"mtu": mtu}))
    return snapshot


def _has_mtu(nad: _nad.Nad, mtu: int) -> bool:
    try:
        return _mtu.equal(nad.mtu, mtu)
    except _mtu.MtuError:
        return False


def _node(
    snapshot: Snapshot, old: Optional[_objects.Object], new: Optional[_objects.Object], version: Version
) -> Snapshot:
    """The manager computes matched-nodes anew, without looking for overlaps (NC pkg/controller/manager/node)."""
    for config in sorted(snapshot.user_configs.values(), key=lambda config: config.name):
        matched = _selectors.matched(snapshot.nodes.values(), config.selector)
        if config.deleting or matched == config.nodes:
            continue
        changed = _objects.with_annotations(config.raw, {_keys.MATCHED_NODES: _selectors.as_annotation(matched)})
        snapshot = _config(snapshot.put("vlanconfigs", changed), config.raw, changed, version)
    if new is None and old is not None:
        for status in [status for status in snapshot.statuses if status.node == _objects.name(old)]:
            snapshot = snapshot.without("vlanstatuses", status.name)
    return snapshot


def _vm_network(
    snapshot: Snapshot, old: Optional[_objects.Object], new: Optional[_objects.Object], version: Version
) -> Snapshot:
    if new is None or _nad.Nad.read(new).type != _nad.BRIDGE:
        return snapshot
    return snapshot.put("nads", _mutations.labelled(snapshot, new))


def _vm(
    snapshot: Snapshot, old: Optional[_objects.Object], new: Optional[_objects.Object], version: Version
) -> Snapshot:
    """A halted VM has no instance; one that is started runs on the first node that can run it."""
    item = new if new is not None else old
    if item is None:
        return snapshot
    vm = _vms.Vm.read(item)
    if new is None:
        return snapshot.without("vmis", vm.name, vm.namespace)
    running = snapshot.get("vmis", vm.name, vm.namespace)
    if vm.halted:
        snapshot = snapshot.without("vmis", vm.name, vm.namespace)
    elif running is None and (old is None or _vms.Vm.read(old).halted):
        nodes = placement(snapshot, vm).nodes
        snapshot = snapshot.put("vmis", _instance(new, nodes[0] if nodes else ""))
    else:
        return snapshot
    shown = _vms.STOPPED if vm.halted else "Running"
    return snapshot.put("vms", {**new, "status": {**(new.get("status") or {}), "printableStatus": shown}})


def _instance(vm: _objects.Object, node: str) -> Dict[str, Any]:
    status = {"phase": "Running", "nodeName": node} if node else {"phase": "Scheduling"}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstance",
        "metadata": {"name": _objects.name(vm), "namespace": _objects.namespace(vm)},
        "spec": _objects.dig(vm, "spec", "template", "spec") or {},
        "status": status,
    }


SETTLE: Dict[str, Settle] = {
    "vlanconfigs": _config,
    "clusternetworks": _cluster_network,
    "nodes": _node,
    "nads": _vm_network,
    "vms": _vm,
    "settings": _after.setting,
}
"""Kind -> what the controllers do after a change of one."""
