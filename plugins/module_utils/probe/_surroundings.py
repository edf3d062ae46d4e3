# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has where endpoints shall be: devices, VLAN tables, routes.

This module util is private to the collection.
"""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..common._errors import NetworkError, Problem
from ..common._names import near
from ._endpoint import MEASURING, Wanted, namespace_of, veth_of

Run = Callable[[Sequence[str], str], Tuple[int, str, str]]
"""Runs an argv with a text as its input: (exit status, output, errors)."""

WAY_OUT = "choose another subnet; %s is reserved for measurements" % MEASURING


class Device(NamedTuple):
    """A device of the kernel. Times in seconds; those of a bridge are 0 for other devices."""

    name: str
    kind: str
    mtu: int
    up: bool
    address: Optional[str] = None
    controller: Optional[str] = None
    filtering: bool = False
    default_pvid: int = 0
    stp: bool = False
    forward_delay: float = 0
    forwarding: bool = False


class Entry(NamedTuple):
    """A VLAN id on a port."""

    pvid: bool
    untagged: bool


class Way(NamedTuple):
    """A route of the node's main table."""

    to: ipaddress.IPv4Network
    device: str


class Node(NamedTuple):
    """vlans: by device and id. namespaces: names."""

    devices: Mapping[str, Device]
    vlans: Mapping[str, Mapping[int, Entry]]
    ways: Tuple[Way, ...]
    namespaces: FrozenSet[str]

    def holders(self, vid: int, bridge: str) -> List[str]:
        """Devices of a bridge, itself included, that have a VLAN id, sorted."""
        found = []
        for name, table in self.vlans.items():
            device = self.devices.get(name)
            if vid in table and device and bridge in (device.controller, name):
                found.append(name)
        return sorted(found)


def read(run: Run, namespaces: Iterable[str]) -> Node:
    """Three processes, however many devices there are. Raises NetworkError."""
    devices = parse_devices(ask(run, ["ip", "-j", "-d", "address", "show"]))
    filtering = any(device.filtering for device in devices.values())
    return Node(
        devices,
        parse_vlans(ask(run, ["bridge", "-j", "vlan", "show"])) if filtering else {},
        parse_ways(ask(run, ["ip", "-j", "-4", "route", "show", "table", "main"])),
        frozenset(namespaces),
    )


def read_ports(run: Run, bridge: str) -> Dict[str, Device]:
    return parse_devices(ask(run, ["ip", "-j", "-d", "link", "show", "master", bridge]))


def ask(run: Run, argv: Sequence[str]) -> Any:
    """The JSON that a program prints; nothing at all is an empty list."""
    status, output, errors = run(argv, "")
    if status != 0:
        raise NetworkError("%s: exit status %d (%s)" % (" ".join(argv), status, errors.strip() or "no message"))
    try:
        return json.loads(output) if output.strip() else []
    except ValueError:
        raise NetworkError("%s: no JSON: %s" % (" ".join(argv), output[:200].strip())) from None


def parse_devices(listed: Iterable[Mapping[str, Any]]) -> Dict[str, Device]:
    found = {}
    for item in listed:
        # iproute2 prints empty objects for what a filter left out.
        if not item.get("ifname"):
            continue
        info = item.get("linkinfo") or {}
        data = info.get("info_data") or {}
        addresses = [
            entry["local"]
            for entry in item.get("addr_info") or ()
            if entry.get("family") == "inet" and entry.get("scope") == "global" and entry.get("local")
        ]
        bridge = info.get("info_kind") == "bridge"
        found[item["ifname"]] = Device(
            name=item["ifname"],
            kind=info.get("info_kind") or item.get("link_type") or "",
            mtu=int(item.get("mtu", 0)),
            up="UP" in item.get("flags", ()),
            address=addresses[0] if addresses else None,
            controller=item.get("master"),
            filtering=bridge and bool(data.get("vlan_filtering")),
            default_pvid=int(data.get("vlan_default_pvid", 0)) if bridge else 0,
            stp=bridge and bool(data.get("stp_state")),
            forward_delay=float(data.get("forward_delay", 0)) / 100 if bridge else 0,
            forwarding=(info.get("info_slave_data") or {}).get("state") == "forwarding",
        )
    return found


def parse_vlans(listed: Iterable[Mapping[str, Any]]) -> Dict[str, Dict[int, Entry]]:
    found: Dict[str, Dict[int, Entry]] = {}
    for item in listed:
        table = found.setdefault(item.get("ifname", ""), {})
        for entry in item.get("vlans") or ():
            flags = entry.get("flags") or ()
            made = Entry("PVID" in flags, "Egress Untagged" in flags)
            for vid in range(int(entry["vlan"]), int(entry.get("vlanEnd", entry["vlan"])) + 1):
                table[vid] = made
    return found


