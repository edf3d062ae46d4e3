# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of a range that pods cannot have, because whereabouts counts them as given out.

This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
from typing import Any, List, Mapping, Tuple

from .. import _objects, _storage
from .._kinds import LONGHORN_SYSTEM
from .._snapshot import Snapshot
from .._storage import NetworkValue

POOLS = "kube-system"


def pool_name(network_range: str) -> str:
    """The pool of a range (HV pkg/controller/master/storagenetwork): address and prefix length. Raises ValueError."""
    whole = _storage.subnet(network_range)
    return "%s-%d" % (whole.network_address, whole.prefixlen)


def lost(snapshot: Snapshot, value: NetworkValue) -> Tuple[str, ...]:
    """Addresses that will not come free when Longhorn's pods start again, each as "10.1.0.5 (namespace/pod)".

    They are those of pods that are gone, which whereabouts has not collected, and of pods outside Longhorn. Excluded
    addresses do not count. Raises ValueError for a range that is none.
    """
    pool = snapshot.get("ippools", pool_name(value.range), POOLS)
    first = _storage.subnet(value.range).network_address
    excluded = [ipaddress.IPv4Network(text, strict=False) for text in value.exclude]
    known = {"%s/%s" % _objects.key(pod) for pod in snapshot.all("longhorn_pods")}
    found: List[Tuple[ipaddress.IPv4Address, str]] = []
    for offset, allocation in _allocations(pool):
        address = first + offset
        pod = str(allocation.get("podref") or allocation.get("id") or "")
        returns = pod in known and pod.startswith(LONGHORN_SYSTEM + "/")
        if not returns and not any(address in part for part in excluded):
            found.append((address, pod))
    return tuple("%s (%s)" % (address, pod) for address, pod in sorted(found))


def _allocations(pool: Any) -> List[Tuple[int, Mapping[str, Any]]]:
    items = (_objects.dig(pool, "spec", "allocations") or {}).items()
    return [(int(offset), entry or {}) for offset, entry in items if str(offset).isdigit()]
