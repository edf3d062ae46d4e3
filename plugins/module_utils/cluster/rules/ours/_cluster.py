# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the whole cluster: no change of networks during an upgrade or a change of the storage network.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Iterator

from ... import _keys, _objects, _storage
from .._registry import ANY, Finding, ours
from .._request import Request

NETWORKS = ("clusternetworks", "vlanconfigs", "nads", "hostnetworkconfigs")


def concerns(request: Request) -> bool:
    """Whether a change is one of networks: their objects, the network settings, labels and drains of nodes."""
    if request.change.kind == "settings":
        return request.name in _storage.SETTINGS
    if request.change.kind == "nodes":
        old, new = request.old or {}, request.new or {}
        asked = _objects.annotations_of(new).get(_keys.DRAIN_REQUESTED) != _objects.annotations_of(old).get(
            _keys.DRAIN_REQUESTED
        )
        return asked or _objects.labels_of(old) != _objects.labels_of(new)
    return True


@ours(
    "upgrade-running",
    "No change of networks during an upgrade",
    (*NETWORKS, "settings", "nodes"),
    ANY,
    "HV upgrade: nodes reboot and drain in its own order; nothing holds changes back",
)
def upgrade(request: Request) -> Iterator[Finding]:
    name = request.snapshot.running_upgrade
    if name and concerns(request):
        yield Finding("upgrade '%s' of Harvester is running" % name, "wait until it has completed, or has failed")


@ours(
    "storage-change-in-progress",
    "No change of networks while the storage network changes",
    (*NETWORKS, "settings"),
    ANY,
    "HV pkg/controller/master/storagenetwork: stops workloads and waits; other changes go on meanwhile",
)
def storage_change(request: Request) -> Iterator[Finding]:
    if not concerns(request) or (request.change.kind == "settings" and request.has("storage_in_progress")):
        return
    for name, going in _storage.conditions_of(request.snapshot).items():
        if going:
            yield Finding(
                "a change of setting %s is in progress" % name, "wait until its condition configured is Completed"
            )
