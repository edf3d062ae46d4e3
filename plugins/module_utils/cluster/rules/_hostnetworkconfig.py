# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NC pkg/webhook/hostnetworkconfig/validator.go, since 1.8. This module util is private to the collection."""

from __future__ import annotations

import ipaddress
from typing import Iterator, List, Optional

from ...common import _names
from .. import _keys
from .._attachments import names
from .._host_config import STATIC, HostConfig
from .._objects import listed
from ._registry import CREATE, DELETE, PUT, UPDATE, Finding, harvester
from ._request import Request
from ._shared import NAME_LIMIT

SOURCE = "NC pkg/webhook/hostnetworkconfig: "
KIND = ("hostnetworkconfigs",)
SINCE = "host_network_configs"


def _because(request: Request, reason: str) -> str:
    return "can't %s hostnetworkConfig %s because %s" % (request.operation, request.name, reason)


def _config(request: Request) -> HostConfig:
    return HostConfig.read(request.current)


def _old(request: Request) -> Optional[HostConfig]:
    return HostConfig.read(request.old) if request.old is not None else None


def _judged(request: Request) -> bool:
    """An update of the description's neighbours only, metadata, is passed on."""
    return request.old is None or request.old.get("spec") != request.current.get("spec")


def _others(request: Request) -> List[HostConfig]:
    found = [HostConfig.read(item) for item in request.snapshot.all("hostnetworkconfigs")]
    return sorted(
        (config for config in found if config.name != request.name and not config.deleting),
        key=lambda config: config.name,
    )


@harvester(
    "hostnetworkconfig-name", "The device's name fits the kernel", KIND, (CREATE,), SOURCE + "15 characters", SINCE
)
def device_name(request: Request) -> Iterator[Finding]:
    config = _config(request)
    if len(config.cluster_network) > NAME_LIMIT or len(config.device) > _names.LONGEST:
        yield Finding(
            _because(
                request,
                "the host network interface name %s is longer than %d characters" % (config.device, _names.LONGEST),
            ),
            "use a cluster network with a shorter name, or a VLAN id with fewer digits",
        )


@harvester("hostnetworkconfig-network", "The cluster network exists", KIND, (CREATE,), SOURCE + "looks it up", SINCE)
def network(request: Request) -> Iterator[Finding]:
    name = _config(request).cluster_network
    if not request.snapshot.get("clusternetworks", name):
        yield Finding(
            _because(request, "it refers to a none-existing cluster network %s" % name),
            "create cluster network '%s' first" % name,
        )


@harvester(
    "hostnetworkconfig-fixed",
    "Cluster network and VLAN id stay",
    KIND,
    (UPDATE,),
    SOURCE + "clusterNetwork and vlanID are immutable",
    SINCE,
)
def fixed(request: Request) -> Iterator[Finding]:
    old, new = _old(request), _config(request)
    if old is not None and (old.cluster_network, old.vid) != (new.cluster_network, new.vid):
        yield Finding(
            _because(request, "cannot update clusterNetwork or vlanID field"), "delete it and create a new one"
        )


@harvester(
    "hostnetworkconfig-overlay-vms",
    "The underlay stays while VMs use overlays",
    KIND,
    (UPDATE,),
    SOURCE + "VM templates with overlay NADs",
    SINCE,
)
def overlay_vms(request: Request) -> Iterator[Finding]:
    old, new = _old(request), _config(request)
    if old is None or not old.underlay or new.underlay:
        return
    found = {
        name
        for nad in request.snapshot.nads.values()
        if nad.overlay
        for name in names(request.snapshot.vms_of(nad.reference))
    }
    if found:
        yield Finding(
            _because(
                request,
                "it's still used by VM(s) %s which must remove the related networks and interfaces"
                % ", ".join(sorted(found)),
            ),
            "take the overlay networks out of these VMs first",
        )


@harvester("hostnetworkconfig-one-underlay", "There is one underlay", KIND, PUT, SOURCE + "lists the others", SINCE)
def one_underlay(request: Request) -> Iterator[Finding]:
    if not _judged(request) or not _config(request).underlay:
        return
    for other in _others(request):
        if other.underlay:
            yield Finding(
                _because(
                    request,
                    "hostnetworkconfig %s already exists for cluster network %s vlanid %d with underlay enabled"
                    % (other.name, other.cluster_network, other.vid),
                ),
                "disable the underlay of host network configuration '%s' first" % other.name,
            )


