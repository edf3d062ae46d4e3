# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HV pkg/webhook/resources/setting/validator.go: what must be at rest before a network setting changes.

For every change of the value, enabling and disabling. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Iterator, Optional, Sequence

from .. import _objects, _storage
from .._kinds import LONGHORN_SYSTEM
from .._storage import RWX, STORAGE, text_of
from ..storage import _volumes
from ..storage._volumes import AttachedVolume
from ._registry import PUT, Finding, harvester
from ._request import Request
from ._setting import KIND, SOURCE, changed


@harvester("setting-vms", "Every VM is stopped before the storage network changes", KIND, PUT, SOURCE + "IsVMStopped")
def vms(request: Request) -> Iterator[Finding]:
    if request.name != STORAGE or not changed(request):
        return
    snapshot = request.snapshot
    running = sorted(name for name, vm in snapshot.vms.items() if not vm.stopped(snapshot.vmis.get(name)))
    if running:
        yield Finding(
            "Please stop all VMs before configuring the storage-network setting (running: %s)" % ", ".join(running),
            "stop these VMs",
        )


@harvester(
    "setting-volumes",
    "Every volume is detached before the storage network changes",
    KIND,
    PUT,
    SOURCE + "Longhorn volumes but those of prometheus, alertmanager, grafana and vm-import-controller",
)
def volumes(request: Request) -> Iterator[Finding]:
    if request.name != STORAGE or not changed(request):
        return
    attached = [volume for volume in _volumes.attached(request.snapshot) if not volume.at_rest]
    vclusters = [volume.claim for volume in attached if "vcluster" in volume.claim]
    others = [volume for volume in attached if "vcluster" not in volume.claim]
    if vclusters:
        yield Finding(
            "please stop vcluster before configuring the storage-network setting (attached: %s)" % ", ".join(vclusters),
            "disable add-on rancher-vcluster, or scale it down",
        )
    if others:
        yield Finding(
            "please stop all workloads before configuring the storage-network setting (attached: %s)"
            % ", ".join(volume.claim for volume in others),
            _detach(others),
        )


@harvester(
    "setting-in-progress",
    "One change of the storage network after the other",
    KIND,
    PUT,
    SOURCE + "409 while condition configured is In Progress, unless reset to the default",
    "storage_in_progress",
)
def in_progress(request: Request) -> Iterator[Finding]:
    if request.name not in (STORAGE, RWX) or not changed(request) or not _storage.in_progress(request.old):
        return
    if text_of(request.new) == str((request.old or {}).get("default") or ""):
        return
    yield Finding(
        "the last change of setting %s is still in progress" % request.name,
        "wait until its condition configured is Completed",
    )


@harvester(
    "setting-shared",
    "The storage network stays while RWX volumes share it",
    KIND,
    PUT,
    SOURCE + "rwx-network share-storage-network",
    "rwx_network",
)
def shared(request: Request) -> Iterator[Finding]:
    if request.name != STORAGE or not changed(request) or text_of(request.new):
        return
    if _storage.shares_storage(request.snapshot):
        yield Finding(
            "the storage network can't be disabled while rwx-network shares it",
            'set setting rwx-network to {"share-storage-network":false} first, and wait for it',
        )


@harvester(
    "setting-share",
    "RWX volumes share a storage network that is there",
    KIND,
    PUT,
    SOURCE + "share-storage-network true needs a configured storage network",
    "rwx_network",
)
def share(request: Request) -> Iterator[Finding]:
    if request.name != RWX or not changed(request):
        return
    try:
        wanted = bool(_storage.mapping(text_of(request.new)).get(_storage.SHARE))
    except _storage.SettingError:
        return
    if wanted and not text_of(request.snapshot.get("settings", STORAGE)):
        yield Finding("storage-network is not configured", "enable setting storage-network first")


@harvester(
    "setting-rwx-volumes",
    "RWX volumes are detached before their network changes",
    KIND,
    PUT,
    SOURCE + "volumes with accessMode rwx that are attached; all without migratable count",
    "rwx_network",
)
def rwx_volumes(request: Request) -> Iterator[Finding]:
    if request.name != RWX or not changed(request):
        return
    attached = [
        volume.claim
        for volume in _volumes.attached(request.snapshot)
        if _rwx(request.snapshot.get("volumes", volume.name, LONGHORN_SYSTEM))
    ]
    if attached:
        yield Finding(
            "RWX volumes are still attached: %s" % ", ".join(attached), "stop the workloads that use these volumes"
        )


@harvester(
    "setting-migrations",
    "No VM migrates while the migration network changes",
    KIND,
    PUT,
    SOURCE + "VirtualMachineInstanceMigration objects that have not ended",
)
def migrations(request: Request) -> Iterator[Finding]:
    if request.name != _storage.MIGRATION or not changed(request):
        return
    going = sorted(
        "%s/%s" % _objects.key(item)
        for item in request.snapshot.all("migrations")
        if _objects.dig(item, "status", "phase") not in ("Succeeded", "Failed")
    )
    if going:
        yield Finding("VM migrations are in progress: %s" % ", ".join(going), "wait for them, or cancel them")


@harvester(
    "setting-exclusive-vlan",
    "A storage network that wants its VLAN for itself finds it free",
    KIND,
    PUT,
    SOURCE + "exclusiveVlan",
    "exclusive_vlan",
)
def exclusive_vlan(request: Request) -> Iterator[Finding]:
    if request.name != STORAGE or not changed(request):
        return
    try:
        value = _storage.parsed(STORAGE, text_of(request.new))
    except _storage.SettingError:
        return
    if value is None or not value.exclusive_vlan:
        return
    found = [
        nad.reference
        for nad in request.snapshot.nads_of(value.cluster_network)
        if not nad.setting and (nad.vlan == value.vlan or value.vlan in nad.vlans)
    ]
    if found:
        yield Finding(
            "VLAN ID %d is used by VM network(s) %s" % (value.vlan, ", ".join(found)),
            "use another VLAN id, or delete these VM networks",
        )


def _rwx(item: Optional[_objects.Object]) -> bool:
    return _objects.dig(item, "spec", "accessMode") == "rwx" and not _objects.dig(item, "spec", "migratable")


def _detach(volumes: Sequence[AttachedVolume]) -> str:
    """The next step about attached volumes: those of VMs detach with them, the others are named with their owners."""
    staying = [volume.holder for volume in volumes if not volume.with_vm]
    steps = ["stop the VMs"] if len(staying) < len(volumes) else []
    if staying:
        steps.append("stop what keeps volumes attached: %s" % "; ".join(staying))
    return " and ".join(steps)
