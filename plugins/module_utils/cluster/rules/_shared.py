# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several rules need. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterable, Optional, Sequence

from ...common import _mtu, _names
from .. import _nad, _storage
from .._objects import listed
from .._vms import Vmi
from ._request import Request

NAME_LIMIT = _names.LONGEST - len(_nad.BRIDGE_SUFFIX)
BOUNDS = "[0, %d..%d]" % (_mtu.MINIMUM, _mtu.MAXIMUM)


def active_system_nad(request: Request, cluster_network: str) -> Optional[_nad.Nad]:
    """The first VM network of a setting on a cluster network that is not being deleted (NC pkg/utils/nad.go).

    Before 1.9 only the storage network's counts.
    """
    settings = _storage.SETTINGS if request.has("system_networks") else (_storage.STORAGE,)
    found = [nad for nad in request.snapshot.nads_of(cluster_network) if nad.setting in settings and not nad.deleting]
    return found[0] if found else None


def stop(found: Sequence[Vmi], migrate: bool = True) -> str:
    """The next step about running instances in the way; migrate: whether it helps to move them to other nodes."""
    final = [vmi.reference for vmi in found if vmi.final]
    step = "stop these VMs, or migrate them to nodes that are not affected" if migrate else "stop these VMs"
    if not final:
        return step
    halt = "set the run strategy of %s to Halted: a VM that ended by itself still counts" % listed(final)
    return halt if len(final) == len(found) else "%s; %s" % (step, halt)


def nodes(names: Iterable[str]) -> str:
    """ "node n1", "nodes n1 and n2"."""
    found = sorted(names)
    return "%s %s" % ("node" if len(found) == 1 else "nodes", listed(found))
