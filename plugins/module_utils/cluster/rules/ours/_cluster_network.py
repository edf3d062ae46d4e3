# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster networks. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from ....common import _mtu
from ... import _keys, _network_mtu, _objects
from ..._host_config import HostConfig
from .._registry import CREATE, DELETE, PUT, UPDATE, Finding, ours
from .._request import Request
from .._setting import value_of
from .._shared import nodes

KIND = ("clusternetworks",)


@ours(
    "cluster-network-mgmt-mtu-explicit",
    "The MTU of mgmt is a number, 1500 included",
    KIND,
    PUT,
    "NC manager OnCNChange: with 0 or no annotation the VM networks of mgmt get mtu 0",
)
def mgmt_mtu_explicit(request: Request) -> Iterator[Finding]:
    if request.name != _keys.MGMT or request.old is None or request.new is None:
        return
    old, new = _network_mtu.annotated(request.old), _network_mtu.annotated(request.new)
    if old == new or not _network_mtu.valid(new) or _mtu.number(new):
        return
    shown = "without a value" if new is None else "set to '%s'" % new
    yield Finding(
        "annotation %s %s leaves VM networks with mtu 0" % (_keys.UPLINK_MTU, shown),
        'set it to "%d" to return to the default' % _mtu.DEFAULT,
    )


@ours(
    "cluster-network-owned",
    "Annotations that Harvester keeps are left alone",
    KIND,
    (UPDATE,),
    "NC manager EnsureClusterNetwork writes uplink-mtu and mtu-source-vc from a vlanconfig",
)
def owned(request: Request) -> Iterator[Finding]:
    if request.name == _keys.MGMT or request.old is None or request.new is None:
        return
    old, new = _objects.annotations_of(request.old), _objects.annotations_of(request.new)
    for key in (_keys.UPLINK_MTU, _keys.MTU_SOURCE):
        if old.get(key) != new.get(key):
            yield Finding(
                "annotation %s would change from %s to %s, but Harvester keeps it"
                % (key, _shown(old.get(key)), _shown(new.get(key))),
                "change the MTU of the network configurations instead",
            )


@ours(
    "cluster-network-left-behind",
    "A cluster network goes when no node has its links any more",
    KIND,
    (DELETE,),
    "NC agent: one that was down when a vlanconfig was deleted leaves bond, bridge and node label",
)
def left_behind(request: Request) -> Iterator[Finding]:
    found = request.snapshot.active_nodes(request.name)
    if found and not request.snapshot.configs_of(request.name) and request.name != _keys.MGMT:
        yield Finding(
            "%s still %s label %s%s, so bond and bridge are likely there too"
            % (nodes(found), "has" if len(found) == 1 else "have", _keys.PREFIX, request.name),
            "create a network configuration for them again, delete it while their agents run, and look at the hosts",
        )


@ours(
    "cluster-network-host-configs",
    "A cluster network with host network configurations stays",
    KIND,
    (DELETE,),
    "NC pkg/webhook/clusternetwork looks for vlanconfigs and NADs only",
)
def host_configs(request: Request) -> Iterator[Finding]:
    found = [HostConfig.read(item) for item in request.snapshot.all("hostnetworkconfigs")]
    names = sorted(config.name for config in found if config.cluster_network == request.name)
    if names and request.name != _keys.MGMT:
        yield Finding(
            "host network configuration %s is on it" % _objects.listed("'%s'" % name for name in names),
            "delete it first" if len(names) == 1 else "delete them first",
        )


@ours(
    "mgmt-mtu-annotation",
    "An MTU of the management network is in its annotation",
    ("nads", "settings"),
    (CREATE, UPDATE),
    "HV issue 11661: after an installation with another MTU the annotation is missing, and VM networks get 1500",
    "mgmt_configs",
)
def mgmt_mtu_annotation(request: Request) -> Iterator[Finding]:
    item = request.snapshot.get("clusternetworks", _keys.MGMT)
    if item is None or _network_mtu.annotated(item) is not None or not _brings_to_mgmt(request):
        return
    mtus = {config.effective_mtu for config in request.snapshot.configs.values() if config.mgmt} - {_mtu.DEFAULT}
    if mtus:
        shown = _objects.listed(sorted(mtus))
        yield Finding(
            "the management network has MTU %s on its nodes, and cluster network 'mgmt' has no annotation %s"
            % (shown, _keys.UPLINK_MTU),
            "set the annotation to the MTU of the hosts first",
        )


def _brings_to_mgmt(request: Request) -> bool:
    if request.change.kind == "nads":
        return request.old is None and request.nad.bridge_network == _keys.MGMT
    value = value_of(request)
    return value is not None and value.cluster_network == _keys.MGMT


def _shown(text: object) -> str:
    return "none" if text is None else "'%s'" % text
