# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs in a report: their networks, and the nodes that can run them. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List

from . import _keys
from ._attachments import Attachment, attachment, guests
from ._placement import placement
from ._report_filter import Filter
from ._snapshot import Snapshot
from ._vms import Guest

Entry = Dict[str, Any]


def vms(snapshot: Snapshot, only: Filter) -> List[Entry]:
    """VMs by namespace and name; a running instance whose VM object is gone counts."""
    found = []
    for guest in guests(snapshot):
        if not only.vm(guest.reference):
            continue
        networks = attachment(snapshot, guest)
        if only.cluster_network(*_cluster_networks(networks)):
            found.append(_vm(snapshot, guest, networks))
    return found


def _cluster_networks(networks: Attachment) -> List[str]:
    """The pod network runs over mgmt, so a filter for mgmt keeps its VMs."""
    mgmt = networks.mgmt_networks or networks.pod_network
    return [*networks.cluster_networks, *([_keys.MGMT] if mgmt else [])]


def _vm(snapshot: Snapshot, guest: Guest, networks: Attachment) -> Entry:
    vm = snapshot.vms.get(guest.reference)
    instance = snapshot.vmis.get(guest.reference)
    where = placement(snapshot, guest)
    return {
        "name": guest.name,
        "namespace": guest.namespace,
        "reference": guest.reference,
        "status": vm.printable_status if vm else None,
        "run_strategy": vm.run_strategy if vm else None,
        "phase": instance.phase if instance else None,
        "node": networks.node or None,
        "attached": networks.attached,
        "cluster_networks": list(networks.cluster_networks),
        "vm_networks": list(networks.networks),
        "mgmt_vm_networks": list(networks.mgmt_networks),
        "missing_vm_networks": list(networks.missing),
        "pod_network": networks.pod_network,
        "possible_nodes": list(where.nodes),
        "other_nodes": [{"node": node, "reasons": list(reasons)} for node, reasons in sorted(where.reasons.items())],
    }
