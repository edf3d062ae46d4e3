# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VM networks (NetworkAttachmentDefinition) as typed values. This module util is private to the collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Mapping, Optional

from ..common import _mtu, _names, _vlans
from . import _keys, _objects

BRIDGE = "bridge"
OVERLAY = "kube-ovn"
BRIDGE_SUFFIX = "-br"

VLAN = "L2VlanNetwork"
UNTAGGED = "UntaggedNetwork"
TRUNK = "L2VlanTrunkNetwork"
OVERLAY_TYPE = "OverlayNetwork"

UNREADABLE = -1
"""A VLAN id that is no number; out of bounds, so that it is refused."""

SYSTEM_SETTINGS = {
    "storagenetwork-": "storage-network",
    "rwx-network-": "rwx-network",
    "vm-migration-network-": "vm-migration-network",
}
"""Prefix of the names that a setting's controller gives its VM networks -> the setting."""


@dataclass(frozen=True)
class Nad:
    """One NetworkAttachmentDefinition.

    cluster_network: its label; empty when it has none. config: ``spec.config`` parsed; None when it is no JSON object.
    bridge: the bridge's name. vlan: VLAN id, 0 for untagged and trunk, UNREADABLE when it is no number. trunk: ids of a
    trunk, empty for others. mtu: bytes as written; None when not given, raises MtuError when it is no number. setting:
    the setting whose controller made it; empty for a user's.
    """

    namespace: str
    name: str
    cluster_network: str
    config: Optional[Mapping[str, Any]]
    deleting: bool
    setting: str
    raw: _objects.Object

    @classmethod
    def read(cls, item: _objects.Object) -> Nad:
        return cls(
            namespace=_objects.namespace(item),
            name=_objects.name(item),
            cluster_network=_objects.labels_of(item).get(_keys.CLUSTER_NETWORK, ""),
            config=_parsed(_objects.dig(item, "spec", "config")),
            deleting=_objects.deleting(item),
            setting=_setting(item),
            raw=item,
        )

    @property
    def reference(self) -> str:
        """ "default/vlan100", as VMs name it."""
        return "%s/%s" % (self.namespace, self.name)

    @property
    def type(self) -> str:
        """The CNI's type: "bridge" or "kube-ovn"."""
        return str((self.config or {}).get("type") or "")

    @property
    def overlay(self) -> bool:
        return self.type == OVERLAY

    @property
    def bridge(self) -> str:
        return str((self.config or {}).get("bridge") or "")

    @property
    def bridge_network(self) -> str:
        """The cluster network that the bridge's name tells; empty when the name is no cluster network's."""
        name = self.bridge
        if not name.endswith(BRIDGE_SUFFIX) or len(name) > _names.LONGEST:
            return ""
        return name[: -len(BRIDGE_SUFFIX)]

    @property
    def vlan(self) -> int:
        return _integer((self.config or {}).get("vlan"))

    @property
    def mtu(self) -> Optional[int]:
        given = (self.config or {}).get("mtu")
        return None if given is None else _mtu.number(given)

    @property
    def has_trunk(self) -> bool:
        return bool((self.config or {}).get("vlanTrunk"))

    @property
    def trunk(self) -> FrozenSet[int]:
        """Ids of the trunk; entries are ranges ("minID", "maxID") or single ids ("id")."""
        found = set()
        for entry in (self.config or {}).get("vlanTrunk") or ():
            if not isinstance(entry, dict):
                found.add(UNREADABLE)
                continue
            if entry.get("id") is not None:
                found.add(_integer(entry["id"]))
            if entry.get("minID") is not None or entry.get("maxID") is not None:
                # one id above the last legal one tells that the range is too long
                last = min(_integer(entry.get("maxID")), _vlans.LAST + 1)
                found.update(range(_integer(entry.get("minID")), last + 1))
        return frozenset(found)

    @property
    def vlans(self) -> FrozenSet[int]:
        """Tagged ids that the network puts on the uplink."""
        return self.trunk or (frozenset((self.vlan,)) if self.vlan else frozenset())

    @property
    def network_type(self) -> str:
        """What label ``type`` says (NC pkg/utils/nad.go)."""
        if self.overlay:
            return OVERLAY_TYPE
        if self.has_trunk:
            return TRUNK
        return VLAN if self.vlan else UNTAGGED


def with_config(item: _objects.Object, changes: Mapping[str, Any]) -> Dict[str, Any]:
    """A copy whose ``spec.config`` has these values; other keys and their order stay."""
    config = {**(_parsed(_objects.dig(item, "spec", "config")) or {}), **changes}
    return {**item, "spec": {**(item.get("spec") or {}), "config": json.dumps(config, separators=(",", ":"))}}


def _parsed(text: Any) -> Optional[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _setting(item: _objects.Object) -> str:
    name = _objects.name(item)
    for prefix, setting in SYSTEM_SETTINGS.items():
        mark = "%s.settings.harvesterhci.io" % setting
        if name.startswith(prefix) or _objects.annotations_of(item).get(mark) == "true":
            return setting
    return ""


def _integer(value: Any) -> int:
    if value is None:
        return 0
    return value if isinstance(value, int) and not isinstance(value, bool) else UNREADABLE
