# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host network configurations. This module util is private to the collection."""

from __future__ import annotations

from typing import Dict, Iterator, List

from ... import _keys, _objects
from ..._host_config import STATIC, HostConfig
from .._registry import PUT, Finding, ours
from .._request import Request
from .._shared import nodes

KIND = ("hostnetworkconfigs",)
SINCE = "host_network_configs"


def _brought(request: Request) -> bool:
    return request.old is None or request.old.get("spec") != (request.new or {}).get("spec")


def _matched(request: Request) -> List[str]:
    return list(HostConfig.read(request.current).matched(request.snapshot.nodes.values()))


@ours(
    "host-config-vlan-profile",
    "A VLAN is made by a profile or by a host network configuration, not by both",
    KIND,
    PUT,
    "NC agent hostnetworkconfig and NetworkManager both make <cluster network>-br.<vid>",
    SINCE,
)
def vlan_profile(request: Request) -> Iterator[Finding]:
    config = HostConfig.read(request.current)
    found = [node for node in _matched(request) if config.device in request.snapshot.host_vlans.get(node, ())]
    if found and _brought(request):
        yield Finding(
            "a VLAN profile of NetworkManager already makes %s on %s" % (config.device, nodes(found)),
            "remove the profile first (playbook mgmt_vlans), or keep it and leave this out",
        )


@ours(
    "host-config-no-node",
    "The selection matches a node",
    KIND,
    PUT,
    "NC pkg/webhook/hostnetworkconfig: a selector that matches nothing is taken",
    SINCE,
)
def no_node(request: Request) -> Iterator[Finding]:
    if _brought(request) and not _matched(request):
        yield Finding("its selector matches no node", "correct spec.nodeSelector, or leave it out for all nodes")


@ours(
    "host-config-inactive",
    "The cluster network is on the selected nodes",
    KIND,
    PUT,
    "NC agent hostnetworkconfig: there is no bridge to put the VLAN on",
    SINCE,
)
def inactive(request: Request) -> Iterator[Finding]:
    config = HostConfig.read(request.current)
    if not _brought(request) or config.cluster_network == _keys.MGMT:
        return
    active = request.snapshot.active_nodes(config.cluster_network)
    without = [node for node in _matched(request) if node not in active]
    if without and active:
        yield Finding(
            "cluster network '%s' is not active on %s" % (config.cluster_network, nodes(without)),
            "select only nodes of a network configuration of it",
        )


@ours(
    "host-config-address-twice",
    "Each node has an address of its own",
    KIND,
    PUT,
    "NC pkg/webhook/hostnetworkconfig compares the subnets of the addresses, not the addresses",
    SINCE,
)
def address_twice(request: Request) -> Iterator[Finding]:
    config = HostConfig.read(request.current)
    if not _brought(request) or config.mode != STATIC:
        return
    users: Dict[str, List[str]] = {}
    for node, text in sorted(config.ips.items()):
        users.setdefault(str(text).partition("/")[0], []).append(node)
    for address, found in users.items():
        if len(found) > 1:
            yield Finding("address %s is given to %s" % (address, _objects.listed(found)), "give each node its own")
