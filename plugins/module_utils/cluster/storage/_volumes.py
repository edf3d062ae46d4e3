# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Longhorn volumes that are attached, and who holds them. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Tuple

from .. import _objects
from .._snapshot import Snapshot

DETACHED = "detached"
STOPPED_BY_HARVESTER = ("prometheus", "alertmanager", "grafana", "vm-import-controller")
"""Workloads that Harvester stops by itself; their volumes may be attached (HV pkg/webhook/resources/setting)."""
MONITORING = "cattle-monitoring-system"
LAUNCHER, HOTPLUG = "virt-launcher-", "hp-volume-"
"""Prefixes of the pods by which KubeVirt holds the volumes of a VM."""
INSTANCE = "VirtualMachineInstance"


class Workload(NamedTuple):
    """A pod that has a volume. kind, name: of its owner, empty for a pod without one."""

    pod: str
    kind: str
    name: str

    @property
    def of_vm(self) -> bool:
        return self.kind == INSTANCE or self.pod.startswith((LAUNCHER, HOTPLUG))

    def __str__(self) -> str:
        return "pod %s of %s %s" % (self.pod, self.kind, self.name) if self.kind else "pod %s" % self.pod


class AttachedVolume(NamedTuple):
    """A volume that is not detached.

    claim: "namespace/name" of its claim, or the volume's own name where it has none. node: where it is attached.
    workloads: the pods that have it now. with_vm: whether it detaches when the VMs that use it stop. at_rest: whether
    Harvester does not mind it.
    """

    name: str
    claim: str
    node: str
    workloads: Tuple[Workload, ...]
    with_vm: bool
    at_rest: bool

    @property
    def holder(self) -> str:
        """Who holds it, for a message."""
        if self.workloads:
            return "%s is held by %s" % (self.claim, _objects.listed(self.workloads))
        return "%s is attached to node %s without a pod (a backup, an export, or by hand)" % (
            self.claim,
            self.node or "unknown",
        )

    @property
    def shown(self) -> Dict[str, Any]:
        """As a module returns it."""
        workloads = [workload._asdict() for workload in self.workloads]
        return {
            "name": self.name,
            "claim": self.claim,
            "node": self.node,
            "workloads": workloads,
            "detaches_with_vm": self.with_vm,
        }


def attached(snapshot: Snapshot) -> Tuple[AttachedVolume, ...]:
    """The volumes that are not detached, by claim."""
    found = [_read(snapshot, item) for item in snapshot.all("volumes") if _state(item) != DETACHED]
    return tuple(sorted(found, key=lambda volume: (volume.claim, volume.name)))


def detached(item: _objects.Object) -> Mapping[str, Any]:
    """A copy of a Longhorn volume that is detached."""
    return {**item, "status": {**(item.get("status") or {}), "state": DETACHED}}


def _state(item: _objects.Object) -> str:
    return str(_objects.dig(item, "status", "state") or "")


def _read(snapshot: Snapshot, item: _objects.Object) -> AttachedVolume:
    status = _objects.dig(item, "status", "kubernetesStatus") or {}
    namespace, claim = str(status.get("namespace") or ""), str(status.get("pvcName") or "")
    # Longhorn keeps the last workloads of a volume that nobody has any more, with the time since when.
    entries = () if status.get("lastPodRefAt") else status.get("workloadsStatus") or ()
    workloads = tuple(
        Workload(str(one.get("podName") or ""), str(one.get("workloadType") or ""), str(one.get("workloadName") or ""))
        for one in entries
        if isinstance(one, Mapping)
    )
    return AttachedVolume(
        name=_objects.name(item),
        claim="%s/%s" % (namespace, claim) if claim else _objects.name(item),
        node=str(_objects.dig(item, "status", "currentNodeID") or ""),
        workloads=workloads,
        with_vm=bool(workloads) and all(_stops(snapshot, namespace, workload) for workload in workloads),
        at_rest=_at_rest(namespace, claim),
    )


def _stops(snapshot: Snapshot, namespace: str, workload: Workload) -> bool:
    """Whether a pod goes when VMs are stopped. An instance without a VM is nobody's to stop."""
    if workload.kind == INSTANCE:
        return snapshot.get("vms", workload.name, namespace) is not None
    return workload.of_vm


def _at_rest(namespace: str, claim: str) -> bool:
    if STOPPED_BY_HARVESTER[3] in claim:
        return True
    return namespace == MONITORING and any(word in claim for word in STOPPED_BY_HARVESTER[:3])
