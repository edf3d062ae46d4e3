# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lives on a node beside its profiles: looked at before and after a change, and pinged through it.

The bystanders are made at boot by the image's unit lab-bystanders. What a caller asks for (VLAN ids added, an MTU
raised) is no bystander and not compared here.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from . import layout
from .host import LabError
from .node import Node

LOOK = "; printf ','; ".join(
    [
        "printf '['; bridge -j vlan show",
        "ip -j -d link show",
        "ip -j address show",
        "ip -j -4 route show table all",
        "ip -n vm1 -j address show dev eth0",
        "ip -n vm1 -j -4 route show; printf ']'",
    ]
)
BYSTANDERS = ("vethvm1", f"mgmt-br.{layout.HNC_VLAN}", "flannel.1")
"""Links that are no profile's."""
CARRIERS = ("mgmt-bo", "mgmt-br", f"mgmt-br.{layout.PRIMARY_VLAN}")
"""Links of profiles, on which bystanders live: made anew or with another MAC, they take the bystanders along."""
FOREIGN_IDS = {"mgmt-bo": (layout.VM_VLAN, layout.HNC_VLAN), "mgmt-br": (layout.HNC_VLAN,)}
"""VLAN ids on links of profiles that no profile has."""
FOREIGN_ROUTE = "192.0.2.0/24"


def capture(node: Node) -> dict[str, Any]:
    """The node's bystanders as they are, by names that a reader understands."""
    return read(node.json(LOOK))


def read(looked: list[Any]) -> dict[str, Any]:
    """The same from the parsed output of `LOOK`."""
    vlans, links, addresses, routes, vm_links, vm_routes = looked
    found: dict[str, Any] = {}
    for link in links:
        name = link["ifname"]
        if name in BYSTANDERS:
            found[f"link {name}"] = {
                **{key: link.get(key) for key in ("ifindex", "address", "mtu", "master", "operstate")},
                "up": "UP" in link["flags"],
                "over": link.get("link") or link.get("linkinfo", {}).get("info_data", {}).get("link"),
            }
        elif name in CARRIERS:
            found[f"link {name}"] = {key: link.get(key) for key in ("ifindex", "address", "master", "operstate")}
    for table in vlans:
        entries = _by_id(table["vlans"])
        if table["ifname"] in BYSTANDERS:
            found[f"VLANs of {table['ifname']}"] = entries
        for vid in FOREIGN_IDS.get(table["ifname"], ()):
            if vid in entries:
                found[f"VLAN {vid} on {table['ifname']}"] = entries[vid]
        pvid = [vid for vid, flags in entries.items() if "PVID" in flags]
        if table["ifname"] in FOREIGN_IDS:
            found[f"PVID of {table['ifname']}"] = pvid
    for link in addresses:
        for entry in link["addr_info"]:
            if entry["family"] == "inet" and (entry["prefixlen"] == 32 or link["ifname"] in BYSTANDERS):
                found[f"address {entry['local']}/{entry['prefixlen']}"] = link["ifname"]
    for route in routes:
        if route["dst"] == FOREIGN_ROUTE or (route.get("dev") in BYSTANDERS and route.get("type") != "broadcast"):
            found[f"route {route['dst']} {route.get('table', 'main')}"] = {
                key: route.get(key) for key in ("gateway", "dev", "protocol", "metric", "prefsrc")
            }
    for link in vm_links:
        inside = [f"{entry['local']}/{entry['prefixlen']}" for entry in link["addr_info"] if entry["family"] == "inet"]
        state = {key: link.get(key) for key in ("ifindex", "address", "mtu", "operstate")}
        found["NIC of vm1"] = {**state, "addresses": inside}
    found["routes of vm1"] = sorted(route["dst"] for route in vm_routes)
    return found


def _by_id(entries: list[dict[str, Any]]) -> dict[int, list[str]]:
    """VLAN id to its flags, ranges spread out."""
    return {
        vid: sorted(entry.get("flags", []))
        for entry in entries
        for vid in range(entry["vlan"], entry.get("vlanEnd", entry["vlan"]) + 1)
    }


