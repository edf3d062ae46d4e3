# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network controller's webhook for HostNetworkConfigs, from 1.8 (2.5 of the facts)."""

from __future__ import annotations

from ..kinds import CLUSTER_NETWORK, HOST_NETWORK_CONFIG, NAD, NODE
from ..lookups import configs_of, statuses_of, uncovered_nodes, vms_using
from ..objects import (
    MAX_DEVICE,
    MGMT,
    Obj,
    cluster_network_of,
    is_deleting,
    is_false,
    is_overlay,
    label_selected,
    labels,
    name,
    same_subnet,
    spec,
)
from ..versions import Version
from ..view import View, get
from .admission import Refusal, Request, Webhook
from .cluster_network import check_name


def validate(request: Request, view: View, version: Version) -> None:
    """All rules of one request, in upstream's order."""
    new, old = request.object, request.before
    try:
        if request.operation == "CREATE":
            _create(new, view)
        elif request.operation == "UPDATE":
            if spec(new) != spec(old):
                _update(old, new, view)
        elif spec(old).get("underlay"):
            raise Refusal("underlay is enabled, disable underlay first")
    except Refusal as error:
        raise Refusal(f"can't {request.verb} hostnetworkConfig {name(new)} because {error}") from None


def _create(new: Obj, view: View) -> None:
    cluster_network, vlan = cluster_network_of(new), spec(new)["vlanID"]
    check_name(cluster_network)
    device = f"{cluster_network}-br.{vlan}"
    if len(device) > MAX_DEVICE:
        raise Refusal(f"the length of the host network interface name {device} is more than {MAX_DEVICE}")
    if get(view, CLUSTER_NETWORK, cluster_network) is None:
        raise Refusal(f"it refers to a none-existing cluster network {cluster_network}")
    _check_others(new, view, create=True)
    _check_addresses(new, view)
    check_statuses(cluster_network, view)
    _check_underlay(new, view)


def _update(old: Obj, new: Obj, view: View) -> None:
    if cluster_network_of(old) != cluster_network_of(new) or spec(old).get("vlanID") != spec(new).get("vlanID"):
        raise Refusal(
            "cannot update clusterNetwork or vlanID field, instead delete the old hostnetworkconfig and create a "
            "new one"
        )
    if spec(old).get("underlay") and not spec(new).get("underlay"):
        for nad in view.list(NAD):
            vms = vms_using(view, nad) if is_overlay(nad) else []
            if vms:
                raise Refusal(
                    f"it's still used by VM(s) {', '.join(vms)} which must remove the related networks and interfaces"
                )
    _check_others(new, view, create=False)
    _check_addresses(new, view)
    _check_underlay(new, view)


def _check_others(new: Obj, view: View, create: bool) -> None:
    cluster_network, vlan = cluster_network_of(new), spec(new).get("vlanID")
    for other in sorted(view.list(HOST_NETWORK_CONFIG), key=name):
        if is_deleting(other) or name(other) == name(new):
            continue
        if spec(other).get("underlay") and spec(new).get("underlay"):
            raise Refusal(
                f"hostnetworkconfig {name(other)} already exists for cluster network {cluster_network_of(other)} "
                f"vlanid {spec(other).get('vlanID')} with underlay enabled"
            )
        if create and cluster_network_of(other) == cluster_network and spec(other).get("vlanID") == vlan:
            raise Refusal(
                f"hostnetworkconfig {name(other)} already exists for cluster network {cluster_network} "
                f"with vlanID {vlan}"
            )


def _check_addresses(new: Obj, view: View) -> None:
    if spec(new).get("mode") != "static":
        return
    addresses = spec(new).get("ips") or {}
    wanted = []
    for node in sorted(view.list(NODE), key=name):
        if not label_selected(spec(new).get("nodeSelector"), labels(node)):
            continue
        if name(node) not in addresses:
            raise Refusal(f"static IP not found for node {name(node)}")
        wanted.append(addresses[name(node)])
    try:
        same = same_subnet(wanted)
    except ValueError as error:
        raise Refusal(f"static IPs are not in the same subnet: {error}") from None
    if not same:
        raise Refusal("static IPs are not in the same subnet")


def check_statuses(cluster_network: str, view: View) -> None:
    """A cluster network other than mgmt has VlanStatuses, and none that is not ready."""
    if cluster_network == MGMT:
        return
    found = statuses_of(view, cluster_network)
    if not found:
        raise Refusal(f"vlan status not present for cluster network {cluster_network}")
    for item in found:
        if is_false(item):
            raise Refusal(f"vs {name(item)} status is not Ready")


def _check_underlay(new: Obj, view: View) -> None:
    if not spec(new).get("underlay"):
        return
    if cluster_network_of(new) != MGMT:
        configs = configs_of(view, cluster_network_of(new))
        if not configs:
            raise Refusal(f"vlan config not present for cluster network {cluster_network_of(new)}")
        for node in uncovered_nodes(view, configs):
            raise Refusal(f"vlanconfig does not span {node}")
    selector = spec(new).get("nodeSelector")
    if not all(label_selected(selector, labels(node)) for node in view.list(NODE)):
        raise Refusal("node selector does not match all nodes")


WEBHOOKS = (Webhook(HOST_NETWORK_CONFIG, "network", validate, ("CREATE", "UPDATE", "DELETE")),)
