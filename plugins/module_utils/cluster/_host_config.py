# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host network configurations (HostNetworkConfig) as typed values. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple

from . import _objects, _selectors
from ._nodes import Node
from ._snapshot import Snapshot

STATIC = "static"


@dataclass(frozen=True)
class HostConfig:
    """One HostNetworkConfig: the VLAN device <cluster network>-br.<vid> on hosts.

    vid: 0 when it is no number. selector: a LabelSelector; None for all nodes, witnesses too. ips: node -> address with
    prefix length.
    """

    name: str
    cluster_network: str
    vid: int
    mode: str
    underlay: bool
    selector: Optional[Mapping[str, Any]]
    ips: Mapping[str, str]
    deleting: bool
    raw: _objects.Object

    @classmethod
    def read(cls, item: _objects.Object) -> HostConfig:
        spec = _objects.dig(item, "spec") or {}
        return cls(
            name=_objects.name(item),
            cluster_network=str(spec.get("clusterNetwork") or ""),
            vid=spec["vlanID"] if isinstance(spec.get("vlanID"), int) else 0,
            mode=str(spec.get("mode") or ""),
            underlay=bool(spec.get("underlay")),
            selector=spec.get("nodeSelector"),
            ips=spec.get("ips") or {},
            deleting=_objects.deleting(item),
            raw=item,
        )

    @property
    def device(self) -> str:
        """ "mgmt-br.2030"."""
        return "%s-br.%d" % (self.cluster_network, self.vid)

    @property
    def ready_nodes(self) -> Tuple[str, ...]:
        """The nodes whose agent says that the device is ready, sorted."""
        states = _objects.dig(self.raw, "status", "nodeStatus") or {}
        said = {str(node): _objects.condition({"status": state}, "ready") for node, state in states.items()}
        return tuple(sorted(node for node, ready in said.items() if ready is not None and ready.true))

    def matched(self, nodes: Iterable[Node]) -> Tuple[str, ...]:
        """The names of the nodes that it is for, sorted; nodes that are being deleted are left out of a selection."""
        return tuple(
            sorted(
                node.name
                for node in nodes
                if self.selector is None
                or (not node.deleting and _selectors.matches_label_selector(self.selector, node.labels))
            )
        )


def devices(snapshot: Snapshot, node: str) -> Dict[str, str]:
    """The VLAN devices that host network configurations make on a node: device -> configuration.

    For the side that writes VLAN profiles: a VLAN is made by one of the two.
    """
    found: Dict[str, str] = {}
    for item in snapshot.all("hostnetworkconfigs"):
        config = HostConfig.read(item)
        if not config.deleting and node in config.matched(snapshot.nodes.values()):
            found[config.device] = config.name
    return found
