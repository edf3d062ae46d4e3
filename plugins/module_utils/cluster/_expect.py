# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be true of links on the hosts after a change, in the words of role link_proof.

The API shows none of it: neither MTU nor NICs are in a VlanStatus. Pure; this module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from ..common import _vlans
from . import _keys, _nad
from ._config import NetworkConfig
from ._goal import Goal
from ._host_config import HostConfig
from ._nad import Nad
from ._nics import BOND_SUFFIX, BRIDGE_SUFFIX
from ._plan import Step
from ._snapshot import Snapshot
from ._warnings import left_behind, networks_of

Expect = Dict[str, Dict[str, List[Any]]]


def expected(steps: Sequence[Step], goal: Goal, end: Snapshot) -> Expect:
    """Node -> ``devices`` that have to be there, each with what is known of it, and ``absent``, names of those that
    must not be.

    goal: of the same steps. end: the cluster that they lead to.
    """
    found: Expect = {}
    for network, config, node in sorted(goal.up):
        for device in _uplink(end, network, end.configs[config]):
            _of(found, node)["devices"].append(device)
    for network, node in sorted(goal.down):
        _of(found, node)["absent"] += [network + BOND_SUFFIX, network + BRIDGE_SUFFIX]
    for network in networks_of(steps):
        for node in left_behind(network, end):
            _of(found, node)["absent"] += [network + BOND_SUFFIX, network + BRIDGE_SUFFIX]
    for step in steps:
        if step.kind == "clusternetworks" and step.name == _keys.MGMT and _keys.MGMT in goal.mtus:
            for node in sorted(end.nodes):
                _of(found, node)["devices"] += [
                    {"name": _keys.MGMT + suffix, "mtu": goal.mtus[_keys.MGMT]}
                    for suffix in (BOND_SUFFIX, BRIDGE_SUFFIX)
                ]
        elif step.kind == "nads":
            _vm_network(found, step, end)
        elif step.kind == "hostnetworkconfigs":
            _host_config(found, step, end)
    return dict(sorted(found.items()))


def _of(found: Expect, node: str) -> Dict[str, List[Any]]:
    return found.setdefault(node, {"devices": [], "absent": []})


def _uplink(end: Snapshot, network: str, config: NetworkConfig) -> List[Dict[str, Any]]:
    vlans = _vlans.compress({vid for nad in end.nads_of(network) for vid in nad.vlans})
    bond: Dict[str, Any] = {
        "name": network + BOND_SUFFIX,
        "mtu": config.effective_mtu,
        "mode": config.mode,
        "ports": sorted(config.nics or ()),
        "controller": network + BRIDGE_SUFFIX,
        "up": True,
    }
    if vlans:
        bond["vlans"] = vlans
    return [bond, {"name": network + BRIDGE_SUFFIX, "mtu": config.effective_mtu}]


def _vm_network(found: Expect, step: Step, end: Snapshot) -> None:
    nad = Nad.read(step.object)
    if nad.type != _nad.BRIDGE or not nad.vlans:
        return
    device: Dict[str, Any] = {"name": nad.bridge_network + BOND_SUFFIX}
    if step.after is not None:
        device["vlans"] = _vlans.compress(nad.vlans)
    else:
        # On mgmt VLAN ids of the hosts' own profiles may be among them, which the API does not know.
        others = {vid for other in end.nads_of(nad.bridge_network) for vid in other.vlans}
        others |= {config.vid for config in _host_configs(end) if config.cluster_network == nad.bridge_network}
        gone = set() if nad.bridge_network == _keys.MGMT else nad.vlans - others
        if not gone:
            return
        device["not_vlans"] = _vlans.compress(gone)
    for node in end.active_nodes(nad.bridge_network):
        _of(found, node)["devices"].append(dict(device))


def _host_config(found: Expect, step: Step, end: Snapshot) -> None:
    config = HostConfig.read(step.object)
    for node in config.matched(end.nodes.values()):
        if step.after is None:
            _of(found, node)["absent"].append(config.device)
            continue
        vlans = _vlans.compress([config.vid])
        _of(found, node)["devices"] += [
            {"name": config.device},
            {"name": config.cluster_network + BRIDGE_SUFFIX, "vlans": vlans},
            {"name": config.cluster_network + BOND_SUFFIX, "vlans": vlans},
        ]
    if step.after is None or step.before is None:
        return
    before = HostConfig.read(step.before)
    for node in sorted(set(before.matched(end.nodes.values())) - set(config.matched(end.nodes.values()))):
        _of(found, node)["absent"].append(before.device)


def _host_configs(end: Snapshot) -> List[HostConfig]:
    return [HostConfig.read(item) for item in end.all("hostnetworkconfigs")]
