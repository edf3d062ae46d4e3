# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NC pkg/webhook/vlanconfig/validator.go. This module util is private to the collection.

Affected nodes: at a deletion, or when cluster network or uplink change, all nodes of the old annotation matched-nodes;
else those that are in the old one and not in the new one.
"""

from __future__ import annotations

from typing import Iterator

from ...common import _mtu
from .. import _keys, _network_mtu, _objects
from .._attachments import blocking, names
from ._registry import ANY, CREATE, DELETE, PUT, UPDATE, Finding, harvester
from ._request import Request
from ._shared import BOUNDS, NAME_LIMIT, active_system_nad, stop

SOURCE = "NC pkg/webhook/vlanconfig: "
KIND = ("vlanconfigs",)


def _because(request: Request, reason: str) -> str:
    return "can't %s vlanConfig %s because %s" % (request.operation, request.name, reason)


@harvester(
    "vlanconfig-network-name",
    "The cluster network's name has at most 12 characters",
    KIND,
    (CREATE,),
    SOURCE + "15 less '-br'",
)
def network_name(request: Request) -> Iterator[Finding]:
    network = request.config.cluster_network
    if len(network) > NAME_LIMIT:
        yield Finding(
            _because(request, "the length of the clusterNetwork name %s is more than %d" % (network, NAME_LIMIT)),
            "use a cluster network whose name has at most %d characters" % NAME_LIMIT,
        )


@harvester(
    "vlanconfig-mgmt",
    "mgmt has no configuration that users write",
    KIND,
    ANY,
    SOURCE + "cluster network mgmt; from 1.9 on deletion too, the controller alone may",
)
def mgmt(request: Request) -> Iterator[Finding]:
    old, new = request.old_config, request.new_config
    if request.has("mgmt_configs"):
        if (old is not None and old.mgmt) or (new is not None and new.mgmt):
            yield Finding(
                _because(request, "users can't create, update or delete a vlanConfig of cluster network mgmt"),
                "leave it: the agent keeps it; change the management network on the hosts (playbook mgmt_network)",
            )
    elif new is not None and new.mgmt:
        yield Finding(
            _because(request, "cluster network can't be mgmt"),
            "use a custom cluster network; change the management network on the hosts (playbook mgmt_network)",
        )


@harvester("vlanconfig-network", "The cluster network exists", KIND, PUT, SOURCE + "looks it up")
def network(request: Request) -> Iterator[Finding]:
    config = request.config
    if config.mgmt or request.snapshot.get("clusternetworks", config.cluster_network):
        return
    yield Finding(
        _because(request, "it refers to a none-existing cluster network %s" % config.cluster_network),
        "create cluster network '%s' first" % config.cluster_network,
    )


@harvester("vlanconfig-mtu-range", "The MTU is 0 or 576 to 9000", KIND, PUT, SOURCE + "0 means 1500")
def mtu_range(request: Request) -> Iterator[Finding]:
    mtu = request.config.mtu
    if not _network_mtu.valid(mtu):
        yield Finding(
            _because(request, "the MTU %s is out of range %s" % (mtu, BOUNDS)), "give an MTU within 576..9000"
        )


@harvester(
    "vlanconfig-mtu-equal",
    "All configurations of a cluster network have the same MTU",
    KIND,
    PUT,
    SOURCE + "compares with the others by label, 0 and 1500 are equal",
)
def mtu_equal(request: Request) -> Iterator[Finding]:
    config = request.config
    for other in request.snapshot.configs_of(config.cluster_network):
        if other.name == config.name or other.deleting or _mtu.equal(config.mtu, other.mtu):
            continue
        yield Finding(
            _because(
                request,
                "the vlanconfig %s MTU %d is different with another vlanconfig %s MTU %d, all vlanconfigs on one "
                "clusternetwork need to have same MTU" % (config.name, config.mtu or 0, other.name, other.mtu or 0),
            ),
            "give MTU %d; to change it on all, use playbook cluster_network_mtu" % other.effective_mtu,
        )


@harvester(
    "vlanconfig-overlap",
    "A node has one configuration per cluster network",
    KIND,
    PUT,
    SOURCE + "a VlanStatus of the cluster network on the node belongs to another configuration",
)
def overlap(request: Request) -> Iterator[Finding]:
    config = request.config
    statuses = request.snapshot.statuses_of(config.cluster_network)
    taken = [node for node in config.nodes if node in statuses and statuses[node].config != config.name]
    if taken:
        others = sorted({"'%s'" % statuses[node].config for node in taken})
        yield Finding(
            _because(request, "it overlaps with other vlanconfigs matching node(s) [%s]" % " ".join(taken)),
            "take these nodes out of one selector; they belong to network configuration %s" % _objects.listed(others),
        )


@harvester(
    "vlanconfig-label",
    "Label clusternetwork says what spec.clusterNetwork says",
    KIND,
    (UPDATE,),
    SOURCE + "refuses another label since 1.9",
    "label_guard",
)
def label(request: Request) -> Iterator[Finding]:
    config = request.config
    if config.label != config.cluster_network:
        yield Finding(
            _because(
                request, "cluster network label %s is invalid and must not be updated by user" % (config.label or '""')
            ),
            "leave label %s alone" % _keys.CLUSTER_NETWORK,
        )


@harvester(
    "vlanconfig-vms",
    "No VM runs with the cluster network on an affected node",
    KIND,
    (UPDATE, DELETE),
    SOURCE + "VMI objects in any phase by status.nodeName",
)
def vms(request: Request) -> Iterator[Finding]:
    old = request.old_config
    if old is None or not request.affected:
        return
    found = blocking(request.snapshot, old.cluster_network, request.affected)
    if found:
        yield Finding(
            _because(request, "it is blocked by VM(s) %s which must be stopped at first" % ", ".join(names(found))),
            stop(found),
        )


@harvester(
    "vlanconfig-storage",
    "The storage network is off when nodes are affected",
    KIND,
    (UPDATE, DELETE),
    SOURCE + "looks for an active storage network, from 1.9 on for any system network",
)
def storage(request: Request) -> Iterator[Finding]:
    old = request.old_config
    if old is None or not request.affected:
        return
    nad = active_system_nad(request, old.cluster_network)
    if nad:
        word = "system" if request.has("system_networks") else "storage"
        yield Finding(
            _because(request, "the %s network nad %s is still attached" % (word, nad.name)),
            "disable setting %s first, and enable it again after the change" % nad.setting,
        )
