# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions that several rules and controllers ask of a cluster."""

from __future__ import annotations

from collections.abc import Container, Iterable

from .kinds import NAD, NODE, VLAN_CONFIG, VLAN_STATUS, VM, VMI
from .objects import (
    CLUSTER_NETWORK_LABEL,
    Obj,
    full_name,
    is_deleting,
    is_storage_nad,
    is_system_nad,
    is_witness,
    labels,
    matched_nodes,
    name,
    namespace,
    network_names,
    selected,
    spec,
    status,
    template_spec,
)
from .versions import Version
from .view import View


def configs_of(view: View, cluster_network: str) -> list[Obj]:
    """VlanConfigs of a cluster network, found by label as upstream does; by name, so that 'the first' is stable."""
    found = [item for item in view.list(VLAN_CONFIG) if labels(item).get(CLUSTER_NETWORK_LABEL) == cluster_network]
    return sorted(found, key=name)


def statuses_of(view: View, cluster_network: str) -> list[Obj]:
    """VlanStatuses of a cluster network, found by label."""
    found = [item for item in view.list(VLAN_STATUS) if labels(item).get(CLUSTER_NETWORK_LABEL) == cluster_network]
    return sorted(found, key=name)


def nads_of(view: View, cluster_network: str) -> list[Obj]:
    """NADs with the cluster network's label: VM networks, the storage network's, and for mgmt overlay ones too."""
    found = [item for item in view.list(NAD) if labels(item).get(CLUSTER_NETWORK_LABEL) == cluster_network]
    return sorted(found, key=full_name)


def active_system_nad(nads: Iterable[Obj], version: Version) -> Obj | None:
    """The first NAD, not being deleted, of the storage network; from 1.9 of any system network (2.2)."""
    is_system = is_system_nad if version.system_nads else is_storage_nad
    return next((nad for nad in nads if is_system(nad) and not is_deleting(nad)), None)


def vmis_using(view: View, nads: Iterable[Obj], nodes: Container[str] | None = None) -> list[str]:
    """``namespace/name`` of VMIs on ``nodes`` (None: anywhere) with one of the NADs, in any phase (2.2).

    A VMI that has no node yet is on none of the nodes.
    """
    wanted = {full_name(nad) for nad in nads}
    return sorted(
        full_name(vmi)
        for vmi in view.list(VMI)
        if wanted.intersection(network_names(spec(vmi), namespace(vmi)))
        and (nodes is None or status(vmi).get("nodeName") in nodes)
    )


def vms_using(view: View, nad: Obj) -> list[str]:
    """``namespace/name`` of VMs whose template has the NAD."""
    return sorted(
        full_name(vm) for vm in view.list(VM) if full_name(nad) in network_names(template_spec(vm), namespace(vm))
    )


def nodes_matching(view: View, selector: dict[str, str] | None) -> list[str]:
    """Names of nodes that a VlanConfig's selector matches: witnesses never (2.1)."""
    return sorted(name(node) for node in view.list(NODE) if selected(selector, labels(node)) and not is_witness(node))


def uncovered_nodes(view: View, configs: Iterable[Obj]) -> list[str]:
    """Non-witness nodes that no configuration matches."""
    covered = {node for config in configs for node in matched_nodes(config) or []}
    return sorted(
        name(node)
        for node in view.list(NODE)
        if not is_witness(node) and not is_deleting(node) and name(node) not in covered
    )
