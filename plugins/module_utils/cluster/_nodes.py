# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of the cluster. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Tuple

from . import _keys, _objects


@dataclass(frozen=True)
class Node:
    """One Kubernetes Node.

    ready: its condition Ready is True. cordoned: no new pods are scheduled on it. witness: it has the label key of
    witness nodes; it gets no VMs, no volumes and no configuration. machine_id, boot_id: of ``status.nodeInfo``.
    """

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    ready: bool
    cordoned: bool
    taints: Tuple[Mapping[str, Any], ...]
    machine_id: str
    boot_id: str
    deleting: bool
    raw: _objects.Object

    @classmethod
    def read(cls, item: _objects.Object) -> Node:
        ready = _objects.condition(item, "Ready")
        return cls(
            name=_objects.name(item),
            labels=_objects.labels_of(item),
            annotations=_objects.annotations_of(item),
            ready=ready is not None and ready.true,
            cordoned=bool(_objects.dig(item, "spec", "unschedulable")),
            taints=tuple(_objects.dig(item, "spec", "taints") or ()),
            machine_id=str(_objects.dig(item, "status", "nodeInfo", "machineID") or ""),
            boot_id=str(_objects.dig(item, "status", "nodeInfo", "bootID") or ""),
            deleting=_objects.deleting(item),
            raw=item,
        )

    @property
    def witness(self) -> bool:
        return _keys.WITNESS in self.labels

    @property
    def control_plane(self) -> bool:
        """Whether the node is one of those that Harvester counts before it lets a node be drained."""
        return _keys.CONTROL_PLANE in self.labels or _keys.ETCD in self.labels

    @property
    def available(self) -> bool:
        """Whether work can be scheduled on it."""
        return self.ready and not self.cordoned and _keys.MAINTAIN_STATUS not in self.annotations

    def active(self, cluster_network: str) -> bool:
        """Whether VMs of this cluster network can be scheduled on the node: its label says so, and nothing else."""
        return self.labels.get(_keys.PREFIX + cluster_network) == "true"
