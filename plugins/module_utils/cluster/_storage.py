# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that settings describe: storage-network, rwx-network, vm-migration-network.

Their values are JSON texts; Harvester hashes the text, so the same meaning in other words counts as a new
configuration. Addresses are IPv4. This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ..common._errors import NetworkError
from . import _objects
from ._snapshot import Snapshot

STORAGE, RWX, MIGRATION = "storage-network", "rwx-network", "vm-migration-network"
SETTINGS = (STORAGE, RWX, MIGRATION)
IN_PROGRESS = "In Progress"
SHARE = "share-storage-network"
RWX_ADDRESSES = 32
"""Addresses that Harvester keeps for RWX volumes' share managers besides one per node."""
RESERVED = ("10.42.0.0/16", "10.43.0.0/16", "10.52.0.0/16", "10.53.0.0/16")
"""Harvester's own networks for pods and services; the webhook compares nothing with them."""


class SettingError(NetworkError, ValueError):
    """A value of a setting that cannot be read."""


class NetworkValue(NamedTuple):
    """What such a value says. vlan: 0 for none. range, exclude: IPv4 networks as written. exclusive_vlan: 1.9."""

    cluster_network: str
    vlan: int
    range: str
    exclude: Tuple[str, ...]
    exclusive_vlan: bool = False


def text_of(setting: Optional[_objects.Object]) -> str:
    """The value of a setting; its default where it has none, empty where it has neither or does not exist."""
    return str((setting or {}).get("value") or (setting or {}).get("default") or "")


def parsed(name: str, text: str) -> Optional[NetworkValue]:
    """The network that a value describes; None where it describes none. Raises SettingError.

    For rwx-network the one below "network", or None when it shares the storage network.
    """
    values = mapping(text)
    if name == RWX:
        values = values.get("network") or {} if not values.get(SHARE) else {}
    if not values:
        return None
    try:
        vlan = int(values.get("vlan") or 0)
    except (TypeError, ValueError):
        raise SettingError("its vlan '%s' is no number" % values.get("vlan")) from None
    exclude = values.get("exclude") or ()
    if not isinstance(exclude, (list, tuple)):
        raise SettingError("its exclude is no list")
    return NetworkValue(
        str(values.get("clusterNetwork") or ""),
        vlan,
        str(values.get("range") or ""),
        tuple(str(entry) for entry in exclude),
        bool(values.get("exclusiveVlan")),
    )


def mapping(text: str) -> Dict[str, Any]:
    """The JSON object of a value; empty for an empty text. Raises SettingError for what is no object."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        raise SettingError("it is no JSON") from None
    if not isinstance(found, dict):
        raise SettingError("it is no JSON object")
    return found


def network_of(snapshot: Snapshot, name: str) -> Optional[NetworkValue]:
    """The network that a setting of the cluster describes now; None where there is none or it cannot be read."""
    try:
        return parsed(name, text_of(snapshot.get("settings", name)))
    except SettingError:
        return None


def shares_storage(snapshot: Snapshot) -> bool:
    """Whether RWX volumes use the storage network (1.8 and later)."""
    try:
        return bool(mapping(text_of(snapshot.get("settings", RWX))).get(SHARE))
    except SettingError:
        return False


def same(name: str, one: str, other: str) -> bool:
    """Whether two values mean the same, however they are written. Raises SettingError."""
    if name == RWX and mapping(one).get(SHARE, False) != mapping(other).get(SHARE, False):
        return False
    return _unordered(parsed(name, one)) == _unordered(parsed(name, other))


def _unordered(value: Optional[NetworkValue]) -> Optional[NetworkValue]:
    """The order of exclusions means nothing."""
    return value._replace(exclude=tuple(sorted(set(value.exclude)))) if value is not None else None


def in_progress(setting: Optional[_objects.Object]) -> bool:
    """Whether Harvester still works on the setting's last change; one that never was configured is idle."""
    configured = _objects.condition(setting or {}, "configured")
    return configured is not None and configured.false and configured.reason == IN_PROGRESS


def subnet(text: str) -> ipaddress.IPv4Network:
    """An IPv4 network without host bits. Raises ValueError."""
    return ipaddress.IPv4Network(text, strict=True)


def usable_addresses(value: NetworkValue) -> int:
    """Addresses of the range without its first, its last, and the excluded ones. Raises ValueError."""
    whole = subnet(value.range)
    excluded = list(
        ipaddress.collapse_addresses(
            part
            for part in (ipaddress.IPv4Network(text, strict=False) for text in value.exclude)
            if part.subnet_of(whole)
        )
    )
    ends = {whole.network_address, whole.broadcast_address}
    spared = sum(1 for end in ends if not any(end in part for part in excluded))
    return int(whole.num_addresses - sum(part.num_addresses for part in excluded) - spared)


def needed_addresses(snapshot: Snapshot, name: str, shared: bool = False) -> int:
    """Addresses that Harvester wants in the range of a setting (HV pkg/webhook/resources/setting/validator.go).

    shared: whether RWX volumes use the storage network.
    """
    nodes = len(snapshot.workers)
    if name == MIGRATION:
        return nodes
    if name == RWX:
        return nodes + RWX_ADDRESSES
    disks = [len(_objects.dig(item, "spec", "disks") or {}) for item in snapshot.all("longhorn_nodes")]
    needed = sum(2 + 2 * count for count in disks)
    return needed + nodes + RWX_ADDRESSES if shared else needed


def conditions_of(snapshot: Snapshot) -> Mapping[str, bool]:
    """Setting -> whether its last change is still in progress."""
    return {name: in_progress(snapshot.get("settings", name)) for name in SETTINGS}