def connect_pods(nodes: list[Node]) -> None:
    """What flannel adds to its device for every other node: where its packets go, and a route to its pods."""
    at = {}
    for node in nodes:
        (link,) = node.json("ip -j address show dev flannel.1")
        (address,) = [item["local"] for item in link["addr_info"] if item["family"] == "inet"]
        at[node.name] = (address, link["address"], node.spec.mgmt_address)
    for node in nodes:
        for address, mac, outside in (there for name, there in at.items() if name != node.name):
            node.run(f"ip neigh replace {address} lladdr {mac} dev flannel.1 nud permanent")
            node.run(f"bridge fdb replace {mac} dev flannel.1 dst {outside}")
            node.run(f"ip route replace {address}/24 dev flannel.1 onlink via {address}")


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What happened to the bystanders between two captures, a line each; empty when nothing did."""
    return [
        f"{name}: before {before.get(name, 'not there')}, after {after.get(name, 'not there')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


INTERVAL = 0.2
"""Seconds between two pings."""


@dataclass(frozen=True)
class PingResult:
    """``longest_gap``: seconds of the longest run of pings without an answer."""

    sent: int
    received: int
    longest_gap: float = 0.0

    @property
    def lost(self) -> int:
        return self.sent - self.received

    def __str__(self) -> str:
        return f"{self.received} of {self.sent}" + (f", longest gap {self.longest_gap:.1f} s" if self.lost else "")


def parse_ping(text: str, alive_at_end: bool) -> PingResult:
    """The result of ping's output. Pings on their way when it was ended are not lost if the target answers after it.

    Raises LabError when the output has no statistics.
    """
    found = re.search(r"(\d+) packets transmitted, (\d+) received", text)
    if not found:
        raise LabError(f"ping said: {text.strip()[-500:] or 'nothing'}")
    sent = int(found[1])
    answered = {int(number) for number in re.findall(r"bytes from .*icmp_seq=(\d+)", text)}
    last = max(answered, default=0)
    if alive_at_end and (sent - last) * INTERVAL <= 1:
        sent = last
    lost = [number for number in range(1, sent + 1) if number not in answered]
    runs = itertools.groupby(enumerate(lost), key=lambda pair: pair[1] - pair[0])
    longest = max((len(list(run)) for _, run in runs), default=0)
    return PingResult(sent, len(answered), longest * INTERVAL)


class VmPing:
    """Pings from one node to another while something changes: between their 'VMs' and between the nodes themselves.

    They run in units of the node, so they go on when ssh is cut. After the context: ``vm`` and ``node`` have the
    results, ``lost`` is the sum of both.
    """

    _numbers = itertools.count(1)

    def __init__(self, source: Node, target: Node) -> None:
        self.source = source
        number = next(self._numbers)
        self.commands = {
            f"lab-ping-{number}-vm": f"ip netns exec vm1 ping -n {target.spec.vm_address}",
            f"lab-ping-{number}-node": f"ping -n {target.spec.mgmt_address}",
        }
        self.vm = self.node = PingResult(0, 0)

    @property
    def lost(self) -> int:
        return self.vm.lost + self.node.lost

    def __str__(self) -> str:
        return f"VM {self.vm}; node {self.node}"

    __repr__ = __str__

    def __enter__(self) -> VmPing:
        self.source.run(
            "; ".join(
                f"systemctl stop {unit} 2>/dev/null; systemd-run --quiet --collect --unit={unit} -p KillSignal=SIGINT "
                f"-p StandardOutput=truncate:/run/{unit}.log {command} -i {INTERVAL}"
                for unit, command in self.commands.items()
            )
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.source.run(["systemctl", "stop", *self.commands], check=False)
        results = []
        for unit, command in self.commands.items():
            again = self.source.run(f"{command} -q -c 1 -W 3 >/dev/null", check=False)
            text = self.source.output(f"cat /run/{unit}.log; rm -f /run/{unit}.log")
            if kind is None:
                results.append(parse_ping(text, alive_at_end=again.returncode == 0))
        if results:
            self.vm, self.node = results
