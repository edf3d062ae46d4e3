# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases that change the management network's MTU: on the hosts, in the pod network, in Harvester and in the
installer's file. This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence

from ...cluster import _keys
from ...cluster._snapshot import Snapshot

HOSTS = "harvester.network.mgmt_mtu"
OVERLAY = "harvester.network.overlay_mtu"
ANNOTATION = "harvester.network.mgmt_annotation"
INSTALLER = "harvester.network.installer_config"

LOWER, UPPER, ALL = "lower", "upper", "all"
"""The kernel's words: bond and bridge below, the devices with addresses on top of them."""
FILES, PROOF = "profiles", "proof"
"""What the hosts see before their reboots, and after the last one."""

_CANAL = "pods of %s: canal's is restarted, unless flannel.1 is on the device with the node's address by then"

Phase = Mapping[str, Any]
Steps = List[Dict[str, Any]]


def hosts(phase: Phase, phases: Sequence[Phase], images: Mapping[str, Any], snapshot: Snapshot) -> Steps:
    """What the phase does, as module change_plan takes it. A record of before this was kept names no devices."""
    told = phase["input"]
    part = told.get("part")
    if part == PROOF:
        return [{"kind": "proof", "text": "links and paths of the management network between all nodes"}]
    field = "MTU of %s with its next boot" if part == FILES else "MTU of %s"
    found = [
        {
            "kind": "host",
            "name": node["name"],
            "values": [
                {"field": field % device, "from": str(mtu), "to": str(told["mtu_to"])}
                for device, mtu in sorted(node["devices"].items())
                if mtu != told["mtu_to"]
            ],
        }
        for node in told.get("nodes") or ()
        if node["name"] in snapshot.nodes
    ]
    found = [step for step in found if step["values"]]
    if part == FILES:
        return found
    what = "bond and bridge" if told["layer"] == LOWER else "the devices with addresses"
    text = "the management network of one node after the other, for moments (MTU of %s: %d to %d)" % (
        what,
        told["mtu_from"],
        told["mtu_to"],
    )
    return [*found, {"kind": "interruption", "text": text}]


def overlay(phase: Phase, phases: Sequence[Phase], images: Mapping[str, Any], snapshot: Snapshot) -> Steps:
    """What the phase does, on all nodes at once."""
    told = phase["input"]
    text = "the pod network between nodes, for moments (MTU of flannel.1: %d to %d)" % (told["mtu_from"], told["mtu"])
    value = {"field": "MTU of flannel.1", "from": str(told["mtu_from"]), "to": str(told["mtu"])}
    texts = [text, *(_CANAL % node for node in told.get("canal_restarts") or ())]
    return [*_on(snapshot.nodes, value), *({"kind": "interruption", "text": one} for one in texts)]


def annotation(phase: Phase, phases: Sequence[Phase], images: Mapping[str, Any], snapshot: Snapshot) -> Steps:
    """What the phase does to the cluster network; its VM networks follow."""
    return [{"kind": "uplink_mtu", "name": _keys.MGMT, "mtu": phase["input"]["mtu"]}]


def installer(phase: Phase, phases: Sequence[Phase], images: Mapping[str, Any], snapshot: Snapshot) -> Steps:
    """What the phase does. Nobody has looked into the files, and a node may have none."""
    value = {"field": "MTU in /oem/harvester.config", "to": str(phase["input"]["mtu_to"])}
    return _on(snapshot.nodes, value)


def _on(nodes: Iterable[str], value: Mapping[str, str]) -> Steps:
    return [{"kind": "host", "name": name, "values": [dict(value)]} for name in sorted(nodes)]
