# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What making endpoints takes: the plan, and the commands of it. This module util is private to the collection.

Commands go to ``ip -batch`` and ``bridge -batch``, so that sixteen endpoints are not a hundred processes.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Sequence, Tuple

from ..common._errors import NetworkError
from ._endpoint import INNER, Wanted, mac_of, namespace_of, veth_of
from ._record import Item
from ._surroundings import Node, Run

IP = ("ip", "-batch", "-")
BRIDGE = ("bridge", "-batch", "-")

_FAILED = re.compile(r"^Command failed .*:(\d+)\s*$", re.MULTILINE)


class Planned(NamedTuple):
    """An endpoint that is to be made.

    mtu: inside. pvid: the VLAN id that the bridge gives to new ports. forward_delay: seconds, 0 without STP.
    """

    wanted: Wanted
    namespace: str
    veth: str
    mtu: int
    bridge_mtu: int
    filtering: bool
    pvid: int
    forward_delay: float

    @property
    def where(self) -> str:
        return self.wanted.where


class Plan(NamedTuple):
    """endpoints: those that are made. uplinks: (id, uplink) to add. items: what to remove later, in that order.

    made: key to what is really new. An id that another probe added is in items only: whoever goes last removes it.
    """

    endpoints: Tuple[Planned, ...]
    uplinks: Tuple[Tuple[int, str], ...]
    items: Tuple[Item, ...]
    made: Dict[str, List[str]]


def plan(name: str, wanted: Sequence[Wanted], node: Node, shared: Sequence[Item], leaving: Sequence[Item] = ()) -> Plan:
    """shared: VLAN ids that other probes added. leaving: what of this probe is removed before this plan begins."""
    endpoints = []
    uplinks: List[Tuple[int, str]] = []
    veths: List[Item] = []
    namespaces: List[Item] = []
    vlans: List[Item] = []
    made: Dict[str, List[str]] = {item.key: [] for item in wanted}
    left = {(item.name, item.words[0]) for item in leaving if item.kind == "vlan"}
    for item in wanted:
        if item.device is not None:
            continue
        bridge = node.devices[item.bridge]
        namespace, veth = namespace_of(name, item.key), veth_of(name, item.key)
        endpoints.append(
            Planned(
                item,
                namespace,
                veth,
                item.mtu or bridge.mtu,
                bridge.mtu,
                bridge.filtering,
                bridge.default_pvid,
                bridge.forward_delay if bridge.stp else 0,
            )
        )
        veths.append(Item("veth", veth, (item.bridge,)))
        namespaces.append(Item("namespace", namespace))
        made[item.key] += [str(namespaces[-1]), str(veths[-1])]
        if item.uplink is None or not bridge.filtering or (item.vlan_id, item.uplink) in uplinks:
            continue
        vid, uplink = item.vlan_id, item.uplink
        others = [one for one in shared if (one.name, one.words[0]) == (str(vid), uplink)]
        if vid not in node.vlans.get(uplink, {}) or ((str(vid), uplink) in left and not others):
            had = [holder for holder in node.holders(vid, item.bridge) if holder != uplink]
            had = [holder for holder in had if not holder.startswith("hnp")]
            vlans.append(Item("vlan", str(vid), (uplink, item.bridge, *had)))
            uplinks.append((vid, uplink))
            made[item.key].append(str(vlans[-1]))
        elif others and others[0] not in vlans:
            vlans.append(others[0])
    return Plan(tuple(endpoints), tuple(uplinks), tuple(veths + namespaces + vlans), made)


def attach(endpoints: Sequence[Planned], ipv6: bool) -> List[str]:
    """Input of ``ip -batch``: namespaces and veth pairs, ports of their bridges, host ends still down.

    A host end has the bridge's MTU whatever the endpoint's is: the smallest MTU of a port can become the bridge's.
    """
    lines = []
    for item in endpoints:
        lines.append("netns add %s" % item.namespace)
        lines.append(
            "link add %s address %s mtu %d type veth peer name %s mtu %d netns %s"
            % (item.veth, mac_of(item.veth), item.bridge_mtu, INNER, item.mtu, item.namespace)
        )
        if ipv6:
            # A host end is a cable: it needs no address of its own.
            lines.append("link set dev %s addrgenmode none" % item.veth)
        lines.append("link set dev %s master %s" % (item.veth, item.wanted.bridge))
    return lines


def tables(endpoints: Sequence[Planned], uplinks: Sequence[Tuple[int, str]]) -> List[str]:
    """Input of ``bridge -batch``: VLAN ids of the host ends, then of the uplinks."""
    lines = []
    for item in endpoints:
        if item.filtering and item.pvid != item.wanted.vlan_id:
            lines.append("vlan add dev %s vid %d pvid untagged" % (item.veth, item.wanted.vlan_id))
            if item.pvid:
                lines.append("vlan del dev %s vid %d" % (item.veth, item.pvid))
    lines += ["vlan add dev %s vid %d" % (uplink, vid) for vid, uplink in uplinks]
    return lines


def raise_hosts(endpoints: Sequence[Planned]) -> List[str]:
    """Input of ``ip -batch``."""
    return ["link set dev %s up" % item.veth for item in endpoints]


def raise_inner(ipv6: bool) -> List[str]:
    """Input of ``ip -batch`` inside a namespace."""
    lines = ["link set dev lo up"]
    if ipv6:
        lines.append("link set dev %s addrgenmode none" % INNER)
    return lines + ["link set dev %s up" % INNER]


def address(wanted: Wanted) -> List[str]:
    """Input of ``ip -batch`` inside a namespace: the address, and routes."""
    return ["address add %s dev %s" % (wanted.cidr, INNER)] + [
        "route add %s via %s" % (route.to, route.via) for route in wanted.routes
    ]


def batch(run: Run, argv: Sequence[str], lines: Sequence[str]) -> None:
    """Run lines, if there are any. Raises NetworkError that names the line that failed and what was said."""
    if not lines:
        return
    status, output, errors = run(list(argv), "".join(line + "\n" for line in lines))
    if status == 0:
        return
    failed = _FAILED.search(errors)
    number = int(failed.group(1)) if failed else 0
    words = [word for word in argv if word not in ("-batch", "-")]
    if 0 < number <= len(lines):
        words.append(lines[number - 1])
    said = " ".join(_FAILED.sub("", errors or output).split())
    raise NetworkError("%s: exit status %d (%s)" % (" ".join(words), status, said or "no message"))
