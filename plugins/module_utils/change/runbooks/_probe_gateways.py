# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs that leave a VLAN: to its gateway, or through it to an address outside. What is asked for, and what is wrong.

The manual's procedure ("Test the new MTU") takes a free address of the network, a route by its gateway and an address
behind it. Here the addresses are those of temporary endpoints, and the route is theirs alone.

This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Collection, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...common import _mtu
from ...common._errors import Problem
from ..phases._configs import UNTAGGED

OPTION = "change_probe_gateways"

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "vlan_id": {"type": "int", "required": True},
    "subnet": {"type": "str", "required": True},
    "range_start": {"type": "str"},
    "range_end": {"type": "str"},
    "gateway": {"type": "str", "required": True},
    "target": {"type": "str"},
    # bytes
    "target_mtu": {"type": "int"},
}


class Ground(NamedTuple):
    """What a proof is judged by.

    cluster_network: its name. vlans: ids that its networks carry, without untagged frames. nodes: how many have it.
    mtu: bytes that it is to have. taken: address -> whose it is, of what the nodes live by.
    """

    cluster_network: str
    vlans: Collection[int]
    nodes: int
    mtu: int
    taken: Mapping[str, str] = {}


def problems(items: Sequence[Mapping[str, Any]], ground: Ground) -> List[Problem]:
    """Everything that is wrong with what is asked for. items: with the options of ARGUMENT_SPEC."""
    found: List[Problem] = []
    seen: List[int] = []
    for item in items:
        vid = int(item["vlan_id"])
        found += _of_vlan(vid, seen, ground)
        seen.append(vid)
        found += _of_addresses(item, ground)
        found += _of_target(item, ground)
    return found


def options(item: Mapping[str, Any]) -> Dict[str, Any]:
    """What role path_proof takes of it, beside what the network has anyway."""
    return {name: item[name] for name in ARGUMENT_SPEC if name != "vlan_id" and item.get(name) is not None}


def _where(item: Mapping[str, Any]) -> str:
    return "%s, VLAN %s" % (OPTION, item["vlan_id"])


def _of_vlan(vid: int, seen: Collection[int], ground: Ground) -> Iterable[Problem]:
    if vid in seen:
        yield Problem(OPTION, "vlan_id", vid, "is there twice", "give each VLAN once")
    elif vid != UNTAGGED and vid not in ground.vlans:
        rule = "no network of cluster network '%s' has this VLAN" % ground.cluster_network
        known = ", ".join(str(one) for one in sorted(ground.vlans)) or "none"
        yield Problem(OPTION, "vlan_id", vid, rule, "its VLANs are %s; 1 stands for untagged frames" % known)


def _of_addresses(item: Mapping[str, Any], ground: Ground) -> List[Problem]:
    """Of subnet, range and gateway."""
    where = _where(item)
    net, problem = _network(where, item["subnet"])
    if net is None:
        return [problem] if problem else []
    found: List[Problem] = []
    given: Dict[str, ipaddress.IPv4Address] = {}
    for option in ("gateway", "range_start", "range_end"):
        if item.get(option) is None:
            continue
        address = _address(item[option])
        if address is None:
            found.append(Problem(where, option, item[option], "is no IPv4 address", "names are not looked up"))
        elif address not in net or address in (net.network_address, net.broadcast_address):
            rule = "is not an address that a host of %s can have" % net
            found.append(Problem(where, option, item[option], rule, "give one inside the subnet of the VLAN"))
        else:
            given[option] = address
    if found:
        return found
    first = int(given.get("range_start", net.network_address + 1))
    last = int(given.get("range_end", net.broadcast_address - 1))
    if first > last:
        rule = "is after range_end=%s" % ipaddress.IPv4Address(last)
        return [Problem(where, "range_start", ipaddress.IPv4Address(first), rule, "exchange the two")]
    free = last - first + 1 - (1 if first <= int(given["gateway"]) <= last else 0)
    if free < ground.nodes:
        rule = "has %d addresses beside the gateway from %s to %s, and %d nodes take one each" % (
            free,
            ipaddress.IPv4Address(first),
            ipaddress.IPv4Address(last),
            ground.nodes,
        )
        found.append(Problem(where, "subnet", item["subnet"], rule, "give a larger range of free addresses"))
    return found


def _of_target(item: Mapping[str, Any], ground: Ground) -> List[Problem]:
    where = _where(item)
    found: List[Problem] = []
    if item.get("target") is not None:
        address = _address(item["target"])
        net = _network(where, item["subnet"])[0]
        rule, remedy = "", ""
        if address is None:
            rule, remedy = "is no IPv4 address", "names are not looked up"
        elif net is not None and address in net:
            rule, remedy = "is in %s, so no router lies before it" % net, "give it as gateway, without a target"
        elif address.is_multicast or address.is_loopback or address.is_reserved or address.is_unspecified:
            rule, remedy = "is no address that a host can have", "give one behind the gateway"
        elif str(address) in ground.taken:
            rule = "is %s, whose real traffic a probe could slow" % ground.taken[str(address)]
            remedy = "give another address behind the gateway"
        if rule:
            found.append(Problem(where, "target", item["target"], rule, remedy))
    mtu = item.get("target_mtu")
    if mtu is not None and not _mtu.MINIMUM <= mtu <= ground.mtu:
        rule = "must be within %d..%d bytes, the MTU that the cluster network is to have" % (_mtu.MINIMUM, ground.mtu)
        found.append(Problem(where, "target_mtu", mtu, rule, "leave it out for that MTU"))
    return found


def _network(where: str, text: str) -> Tuple[Optional[ipaddress.IPv4Network], Optional[Problem]]:
    try:
        net = ipaddress.IPv4Network(text)
    except ValueError:
        remedy = "give the network in CIDR form, as 192.168.100.0/24"
        return None, Problem(where, "subnet", text, "is no IPv4 network", remedy)
    if not 8 <= net.prefixlen <= 30:
        return None, Problem(where, "subnet", text, "the prefix length must be 8 to 30", "give the subnet of the VLAN")
    return net, None


def _address(text: Any) -> Optional[ipaddress.IPv4Address]:
    try:
        return ipaddress.IPv4Address(str(text))
    except ValueError:
        return None
