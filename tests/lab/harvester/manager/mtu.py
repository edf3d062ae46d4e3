# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MTU: from a configuration into the ClusterNetwork's annotation, from there into VM networks (3.5 of the facts)."""

from __future__ import annotations

import json

from ..kinds import CLUSTER_NETWORK, NAD, VLAN_CONFIG
from ..lookups import configs_of, nads_of
from ..objects import (
    DEFAULT_MTU,
    MGMT,
    MTU_SOURCE,
    UPLINK_MTU,
    Obj,
    annotated_mtu,
    annotations_of,
    cluster_network_of,
    config_mtu,
    is_deleting,
    is_storage_nad,
    is_valid_mtu,
    nad_config,
    name,
    same_mtu,
)
from ..versions import Version
from ..view import View, get
from ..writes import Write, patch


def writes(view: View, version: Version) -> list[Write]:
    """Annotations first; the NADs follow at the next look, when the annotation is there."""
    found: list[Write] = []
    for cluster_network in view.list(CLUSTER_NETWORK):
        if is_deleting(cluster_network):
            continue
        wanted = _annotations(cluster_network, view, version)
        if wanted:
            found.append(patch(CLUSTER_NETWORK, cluster_network, {"metadata": {"annotations": wanted}}))
        else:
            found += _nads(cluster_network, view)
    return found


def _target(config: Obj) -> str:
    mtu = config_mtu(config)
    return str(mtu if mtu and is_valid_mtu(mtu) else DEFAULT_MTU)


def _annotations(cluster_network: Obj, view: View, version: Version) -> dict[str, str | None]:
    """A merge patch of the annotations; empty when they are right. ``mgmt`` is the operator's (3.5)."""
    if name(cluster_network) == MGMT:
        return {}
    there = annotations_of(cluster_network)
    configs = [item for item in view.list(VLAN_CONFIG) if cluster_network_of(item) == name(cluster_network)]
    for config in sorted(configs, key=name):
        if not is_deleting(config) and there.get(UPLINK_MTU) != _target(config):
            return {UPLINK_MTU: _target(config), MTU_SOURCE: name(config)}
    if version.mtu_follows_removal and MTU_SOURCE in there:
        return _after_removal(there[MTU_SOURCE], cluster_network, view)
    return {}


def _after_removal(source: str, cluster_network: Obj, view: View) -> dict[str, str | None]:
    config = get(view, VLAN_CONFIG, source)
    if config is not None and not is_deleting(config):
        return {}
    left = [
        item
        for item in configs_of(view, name(cluster_network))
        if not is_deleting(item) and name(item) != source and is_valid_mtu(config_mtu(item))
    ]
    # one with an MTU of its own is preferred
    for item in sorted(left, key=lambda item: (config_mtu(item) == 0, name(item))):
        return {UPLINK_MTU: _target(item), MTU_SOURCE: name(item)}
    return {UPLINK_MTU: None, MTU_SOURCE: None}


def _nads(cluster_network: Obj, view: View) -> list[Write]:
    """NADs whose MTU is not the annotation's. Without annotation, or with one that is no MTU, nothing is done."""
    try:
        mtu = annotated_mtu(annotations_of(cluster_network).get(UPLINK_MTU, ""))
    except ValueError:
        return []
    found: list[Write] = []
    for nad in nads_of(view, name(cluster_network)):
        config = nad_config(nad)
        if is_deleting(nad) or is_storage_nad(nad) or same_mtu(mtu, int(config.get("mtu") or 0)):
            continue
        text = json.dumps({**config, "mtu": mtu}, separators=(",", ":"))
        found.append(patch(NAD, nad, {"spec": {"config": text}}))
    return found
