# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API tells of nodes' links: VlanStatus and LinkMonitor. This module util is private to the collection.

Neither has an MTU or a generation: they say that a link is there, not that it is as wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterable, Optional

from . import _keys, _objects

NIC_MONITOR = "nic"
"""The built-in LinkMonitor that lists the physical NICs of every node."""


@dataclass(frozen=True)
class VlanStatus:
    """A configuration's state on one node, as its agent wrote it. ready: None when there is no condition."""

    name: str
    cluster_network: str
    config: str
    node: str
    ready: Optional[bool]
    message: str

    @classmethod
    def read(cls, item: _objects.Object) -> VlanStatus:
        labels = _objects.labels_of(item)
        ready = _objects.condition(item, "ready")
        return cls(
            name=_objects.name(item),
            cluster_network=str(
                labels.get(_keys.CLUSTER_NETWORK) or _objects.dig(item, "status", "clusterNetwork") or ""
            ),
            config=str(_objects.dig(item, "status", "vlanConfig") or labels.get(_keys.CONFIG) or ""),
            node=str(labels.get(_keys.NODE) or _objects.dig(item, "status", "node") or ""),
            ready=None if ready is None else ready.true,
            message=ready.message if ready else "",
        )


@dataclass(frozen=True)
class Link:
    """One link of a node. master: the index of the bond or bridge that it is a port of; 0 for none. state: "up",
    "down" or "unknown"."""

    name: str
    index: int
    master: int
    state: str
    mac: str


def links(monitor: Optional[_objects.Object]) -> Dict[str, Dict[str, Link]]:
    """Node -> name -> link, of one LinkMonitor; empty for None. Entries of nodes that left may be among them."""
    found: Dict[str, Dict[str, Link]] = {}
    for node, entries in (_objects.dig(monitor, "status", "linkStatus") or {}).items():
        found[str(node)] = {
            str(entry.get("name")): Link(
                str(entry.get("name")),
                int(entry.get("index") or 0),
                int(entry.get("masterIndex") or 0),
                str(entry.get("state") or ""),
                str(entry.get("mac") or ""),
            )
            for entry in entries or ()
        }
    return found


def names_by_index(monitors: Iterable[_objects.Object]) -> Dict[str, Dict[int, str]]:
    """Node -> interface index -> name, over all LinkMonitors."""
    found: Dict[str, Dict[int, str]] = {}
    for monitor in monitors:
        for node, entries in links(monitor).items():
            found.setdefault(node, {}).update({link.index: link.name for link in entries.values()})
    return found
