# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network controller's webhooks for VlanConfigs: mutator (2.1 of the facts) and validator (2.2)."""

from __future__ import annotations

import json

from ..kinds import CLUSTER_NETWORK, VLAN_CONFIG
from ..lookups import active_system_nad, configs_of, nads_of, nodes_matching, statuses_of, vmis_using
from ..objects import (
    CLUSTER_NETWORK_LABEL,
    MATCHED_NODES,
    MAX_MTU,
    MGMT,
    MIN_MTU,
    Obj,
    annotations_of,
    cluster_network_of,
    config_mtu,
    is_deleting,
    is_valid_mtu,
    labels,
    matched_nodes,
    name,
    same_mtu,
    spec,
    status,
    uplink,
)
from ..versions import Version
from ..view import View, get
from .admission import CONTROLLERS, Patch, Refusal, Request, Webhook, replace
from .cluster_network import check_name


def mutate(request: Request, view: View, version: Version) -> Patch:
    """Label of the cluster network and ``matched-nodes``. Each patch replaces the whole map, as upstream's does."""
    new, old = request.object, request.before
    if is_deleting(new):
        return []
    create = request.operation == "CREATE"
    patch: Patch = []
    moved = cluster_network_of(new) != cluster_network_of(old)
    if (create or moved) and labels(new).get(CLUSTER_NETWORK_LABEL) != cluster_network_of(new):
        patch += replace("/metadata/labels", {**labels(new), CLUSTER_NETWORK_LABEL: cluster_network_of(new)})
    # a configuration of mgmt (1.9) has no selector and is one node's: the controller says which
    anew = create or version.matched_nodes_on_every_update or spec(new) != spec(old)
    if anew and cluster_network_of(new) != MGMT:
        nodes = nodes_matching(view, spec(new).get("nodeSelector"))
        # no node matches, no patch: the old value stays
        if nodes:
            value = json.dumps(nodes, separators=(",", ":"))
            patch += replace("/metadata/annotations", {**annotations_of(new), MATCHED_NODES: value})
    return patch


def validate(request: Request, view: View, version: Version) -> None:
    """All rules of one request, in upstream's order."""
    if request.operation == "UPDATE" and is_deleting(request.object):
        return
    try:
        _check_mgmt(request, version)
        if cluster_network_of(request.object) == MGMT:
            return
        if request.operation == "DELETE":
            old = request.object
            _check_blockers(old, set(matched_nodes(old) or []), view, version)
        else:
            _check_wanted(request, view, version)
            if request.operation == "UPDATE":
                _check_blockers(request.before, affected_nodes(request.before, request.object), view, version)
    except Refusal as error:
        raise Refusal(f"can't {request.verb} vlanConfig {name(request.object)} because {error}") from None


def affected_nodes(old: Obj, new: Obj) -> set[str]:
    """Nodes that an update touches: all old ones when cluster network or uplink differ in anything, else those lost."""
    before = set(matched_nodes(old) or [])
    if cluster_network_of(old) != cluster_network_of(new) or uplink(old) != uplink(new):
        return before
    return before - set(matched_nodes(new) or [])


def _check_mgmt(request: Request, version: Version) -> None:
    if cluster_network_of(request.object) != MGMT:
        return
    if not version.mgmt_vlan_configs:
        if request.operation != "DELETE":
            raise Refusal(f"cluster network can't be {MGMT}")
    elif request.user != CONTROLLERS:
        raise Refusal(f"cluster network can't be {MGMT}, its vlanConfigs are kept by the controller only")


def _check_wanted(request: Request, view: View, version: Version) -> None:
    new = request.object
    cluster_network = cluster_network_of(new)
    if request.operation == "CREATE":
        check_name(cluster_network)
    if get(view, CLUSTER_NETWORK, cluster_network) is None:
        raise Refusal(f"it refers to a none-existing cluster network {cluster_network}")
    label = labels(new).get(CLUSTER_NETWORK_LABEL)
    if request.operation == "UPDATE" and version.label_guard and label != cluster_network:
        raise Refusal(f"cluster network label {label} is invalid and must not be updated by user")
    _check_mtu(new, view)
    _check_overlap(new, view)


def _check_mtu(new: Obj, view: View) -> None:
    mtu = config_mtu(new)
    if not is_valid_mtu(mtu):
        raise Refusal(f"the MTU {mtu} is out of range [0, {MIN_MTU}..{MAX_MTU}]")
    for other in configs_of(view, cluster_network_of(new)):
        if name(other) == name(new) or is_deleting(other):
            continue
        if not same_mtu(mtu, config_mtu(other)):
            raise Refusal(
                f"the vlanconfig {name(new)} MTU {mtu} is different with another vlanconfig {name(other)} MTU "
                f"{config_mtu(other)}, all vlanconfigs on one clusternetwork need to have same MTU"
            )


def _check_overlap(new: Obj, view: View) -> None:
    nodes = set(matched_nodes(new) or [])
    taken = sorted(
        str(status(item).get("node"))
        for item in statuses_of(view, cluster_network_of(new))
        if status(item).get("node") in nodes and status(item).get("vlanConfig") != name(new)
    )
    if taken:
        raise Refusal(f"it overlaps with other vlanconfigs matching node(s) [{' '.join(taken)}]")


def _check_blockers(old: Obj, nodes: set[str], view: View, version: Version) -> None:
    if not nodes:
        return
    nads = nads_of(view, cluster_network_of(old))
    vmis = vmis_using(view, nads, nodes)
    if vmis:
        raise Refusal(f"it is blocked by VM(s) {', '.join(vmis)} which must be stopped at first")
    storage = active_system_nad(nads, version)
    if storage:
        kind = "system network" if version.system_nads else "storage network"
        raise Refusal(f"the {kind} nad {name(storage)} is still attached")


WEBHOOKS = (Webhook(VLAN_CONFIG, "network", validate, ("CREATE", "UPDATE", "DELETE"), mutate, ("CREATE", "UPDATE")),)
