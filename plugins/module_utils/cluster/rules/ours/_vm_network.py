# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VM networks. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterator

from ... import _keys
from .._registry import DELETE, PUT, Finding, ours
from .._request import Request
from .._shared import nodes

KIND = ("nads",)


@ours(
    "vm-network-trunk-version",
    "Trunks need 1.7",
    KIND,
    PUT,
    "NC pkg/utils/nad.go: vlanTrunk came with v1.7.0; before it the key is passed over and the network is untagged",
)
def trunk_version(request: Request) -> Iterator[Finding]:
    if request.nad.has_trunk and not request.has("trunk_networks"):
        yield Finding(
            "Harvester %s knows no trunks; VMs would get the untagged network" % request.version,
            "make one VM network per VLAN, or upgrade to 1.7 first",
        )


@ours(
    "vm-network-mgmt-vlan-1",
    "VLAN 1 is not tagged on mgmt",
    KIND,
    PUT,
    "HV issue 8515: VLAN 1 as a tagged VLAN of mgmt-bo cuts the nodes off",
)
def mgmt_vlan_1(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if nad.bridge_network != _keys.MGMT or 1 not in nad.vlans:
        return
    if request.old_nad is None or 1 not in request.old_nad.vlans:
        yield Finding(
            "VLAN 1 would be tagged on the management uplink of every node",
            "leave VLAN 1 out of the trunk" if nad.has_trunk else "use VLAN 0 (untagged), or another VLAN id",
        )


@ours(
    "vm-network-mgmt-vlan-deleted",
    "The management VLAN stays on its uplink",
    KIND,
    (DELETE,),
    "HV issue 8953: before 1.6.1 the deletion of a VM network takes its VLAN id off mgmt-bo, whoever needs it",
)
def mgmt_vlan_deleted(request: Request) -> Iterator[Finding]:
    nad = request.nad
    if nad.bridge_network != _keys.MGMT or request.has("mgmt_vlan_protected"):
        return
    for vid in sorted(nad.vlans):
        device = "mgmt-br.%d" % vid
        needing = [node for node, devices in request.snapshot.host_vlans.items() if device in devices]
        if needing:
            yield Finding(
                "its VLAN %d is the one of %s on %s, which Harvester %s would cut off"
                % (vid, device, nodes(needing), request.version),
                "upgrade to 1.6.1 or later first",
            )
