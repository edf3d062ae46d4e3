# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against any change of a cluster network before anything stops.

What the webhooks and the rules of this collection say of each step, module change_plan tells. This module util is
private to the collection.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Optional, Tuple

from ...cluster import _keys, _objects
from ...cluster._config import NetworkConfig
from ...cluster._host_config import HostConfig
from ...cluster._kinds import title
from ...cluster._snapshot import Snapshot
from ...cluster.wanted._network_config import siblings
from ...common._errors import Problem
from ...common._names import suggest
from .. import _plan


def of_network(
    snapshot: Snapshot, name: str, of_mgmt: Tuple[str, str], without_configs: Tuple[str, str]
) -> Optional[Problem]:
    """Why there is no such cluster network that could be changed; None where there is.

    of_mgmt: rule and remedy for the management network. without_configs: those for one without a configuration.
    """
    where = title("clusternetworks", "", name)
    if name == _keys.MGMT:
        return Problem(where, "", None, *of_mgmt)
    if snapshot.get("clusternetworks", name) is None:
        known = sorted(_objects.name(item) for item in snapshot.all("clusternetworks"))
        remedy = suggest(name, known) or "it has %s" % (", ".join(known) or "none")
        return Problem(where, "", None, "the cluster has no such cluster network", remedy)
    if not siblings(snapshot, name):
        return Problem(where, "", None, *without_configs)
    return None


def of_nodes(snapshot: Snapshot, nodes: Iterable[str]) -> Iterator[Problem]:
    """Every node of the cluster has to be Ready. nodes: those whose agents have something to do."""
    for name, node in sorted(snapshot.nodes.items()):
        if not node.ready:
            yield Problem(
                title("nodes", "", name), "", None, "it is not Ready, and every node takes part", "bring it back first"
            )
    for name in sorted(nodes):
        known = snapshot.nodes.get(name)
        if known is not None and known.ready and name not in snapshot.agents:
            rule = "its network agent does not run; it would lose the removal of a configuration for good"
            remedy = "see that pod harvester-network-controller of namespace harvester-system is Running there"
            yield Problem(title("nodes", "", name), "", None, rule, remedy)


def of_configs(snapshot: Snapshot, name: str) -> Iterator[Problem]:
    """No configuration of the cluster network is being deleted."""
    for config in snapshot.configs_of(name):
        if config.deleting:
            rule = "it is being deleted"
            yield Problem(title("vlanconfigs", "", config.name), "", None, rule, "wait until it is gone")


def of_hosts(snapshot: Snapshot, name: str) -> Iterator[Problem]:
    """Host network configurations on it can be removed and made again."""
    for item in snapshot.all("hostnetworkconfigs"):
        host = HostConfig.read(item)
        if host.cluster_network == name and host.underlay:
            rule = "it is the underlay of overlay networks, and Harvester refuses to delete it"
            remedy = "stop the VMs on overlay networks and set underlay to false first"
            yield Problem(title("hostnetworkconfigs", "", host.name), "", None, rule, remedy)


def of_managers(configs: Iterable[NetworkConfig], paused: bool) -> Iterator[Problem]:
    """Nobody puts configurations back meanwhile. paused: whether the operator says so."""
    for config in configs:
        for manager in () if paused else _plan.managers(config.raw):
            rule = "%s manages it and would put it back" % manager
            remedy = "pause that, and give change_gitops_paused=true"
            yield Problem(title("vlanconfigs", "", config.name), "", None, rule, remedy)
