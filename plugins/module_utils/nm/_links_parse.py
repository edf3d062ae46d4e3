# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the JSON text of ip(8) and bridge(8), iproute2 5.10 and later, to typed values.

Pure; this module util is private to the collection.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ..common._errors import NetworkError
from ._links_types import (
    INET,
    INET6,
    Address,
    BondPortState,
    BondState,
    BridgePortState,
    BridgeState,
    Link,
    NextHop,
    Route,
    Seconds,
    VlanEntry,
    VlanTable,
)

# Files below /sys/class/net/<bond>/bonding that show state; the others are options.
BOND_STATE_FILES = frozenset(
    (
        "active_slave",
        "ad_actor_key",
        "ad_aggregator",
        "ad_num_ports",
        "ad_partner_key",
        "ad_partner_mac",
        "mii_status",
        "queue_id",
        "slaves",
    )
)
_NO_MAC = "00:00:00:00:00:00"
_HUNDREDTHS = 100


def _load(text: str, command: str) -> List[Dict[str, Any]]:
    if not text.strip():
        return []  # iproute2 before 6.1 prints nothing at all for an empty list
    try:
        found = json.loads(text)
    except ValueError as error:
        raise NetworkError(
            "%s: the output is not JSON (%s); the node needs iproute2 5.10 or later" % (command, error)
        ) from error
    # Objects of families that were filtered away come out as {}.
    return [item for item in found if item]


def links(text: str) -> Dict[str, Link]:
    """Output of ``ip -j -d addr show``. Raises NetworkError when it is not JSON."""
    items = _load(text, "ip -j -d addr show")
    return {item["ifname"]: _link(item) for item in items}


def _link(item: Mapping[str, Any]) -> Link:
    info = item.get("linkinfo") or {}
    data = info.get("info_data") or {}
    kind = info.get("info_kind") or item.get("link_type", "")
    port_kind, port = info.get("info_slave_kind"), info.get("info_slave_data") or {}
    below = data.get("link") if kind == "vxlan" else item.get("link")
    mac = item.get("address", "") if item.get("link_type") in ("ether", "loopback") else ""
    return Link(
        name=item["ifname"],
        ifindex=item["ifindex"],
        kind=kind,
        mtu=item["mtu"],
        operstate=item.get("operstate", "unknown").lower(),
        mac=mac,
        up="UP" in item.get("flags", ()),
        controller=item.get("master"),
        parent=None if kind == "veth" else below,
        vlan_id=data.get("id") if kind == "vlan" else None,
        peer=below if kind == "veth" else None,
        peer_netns=item.get("link_netnsid"),
        permanent_mac=_permanent_mac(item, kind, port, mac),
        addresses=tuple(_addresses(item.get("addr_info", ()), item["ifname"])),
        bond=BondState(mode=data.get("mode", ""), active_port=data.get("active_slave")) if kind == "bond" else None,
        port=_bond_port(port) if port_kind == "bond" else None,
        bridge=_bridge(data) if kind == "bridge" else None,
        bridge_port=_bridge_port(port) if port_kind == "bridge" else None,
    )


def _permanent_mac(item: Mapping[str, Any], kind: str, port: Mapping[str, Any], mac: str) -> Optional[str]:
    """ip(8) shows it only where it differs from the address in use."""
    found = item.get("permaddr") or port.get("perm_hwaddr") or (mac if kind == "ether" else None)
    return found if found and found != _NO_MAC else None


def _addresses(items: Iterable[Mapping[str, Any]], device: str) -> Iterable[Address]:
    for item in items:
        if "local" not in item:
            continue
        label = item.get("label", "")
        yield Address(
            address=item["local"],
            prefix=item["prefixlen"],
            family=item["family"],
            scope=str(item.get("scope", "global")),
            label="" if label == device else label,
            peer=item.get("address", ""),
            broadcast=item.get("broadcast", ""),
            dynamic=bool(item.get("dynamic", False)),
            noprefixroute=bool(item.get("noprefixroute", False)),
            temporary=bool(item.get("temporary", False)),
            metric=int(item.get("metric", 0)),
            protocol=str(item.get("protocol", "")),
        )


def _bond_port(data: Mapping[str, Any]) -> BondPortState:
    return BondPortState(
        state=str(data.get("state", "")).lower(),
        mii_status=str(data.get("mii_status", "")).lower(),
        link_failures=int(data.get("link_failure_count", 0)),
        queue=int(data.get("queue_id", 0)),
        aggregator=data.get("ad_aggregator_id"),
    )


