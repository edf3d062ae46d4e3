# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pods of a node are evicted, and why the others are not. This module util is private to the collection.

Sources: Harvester's own drain (HV pkg/util/drainhelper/helper.go) leaves csi-attacher, csi-provisioner and hotplug
pods out and goes by ``kubectl drain``'s rules for the rest; virt-launcher pods leave with their VMs.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Tuple

from .. import _objects

LEAVE, EVICT = "leave", "evict"
LABELS: Mapping[Tuple[str, str], str] = {
    ("kubevirt.io", "virt-launcher"): "a VM runs in it, and VMs are moved or stopped, not evicted",
    ("kubevirt.io", "hotplug-disk"): "it holds a disk of a VM",
    ("app", "csi-attacher"): "volumes are not detached without it",
    ("app", "csi-provisioner"): "volumes are not detached without it",
}
"""(label, value) -> why a pod with it is left."""
MIRROR = "kubernetes.io/config.mirror"
"""Annotation of a pod that the kubelet runs from a file of its node."""
FINAL = ("Succeeded", "Failed")


class Pod(NamedTuple):
    """One pod. uid: of this pod, not of a later one with its name. why: why it is left; empty for one to be evicted."""

    namespace: str
    name: str
    uid: str
    deleting: bool
    why: str = ""

    @property
    def reference(self) -> str:
        return "%s/%s" % (self.namespace, self.name)

    def as_result(self) -> Dict[str, str]:
        """As the module returns it."""
        found = {"namespace": self.namespace, "name": self.name}
        return {**found, "why": self.why} if self.why else found


def pods(items: Iterable[_objects.Object], unmanaged: str = LEAVE) -> List[Pod]:
    """The pods of a node, by namespace and name.

    unmanaged: "leave" or "evict", what becomes of pods without a controller.
    """
    return sorted(
        Pod(
            namespace=_objects.namespace(item),
            name=_objects.name(item),
            uid=str(_objects.dig(item, "metadata", "uid") or ""),
            deleting=_objects.deleting(item),
            why=next(_reasons(item, unmanaged), ""),
        )
        for item in items
    )


def _reasons(item: _objects.Object, unmanaged: str) -> Iterator[str]:
    """Why a pod is left; nothing for one that is evicted."""
    labels = _objects.labels_of(item)
    for (label, value), why in LABELS.items():
        if labels.get(label) == value:
            yield why
    if MIRROR in _objects.annotations_of(item):
        yield "the kubelet runs it from a file of the node"
    phase = _objects.dig(item, "status", "phase")
    if phase in FINAL:
        yield "it has ended (%s)" % phase
    owner = _controller(item)
    if owner.get("kind") == "DaemonSet":
        yield "DaemonSet '%s' would make it anew on this node" % owner.get("name")
    if not owner and unmanaged == LEAVE:
        yield "no controller would make it again; it starts again with the node"


def _controller(item: _objects.Object) -> Mapping[str, Any]:
    owners = _objects.dig(item, "metadata", "ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), {})