@harvester(
    "hostnetworkconfig-duplicate",
    "There is one per cluster network and VLAN id",
    KIND,
    (CREATE,),
    SOURCE + "lists the others",
    SINCE,
)
def duplicate(request: Request) -> Iterator[Finding]:
    config = _config(request)
    for other in _others(request):
        if (other.cluster_network, other.vid) == (config.cluster_network, config.vid):
            yield Finding(
                _because(
                    request,
                    "hostnetworkconfig %s already exists for cluster network %s with vlanID %d"
                    % (other.name, other.cluster_network, other.vid),
                ),
                "change host network configuration '%s' instead" % other.name,
            )


@harvester(
    "hostnetworkconfig-static",
    "Mode static has an address for every node, all in one subnet",
    KIND,
    PUT,
    SOURCE + "all nodes, witnesses too, or those that the selector matches",
    SINCE,
)
def static(request: Request) -> Iterator[Finding]:
    config = _config(request)
    if not _judged(request) or config.mode != STATIC:
        return
    matched = config.matched(request.snapshot.nodes.values())
    missing = [node for node in matched if node not in config.ips]
    for node in missing:
        yield Finding(_because(request, "static IP not found for node %s" % node), "give it an address in spec.ips")
    subnets = {_subnet(config.ips[node]) for node in matched if node in config.ips}
    if not missing and len(subnets) > 1:
        yield Finding(
            _because(request, "static IPs are not in the same subnet: %s" % ", ".join(sorted(subnets))),
            "give addresses of one subnet with one prefix length",
        )


@harvester(
    "hostnetworkconfig-ready",
    "The cluster network is ready on its nodes",
    KIND,
    (CREATE,),
    SOURCE + "VlanStatus list not empty and none with ready False; not for mgmt",
    SINCE,
)
def ready(request: Request) -> Iterator[Finding]:
    name = _config(request).cluster_network
    if name == _keys.MGMT:
        return
    statuses = request.snapshot.statuses_of(name)
    if not statuses:
        yield Finding(
            _because(request, "vlan status not present for cluster network %s" % name),
            "give cluster network '%s' a network configuration first" % name,
        )
    for node in sorted(statuses):
        if statuses[node].ready is False:
            yield Finding(
                _because(request, "vs %s status is not Ready" % statuses[node].name),
                "repair the uplink on node %s: %s" % (node, statuses[node].message or "its agent gives no reason"),
            )


@harvester(
    "hostnetworkconfig-underlay",
    "An underlay is on every node",
    KIND,
    PUT,
    SOURCE + "the vlanconfigs span all nodes but witnesses, and the selector matches all nodes",
    SINCE,
)
def underlay(request: Request) -> Iterator[Finding]:
    config = _config(request)
    if not _judged(request) or not config.underlay:
        return
    if config.cluster_network != _keys.MGMT:
        configs = request.snapshot.configs_of(config.cluster_network)
        covered = {node for found in configs for node in found.nodes}
        missing = [node.name for node in request.snapshot.workers if node.name not in covered]
        if not configs:
            yield Finding(
                _because(request, "vlan config not present for cluster network %s" % config.cluster_network),
                "give the cluster network configurations for all nodes first",
            )
        elif missing:
            yield Finding(
                _because(request, "vlanconfig does not span %s" % ", ".join(missing)),
                "give cluster network '%s' a network configuration there" % config.cluster_network,
            )
    every = request.snapshot.nodes.values()
    unmatched = sorted({node.name for node in every} - set(config.matched(every)))
    if unmatched:
        yield Finding(
            _because(request, "node selector does not match all nodes"),
            "leave spec.nodeSelector out; it does not match %s" % listed(unmatched),
        )


@harvester("hostnetworkconfig-delete", "An underlay is not deleted", KIND, (DELETE,), SOURCE + "spec.underlay", SINCE)
def delete(request: Request) -> Iterator[Finding]:
    if _config(request).underlay:
        yield Finding(
            _because(request, "underlay is enabled, disable underlay first"), "set spec.underlay to false first"
        )


def _subnet(text: str) -> str:
    try:
        return str(ipaddress.ip_interface(text).network)
    except ValueError:
        return text
