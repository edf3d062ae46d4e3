# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network: what has to be in order before its setting changes, and what Harvester does not look at.

For every change of the value: what is switched off has to be able to come back. This module util is private to the
collection.
"""

from __future__ import annotations

import ipaddress
from typing import Iterator, List, Tuple

from ... import _objects, _storage
from ..._read import WHEREABOUTS
from ..._snapshot import Snapshot
from ..._storage import STORAGE
from ...storage import _addresses
from ...storage._pods import instance_managers
from ...storage._wait import interface_problem
from .._registry import PUT, Finding, ours
from .._request import Request
from .._setting import changed, value_of

KIND = ("settings",)
MANUAL = "Harvester's manual, storage network: "
V2_VOLUMES, IN_PROGRESS = "storage-network-v2-volumes", "storage-network-in-progress"
"""Rules that an option of the module can pass over."""


def concerns(request: Request) -> bool:
    """Whether the value of the storage network changes."""
    return request.name == STORAGE and changed(request)


@ours(
    "storage-network-nodes",
    "Every node is Ready and takes pods",
    KIND,
    PUT,
    "HV pkg/controller/master/storagenetwork: waits for an address per node, without a bound",
)
def nodes(request: Request) -> Iterator[Finding]:
    if not concerns(request):
        return
    for node in request.snapshot.workers:
        if not node.ready:
            yield Finding("node %s is not Ready" % node.name, "repair it, or remove it from the cluster")
        elif not node.available:
            yield Finding("node %s takes no pods: it is cordoned or in maintenance" % node.name, "uncordon it")


@ours(
    "storage-network-instance-managers",
    "Every node has an instance-manager that runs, with lhnet1 while the storage network is on",
    KIND,
    PUT,
    "Longhorn: only pods that run get another network; Harvester issue 11639: pods without lhnet1",
)
def managers(request: Request) -> Iterator[Finding]:
    if not concerns(request):
        return
    found = instance_managers(request.snapshot)
    # While a change is in progress, some have it and some have not.
    value = None if _storage.in_progress(request.old) else _storage.network_of(request.snapshot, STORAGE)
    for node in request.snapshot.workers:
        mine = [manager for manager in found if manager.node == node.name]
        if not any(manager.running for manager in mine):
            yield Finding(
                "node %s has no instance-manager that is Running" % node.name,
                "see pods of longhorn-system on this node",
            )
            continue
        for manager in mine if value is not None else ():
            problem = interface_problem(manager, value)
            if problem:
                yield Finding(
                    "instance-manager %s of node %s %s" % (manager.name, node.name, problem),
                    "delete this pod once no volume is attached on its node, and wait for the new one",
                )


@ours(V2_VOLUMES, "No volume has Longhorn's v2 engine", KIND, PUT, "Harvester issue 11123: it does not work there")
def v2_volumes(request: Request) -> Iterator[Finding]:
    if not concerns(request):
        return
    found = sorted(_objects.name(item) for item in request.snapshot.all("volumes") if _v2(item))
    if found:
        yield Finding(
            "volumes have Longhorn's v2 engine: %s" % ", ".join(found),
            "move them to the v1 engine, or allow them with allow_v2_volumes=true",
        )


@ours(
    IN_PROGRESS,
    "The storage network is not reset while its last change is in progress",
    KIND,
    PUT,
    "HV pkg/webhook/resources/setting: takes a reset meanwhile; Harvester issue 9621: quick changes leave networks",
    "storage_in_progress",
)
def reset_in_progress(request: Request) -> Iterator[Finding]:
    default = str((request.old or {}).get("default") or "")
    if concerns(request) and _storage.text_of(request.new) == default and _storage.in_progress(request.old):
        yield Finding(
            "the last change of setting %s is still in progress" % STORAGE,
            "wait until its condition configured is Completed, or reset it nevertheless with allow_in_progress=true",
        )


@ours(
    "storage-network-others-in-progress",
    "No change of another network setting is in progress",
    KIND,
    PUT,
    "HV pkg/controller/master: each setting has a controller of its own, and none waits for another",
    "storage_in_progress",
)
def others_in_progress(request: Request) -> Iterator[Finding]:
    if not concerns(request):
        return
    for name, going in _storage.conditions_of(request.snapshot).items():
        if going and name != STORAGE:
            yield Finding(
                "a change of setting %s is in progress" % name, "wait until its condition configured is Completed"
            )


@ours(
    "storage-network-images",
    "No VM image is being transferred",
    KIND,
    PUT,
    MANUAL + "no image is uploaded or downloaded meanwhile",
)
def images(request: Request) -> Iterator[Finding]:
    if not concerns(request):
        return
    found = sorted("%s/%s" % _objects.key(item) for item in request.snapshot.all("images") if _transferred(item))
    if found:
        yield Finding("VM images are being transferred: %s" % ", ".join(found), "wait for them, or delete them")


@ours(
    "storage-network-whereabouts",
    "The cluster has whereabouts, which gives out the addresses",
    KIND,
    PUT,
    MANUAL + "definition ippools.whereabouts.cni.cncf.io",
)
def whereabouts(request: Request) -> Iterator[Finding]:
    if request.name != STORAGE or value_of(request) is None:
        return
    if request.snapshot.get("crds", WHEREABOUTS) is None:
        yield Finding("definition %s is missing" % WHEREABOUTS, "see whether add-on whereabouts of RKE2 is installed")


@ours(
    "storage-network-addresses",
    "The range has enough addresses without those that whereabouts has lost",
    KIND,
    PUT,
    "whereabouts: addresses of pods that are gone stay given out until they are collected",
)
def addresses(request: Request) -> Iterator[Finding]:
    value = value_of(request)
    if request.name != STORAGE or value is None:
        return
    try:
        usable, lost = _storage.usable_addresses(value), _addresses.lost(request.snapshot, value)
    except ValueError:
        return
    shared = _storage.shares_storage(request.snapshot)
    needed = _storage.needed_addresses(request.snapshot, STORAGE, shared)
    if usable - len(lost) < needed <= usable:
        yield Finding(
            "range %s has %d usable addresses, %d are needed, and these will not come free: %s"
            % (value.range, usable, needed, ", ".join(lost)),
            "take them out of pool kube-system/%s, or give a larger range" % _addresses.pool_name(value.range),
        )


@ours(
    "storage-network-overlap",
    "The range does not hold addresses of nodes, nor those that nodes give to pods",
    KIND,
    PUT,
    MANUAL + "the range is not used elsewhere; the webhook compares network settings only",
)
def overlap(request: Request) -> Iterator[Finding]:
    value = value_of(request)
    if request.name != STORAGE or value is None:
        return
    try:
        whole = _storage.subnet(value.range)
    except ValueError:
        return
    for what, text in _own(request.snapshot):
        try:
            other = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        if isinstance(other, ipaddress.IPv4Network) and other.overlaps(whole):
            yield Finding("range %s overlaps with %s, %s" % (value.range, text, what), "give another range")


def _own(snapshot: Snapshot) -> List[Tuple[str, str]]:
    """(what it is, address or network) of every node."""
    found = []
    for name, node in sorted(snapshot.nodes.items()):
        for entry in _objects.dig(node.raw, "status", "addresses") or ():
            if _objects.dig(entry, "type") in ("InternalIP", "ExternalIP"):
                found.append(("an address of node %s" % name, str(_objects.dig(entry, "address"))))
        for text in _objects.dig(node.raw, "spec", "podCIDRs") or ():
            # The usual ones lie in a network that rule setting-reserved-range knows.
            if not _reserved(str(text)):
                found.append(("which node %s gives to pods" % name, str(text)))
    return found


def _reserved(text: str) -> bool:
    try:
        part = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return True
    return any(part.subnet_of(_storage.subnet(network)) for network in _storage.RESERVED)


def _v2(item: _objects.Object) -> bool:
    engine = _objects.dig(item, "spec", "dataEngine") or _objects.dig(item, "spec", "backendStoreDriver")
    return str(engine or "") == "v2"


def _transferred(item: _objects.Object) -> bool:
    """Neither imported nor given up (HV pkg/controller/master/image)."""
    imported = _objects.condition(item, "Imported")
    limit = _objects.condition(item, "RetryLimitExceeded")
    if _objects.deleting(item) or (limit is not None and limit.true):
        return False
    return imported is None or not (imported.true or imported.false)
