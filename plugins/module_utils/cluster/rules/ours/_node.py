# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes: what their labels decide, and when they may be drained. This module util is private to the collection."""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

from ... import _keys, _nics, _objects, _selectors
from ..._attachments import blocking, names, on_virtual_functions
from ..._config import NetworkConfig
from ..._objects import listed
from .._registry import UPDATE, Finding, ours
from .._request import Request
from .._shared import stop

KIND = ("nodes",)
VOTERS = 3
"""Control-plane and etcd nodes that Harvester wants before one of them is drained; the witness counts."""


def _configs(request: Request) -> Tuple[List[NetworkConfig], List[NetworkConfig]]:
    """(configurations that gain the node, those that lose it) by the change of its labels."""
    gain: List[NetworkConfig] = []
    lose: List[NetworkConfig] = []
    old, new = request.old_node, request.new_node
    if old is None or new is None or old.labels == new.labels:
        return gain, lose
    for _name, config in sorted(request.snapshot.user_configs.items()):
        before = bool(_selectors.matched([old], config.selector))
        after = bool(_selectors.matched([new], config.selector))
        if after and not before:
            gain.append(config)
        elif before and not after:
            lose.append(config)
    return gain, lose


@ours(
    "node-overlap",
    "A node has one configuration per cluster network",
    KIND,
    (UPDATE,),
    "NC pkg/controller/manager/node (HV issue 7730): labels put a node into two configurations without a check",
)
def overlap(request: Request) -> Iterator[Finding]:
    gain, _lose = _configs(request)
    new = request.new_node
    after: Dict[str, List[str]] = {}
    for name, config in sorted(request.snapshot.user_configs.items()):
        if new is not None and not config.deleting and _selectors.matched([new], config.selector):
            after.setdefault(config.cluster_network, []).append(name)
    for network in sorted({config.cluster_network for config in gain}):
        if len(after.get(network, ())) > 1:
            yield Finding(
                "its labels would put it into network configurations %s of cluster network '%s'"
                % (listed("'%s'" % name for name in after[network]), network),
                "label it so that one of them matches",
            )


@ours(
    "node-vms",
    "A node does not leave a configuration whose VMs run on it",
    KIND,
    (UPDATE,),
    "NC pkg/controller/manager/node: matched-nodes follows the labels, and the agent takes the uplink down",
)
def vms(request: Request) -> Iterator[Finding]:
    gain, lose = _configs(request)
    moved = {config.cluster_network: config for config in lose}
    for network in sorted(moved):
        nics = moved[network].nics or ()
        found = blocking(request.snapshot, network, [request.name])
        found += on_virtual_functions(request.snapshot, [request.name], nics)
        if found:
            kept = [config.name for config in gain if config.cluster_network == network]
            yield Finding(
                "its labels would take it out of network configuration '%s'%s, and %s %s there"
                % (
                    moved[network].name,
                    " (into '%s')" % kept[0] if kept else "",
                    listed(dict.fromkeys(names(found))),
                    "runs" if len(found) == 1 else "run",
                ),
                stop(found),
            )


@ours(
    "node-nics",
    "A node that joins a configuration has its NICs",
    KIND,
    (UPDATE,),
    "NC agent: fails on the node, VlanStatus ready False",
)
def nics(request: Request) -> Iterator[Finding]:
    gain, _lose = _configs(request)
    for config in gain:
        for nic in dict.fromkeys(config.nics or ()):
            found = _nics.obstacle(request.after, request.name, nic, config.cluster_network, config.name)
            if found:
                yield Finding(
                    "its labels would put it into network configuration '%s', whose NIC '%s' it cannot use: %s"
                    % (config.name, nic, found.text),
                    "make a configuration for nodes like this one",
                )


@ours(
    "node-agent",
    "A node that joins or leaves a configuration is Ready and its agent runs",
    KIND,
    (UPDATE,),
    "NC agent: one that is down loses a deletion for good, and bond, bridge and node label stay",
)
def agent(request: Request) -> Iterator[Finding]:
    gain, lose = _configs(request)
    new = request.new_node
    if new is None or not (gain or lose) or (new.ready and request.name in request.snapshot.agents):
        return
    reason = "its network agent does not run" if new.ready else "it is not Ready"
    yield Finding(
        "its labels would change network configuration %s, but %s"
        % (listed("'%s'" % config.name for config in gain + lose), reason),
        "bring it back first",
    )


@ours(
    "node-owned",
    "Labels that the agent keeps are left alone",
    KIND,
    (UPDATE,),
    "NC agent writes label network.harvesterhci.io/<cluster network> when the uplink is there",
)
def owned(request: Request) -> Iterator[Finding]:
    old, new = _objects.labels_of(request.old or {}), _objects.labels_of(request.new or {})
    keys = {key for key in {*old, *new} if key.startswith(_keys.PREFIX) and old.get(key) != new.get(key)}
    for key in sorted(keys):
        yield Finding("label %s is Harvester's to write" % key, "leave it alone")


@ours(
    "node-drain",
    "A node is drained when others are left, a control-plane node when three are there",
    KIND,
    (UPDATE,),
    "HV pkg/util/drainhelper: its REST action refuses, the annotation alone is not looked at",
)
def drain(request: Request) -> Iterator[Finding]:
    old, new = request.old_node, request.new_node
    if old is None or new is None:
        return
    if old.annotations.get(_keys.DRAIN_REQUESTED) == "true" or new.annotations.get(_keys.DRAIN_REQUESTED) != "true":
        return
    members = [node for node in request.snapshot.nodes.values() if node.control_plane]
    if members == [old]:
        yield Finding("single controlplane cluster, it can't be drained", "reboot it in place")
        return
    if not any(node.available for node in request.snapshot.workers if node.name != new.name):
        yield Finding("no other node is available for its VMs", "bring another node back first")
    free = [node for node in members if _keys.MAINTAIN_STATUS not in node.annotations]
    if new.control_plane and len(free) != VOTERS:
        yield Finding(
            "a drain needs exactly %d control-plane nodes out of maintenance, there are %d" % (VOTERS, len(free)),
            "bring the others out of maintenance first"
            if len(free) < VOTERS
            else "reboot it in place, without a drain",
        )
