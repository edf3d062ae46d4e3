# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit proves on the wire, what it leaves out, and what came of it. Pure; private to the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import _path_proof
from ._model import BRIDGE_SUFFIX, Audit, vm_network_ids

DEVICE = re.compile(r"(?P<network>[^.]+)-br(\.\d+)?")
"""Devices whose addresses are taken for the proof: bridges of cluster networks, and VLAN devices on them."""


def networks(audit: Audit, probe: bool = False) -> list[dict[str, Any]]:
    """What role path_proof proves: every device with addresses on two hosts or more, at the MTU of its cluster network.

    probe: also each VLAN of a VM network, between temporary endpoints; no VLAN id is added for it, so that the proof
    tells whether a node has it.
    """
    return list(_addressed(audit)) + (list(_probed(audit)) if probe else [])


def not_measured(audit: Audit, probe: bool = False) -> list[str]:
    """What nobody has looked at, and why, a line each."""
    found = list(_unreadable(audit))
    if audit.cluster is None:
        found.append("cluster: no access to its API is configured (harvester_api), so only the hosts were looked at")
    if len(audit.proving) < 2:
        found.append("paths: fewer than two hosts can send to each other")
    proved = {(item["device"].partition(BRIDGE_SUFFIX)[0], _vid(item["device"])) for item in _addressed(audit)}
    made = {(item["bridge"].removesuffix(BRIDGE_SUFFIX), int(item["vlan_id"])) for item in _probed(audit)}
    for name in audit.networks:
        wanted = {vid for item in _of(audit, name) for vid in vm_network_ids(item)}
        for vid in sorted(wanted):
            if (name, vid) in proved or (probe and (name, vid) in made):
                continue
            how = "change_verify_probe=true measures it" if (name, vid) in made else "no probe is made for it"
            found.append(f"VLAN {vid} of {name}: no hosts have addresses there; {how}")
        if any(item["type"] == "untagged" for item in _of(audit, name)) and (name, 0) not in proved:
            found.append(f"untagged frames of {name}: the switch decides where they go")
    found += [f"overlay {item['reference']}" for item in audit.part("vm_networks") if item["type"] == "overlay"]
    return found


def rows(results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The paths of a report, from the results of module path_mtu by host."""
    found = []
    for host, result in results.items():
        for path in result.get("paths") or ():
            network, _separator, target = str(path["name"]).rpartition(_path_proof.SEPARATOR)
            found.append(
                {
                    "network": network,
                    "source": host,
                    "target": target,
                    "mtu": path["mtu"],
                    "status": path["status"],
                    "largest": path["largest"],
                }
            )
    return found


def _addressed(audit: Audit) -> Iterator[dict[str, Any]]:
    devices: dict[str, list[str]] = {}
    for host in audit.proving:
        for name, link in host.links.items():
            if DEVICE.fullmatch(name) and any(_usable(item) for item in link.get("addresses") or ()):
                devices.setdefault(name, []).append(host.name)
    for name, hosts in sorted(devices.items()):
        if len(hosts) > 1:
            found: dict[str, Any] = {"name": name, "device": name, "nodes": hosts}
            network = audit.networks.get(name.partition(BRIDGE_SUFFIX)[0])
            if network and network["mtu"]:
                found["mtu"] = network["mtu"]
            yield found


def _probed(audit: Audit) -> Iterator[dict[str, Any]]:
    addressed = {item["device"] for item in _addressed(audit)}
    for name, network in audit.networks.items():
        bridge = name + BRIDGE_SUFFIX
        active = set(network["active_nodes"])
        hosts = [host.name for host in audit.proving if host.node in active and bridge in host.links]
        # The ids of a trunk are the guests' affair, and there may be thousands.
        wanted = {vid for item in _of(audit, name) if item["type"] == "vlan" for vid in vm_network_ids(item)}
        for vid in sorted(wanted):
            if len(hosts) > 1 and f"{bridge}.{vid}" not in addressed:
                found = {"vlan_id": vid, "bridge": bridge, "nodes": hosts}
                yield found | ({"mtu": network["mtu"]} if network["mtu"] else {})


def _of(audit: Audit, network: str) -> Iterable[Mapping[str, Any]]:
    return [item for item in audit.part("vm_networks") if item["cluster_network"] == network]


def _unreadable(audit: Audit) -> Iterator[str]:
    for host in audit.hosts:
        if not host.readable:
            yield f"{host.name}: it could not be read, so nothing on it was looked at"


def _usable(address: Mapping[str, Any]) -> bool:
    """An address of the node itself: a VIP is another's tomorrow, and has no network."""
    return address.get("family") == "inet" and address.get("scope") == "global" and not _single(address)


def _single(address: Mapping[str, Any]) -> bool:
    return str(address.get("address")).endswith("/32")


def _vid(device: str) -> int:
    return int(device.partition(".")[2] or 0)
