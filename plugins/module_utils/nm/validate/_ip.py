# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules for addresses, gateways, name servers and routes. This module util is private to the collection.

Syntax by the standard library's ipaddress; methods and what they exclude by nm-settings-nmcli(5).
"""

from __future__ import annotations

import ipaddress
from typing import Any, Dict, List, Tuple

from ...common._names import suggest
from .._profile import BRIDGE, VLAN, Profile
from ._context import Context

METHODS = {
    "ipv4": ("auto", "manual", "disabled", "link-local"),
    "ipv6": ("auto", "manual", "disabled", "ignore", "link-local", "dhcp"),
}
WITHOUT_ADDRESSES = ("disabled", "ignore", "link-local")
CLASSES: Dict[str, Tuple[Any, Any, Any]] = {
    "ipv4": (ipaddress.IPv4Address, ipaddress.IPv4Interface, ipaddress.IPv4Network),
    "ipv6": (ipaddress.IPv6Address, ipaddress.IPv6Interface, ipaddress.IPv6Network),
}
METRIC_MAX = 4294967295


def check(context: Context) -> None:
    for profile in context.changing:
        for family in ("ipv4", "ipv6"):
            _method(context, profile, family)
            interfaces = _addresses(context, profile, family)
            _gateway(context, profile, family, interfaces)
            _dns(context, profile, family)
            _routes(context, profile, family)
            _metric(context, profile, family)
        _unasked_dhcp(context, profile)
    _doubles(context)


def _title(family: str) -> str:
    return {"ipv4": "IPv4", "ipv6": "IPv6"}[family]


def _method(context: Context, profile: Profile, family: str) -> None:
    option = family + ".method"
    method, addresses = profile.get(option), profile.get(family + ".addresses") or []
    if profile.get("controller") and (addresses or method in ("manual", "dhcp")):
        context.refuse(
            profile,
            family + ".addresses" if addresses else option,
            "a port has no addresses of its own; NetworkManager ignores them",
            "give them to %s, or to a VLAN on it" % profile.get("controller"),
        )
        return
    if method is None:
        return
    if method == "shared":
        context.refuse(
            profile,
            option,
            "would start a DHCP server and NAT on the node",
            "give %s" % ", ".join(METHODS[family]),
        )
    elif method not in METHODS[family]:
        remedy = suggest(method, METHODS[family]) or "known are %s" % ", ".join(METHODS[family])
        context.refuse(profile, option, "unknown method", remedy)
    elif method == "manual" and not addresses:
        context.refuse(profile, option, "needs addresses", "give %s.addresses" % family)
    elif method in WITHOUT_ADDRESSES and addresses:
        context.refuse(
            profile,
            family + ".addresses",
            "%s.method=%s takes no addresses" % (family, method),
            "set the method to manual, or unset the addresses (null)",
        )


def _unasked_dhcp(context: Context, profile: Profile) -> None:
    """NetworkManager runs DHCP on a new device for which nobody said otherwise."""
    if profile.id in context.before or profile.get("controller") or profile.type not in (BRIDGE, VLAN):
        return
    if profile.get("ipv4.method") is None and profile.get("ipv6.method") is None:
        context.warn(
            profile,
            "ipv4.method",
            "not given, so NetworkManager asks for an address by DHCP and may take a second default route from there",
            "say disabled (ipv6.method too) for a device that only carries VMs, or auto when this is meant",
        )


def _addresses(context: Context, profile: Profile, family: str) -> List[Any]:
    option = family + ".addresses"
    found: List[Any] = []
    for text in profile.get(option) or []:
        interface = _interface(context, profile, option, family, text)
        if interface is None:
            continue
        if interface.ip in [other.ip for other in found]:
            context.refuse(profile, option, "%s is given twice" % interface.ip)
        found.append(interface)
    return found


def _interface(context: Context, profile: Profile, option: str, family: str, text: str) -> Any:
    """The address with its network, or None after an objection."""
    if "/" not in text:
        length = 24 if family == "ipv4" else 64
        context.refuse(profile, option, "'%s' has no prefix length" % text, "write it as %s/%d" % (text, length))
        return None
    try:
        interface = CLASSES[family][1](_with_length(text))
    except ValueError:
        context.refuse(profile, option, "'%s' is no %s address with a prefix length" % (text, _title(family)))
        return None
    wrong = _no_host(interface)
    if wrong:
        context.refuse(profile, option, "%s is %s, not an address for a device" % (interface.ip, wrong))
        return None
    return interface


def _with_length(text: str) -> str:
    """The text; ValueError for a netmask, which ipaddress takes and NetworkManager does not."""
    length = text.rpartition("/")[2]
    if not (length.isascii() and length.isdigit()):
        raise ValueError(text)
    return text


def _no_host(interface: Any) -> str:
    ip, network = interface.ip, interface.network
    if ip.is_multicast:
        return "a multicast address"
    if ip.is_unspecified:
        return "the unspecified address"
    if ip.is_loopback:
        return "a loopback address"
    if network.max_prefixlen - network.prefixlen > 1 and ip.version == 4:
        if ip == network.network_address:
            return "the address of the network %s itself" % network
        if ip == network.broadcast_address:
            return "the broadcast address of %s" % network
    return ""


def _gateway(context: Context, profile: Profile, family: str, interfaces: List[Any]) -> None:
    option = family + ".gateway"
    text = profile.get(option)
    if text is None:
        return
    try:
        gateway = CLASSES[family][0](text)
    except ValueError:
        context.refuse(profile, option, "is no %s address" % _title(family))
        return
    if not profile.get(family + ".addresses"):
        context.refuse(
            profile,
            option,
            "needs %s.addresses" % family,
            "give them, or unset the gateway (null): DHCP brings its own",
        )
    elif gateway in [interface.ip for interface in interfaces]:
        context.refuse(profile, option, "is the device's own address", "give the router's")
    elif interfaces and not gateway.is_link_local and not any(gateway in item.network for item in interfaces):
        context.warn(
            profile,
            option,
            "%s lies in none of the networks of its addresses (%s)"
            % (gateway, ", ".join(str(item.network) for item in interfaces)),
            "check address and prefix length",
        )


def _dns(context: Context, profile: Profile, family: str) -> None:
    option = family + ".dns"
    for text in profile.get(option) or []:
        # NetworkManager also takes address#name and URIs (dns+tls://...).
        if "://" in text:
            continue
        try:
            CLASSES[family][0](text.partition("#")[0])
        except ValueError:
            context.refuse(profile, option, "'%s' is no %s address" % (text, _title(family)))


def _routes(context: Context, profile: Profile, family: str) -> None:
    option = family + ".routes"
    seen: List[Tuple[Any, ...]] = []
    for text in profile.get(option) or []:
        route = _route(context, profile, option, family, text)
        if route is None:
            continue
        if route in seen:
            context.refuse(profile, option, "'%s' is given twice" % text)
        seen.append(route)


def _route(context: Context, profile: Profile, option: str, family: str, text: str) -> Any:
    """(destination, next hop, metric), or None after an objection."""
    address, _interface, network = CLASSES[family]
    words = text.split()
    if not 1 <= len(words) <= 3 or "/" not in words[0]:
        context.refuse(profile, option, "'%s' is no route" % text, "write 'destination/length [next-hop [metric]]'")
        return None
    try:
        destination = network(_with_length(words[0]), strict=False)
    except ValueError:
        context.refuse(profile, option, "'%s' in '%s' is no %s network" % (words[0], text, _title(family)))
        return None
    if CLASSES[family][1](words[0]).ip != destination.network_address:
        context.refuse(profile, option, "%s has bits set behind the prefix" % words[0], "write %s" % destination)
        return None
    hop = None
    if len(words) > 1:
        try:
            hop = address(words[1])
        except ValueError:
            context.refuse(
                profile, option, "the next hop '%s' in '%s' is no %s address" % (words[1], text, _title(family))
            )
            return None
    metric = words[2] if len(words) > 2 else "0"
    if not (metric.isascii() and metric.isdigit() and int(metric) <= METRIC_MAX):
        context.refuse(profile, option, "the metric '%s' in '%s' is not within 0..%d" % (metric, text, METRIC_MAX))
        return None
    return destination, hop, int(metric)


def _metric(context: Context, profile: Profile, family: str) -> None:
    metric = profile.get(family + ".route_metric")
    if metric is not None and not -1 <= metric <= METRIC_MAX:
        context.refuse(
            profile, family + ".route_metric", "must be within 0..%d, or -1 for NetworkManager's choice" % METRIC_MAX
        )


def _doubles(context: Context) -> None:
    """No two profiles of a node have the same address."""
    seen: Dict[Any, Profile] = {}
    for profile in context.profiles.values():
        for family in ("ipv4", "ipv6"):
            for text in profile.get(family + ".addresses") or []:
                try:
                    ip = CLASSES[family][0](text.partition("/")[0])
                except ValueError:
                    continue
                other = seen.setdefault(ip, profile)
                if other is profile or not context.any_touched(profile, other):
                    continue
                judged, rest = (profile, other) if context.any_touched(profile) else (other, profile)
                context.refuse(
                    judged,
                    family + ".addresses",
                    "profile '%s' has the address %s too" % (rest.id, ip),
                    "an address belongs to one device; remove it from one of them",
                )
