# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one MTU that the management network of all nodes has, where Harvester has not noted it too (#11661).

Pure; private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..module_utils.common import _mtu
from . import _network_gate
from ._mgmt_profiles import BOND_DEVICE, BRIDGE_DEVICE

FILE = "/oem/harvester.config"
"""Key of what the installer noted, beside those of devices and profiles."""

COMMAND = "ansible-playbook harvester.network.mgmt_network --limit %s, with harvester_mgmt.mtu=%d"
BY_HAND = (
    "Several nodes differ, so nothing says which value is the cluster's: stop the VMs on mgmt, write annotation"
    " uplink-mtu of cluster network mgmt by hand as the manual says (kubectl annotate clusternetwork mgmt"
    ' network.harvesterhci.io/uplink-mtu="<MTU>" --overwrite), and bring the nodes to it with playbook mgmt_network'
)


def device_mtus(found: Mapping[str, Any]) -> dict[str, int]:
    """Device -> MTU of the kernel in bytes: bond, bridge and the device with the node's address.

    found: result of module ``profile_info``.
    """
    names = (BOND_DEVICE, BRIDGE_DEVICE, _network_gate.endpoint(found).get("device"))
    return {link["name"]: int(link["mtu"]) for link in found.get("links", ()) if link["name"] in names}


def refusal(known: Mapping[str, Any], seen: Mapping[str, Mapping[str, Any]], host: str, wanted: int) -> str:
    """Why a host must not get an MTU of its own; empty when it is the cluster's.

    known: result of module ``network_info`` about mgmt and the nodes. seen: host -> result of ``profile_info``, of all
    hosts; looked at only where the annotation is missing. wanted: bytes.
    """
    network = next(iter(known.get("cluster_networks") or ()), None)
    if network is None:
        return ""
    if network.get("uplink_mtu") is not None:
        return _of_value(host, wanted, network["mtu"], "annotation uplink-mtu", "Change all of them")
    live = {name: device_mtus(found) for name, found in seen.items() if name != host}
    unread = [name for name, mtus in live.items() if not mtus]
    absent = len(known.get("nodes") or ()) - len(seen)
    values = {mtu for mtus in live.values() for mtu in mtus.values()}
    if not unread and absent <= 0 and len(values) < 2:
        mtu = values.pop() if values else _mtu.DEFAULT
        if mtu == _mtu.DEFAULT:
            return _of_value(host, wanted, mtu, "no annotation uplink-mtu, and all other nodes", "Change all of them")
        source = "all other nodes; Harvester has not noted it, annotation uplink-mtu is missing"
        return _of_value(host, wanted, mtu, source, "Have it noted with playbook mgmt_mtu_annotate, then change all")
    rows = [f"  {name}: {_shown(mtus)}" for name, mtus in live.items()]
    rows += [f"  {absent} more nodes of the cluster are not in harvester_nodes"] if absent > 0 else []
    table = "\n".join(rows)
    remedy = "See that every node of the cluster is in harvester_nodes and answers" if unread or absent > 0 else BY_HAND
    return (
        f"{host}: harvester_mgmt: mtu={wanted}: annotation uplink-mtu of cluster network mgmt is missing, so the"
        f" cluster's MTU is what all other nodes have, and they have no single one:\n{table}\n{remedy}."
        " Nothing was changed."
    )


def _of_value(host: str, wanted: int, mtu: int, source: str, remedy: str) -> str:
    if _mtu.equal(wanted, mtu):
        return ""
    return (
        f"{host}: harvester_mgmt: mtu={wanted}: the management network of the cluster has {mtu} ({source}); nodes with"
        f" another MTU lose large packets silently. {remedy} with playbook mgmt_mtu (change_mtu_from={mtu},"
        f" change_mtu_to={wanted}), or give {mtu} here. Nothing was changed."
    )


def installed(mtus: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """``mtu`` that all places of all hosts have, in bytes, 0 when they differ; then ``refusal``, else empty.

    mtus: host -> place (a device, a profile, FILE) -> MTU, None and 0 for the default.
    """
    seen = {host: {place: _mtu.effective(mtu) for place, mtu in places.items()} for host, places in mtus.items()}
    values = {mtu for places in seen.values() for mtu in places.values()}
    if len(values) == 1:
        return {"mtu": values.pop(), "refusal": ""}
    table = "\n".join(f"  {host}: {_shown(places)}" for host, places in seen.items())
    return {
        "mtu": 0,
        "refusal": f"The management network has no single MTU, so Harvester cannot be told one:\n{table}\n"
        + " ".join(f"{line}." for line in _remedies(seen)),
    }


def _remedies(seen: Mapping[str, Mapping[str, int]]) -> list[str]:
    own = {host: {mtu for place, mtu in places.items() if place != FILE} for host, places in seen.items()}
    counts = Counter(next(iter(mtus)) for mtus in own.values() if len(mtus) == 1)
    found = counts.most_common(2)
    # A tie says nothing, and what mgmt_network takes for the cluster's is what all other nodes have.
    if not found or (len(found) == 2 and found[0][1] == found[1][1]):
        return [BY_HAND]
    usual = found[0][0]
    differing = [host for host, values in own.items() if values != {usual}]
    if len(differing) > 1:
        return [BY_HAND]
    lines = [f"Bring devices and profiles of {host} to {usual} with {COMMAND % (host, usual)}" for host in differing]
    files = [host for host, places in seen.items() if places.get(FILE, usual) != usual]
    if files:
        lines.append(f"Edit {FILE} of {', '.join(files)}: mtu of its management interface is to be {usual}")
    return [*lines, "Then run this playbook again"]


def _shown(mtus: Mapping[str, int]) -> str:
    return ", ".join(f"{place} {mtu}" for place, mtu in mtus.items()) or "could not be read"
