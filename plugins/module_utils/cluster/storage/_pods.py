# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Longhorn's pods, and the interface lhnet1 that the storage network gives them.

This module util is private to the collection.
"""

from __future__ import annotations

import json
from typing import Any, List, Mapping, NamedTuple, Tuple

from .. import _objects
from .._snapshot import Snapshot

COMPONENT = "longhorn.io/component"
INSTANCE_MANAGER = "instance-manager"
BACKING_IMAGE_MANAGER = "backing-image-manager"
INTERFACE = "lhnet1"
ASKED = "k8s.v1.cni.cncf.io/networks"
GIVEN = "k8s.v1.cni.cncf.io/network-status"
"""Annotations of multus: the networks that a pod asks for, and the interfaces that it was given."""


class InstanceManager(NamedTuple):
    """One instance-manager.

    running: its phase is Running and it is not being deleted. asks: whether it asks for lhnet1. addresses: IPv4
    addresses of its lhnet1; empty without one. raw: the pod.
    """

    name: str
    node: str
    running: bool
    asks: bool
    addresses: Tuple[str, ...]
    raw: _objects.Object

    @classmethod
    def read(cls, pod: _objects.Object) -> InstanceManager:
        given = [item for item in _entries(pod, GIVEN) if _interface(item) == INTERFACE]
        return cls(
            name=_objects.name(pod),
            node=str(_objects.dig(pod, "spec", "nodeName") or ""),
            running=_objects.dig(pod, "status", "phase") == "Running" and not _objects.deleting(pod),
            asks=any(_interface(item) == INTERFACE for item in _entries(pod, ASKED)),
            addresses=tuple(str(address) for item in given for address in item.get("ips") or ()),
            raw=pod,
        )


def instance_managers(snapshot: Snapshot) -> Tuple[InstanceManager, ...]:
    """Every instance-manager pod, by name."""
    found = [pod for pod in snapshot.all("longhorn_pods") if _objects.labels_of(pod).get(COMPONENT) == INSTANCE_MANAGER]
    return tuple(sorted((InstanceManager.read(pod) for pod in found), key=lambda manager: manager.name))


def data_pods(snapshot: Snapshot) -> Tuple[Tuple[str, InstanceManager], ...]:
    """(component, pod) of every instance-manager and backing-image-manager, which move Longhorn's data, by name."""
    found = []
    for pod in snapshot.all("longhorn_pods"):
        component = _objects.labels_of(pod).get(COMPONENT, "")
        if component in (INSTANCE_MANAGER, BACKING_IMAGE_MANAGER):
            found.append((component, InstanceManager.read(pod)))
    return tuple(sorted(found, key=lambda pair: pair[1].name))


def with_networks(pod: _objects.Object, reference: str, address: str) -> Mapping[str, Any]:
    """A copy that has lhnet1 in a network ("namespace/name") with this address; without it where reference is empty."""
    asked = [item for item in _entries(pod, ASKED) if _interface(item) != INTERFACE]
    given = [item for item in _entries(pod, GIVEN) if _interface(item) != INTERFACE]
    if reference:
        namespace, _slash, name = reference.partition("/")
        asked.append({"namespace": namespace, "name": name, "interface": INTERFACE})
        given.append({"name": reference, "interface": INTERFACE, "ips": [address]})
    return _objects.with_annotations(
        pod, {ASKED: json.dumps(asked) if asked else None, GIVEN: json.dumps(given) if given else None}
    )


def _entries(pod: _objects.Object, annotation: str) -> List[Mapping[str, Any]]:
    """The list in an annotation of multus; empty when it is none. The short form "ns/name@interface" is read too."""
    text = _objects.annotations_of(pod).get(annotation) or ""
    try:
        found = json.loads(text)
    except ValueError:
        return [
            {"name": word.partition("@")[0], "interface": word.partition("@")[2]} for word in text.split(",") if word
        ]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _interface(item: Mapping[str, Any]) -> str:
    return str(item.get("interface") or "")
