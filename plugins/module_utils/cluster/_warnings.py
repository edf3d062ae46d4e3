# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator should know of a change that is not refused. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterable, List, Sequence, Set

from ..common import _mtu
from . import _keys, _network_mtu
from ._config import NetworkConfig
from ._host_config import HostConfig
from ._objects import listed
from ._plan import Step
from ._snapshot import Snapshot
from ._versions import has


def warnings(steps: Sequence[Step], start: Snapshot, end: Snapshot) -> List[str]:
    """Lines about what the plan leaves behind. start, end: the cluster before it and as it leads to."""
    networks = networks_of(steps)
    return [
        *_left_behind(networks, end),
        *_nics_down(steps, start),
        *_host_configs(networks, start, end),
    ]


def networks_of(steps: Sequence[Step]) -> List[str]:
    """The cluster networks whose uplinks the steps concern, by name."""
    found: Set[str] = set()
    for step in steps:
        if step.kind == "vlanconfigs":
            found |= {NetworkConfig.read(item).cluster_network for item in (step.before, step.after) if item}
        elif step.kind == "clusternetworks":
            found.add(step.name)
    return sorted(found - {""})


def left_behind(network: str, snapshot: Snapshot) -> List[str]:
    """The nodes with the label of a cluster network that no configuration of it is for."""
    if network == _keys.MGMT:
        return []
    covered = {node for config in snapshot.configs_of(network) for node in config.nodes}
    return [node for node in snapshot.active_nodes(network) if node not in covered]


def _left_behind(networks: Iterable[str], end: Snapshot) -> List[str]:
    lines = []
    for network in networks:
        nodes = left_behind(network, end)
        if nodes:
            lines.append(
                "cluster network '%s': no network configuration is for %s, but label %s%s is there, so bond and bridge"
                " are"
                " likely there too; an agent that was down has missed a deletion. Create a configuration for these"
                " nodes"
                " and delete it while their agents run" % (network, listed(nodes), _keys.PREFIX, network)
            )
    return lines


def _nics_down(steps: Sequence[Step], start: Snapshot) -> List[str]:
    """Before 1.7 agents leave NICs down that they release (Harvester issue 9032)."""
    if has(start.version, "nics_set_up_again"):
        return []
    lines = []
    for step in steps:
        if step.kind != "vlanconfigs" or step.before is None or not step.writes:
            continue
        old = NetworkConfig.read(step.before)
        kept = NetworkConfig.read(step.after).nics or () if step.after is not None else ()
        gone = [nic for nic in old.nics or () if nic not in kept]
        if gone:
            lines.append(
                "network configuration '%s': Harvester %s leaves %s down on %s; set the links up there before they are"
                " used again" % (old.name, start.version, listed(gone), listed(old.nodes) or "its nodes")
            )
    return lines


def _host_configs(networks: Iterable[str], start: Snapshot, end: Snapshot) -> List[str]:
    """The VLAN devices of host network configurations keep their MTU (Harvester issue 11697)."""
    lines = []
    for network in networks:
        old, new = (_annotated(state, network) for state in (start, end))
        if old == new:
            continue
        names = sorted(
            config.name
            for config in map(HostConfig.read, end.all("hostnetworkconfigs"))
            if config.cluster_network == network
        )
        if names:
            lines.append(
                "cluster network '%s': the devices of host network configuration %s keep MTU %d; delete and create them"
                " again to have %d" % (network, listed("'%s'" % name for name in names), old, new)
            )
    return lines


def _annotated(state: Snapshot, network: str) -> int:
    item = state.get("clusternetworks", network)
    return _network_mtu.of_annotation(item) if item is not None else _mtu.DEFAULT
