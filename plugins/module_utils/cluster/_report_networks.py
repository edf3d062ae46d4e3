# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks in a report: of the cluster, of VMs, of hosts, of storage. This module util is private to the collection."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, Optional

from ..common import _mtu, _vlans
from . import _keys, _nad, _network_mtu, _objects, _selectors, _storage
from ._config import NetworkConfig
from ._host_config import HostConfig
from ._links import VlanStatus
from ._nad import Nad
from ._report_filter import Filter
from ._snapshot import Snapshot
from .wanted._uplink import decoded
from .wanted._vm_network import ROUTE_KEYS

Entry = Dict[str, Any]

TYPES = {_nad.VLAN: "vlan", _nad.UNTAGGED: "untagged", _nad.TRUNK: "trunk", _nad.OVERLAY_TYPE: "overlay"}
"""Harvester's word for the type of a VM network -> the collection's."""


def cluster_networks(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """Cluster networks by name."""
    workers = [node.name for node in snapshot.workers]
    found = []
    for item in sorted(snapshot.all("clusternetworks"), key=_objects.name):
        name = _objects.name(item)
        if not only.cluster_network(name):
            continue
        ready = _objects.condition(item, "ready")
        active = snapshot.active_nodes(name)
        there = frozenset(active)
        found.append(
            {
                "name": name,
                "description": _description(item),
                "mtu": _effective_mtu(snapshot, name),
                "uplink_mtu": _network_mtu.annotated(item),
                "ready": None if ready is None else ready.true,
                "network_configs": [config.name for config in snapshot.configs_of(name)],
                "vm_networks": [nad.reference for nad in snapshot.nads_of(name)],
                "active_nodes": list(active),
                "inactive_nodes": [node for node in workers if node not in there],
                "not_ready": _not_ready(snapshot, name),
            }
        )
    return found


def network_configs(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """Network configurations by name."""
    return [
        _network_config(snapshot, config)
        for config in sorted(snapshot.configs.values(), key=lambda config: config.name)
        if only.cluster_network(config.cluster_network)
    ]


def vlan_statuses(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """VlanStatuses by cluster network and node."""
    return [
        {
            "name": status.name,
            "cluster_network": status.cluster_network,
            "network_config": status.config,
            "node": status.node,
            "ready": status.ready,
            "message": status.message,
        }
        for status in sorted(snapshot.statuses, key=lambda status: (status.cluster_network, status.node, status.name))
        if only.cluster_network(status.cluster_network) and only.node(status.node)
    ]


def vm_networks(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """VM networks by namespace and name, those that a setting made too."""
    return [
        _vm_network(snapshot, nad)
        for nad in sorted(snapshot.nads.values(), key=lambda nad: (nad.namespace, nad.name))
        if only.cluster_network(nad.cluster_network)
    ]


def host_network_configs(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """Host network configurations by name."""
    found = [HostConfig.read(item) for item in snapshot.all("hostnetworkconfigs")]
    return [
        {
            "name": config.name,
            "description": str(_objects.dig(config.raw, "spec", "description") or ""),
            "cluster_network": config.cluster_network,
            "vlan_id": config.vid,
            "device": config.device,
            "mode": config.mode,
            "underlay": config.underlay,
            "node_selector": None if config.selector is None else dict(config.selector),
            "nodes": list(config.matched(snapshot.nodes.values())),
            "ips": dict(config.ips),
            "ready_nodes": list(config.ready_nodes),
            "not_ready": _host_not_ready(config),
        }
        for config in sorted(found, key=lambda config: config.name)
        if only.cluster_network(config.cluster_network)
    ]


def storage_network(snapshot: Snapshot, only: Filter) -> Entry:
    """Setting storage-network; what a value would say is None where it has none or one that cannot be read."""
    setting = snapshot.get("settings", _storage.STORAGE)
    text = _storage.text_of(setting)
    configured = _objects.condition(setting or {}, "configured")
    message = configured.message if configured else ""
    value = None
    try:
        value = _storage.parsed(_storage.STORAGE, text)
    except _storage.SettingError as error:
        message = str(error)
    mark = "%s.settings.harvesterhci.io/net-attach-def" % _storage.STORAGE
    reference = _objects.annotations_of(setting or {}).get(mark) or None
    nad = snapshot.nads.get(reference or "")
    return {
        "enabled": bool(text.strip()),
        "value": text,
        "cluster_network": value.cluster_network if value else None,
        "vlan_id": value.vlan if value else None,
        "range": value.range if value else None,
        "exclude": list(value.exclude) if value else [],
        "exclusive_vlan": value.exclusive_vlan if value else False,
        "shared_with_rwx": _storage.shares_storage(snapshot),
        "in_progress": _storage.in_progress(setting),
        "message": message,
        "vm_network": reference,
        "mtu": _nad_mtu(nad) if nad else None,
    }


def _effective_mtu(snapshot: Snapshot, name: str) -> Optional[int]:
    """The MTU of a cluster network's VM networks; None where its annotation is no number."""
    try:
        return _network_mtu.for_nads(snapshot, name, name)
    except _mtu.MtuError:
        return None


def _not_ready(snapshot: Snapshot, name: str) -> List[Entry]:
    """The nodes on which a configuration should be and is not known to be, with the reason.

    Condition ready of the ClusterNetwork does not tell: it becomes true with any VlanStatus (NC
    pkg/controller/manager/vlanconfig).
    """
    statuses = snapshot.statuses_of(name)
    found = []
    for config in snapshot.configs_of(name):
        if config.mgmt:
            continue
        for node in config.nodes:
            message = _why_not_ready(config, statuses.get(node))
            if message is not None:
                found.append({"node": node, "network_config": config.name, "message": message})
    return sorted(found, key=lambda entry: (entry["node"], entry["network_config"]))


def _why_not_ready(config: NetworkConfig, status: Optional[VlanStatus]) -> Optional[str]:
    if status is None:
        return "there is no VlanStatus"
    if status.config != config.name:
        return "its VlanStatus is of network configuration '%s'" % status.config
    if status.ready:
        return None
    return status.message or "its VlanStatus is not ready and says no reason"


def _network_config(snapshot: Snapshot, config: NetworkConfig) -> Entry:
    selector = dict(config.selector)
    one = selector.get(_keys.HOSTNAME) if len(selector) == 1 else None
    return {
        "name": config.name,
        "description": str(_objects.dig(config.raw, "spec", "description") or ""),
        "cluster_network": config.cluster_network,
        "all_nodes": not selector,
        "node": one,
        "node_selector": selector,
        "nics": list(config.nics or ()),
        "uplink": {
            "mode": config.mode,
            "miimon": config.miimon,
            "mtu": config.mtu,
            "tx_queue_length": config.tx_queue_length,
            "hardware_address": decoded(config.hardware_address),
        },
        "matched_nodes": list(config.nodes),
        "selected_nodes": [] if config.mgmt else list(_selectors.matched(snapshot.workers, config.selector)),
        "read_only": config.mgmt,
        "deleting": config.deleting,
    }


def _vm_network(snapshot: Snapshot, nad: Nad) -> Entry:
    kind = TYPES[nad.network_type]
    reference = nad.reference
    running = [vmi.reference for vmi in snapshot.vmis_of(reference)]
    return {
        "name": nad.name,
        "namespace": nad.namespace,
        "reference": reference,
        "description": _description(nad.raw),
        "type": kind,
        "cluster_network": nad.cluster_network or None,
        "bridge": nad.bridge or None,
        "vlan_id": nad.vlan if kind == "vlan" else None,
        "vlan_ids": _vlans.compress(nad.trunk) if kind == "trunk" else [],
        "mtu": _nad_mtu(nad),
        "ready": _truth(_objects.labels_of(nad.raw), _keys.NETWORK_READY),
        "route": _route(nad),
        "setting": nad.setting or None,
        "vms": sorted({vm.reference for vm in snapshot.vms_of(reference)}.union(running)),
        "vm_instances": sorted(running),
    }


def _nad_mtu(nad: Nad) -> Optional[int]:
    """What interfaces of the network get; None where its configuration has no number."""
    try:
        return _mtu.effective(nad.mtu)
    except _mtu.MtuError:
        return None


def _description(item: _objects.Object) -> str:
    return _objects.annotations_of(item).get(_keys.DESCRIPTION, "")


def _route(nad: Nad) -> Optional[Entry]:
    """The gateway that tells whether the VLAN works, and what became of it; None without one that can be read."""
    try:
        found = json.loads(_objects.annotations_of(nad.raw).get(_keys.ROUTE) or "null")
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    keys = {**ROUTE_KEYS, "connectivity": "connectivity"}
    return {word: found.get(key) or None for word, key in keys.items()}


def _truth(labels: Mapping[str, str], key: str) -> Optional[bool]:
    return {"true": True, "false": False}.get(labels.get(key, ""))


def _host_not_ready(config: HostConfig) -> List[Entry]:
    found = []
    for node, state in sorted((_objects.dig(config.raw, "status", "nodeStatus") or {}).items()):
        ready = _objects.condition({"status": state}, "ready")
        if ready is None or not ready.true:
            found.append({"node": str(node), "message": ready.message if ready else ""})
    return found
