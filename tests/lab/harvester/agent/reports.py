# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an agent writes into the API: VlanStatus, node labels, its part of each LinkMonitor. Pure."""

from __future__ import annotations

import re
import zlib
from typing import Any

from ..objects import (
    CLUSTER_NETWORK_LABEL,
    NODE_LABEL,
    PREFIX,
    VLAN_CONFIG_LABEL,
    Obj,
    cluster_network_of,
    labels,
    name,
    spec,
)
from ..versions import Version
from .links import Link, Links

MAX_OBJECT_NAME = 63


def status_name(cluster_network: str, node: str) -> str:
    """``<cn>-<node>-<crc32>``, cut at 63 characters (1.3): readers find a VlanStatus by its labels."""
    stem = f"{cluster_network}-{node}"
    return f"{stem}-{zlib.crc32(stem.encode()):08x}"[:MAX_OBJECT_NAME]


def vlan_status(vlan_config: Obj, node: str, error: str, before: Obj | None, now: str) -> Obj:
    """The VlanStatus after a setup, failed (``error``) or not; times (``now``: RFC 3339) change with the condition."""
    cluster_network = cluster_network_of(vlan_config)
    condition: dict[str, Any] = {"type": "ready", "status": "False" if error else "True"}
    if error:
        condition["message"] = error
    return {
        "metadata": {
            "name": status_name(cluster_network, node),
            "labels": {
                CLUSTER_NETWORK_LABEL: cluster_network,
                VLAN_CONFIG_LABEL: name(vlan_config),
                NODE_LABEL: node,
            },
            "ownerReferences": [
                {
                    "apiVersion": vlan_config["apiVersion"],
                    "kind": vlan_config["kind"],
                    "name": name(vlan_config),
                    "uid": vlan_config["metadata"]["uid"],
                }
            ],
        },
        "status": {
            "clusterNetwork": cluster_network,
            "vlanConfig": name(vlan_config),
            "linkMonitor": cluster_network,
            "node": node,
            "conditions": [dated(condition, before, now)],
        },
    }


def same(before: Obj, wanted: Obj) -> bool:
    """True when a VlanStatus already says what is wanted, with the same owner."""
    owners = [item.get("uid") for item in before["metadata"].get("ownerReferences") or []]
    return (
        before["status"] == wanted["status"]
        and labels(before) == labels(wanted)
        and owners == [item["uid"] for item in wanted["metadata"]["ownerReferences"]]
    )


def dated(condition: dict[str, Any], before: Obj | None, now: str) -> dict[str, Any]:
    """The condition with its times: those of ``before`` when it says the same."""
    for old in ((before or {}).get("status") or {}).get("conditions") or []:
        if old.get("type") != condition["type"]:
            continue
        same = all(old.get(key) == condition.get(key) for key in ("status", "message", "reason"))
        if same:
            return dict(old)
        if old.get("status") == condition["status"] and old.get("lastTransitionTime"):
            return {**condition, "lastTransitionTime": old["lastTransitionTime"], "lastUpdateTime": now}
    return {**condition, "lastTransitionTime": now, "lastUpdateTime": now}


def labels_after_setup(node: Obj, vlan_config: Obj) -> dict[str, str | None]:
    """A merge patch of the node's labels; empty when they are right."""
    wanted = {f"{PREFIX}/{cluster_network_of(vlan_config)}": "true", VLAN_CONFIG_LABEL: name(vlan_config)}
    return {key: value for key, value in wanted.items() if labels(node).get(key) != value}


def labels_after_teardown(node: Obj, vlan_status: Obj) -> dict[str, str | None]:
    """A merge patch that takes both labels off: also when ``vlanconfig`` names another configuration by now (1.9)."""
    key = f"{PREFIX}/{belongs_to(vlan_status)['clusterNetwork']}"
    there = labels(node)
    ours = there.get(key) == "true" or there.get(VLAN_CONFIG_LABEL) == belongs_to(vlan_status)["vlanConfig"]
    return {item: None for item in (key, VLAN_CONFIG_LABEL) if ours and item in there}


def belongs_to(vlan_status: Obj) -> Obj:
    """A VlanStatus says under ``status`` what it belongs to."""
    return dict(vlan_status["status"])


def link_statuses(links: Links, monitor: Obj, version: Version) -> list[dict[str, Any]]:
    """A node's entry in a LinkMonitor: links of its type and name rule, by index (1.4)."""
    rule = spec(monitor).get("targetLinkRule") or {}
    kind, pattern = rule.get("typeRule") or "", rule.get("nameRule") or ""
    found = [
        link
        for link in links.by_name.values()
        if link.name != "lo" and (not kind or link.kind == kind) and (not pattern or re.search(pattern, link.name))
    ]
    return [_link_status(link, links, version) for link in sorted(found, key=lambda link: link.index)]


def _link_status(link: Link, links: Links, version: Version) -> dict[str, Any]:
    state = "up" if link.state == "UP" else "down"
    if version.unknown_link_state and link.state == "UNKNOWN":
        state = "unknown"
    found: dict[str, Any] = {
        "name": link.name,
        "index": link.index,
        "type": link.kind,
        "mac": link.mac,
        "promiscuous": link.promiscuous,
        "state": state,
        "masterIndex": links.index(link.master),
    }
    # as Go leaves out what is empty
    return {key: value for key, value in found.items() if value or key == "name"}
