# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions and labels that follow from VlanStatuses and NADs (1.1, 3.4), and the end of a VlanConfig."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from ..agent.reports import dated
from ..kinds import CLUSTER_NETWORK, NAD, VLAN_CONFIG, VLAN_STATUS
from ..lookups import nads_of
from ..objects import (
    CLUSTER_NETWORK_LABEL,
    MGMT,
    VLAN_ID_SET,
    VLAN_ID_SET_HASH,
    Obj,
    annotations_of,
    is_deleting,
    is_false,
    is_overlay,
    is_true,
    labels,
    nad_config,
    name,
    status,
    vlan_ids,
)
from ..versions import Version
from ..view import View, get
from ..webhooks.nad import network_labels
from ..writes import Write, patch

FINALIZER = "wrangler.cattle.io/harvester-network-vlanconfig-controller"


def conditions(view: View, now: str) -> list[Write]:
    """``ready`` True as soon as any VlanStatus is there, whatever that says; False when the last one is gone (3.4)."""
    found: list[Write] = []
    with_status = {status(item)["clusterNetwork"] for item in view.list(VLAN_STATUS)}
    for cluster_network in view.list(CLUSTER_NETWORK):
        ready = name(cluster_network) in with_status or name(cluster_network) == MGMT
        if is_deleting(cluster_network) or ready == is_true(cluster_network):
            continue
        if not ready and is_false(cluster_network):
            continue
        condition = dated({"type": "ready", "status": str(ready)}, cluster_network, now)
        found.append(patch(CLUSTER_NETWORK, cluster_network, {"status": {"conditions": [condition]}}))
    return found


def nad_labels(view: View) -> list[Write]:
    """Labels of NADs: type, VLAN id, cluster network, its readiness (1.7)."""
    found: list[Write] = []
    for nad in view.list(NAD):
        if is_deleting(nad):
            continue
        bridge = str(nad_config(nad).get("bridge") or "").removesuffix("-br")
        cluster_network = get(view, CLUSTER_NETWORK, bridge)
        if cluster_network is None and not is_overlay(nad):
            continue
        wanted, there = network_labels(nad, cluster_network), labels(nad)
        changes: dict[str, str | None] = {key: value for key, value in wanted.items() if there.get(key) != value}
        changes |= dict.fromkeys(there.keys() - wanted.keys())
        if changes:
            found.append(patch(NAD, nad, {"metadata": {"labels": changes}}))
    return found


def vlan_id_sets(view: View, version: Version) -> list[Write]:
    """``vlan-id-set-str`` and its hash: the ids of a cluster network's VM networks, from the first one on (1.7)."""
    found: list[Write] = []
    for cluster_network in view.list(CLUSTER_NETWORK) if version.vlan_id_set else []:
        there = annotations_of(cluster_network)
        nads = [item for item in nads_of(view, name(cluster_network)) if not is_overlay(item)]
        if is_deleting(cluster_network) or (not nads and VLAN_ID_SET not in there):
            continue
        ids = {vid for nad in nads if not is_deleting(nad) for vid in vlan_ids(nad_config(nad))}
        text = ",".join(map(str, sorted(ids)))
        wanted = {VLAN_ID_SET: text, VLAN_ID_SET_HASH: hashlib.sha256(text.encode()).hexdigest()}
        if any(there.get(key) != value for key, value in wanted.items()):
            found.append(patch(CLUSTER_NETWORK, cluster_network, {"metadata": {"annotations": wanted}}))
    return found


def finalizers(view: View, running: Collection[str]) -> list[Write]:
    """The finalizer of VlanConfigs: put on by the first agent that sees one, taken off by any that runs.

    ``running``: nodes whose agent runs. A configuration that is being deleted waits for those alone: what a stopped
    agent would have had to take down stays (chapter 12 of the facts).
    """
    found: list[Write] = []
    for config in view.list(VLAN_CONFIG) if running else []:
        there = list(config["metadata"].get("finalizers") or [])
        if not is_deleting(config):
            if FINALIZER not in there:
                found.append(patch(VLAN_CONFIG, config, {"metadata": {"finalizers": [*there, FINALIZER]}}))
        elif FINALIZER in there and not _to_take_down(config, view, running):
            left = [item for item in there if item != FINALIZER]
            found.append(patch(VLAN_CONFIG, config, {"metadata": {"finalizers": left or None}}))
    return found


def _to_take_down(config: Obj, view: View, running: Collection[str]) -> bool:
    return any(
        status(item)["vlanConfig"] == name(config) and status(item)["node"] in running
        for item in view.list(VLAN_STATUS)
        if labels(item).get(CLUSTER_NETWORK_LABEL)
    )
