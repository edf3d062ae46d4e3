# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes, their NICs and their versions in a report. This module util is private to the collection."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional, Tuple

from . import _keys, _nics, _objects, _storage
from ._links import Link
from ._nodes import Node
from ._report_filter import Filter
from ._snapshot import Snapshot

Entry = Dict[str, Any]

ROLE_PREFIXES = ("node-role.harvesterhci.io/", "node-role.kubernetes.io/")
INTERNAL_IP = "InternalIP"
_OS_IMAGE = re.compile(r"Harvester (v?\d\S*)")


def nodes(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """Nodes by name, witnesses too."""
    return [_node(node) for node in _kept(snapshot, only)]


def nics(snapshot: Snapshot, only: Filter) -> Entry:
    """Which NICs a new configuration could use on all of the nodes, and what there is on each.

    Nodes are those that are kept, without witnesses, which no configuration is ever on.
    """
    names = [node.name for node in _kept(snapshot, only) if not node.witness and not node.deleting]
    choice = _nics.choices(snapshot, names)
    everywhere = sorted({*choice.nics, *choice.refused})
    entries = [_nic(snapshot, name, nic, choice.refused.get(nic, {}).get(name)) for name in names for nic in everywhere]
    return {"usable": list(choice.nics), "nodes": names, "links": entries}


def versions(snapshot: Snapshot, only: Filter) -> Entry:
    """Harvester's version, and per node what it runs; they differ while an upgrade goes on."""
    return {
        "harvester": _storage.text_of(snapshot.get("settings", "server-version")) or None,
        "running_upgrade": snapshot.running_upgrade or None,
        "nodes": [{"name": node.name, **_versions_of(node)} for node in _kept(snapshot, only)],
    }


def roles(node: Node) -> List[str]:
    """The node's roles in Harvester and in Kubernetes, as "etcd", "witness", by the keys of its labels alone."""
    found = set()
    for label in node.labels:
        for prefix in ROLE_PREFIXES:
            if label.startswith(prefix):
                found.add(label[len(prefix) :])
    return sorted(found)


def address(node: Node, kind: str = INTERNAL_IP) -> Optional[str]:
    """The node's first address of a type; None when it has none."""
    return next((found for word, found in _addresses(node) if word == kind), None)


def harvester_version(node: Node) -> Optional[str]:
    """ "v1.8.2" from the node's OS image; None when that is not Harvester's."""
    match = _OS_IMAGE.search(str(_objects.dig(node.raw, "status", "nodeInfo", "osImage") or ""))
    return match[1] if match else None


def links_of(snapshot: Snapshot, node: str) -> List[Entry]:
    """The physical NICs of a node by name, from LinkMonitor nic."""
    return [
        {"name": link.name, "mac": link.mac or None, "state": link.state, "master": _master(snapshot, node, link)}
        for _name, link in sorted(snapshot.nics.get(node, {}).items())
    ]


def _kept(snapshot: Snapshot, only: Filter) -> List[Node]:
    return [node for name, node in sorted(snapshot.nodes.items()) if only.node(name)]


def _node(node: Node) -> Entry:
    return {
        "name": node.name,
        "ready": node.ready,
        "cordoned": node.cordoned,
        "maintenance": _keys.MAINTAIN_STATUS in node.annotations,
        "roles": roles(node),
        "internal_ip": address(node),
        "addresses": [{"type": word, "address": found} for word, found in _addresses(node)],
        "active_cluster_networks": _active(node),
        "labels": dict(node.labels),
        "machine_id": node.machine_id,
        "boot_id": node.boot_id,
        **_versions_of(node),
    }


def _versions_of(node: Node) -> Entry:
    info = _objects.dig(node.raw, "status", "nodeInfo")
    return {
        "harvester_version": harvester_version(node),
        "os_image": _objects.dig(info, "osImage"),
        "kernel_version": _objects.dig(info, "kernelVersion"),
        "kubelet_version": _objects.dig(info, "kubeletVersion"),
    }


def _addresses(node: Node) -> List[Tuple[str, str]]:
    entries = _objects.dig(node.raw, "status", "addresses") or ()
    return [(str(entry.get("type")), str(entry.get("address"))) for entry in entries]


def _active(node: Node) -> List[str]:
    """Cluster networks whose VMs can be scheduled here, by the labels that say so."""
    prefix = _keys.PREFIX
    named = [key[len(prefix) :] for key in node.labels if key.startswith(prefix)]
    return sorted(name for name in named if node.active(name))


def _nic(snapshot: Snapshot, node: str, nic: str, reason: Optional[str]) -> Entry:
    link = snapshot.nics.get(node, {}).get(nic)
    return {
        "node": node,
        "name": nic,
        "mac": (link.mac or None) if link else None,
        "state": link.state if link else None,
        "master": _master(snapshot, node, link) if link else None,
        "usable": reason is None,
        "reason": reason,
    }


def _master(snapshot: Snapshot, node: str, link: Link) -> Optional[str]:
    """The bond or bridge that a NIC is a port of; "index 17" when no LinkMonitor names it."""
    if not link.master:
        return None
    return snapshot.links_by_index.get(node, {}).get(link.master) or "index %d" % link.master
