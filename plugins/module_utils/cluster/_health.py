# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API can tell of the health of networks. This module util is private to the collection.

ClusterNetwork's own condition ready is no proof: it is True as soon as any VlanStatus changes (NC
pkg/controller/manager/vlanconfig). What counts is a VlanStatus with ready True on every matched node, and, for MTU,
ports and mode, what is seen on the hosts.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Iterable, List, NamedTuple

from . import _keys
from ._snapshot import Snapshot


class Ailment(NamedTuple):
    """A node on which a network is not as it should be; text: a sentence part about the node."""

    node: str
    text: str


def of_network(snapshot: Snapshot, cluster_network: str) -> List[Ailment]:
    """The nodes of a cluster network's configurations whose VlanStatus is missing or not ready, and those that still
    have its label without a configuration; empty when all is well."""
    found = []
    statuses = snapshot.statuses_of(cluster_network)
    wanted: Dict[str, str] = {}
    for config in snapshot.configs_of(cluster_network):
        if not config.mgmt and not config.deleting:
            wanted.update(dict.fromkeys(config.nodes, config.name))
    for node in sorted(wanted):
        status = statuses.get(node)
        if status is None:
            found.append(Ailment(node, "there is no VlanStatus for network configuration '%s'" % wanted[node]))
        elif status.config != wanted[node]:
            found.append(
                Ailment(node, "VlanStatus is of network configuration '%s', not '%s'" % (status.config, wanted[node]))
            )
        elif not status.ready:
            found.append(Ailment(node, "VlanStatus is not ready: %s" % (status.message or "its agent gives no reason")))
    if cluster_network != _keys.MGMT:
        for node in snapshot.active_nodes(cluster_network):
            if node not in wanted:
                found.append(Ailment(node, "it has the label of the cluster network, and no network configuration"))
    return found


def kept_vlans(snapshot: Snapshot, cluster_network: str, devices: Iterable[str]) -> FrozenSet[int]:
    """The VLAN ids that the agent leaves on the bond of a cluster network (1.7 and later): 1, those of its VM networks,
    and those of VLAN devices on its bridge.

    devices: names of the node's devices. Any other id goes at the agent's next start (NC
    pkg/controller/agent/clusternetwork).
    """
    found = {1}
    for nad in snapshot.nads_of(cluster_network):
        found.update(nad.vlans)
    prefix = cluster_network + "-br."
    found.update(
        int(name[len(prefix) :]) for name in devices if name.startswith(prefix) and name[len(prefix) :].isdigit()
    )
    return frozenset(found)
