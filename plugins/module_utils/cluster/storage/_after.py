# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that a change of a network setting leads to (HV pkg/controller/master/storagenetwork).

This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Iterator, Mapping, Optional

from ...common import _mtu
from .. import _keys, _nad, _network_mtu, _objects, _storage
from .._kinds import LONGHORN_SYSTEM, SYSTEM
from .._snapshot import Snapshot
from .._storage import RWX, STORAGE, NetworkValue, text_of
from .._versions import Version
from ._pods import instance_managers, with_networks
from ._wait import LONGHORN_SETTINGS, digest, mark


def setting(
    snapshot: Snapshot, old: Optional[_objects.Object], new: Optional[_objects.Object], version: Version
) -> Snapshot:
    """A setting's network: the old VM network goes, the new one comes, the condition is Completed, and Longhorn's pods
    have it."""
    name = _objects.name(new or {})
    if new is None or name not in _storage.SETTINGS or text_of(old) == text_of(new):
        return snapshot
    text = text_of(new)
    for nad in [nad for nad in snapshot.nads.values() if nad.setting == name]:
        snapshot = snapshot.without("nads", nad.name, nad.namespace)
    try:
        value = _storage.parsed(name, text)
    except _storage.SettingError:
        return snapshot
    reference = ""
    if value is not None:
        made = _system_network(name, value, digest(text), snapshot)
        reference = "%s/%s" % _objects.key(made)
        snapshot = snapshot.put("nads", made)
    elif name == RWX and _storage.shares_storage(snapshot):
        storage = snapshot.get("settings", STORAGE) or {}
        reference = _objects.annotations_of(storage).get(mark(STORAGE, "net-attach-def")) or ""
    done = _objects.with_annotations(new, {mark(name, "hash"): digest(text), mark(name, "net-attach-def"): reference})
    snapshot = snapshot.put("settings", _objects.with_condition(done, "configured", "True", "Completed"))
    longhorn = snapshot.get("longhorn_settings", LONGHORN_SETTINGS.get(name, ""), LONGHORN_SYSTEM)
    if longhorn is not None:
        snapshot = snapshot.put("longhorn_settings", {**longhorn, "value": reference})
    return _interfaces(snapshot, reference, value) if name == STORAGE else snapshot


def _interfaces(snapshot: Snapshot, reference: str, value: Optional[NetworkValue]) -> Snapshot:
    """Longhorn starts its instance-managers anew; each gets an address of the range, or lhnet1 is gone."""
    free = _free(value)
    for manager in instance_managers(snapshot):
        address = next(free, "")
        snapshot = snapshot.put("longhorn_pods", with_networks(manager.raw, reference if address else "", address))
    return snapshot


def _free(value: Optional[NetworkValue]) -> Iterator[str]:
    """The addresses of a range that pods can have; none when it is no range."""
    try:
        whole = _storage.subnet(value.range) if value is not None else None
        excluded = [ipaddress.IPv4Network(text, strict=False) for text in value.exclude] if value is not None else []
    except ValueError:
        return
    for address in whole.hosts() if whole is not None else ():
        if not any(address in part for part in excluded):
            yield str(address)


def _system_network(setting_name: str, value: NetworkValue, sha1: str, snapshot: Snapshot) -> Mapping[str, Any]:
    prefix = next(prefix for prefix, name in _nad.SYSTEM_SETTINGS.items() if name == setting_name)
    name = prefix + sha1[:5]
    config = {
        "cniVersion": "0.3.1",
        "name": name,
        "type": _nad.BRIDGE,
        "bridge": value.cluster_network + _nad.BRIDGE_SUFFIX,
        "promiscMode": True,
        "vlan": value.vlan,
        "ipam": {"type": "whereabouts", "range": value.range, "exclude": list(value.exclude)},
    }
    try:
        mtu = _network_mtu.for_nads(snapshot, value.cluster_network, value.cluster_network)
    except _mtu.MtuError:
        mtu = _mtu.DEFAULT
    if mtu != _mtu.DEFAULT:
        config["mtu"] = mtu
    return {
        "apiVersion": "k8s.cni.cncf.io/v1",
        "kind": "NetworkAttachmentDefinition",
        "metadata": {
            "name": name,
            "namespace": SYSTEM,
            "labels": {_keys.CLUSTER_NETWORK: value.cluster_network},
            "annotations": {setting_name + ".settings.harvesterhci.io": "true"},
        },
        "spec": {"config": json.dumps(config, separators=(",", ":"))},
    }
