# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Harvester's mutating webhooks make of an object before it is judged and stored.

NC is network-controller-harvester, HV is harvester. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from ..common import _mtu
from . import _keys, _nad, _network_mtu, _objects, _selectors, _vms
from ._change import Change
from ._snapshot import Snapshot
from ._versions import Version, has

Mutation = Callable[[Snapshot, Optional[_objects.Object], _objects.Object, Version], _objects.Object]


def mutated(snapshot: Snapshot, change: Change, version: Version) -> Optional[_objects.Object]:
    """The object as the webhooks would pass it on; None for a deletion. ``change.object`` stays as it is."""
    if change.object is None:
        return None
    mutate = MUTATIONS.get(change.kind)
    if mutate is None or _objects.deleting(change.object):
        return change.object
    return mutate(snapshot, snapshot.get(change.kind, change.name, change.namespace), change.object, version)


def _config(
    snapshot: Snapshot, old: Optional[_objects.Object], new: _objects.Object, version: Version
) -> _objects.Object:
    """NC pkg/webhook/vlanconfig/mutator.go: the label when the cluster network is new, and the matched nodes.

    A selector that matches no node leaves the annotation as it is, however old.
    """
    network = _objects.dig(new, "spec", "clusterNetwork")
    if old is None or _objects.dig(old, "spec", "clusterNetwork") != network:
        new = _objects.with_labels(new, {_keys.CLUSTER_NETWORK: str(network or "")})
    if old is not None and not has(version, "matched_nodes_on_every_update") and old.get("spec") == new.get("spec"):
        return new
    matched = _selectors.matched(snapshot.nodes.values(), _objects.dig(new, "spec", "nodeSelector"))
    if matched:
        new = _objects.with_annotations(new, {_keys.MATCHED_NODES: _selectors.as_annotation(matched)})
    return new


def _vm_network(
    snapshot: Snapshot, old: Optional[_objects.Object], new: _objects.Object, version: Version
) -> _objects.Object:
    """NC pkg/webhook/nad/mutator.go: the cluster network's MTU at creation, the labels at updates."""
    nad = _nad.Nad.read(new)
    if nad.config is None or nad.overlay or not nad.bridge_network:
        return new
    if old is not None:
        return labelled(snapshot, new)
    try:
        wanted = _network_mtu.for_nads(snapshot, nad.bridge_network, nad.bridge_network)
        return new if _mtu.equal(wanted, nad.mtu) else _nad.with_config(new, {"mtu": wanted})
    except _mtu.MtuError:
        return new


def labelled(snapshot: Snapshot, item: _objects.Object) -> _objects.Object:
    """A VM network of a bridge with the labels that tell its cluster network, type, VLAN id and readiness."""
    nad = _nad.Nad.read(item)
    network = snapshot.get("clusternetworks", nad.bridge_network)
    ready = _objects.condition(network or {}, "ready")
    return _objects.with_labels(
        item,
        {
            _keys.CLUSTER_NETWORK: nad.bridge_network,
            _keys.NETWORK_TYPE: nad.network_type,
            _keys.VLAN_ID: str(nad.vlan),
            _keys.NETWORK_READY: "true" if ready is not None and ready.true else "false",
        },
    )


def _vm(snapshot: Snapshot, old: Optional[_objects.Object], new: _objects.Object, version: Version) -> _objects.Object:
    """HV pkg/webhook/resources/virtualmachine/mutator.go: node affinity for the networks, and the run strategy.

    A VM that is started from Halted gets the strategy of annotation vmRunStrategy, else RerunOnFailure.
    """
    new = _with_affinity(snapshot, new)
    if old is not None and _vms.Vm.read(old).halted and not _vms.Vm.read(new).halted:
        strategy = _objects.annotations_of(new).get(_keys.RUN_STRATEGY) or "RerunOnFailure"
        new = _objects.merged(new, {"spec": {"runStrategy": strategy, "running": None}})
    return new


def _with_affinity(snapshot: Snapshot, item: _objects.Object) -> _objects.Object:
    vm = _vms.Vm.read(item)
    networks = {nad.cluster_network for nad in map(snapshot.nads.get, vm.networks) if nad and nad.cluster_network}
    wanted: List[Dict[str, Any]] = [
        {"key": _keys.PREFIX + network, "operator": "In", "values": ["true"]} for network in sorted(networks)
    ]
    terms = []
    for term in vm.affinity or ({},):
        kept = [
            expression
            for expression in term.get("matchExpressions") or ()
            if not str(expression.get("key")).startswith(_keys.PREFIX)
        ]
        expressions = kept + wanted
        if expressions or term.get("matchFields"):
            terms.append({**term, "matchExpressions": expressions})
    required = {"nodeSelectorTerms": terms} if terms else None
    if required is None and not vm.affinity:
        return item
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    changed: _objects.Object = _objects.merged(item, {"spec": {"template": {"spec": {"affinity": affinity}}}})
    return changed


MUTATIONS: Dict[str, Mutation] = {"vlanconfigs": _config, "nads": _vm_network, "vms": _vm}
"""Kind -> what its mutating webhook does."""
