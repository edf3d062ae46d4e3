# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes on with a VM and has to end before it is touched. This module util is private to the collection."""

from __future__ import annotations

from typing import Dict, Tuple

from .. import _objects
from .._snapshot import Snapshot


def migrations(snapshot: Snapshot) -> Dict[str, str]:
    """VM -> the migration of it that has not ended, by "namespace/name" and name."""
    return {
        "%s/%s" % (_objects.namespace(item), _objects.dig(item, "spec", "vmiName")): _objects.name(item)
        for item in snapshot.all("migrations")
        if _objects.dig(item, "status", "phase") not in ("Succeeded", "Failed")
    }


def backups(snapshot: Snapshot) -> Dict[str, str]:
    """VM -> the backup of it that is neither ready nor failed: Harvester refuses to stop the VM until then.

    HV pkg/webhook/resources/virtualmachine/validator.go.
    """
    return {
        "%s/%s" % (_objects.namespace(item), _objects.dig(item, "spec", "source", "name")): _objects.name(item)
        for item in snapshot.all("backups")
        if not _objects.dig(item, "status", "readyToUse") and not _objects.dig(item, "status", "error")
    }


def going_on(snapshot: Snapshot) -> Dict[str, Tuple[str, ...]]:
    """VM -> what goes on with it, as sentence parts."""
    found: Dict[str, Tuple[str, ...]] = {}
    for reference, name in sorted(migrations(snapshot).items()):
        found[reference] = ("migration '%s' of it is in progress" % name,)
    for reference, name in sorted(backups(snapshot).items()):
        found[reference] = (*found.get(reference, ()), "backup '%s' of it is in progress" % name)
    return found
