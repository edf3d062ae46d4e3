# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HV pkg/webhook/resources/virtualmachine, where networks' procedures meet it. This module util is private to the
collection."""

from __future__ import annotations

from typing import Iterator

from .. import _objects
from .._vms import Vm
from ._registry import UPDATE, Finding, harvester
from ._request import Request


@harvester(
    "vm-backup",
    "A VM is not stopped while a backup of it is made",
    ("vms",),
    (UPDATE,),
    "HV pkg/webhook/resources/virtualmachine: VMBackup in progress",
)
def backup(request: Request) -> Iterator[Finding]:
    if request.old is None or Vm.read(request.old).halted or not Vm.read(request.current).halted:
        return
    for item in request.snapshot.all("backups"):
        source = _objects.dig(item, "spec", "source", "name")
        if _objects.namespace(item) != request.change.namespace or source != request.name:
            continue
        if not _objects.dig(item, "status", "readyToUse") and not _objects.dig(item, "status", "error"):
            yield Finding(
                "there is vmbackup %s in progress for vm %s, stop it or wait for it"
                % (_objects.name(item), request.name),
                "wait until the backup is ready, or delete it",
            )