def parse_ways(listed: Iterable[Mapping[str, Any]]) -> Tuple[Way, ...]:
    """Routes that say something about a subnet: a default route does not, nor its two halves of some VPNs."""
    found = []
    for item in listed:
        destination = item.get("dst", "default")
        to = ipaddress.IPv4Network("0.0.0.0/0" if destination == "default" else destination, strict=False)
        if to.prefixlen > 1:
            devices = [item.get("dev")] + [hop.get("dev") for hop in item.get("nexthops") or ()]
            found.append(Way(to, ", ".join(name for name in devices if name) or item.get("type", "no device")))
    return tuple(found)


def check(name: str, wanted: Sequence[Wanted], node: Node, ours: FrozenSet[str]) -> List[Problem]:
    """What stands against endpoints on this node. ours: names of devices and namespaces of this probe's record."""
    problems: List[Problem] = []
    for item in wanted:
        if item.device is not None:
            problems += _check_device(item, node)
        else:
            problems += _check_bridge(item, node) + _check_ways(item, node) + _check_names(name, item, node, ours)
    return problems


def _check_device(item: Wanted, node: Node) -> List[Problem]:
    device = node.devices.get(item.device or "")
    if device is None:
        return [_unknown(item, "device", item.device or "", node)]
    if device.address is None:
        remedy = "give the device one, or use bridge, vlan_id and address"
        return [Problem(item.where, "device", item.device, "has no IPv4 address", remedy)]
    return []


def _check_bridge(item: Wanted, node: Node) -> List[Problem]:
    bridge = node.devices.get(item.bridge)
    if bridge is None:
        return [_unknown(item, "bridge", item.bridge, node, "bridge")]
    if bridge.kind != "bridge":
        return [Problem(item.where, "bridge", item.bridge, "is no bridge but of kind '%s'" % bridge.kind)]
    problems = []
    if not bridge.up:
        problems.append(Problem(item.where, "bridge", item.bridge, "is down", "set it up first"))
    if item.vlan_id != 1 and not bridge.filtering:
        rule = "%s has no VLAN filtering, so all its ports are in one network" % item.bridge
        problems.append(Problem(item.where, "vlan_id", item.vlan_id, rule, "use vlan_id 1 (untagged) there"))
    if item.mtu is not None and item.mtu > bridge.mtu:
        rule = "is above the MTU of %s, %d bytes" % (item.bridge, bridge.mtu)
        problems.append(Problem(item.where, "mtu", item.mtu, rule, "raise that first, or leave mtu out"))
    if item.uplink is not None:
        problems += _check_uplink(item, bridge, node)
    return problems


def _check_uplink(item: Wanted, bridge: Device, node: Node) -> List[Problem]:
    uplink = node.devices.get(item.uplink or "")
    if uplink is None:
        return [_unknown(item, "uplink", item.uplink or "", node)]
    if uplink.controller != item.bridge:
        rule = "is no port of %s" % item.bridge
        if uplink.controller:
            rule += " but of %s" % uplink.controller
        ports = sorted(name for name, device in node.devices.items() if device.controller == item.bridge)
        return [Problem(item.where, "uplink", item.uplink, rule, "its ports are %s" % (", ".join(ports) or "none"))]
    if item.vlan_id == 1 and bridge.filtering and 1 not in node.vlans.get(uplink.name, {}):
        rule = (
            "VLAN id 1 is missing on %s, and a probe never adds it: a node can lose its network by that" % uplink.name
        )
        remedy = "put '1 pvid untagged' into the VLAN list of its profile"
        return [Problem(item.where, "vlan_id", item.vlan_id, rule, remedy)]
    return []


def _check_ways(item: Wanted, node: Node) -> List[Problem]:
    for way in node.ways:
        if way.to.overlaps(item.network):
            rule = "%s overlaps the node's route to %s (%s)" % (item.network, way.to, way.device)
            return [Problem(item.where, "address", item.cidr, rule, WAY_OUT)]
    return []


def _check_names(name: str, item: Wanted, node: Node, ours: FrozenSet[str]) -> List[Problem]:
    veth, namespace = veth_of(name, item.key), namespace_of(name, item.key)
    found = []
    if namespace in node.namespaces and namespace not in ours:
        found.append(("network namespace %s" % namespace, "ip netns del %s" % namespace))
    if veth in node.devices and veth not in ours:
        found.append(("device %s" % veth, "ip link del %s" % veth))
    return [
        Problem(
            item.where,
            "",
            None,
            "%s exists already, and no record of probe '%s' says that it was made by it" % (what, name),
            "use another name, or remove it with '%s'" % how,
        )
        for what, how in found
    ]


def _unknown(item: Wanted, option: str, value: str, node: Node, kind: Optional[str] = None) -> Problem:
    known = [name for name, device in node.devices.items() if kind is None or device.kind == kind]
    like = near(value, known)
    return Problem(item.where, option, value, "no such device", "like it: %s" % ", ".join(like) if like else "")
