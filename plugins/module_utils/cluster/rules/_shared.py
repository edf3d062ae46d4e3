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


def stop(found: Sequence[Vmi]) -> str:
    """The next step about running instances in the way."""
    final = [vmi.reference for vmi in found if vmi.final]
    if final:
        return "stop these VMs; %s ended by itself and still counts: set its run strategy to Halted" % listed(final)
    return "stop these VMs, or migrate them to nodes that are not affected"


def nodes(names: Iterable[str]) -> str:
    """ "node n1", "nodes n1 and n2"."""
    found = sorted(names)
    return "%s %s" % ("node" if len(found) == 1 else "nodes", listed(found))