def _bridge(data: Mapping[str, Any]) -> BridgeState:
    return BridgeState(
        stp=bool(data.get("stp_state", 0)),
        forward_delay=_seconds(data.get("forward_delay", 1500)),
        hello_time=_seconds(data.get("hello_time", 200)),
        max_age=_seconds(data.get("max_age", 2000)),
        ageing_time=_seconds(data.get("ageing_time", 30000)),
        priority=int(data.get("priority", 32768)),
        multicast_snooping=bool(data.get("mcast_snooping", 1)),
        vlan_filtering=bool(data.get("vlan_filtering", 0)),
        vlan_default_pvid=int(data.get("vlan_default_pvid", 1)),
    )


def _seconds(hundredths: int) -> Seconds:
    whole, rest = divmod(hundredths, _HUNDREDTHS)
    return hundredths / float(_HUNDREDTHS) if rest else whole


def _bridge_port(data: Mapping[str, Any]) -> BridgePortState:
    return BridgePortState(
        state=str(data.get("state", "")).lower(),
        path_cost=int(data.get("cost", 0)),
        priority=int(data.get("priority", 32)),
    )


def with_bond_files(link: Link, files: Mapping[str, str]) -> Link:
    """The bond with what the files below its /sys/class/net/<bond>/bonding say (name to stripped text)."""
    state = link.bond or BondState()
    aggregator = files.get("ad_aggregator", "")
    partner = files.get("ad_partner_mac", "")
    mode = files.get("mode", "").split(" ")[0] or state.mode
    lacp = mode == "802.3ad"
    return link._replace(
        bond=BondState(
            mode=mode,
            options={name: text for name, text in sorted(files.items()) if name not in BOND_STATE_FILES},
            mii_status=files.get("mii_status", ""),
            active_port=files.get("active_slave") or state.active_port,
            aggregator=int(aggregator) if lacp and aggregator.isdigit() else None,
            partner_mac=partner if lacp and partner and partner != _NO_MAC else None,
            ports=tuple(files.get("slaves", "").split()),
        ),
    )


def routes(text: str) -> Tuple[Route, ...]:
    """Output of ``ip -j -d route show table all``: IPv4 and IPv6, without the table 'local' and cached routes."""
    found = []
    for item in _load(text, "ip -j -d route show table all"):
        if item.get("table") == "local" or "cached" in item.get("flags", ()) or "cloned" in item.get("flags", ()):
            continue
        found.append(_route(item))
    return tuple(found)


def _route(item: Mapping[str, Any]) -> Route:
    hops = tuple(
        NextHop(hop.get("dev", ""), _gateway(hop), int(hop.get("weight", 1)), "onlink" in hop.get("flags", ()))
        for hop in item.get("nexthops", ())
    )
    metrics: Dict[str, Any] = {}
    for part in item.get("metrics", ()):
        metrics.update(part)
    mtu = metrics.get("mtu", 0)
    return Route(
        dst=item["dst"],
        dev=item.get("dev", ""),
        gateway=_gateway(item),
        protocol=str(item.get("protocol", "boot")),
        metric=int(item.get("metric", 0)),
        table=str(item.get("table", "main")),
        scope=str(item.get("scope", "global")),
        src=item.get("prefsrc", ""),
        family=_family(item),
        type=item.get("type", "unicast"),
        mtu=int(mtu) if str(mtu).isdigit() else 0,
        onlink="onlink" in item.get("flags", ()),
        hops=hops,
    )


def _gateway(item: Mapping[str, Any]) -> str:
    """The next hop; one of the other family ("via inet6 ...") stands under 'via'."""
    via = item.get("via")
    return item.get("gateway") or (via.get("host", "") if via else "")


def _family(item: Mapping[str, Any]) -> str:
    """ip(8) does not say it; the router preference ('pref') is shown with every IPv6 route and with no other."""
    return INET6 if "pref" in item or ":" in item["dst"] else INET


def vlans(text: str) -> Dict[str, VlanTable]:
    """Output of ``bridge -j [-compressvlans] vlan show``: VLAN table by device, ids ascending."""
    found: Dict[str, VlanTable] = {}
    for item in _load(text, "bridge -j vlan show"):
        entries = []
        for span in item.get("vlans", ()):
            flags = span.get("flags", ())
            for vid in range(span["vlan"], span.get("vlanEnd", span["vlan"]) + 1):
                entries.append(VlanEntry(vid, "PVID" in flags, "Egress Untagged" in flags))
        found[item["ifname"]] = tuple(sorted(entries, key=lambda entry: entry.vid))
    return found
