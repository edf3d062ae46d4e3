# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations: their uplink and their metadata. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from ....common import _mtu
from ... import _config, _keys, _objects
from ..._config import NetworkConfig
from .._registry import PUT, UPDATE, Finding, ours
from .._request import Request
from .._shared import NAME_LIMIT

KIND = ("vlanconfigs",)


def _uplink_given(request: Request) -> bool:
    """Whether the change brings an uplink: at creation, or another one."""
    return request.old is None or request.uplink_changed


@ours(
    "config-mtu-explicit",
    "The MTU is given as a number, 1500 included",
    KIND,
    PUT,
    "NC agent compareBond: 0 keeps the MTU that the bond has, while annotation and VM networks go to 1500",
)
def mtu_explicit(request: Request) -> Iterator[Finding]:
    config, old = request.config, request.old_config
    if config.mtu or not _uplink_given(request):
        return
    shown = "no MTU" if config.mtu is None else "MTU 0"
    if old is not None and old.effective_mtu != _mtu.DEFAULT:
        yield Finding(
            "%s means 1500 for its VM networks, but the links stay at %d" % (shown, old.effective_mtu),
            "give linkAttributes.mtu: 1500",
        )
    else:
        yield Finding(
            "%s reads as 1500, but would not reach links that have another" % shown, "give linkAttributes.mtu: 1500"
        )


@ours(
    "config-miimon-zero",
    "The bond watches its links",
    KIND,
    PUT,
    "NC agent: miimon 0 is taken literally, no link is watched and a dead NIC stays in use",
)
def miimon_zero(request: Request) -> Iterator[Finding]:
    if request.config.miimon == 0 and _uplink_given(request):
        yield Finding("miimon=0 turns link monitoring off", "leave miimon out, or give 100")


@ours(
    "config-bond-options-equal",
    "All configurations of a cluster network have the same bond options and attributes",
    KIND,
    PUT,
    "Harvester's manual, cluster networks: required, but no webhook compares them",
)
def bond_options_equal(request: Request) -> Iterator[Finding]:
    if not _uplink_given(request):
        return
    config = request.config
    for other in _siblings(request):
        for option, mine, theirs in (
            ("mode", config.mode, other.mode),
            ("miimon", _miimon(request, config), _miimon(request, other)),
            ("txQLen", config.tx_queue_length, other.tx_queue_length),
        ):
            if mine != theirs:
                yield Finding(
                    "%s=%s is unlike %s of network configuration '%s' of the same cluster network"
                    % (option, mine, theirs, other.name),
                    "give %s, or change all in one go (playbook cluster_network)" % theirs,
                )


@ours(
    "config-hardware-address",
    "A MAC address is on one node",
    KIND,
    PUT,
    "NC agent: sets linkAttributes.hardwareAddr on the bond of every matched node",
)
def hardware_address(request: Request) -> Iterator[Finding]:
    config, old = request.config, request.old_config
    if not config.hardware_address or len(request.selected) < 2:
        return
    if old is None or request.uplink_changed or old.selector != config.selector:
        yield Finding(
            "hardwareAddr=%s would be the MAC of %d nodes at once" % (config.hardware_address, len(request.selected)),
            "leave it out, or make one configuration per node",
        )


@ours(
    "config-network-name",
    "The cluster network's name has at most 12 characters",
    KIND,
    (UPDATE,),
    "NC pkg/webhook/vlanconfig looks at the length at creation only",
)
def network_name(request: Request) -> Iterator[Finding]:
    old, new = request.old_config, request.new_config
    if old is None or new is None or old.cluster_network == new.cluster_network:
        return
    if len(new.cluster_network) > NAME_LIMIT:
        yield Finding(
            "cluster network '%s' has a name of %d characters; its bridge cannot be made"
            % (new.cluster_network, len(new.cluster_network)),
            "use one whose name has at most %d characters" % NAME_LIMIT,
        )


@ours(
    "config-owned",
    "Metadata that the webhook keeps is left alone",
    KIND,
    PUT,
    "NC pkg/webhook/vlanconfig/mutator.go writes annotation matched-nodes and label clusternetwork",
)
def owned(request: Request) -> Iterator[Finding]:
    wanted = request.change.object or {}
    stored = request.new if request.old is None else request.old
    given = _objects.annotations_of(wanted).get(_keys.MATCHED_NODES)
    kept = _objects.annotations_of(stored or {}).get(_keys.MATCHED_NODES)
    if given != kept and (request.old is not None or given is not None):
        yield Finding(
            "annotation %s=%s is Harvester's to write" % (_keys.MATCHED_NODES, given),
            "leave it out; change the selector",
        )
    label = _objects.labels_of(wanted).get(_keys.CLUSTER_NETWORK)
    network = request.config.cluster_network
    brought = label != _objects.labels_of(request.old or {}).get(_keys.CLUSTER_NETWORK)
    # from 1.9 on Harvester objects itself
    if label not in (None, network) and brought and not request.has("label_guard"):
        yield Finding(
            "label %s=%s is unlike spec.clusterNetwork=%s" % (_keys.CLUSTER_NETWORK, label, network),
            "leave the label out",
        )


def _siblings(request: Request) -> Iterator[NetworkConfig]:
    """The other configurations of the cluster network, by name."""
    mine = request.config
    for name, other in sorted(request.snapshot.user_configs.items()):
        if name != mine.name and other.cluster_network == mine.cluster_network and not other.deleting:
            yield other


def _miimon(request: Request, config: _config.NetworkConfig) -> int:
    return config.effective_miimon(request.has("miimon_default_100"))
