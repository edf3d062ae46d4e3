# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations (VlanConfig) as typed values. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from ..common import _mtu
from . import _keys, _objects, _selectors

MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
"""Bond modes of the CRD's enum."""
SWITCH_MODES = ("balance-rr", "balance-xor", "broadcast", "802.3ad")
"""Bond modes whose switch ports have to be one group: static, or by LACP with 802.3ad (kernel, bonding.rst, "Switch
Configuration")."""
DEFAULT_MODE = "active-backup"
DEFAULT_MIIMON = -1
DEFAULT_TX_QUEUE_LENGTH = -1
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "linkAttributes": {"txQLen": DEFAULT_TX_QUEUE_LENGTH},
    "bondOptions": {"mode": DEFAULT_MODE, "miimon": DEFAULT_MIIMON},
}
"""What the CRD fills in where a part of ``spec.uplink`` is given."""


@dataclass(frozen=True)
class NetworkConfig:
    """One VlanConfig.

    cluster_network: of the spec. label: the cluster network in its label, which the webhooks and controllers list by.
    selector: node labels, all of which count. nics: None when the key is missing. mtu: bytes as written; None when
    not given. mode: "active-backup" when not given. miimon: milliseconds, -1 when not given. tx_queue_length: packets,
    -1 leaves the device's. hardware_address: base64 of the MAC's bytes. matched: nodes in its annotation; None when it
    has none.
    """

    name: str
    cluster_network: str
    label: str
    selector: Mapping[str, str]
    nics: Optional[Tuple[str, ...]]
    mtu: Optional[int]
    mode: str
    miimon: int
    tx_queue_length: int
    hardware_address: Optional[str]
    matched: Optional[Tuple[str, ...]]
    deleting: bool
    raw: _objects.Object

    @classmethod
    def read(cls, item: _objects.Object) -> NetworkConfig:
        uplink = _mapping(_objects.dig(item, "spec", "uplink"))
        attributes, bond = _mapping(uplink.get("linkAttributes")), _mapping(uplink.get("bondOptions"))
        nics = uplink.get("nics")
        return cls(
            name=_objects.name(item),
            cluster_network=str(_objects.dig(item, "spec", "clusterNetwork") or ""),
            label=_objects.labels_of(item).get(_keys.CLUSTER_NETWORK, ""),
            selector=_mapping(_objects.dig(item, "spec", "nodeSelector")),
            nics=None if nics is None else tuple(str(nic) for nic in nics),
            mtu=None if attributes.get("mtu") is None else _mtu.number(attributes["mtu"]),
            mode=str(bond.get("mode") or DEFAULT_MODE),
            miimon=_or(bond.get("miimon"), DEFAULT_MIIMON),
            tx_queue_length=_or(attributes.get("txQLen"), DEFAULT_TX_QUEUE_LENGTH),
            hardware_address=attributes.get("hardwareAddr") or None,
            matched=_selectors.annotated(item),
            deleting=_objects.deleting(item),
            raw=item,
        )

    @property
    def nodes(self) -> Tuple[str, ...]:
        """The nodes that Harvester takes it to be on: what its annotation says, stale or not."""
        return self.matched or ()

    @property
    def effective_mtu(self) -> int:
        return _mtu.effective(self.mtu)

    @property
    def mgmt(self) -> bool:
        """Whether the agent wrote it to show the management uplink (1.9 and later); nobody else may."""
        return self.cluster_network == _keys.MGMT

    def effective_miimon(self, default_100: bool) -> int:
        """Milliseconds that the bond gets; -1 means 100 where ``default_100`` (1.7 and later)."""
        return 100 if self.miimon == DEFAULT_MIIMON and default_100 else self.miimon

    @property
    def uplink_as_stored(self) -> Tuple[Any, ...]:
        """What Harvester compares to tell whether the uplink changed: defaults of the CRD filled in, nothing else.

        A missing and an empty part differ, and so do miimon 100 and -1 (reflect.DeepEqual of spec.uplink in NC
        pkg/webhook/vlanconfig/validator.go).
        """
        uplink = _mapping(_objects.dig(self.raw, "spec", "uplink"))
        attributes = uplink.get("linkAttributes")
        return (
            self.nics,
            None if attributes is None else (self.mtu or 0, self.tx_queue_length, self.hardware_address),
            None if uplink.get("bondOptions") is None else (self.mode, self.miimon),
        )


def with_defaults(spec: Mapping[str, Any]) -> Dict[str, Any]:
    """A spec as the API stores it: what the CRD fills in is there."""
    uplink = dict(_mapping(spec.get("uplink")))
    for part, values in DEFAULTS.items():
        if isinstance(uplink.get(part), Mapping):
            uplink[part] = {**values, **uplink[part]}
    return {**spec, **({"uplink": uplink} if "uplink" in spec else {})}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _or(value: Any, default: int) -> int:
    return default if value is None else int(value)
