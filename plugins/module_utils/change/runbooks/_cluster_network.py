# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runbooks about the configurations of a cluster network share. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from ...cluster import _expect, _goal, _nad
from ...cluster._config import NetworkConfig
from ...cluster._host_config import HostConfig
from ...cluster._nics import BOND_SUFFIX
from ...cluster._snapshot import Snapshot
from ...cluster.power._run import KINDS as POWER_KINDS
from ...cluster.wanted import _storage_network, _whole
from .. import _plan
from ..phases import _configs, _vms

KINDS = tuple(dict.fromkeys((*_whole.KINDS, *_storage_network.KINDS, *POWER_KINDS)))
"""What these runbooks look at."""
HOSTS_OFF, HOSTS_ON = "host-configs-off", "host-configs-on"
SUBNET = "198.18.0.0/24"
"""Of the temporary endpoints of the proof by default."""


def entry(name: str, wanted: Any, expected: Any) -> Dict[str, Any]:
    """An entry of module config_objects, of a configuration: as it is to be, and as it is; None for none."""
    return _whole.entry("vlanconfigs", name, wanted, expected)


def absent(name: str, configs: Iterable[NetworkConfig]) -> Dict[str, Any]:
    """For role link_proof: bond and bridge are gone on the nodes of these configurations."""
    nodes = sorted({node for config in configs for node in config.nodes})
    return {node: {"devices": [], "absent": [name + BOND_SUFFIX, name + _nad.BRIDGE_SUFFIX]} for node in nodes}


def links(configs: Iterable[NetworkConfig]) -> Dict[str, Any]:
    """For role link_proof: bond and bridge of each node as they have to be now, with MTU, ports and state."""
    found: Dict[str, Any] = {}
    for config in configs:
        for node in config.nodes:
            bond = {
                "name": config.cluster_network + BOND_SUFFIX,
                "mtu": config.effective_mtu,
                "ports": sorted(config.nics or ()),
                "up": True,
            }
            bridge = {"name": config.cluster_network + _nad.BRIDGE_SUFFIX, "mtu": config.effective_mtu, "up": True}
            found[node] = {"devices": [bond, bridge], "absent": []}
    return dict(sorted(found.items()))


def hosts_of(snapshot: Snapshot, name: str) -> List[HostConfig]:
    """The host network configurations on a cluster network that stay."""
    found = [HostConfig.read(item) for item in snapshot.all("hostnetworkconfigs")]
    return [host for host in found if host.cluster_network == name and not host.deleting]


def host_phases(
    snapshot: Snapshot, hosts: Sequence[HostConfig], mtu: int, active: Iterable[str], wait: int
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """The phase that removes host network configurations, and the one that makes them again.

    Their devices never take another MTU (#11697), and go with the bridge. mtu: bytes that the devices get. active: the
    nodes that have the cluster network in the end. wait: seconds for agents.
    """
    gone: Dict[str, Any] = {}
    there: Dict[str, Any] = {}
    there_again = set(active)
    for host in hosts:
        for node in host.matched(snapshot.nodes.values()):
            gone.setdefault(node, {"devices": [], "absent": []})["absent"].append(host.device)
            if node in there_again:
                device = {"name": host.device, "mtu": mtu}
                there.setdefault(node, {"devices": [], "absent": []})["devices"].append(device)
    removed = {"host_configs": [entry(host.name, None, host.raw) for host in hosts]}
    back = {"host_configs": [entry(host.name, host.raw, None) for host in hosts]}
    return (
        _configs.phase(HOSTS_OFF, removed, HOSTS_ON, expect=dict(sorted(gone.items())), wait_timeout=wait),
        _configs.phase(HOSTS_ON, back, of=HOSTS_OFF, expect=dict(sorted(there.items())), wait_timeout=wait),
    )


def with_expectations(planned: Sequence[Mapping[str, Any]], snapshot: Snapshot) -> List[Mapping[str, Any]]:
    """What the hosts have to show after each phase of configurations that does not say it itself."""
    state, found = snapshot, []
    for phase in planned:
        if phase["role"] == _vms.ROLE:
            # What VMs do is not seen on the hosts, and there may be a thousand of them.
            found.append(phase)
            continue
        done = _plan.plan(state, [phase])
        state = done.end
        if phase["role"] == _configs.ROLE and "expect" not in phase["input"]:
            steps = done.phases[0].steps
            expect = _expect.expected(steps, _goal.of_plan(steps, state), state)
            phase = {**phase, "input": {**phase["input"], "expect": _bridges_up(expect)}}
        found.append(phase)
    return found


def _bridges_up(expect: Mapping[str, Any]) -> Dict[str, Any]:
    """The manual looks at the bridge: state UNKNOWN is what a switch with another MTU leads to."""
    return {
        node: {
            "devices": [
                {**device, "up": True} if device["name"].endswith(_nad.BRIDGE_SUFFIX) else device
                for device in wanted["devices"]
            ],
            "absent": wanted["absent"],
        }
        for node, wanted in expect.items()
    }
