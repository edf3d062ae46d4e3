# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints as asked for: names, addresses, rules that need no node. This module util is private to the collection."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import Problem, ValidationError

BRIDGE = "mgmt-br"
INNER = "eth0"
"""The device of an endpoint inside its namespace, as in a VM."""
MEASURING = "198.18.0.0/15"
"""Reserved for measurements (RFC 2544, RFC 6890): no network of a site uses it."""
LIFETIME = (30, 86400)
SMALLEST_MTU = 576

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_KEY = re.compile(r"[a-z0-9-]{1,20}")
# What the program that removes takes for a device; Harvester's own names are within it.
_DEVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,14}")
_NOT_WITH_DEVICE = ("vlan_id", "address", "mtu", "uplink", "routes")


class Route(NamedTuple):
    """A route inside the namespace."""

    to: str
    via: str


class Wanted(NamedTuple):
    """One endpoint. With ``device`` nothing is made; else bridge, vlan_id, address and prefix are set.

    mtu: bytes, None for the bridge's own.
    """

    key: str
    device: Optional[str] = None
    bridge: str = BRIDGE
    vlan_id: int = 0
    address: str = ""
    prefix: int = 0
    mtu: Optional[int] = None
    uplink: Optional[str] = None
    routes: Tuple[Route, ...] = ()

    @property
    def where(self) -> str:
        return "endpoint '%s'" % self.key

    @property
    def cidr(self) -> str:
        return "%s/%d" % (self.address, self.prefix)

    @property
    def network(self) -> ipaddress.IPv4Network:
        return ipaddress.IPv4Network(self.cidr, strict=False)

    def plain(self) -> Dict[str, Any]:
        """JSON-clean, for the record."""
        return dict(self._asdict(), routes=[route._asdict() for route in self.routes])


def namespace_of(name: str, key: str) -> str:
    return "hnprobe-%s-%s" % (name, key)


def veth_of(name: str, key: str) -> str:
    """The host end of an endpoint's veth pair. A name ends at the first '/', which no name has."""
    return "hnp" + hashlib.sha256(("%s/%s" % (name, key)).encode()).hexdigest()[:8]


def mac_of(veth: str) -> str:
    """The MAC of a host end: told from its name, and high, since a bridge takes the lowest of its ports' over."""
    digits = veth[len("hnp") :]
    return "fe:ff:" + ":".join(digits[index : index + 2] for index in range(0, 8, 2))


def parse(name: str, lifetime: int, items: Sequence[Mapping[str, Any]]) -> Tuple[Wanted, ...]:
    """The endpoints asked for, sorted by key. Raises ValidationError with everything that is wrong."""
    problems: List[Problem] = check_name(name)
    low, high = LIFETIME
    if not low <= lifetime <= high:
        problems.append(Problem("probe '%s'" % name, "lifetime", lifetime, "must be %d to %d seconds" % (low, high)))
    if not items:
        problems.append(Problem("probe '%s'" % name, "endpoints", None, "is empty", "name at least one endpoint"))
    found = [_endpoint(item, problems) for item in items]
    problems += _doubles(found)
    if problems:
        raise ValidationError(problems)
    return tuple(sorted(found))


def check_name(name: str) -> List[Problem]:
    if _NAME.fullmatch(name):
        return []
    rule = "must be 1 to 31 of the characters a-z, 0-9 and '-', and not begin with '-'"
    return [Problem("probe '%s'" % name, "name", name, rule)]


def _endpoint(item: Mapping[str, Any], problems: List[Problem]) -> Wanted:
    key = str(item["key"])
    where = "endpoint '%s'" % key
    if not _KEY.fullmatch(key):
        problems.append(Problem(where, "key", key, "must be 1 to 20 of the characters a-z, 0-9 and '-'"))
    given = {name: value for name, value in item.items() if value is not None}
    bridge = str(given.get("bridge", BRIDGE))
    if "device" in given:
        mixed = [name for name in _NOT_WITH_DEVICE if name in given] + (["bridge"] if bridge != BRIDGE else [])
        if mixed:
            problems.append(
                Problem(
                    where,
                    "device",
                    given["device"],
                    "excludes %s: the address of that device is used as it is and nothing is made" % ", ".join(mixed),
                    "give device alone, or bridge, vlan_id and address",
                )
            )
        return Wanted(key, device=str(given["device"]))
    for name in ("vlan_id", "address"):
        if name not in given:
            problems.append(Problem(where, name, None, "is missing", "give vlan_id and address, or only device"))
    vlan_id = int(given.get("vlan_id", 1))
    if not 1 <= vlan_id <= 4094:
        problems.append(Problem(where, "vlan_id", vlan_id, "must be 1 to 4094, where 1 means untagged"))
    for name, device in (("bridge", bridge), ("uplink", given.get("uplink"))):
        if device is not None and not _DEVICE.fullmatch(device):
            problems.append(Problem(where, name, device, "is no device name of letters, digits, '.', '_' and '-'"))
    mtu = given.get("mtu")
    if mtu is not None and mtu < SMALLEST_MTU:
        problems.append(Problem(where, "mtu", mtu, "must be at least %d bytes" % SMALLEST_MTU))
    address, prefix = _address(where, given.get("address"), problems)
    wanted = Wanted(key, None, bridge, vlan_id, address, prefix, mtu, given.get("uplink"))
    return wanted._replace(routes=_routes(wanted, given.get("routes", ()), problems))


def _address(where: str, text: Optional[str], problems: List[Problem]) -> Tuple[str, int]:
    """Address and prefix length; of a wrong one something that keeps the other checks going."""
    if text is None:
        return "", 0
    rule = ""
    try:
        if "/" not in text:
            raise ValueError
        found = ipaddress.IPv4Interface(text)
    except ValueError:
        example = "give one as 198.18.0.1/24"
        problems.append(Problem(where, "address", text, "is no IPv4 address with a prefix length", example))
        return "", 0
    if not 8 <= found.network.prefixlen <= 31:
        rule = "the prefix length must be 8 to 31"
    elif found.network.prefixlen < 31 and found.ip == found.network.network_address:
        rule = "is the address of the network %s itself" % found.network
    elif found.network.prefixlen < 31 and found.ip == found.network.broadcast_address:
        rule = "is the broadcast address of %s" % found.network
    elif _no_host(found.ip):
        rule = "is no address that a host can have"
    if rule:
        problems.append(Problem(where, "address", text, rule, "choose a host's address, for example 198.18.0.1/24"))
        return "", 0
    return str(found.ip), found.network.prefixlen


def _no_host(address: ipaddress.IPv4Address) -> bool:
    return address.is_multicast or address.is_loopback or address.is_reserved or int(address) >> 24 == 0


def _routes(wanted: Wanted, items: Sequence[Mapping[str, Any]], problems: List[Problem]) -> Tuple[Route, ...]:
    found: List[Route] = []
    for item in items:
        option = "routes"
        text = "%s via %s" % (item["to"], item["via"])
        try:
            to = ipaddress.IPv4Network(item["to"])
        except ValueError:
            example = "give one as 198.19.0.0/24"
            problems.append(Problem(wanted.where, option, text, "'%s' is no IPv4 network" % item["to"], example))
            continue
        try:
            via = ipaddress.IPv4Address(item["via"])
        except ValueError:
            problems.append(Problem(wanted.where, option, text, "'%s' is no IPv4 address" % item["via"]))
            continue
        if wanted.address and via not in wanted.network:
            rule = "%s is not in %s, the network of the endpoint" % (via, wanted.network)
            problems.append(Problem(wanted.where, option, text, rule))
        elif str(via) == wanted.address:
            problems.append(Problem(wanted.where, option, text, "%s is the endpoint's own address" % via))
        if str(to) in [route.to for route in found]:
            problems.append(Problem(wanted.where, option, text, "%s is given twice" % to))
        found.append(Route(str(to), str(via)))
    return tuple(sorted(found))


def _doubles(found: Sequence[Wanted]) -> List[Problem]:
    problems = []
    keys: Dict[str, int] = {}
    # Every endpoint has a namespace of its own, so only on one and the same VLAN do two of an address clash.
    addresses: Dict[Tuple[str, int, str], str] = {}
    for wanted in found:
        keys[wanted.key] = keys.get(wanted.key, 0) + 1
        if keys[wanted.key] == 2:
            problems.append(Problem(wanted.where, "key", wanted.key, "is given twice", "every endpoint needs its own"))
        place = (wanted.bridge, wanted.vlan_id, wanted.address)
        first = addresses.setdefault(place, wanted.key) if wanted.address else wanted.key
        if first != wanted.key:
            rule = "endpoint '%s' has the same address on the same VLAN" % first
            problems.append(Problem(wanted.where, "address", wanted.cidr, rule, "every endpoint needs its own"))
    return problems
