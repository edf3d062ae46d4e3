# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lives on a node besides its profiles: looked at before and after a change, and pinged through it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from lab.node import Guest

LOOK = (
    "printf '['; bridge -j vlan show; printf ','; ip -j -d link show; printf ','; ip -j address show; printf ',';"
    " ip -j route show table main; printf ','; ip -n vm1 -j address show dev eth0; printf ']'"
)
LINKS = ("vethvm1", "mgmt-br.2030", "flannel.1")
OWN = ("mgmt-bo", "mgmt-br")
VIDS = {"vethvm1": (100,), "mgmt-bo": (100, 2030), "mgmt-br": (2030,)}


def capture(guest: Guest) -> dict[str, Any]:
    """The bystanders of a node, keyed by what a reader would call them."""
    vlans, links, addresses, routes, inside = json.loads(guest.out(LOOK))
    found: dict[str, Any] = {}
    for link in links:
        name = link["ifname"]
        if name in LINKS:
            values = {key: link.get(key) for key in ("ifindex", "mtu", "address", "master")}
            found[f"link {name}"] = {**values, "state": link["operstate"]}
        if name in OWN:
            found[f"link {name}"] = {"ifindex": link["ifindex"], "address": link["address"], "state": link["operstate"]}
    for table in vlans:
        for entry in table["vlans"]:
            first, last = entry["vlan"], entry.get("vlanEnd", entry["vlan"])
            for vid in VIDS.get(table["ifname"], ()):
                if first <= vid <= last:
                    found[f"VLAN {vid} on {table['ifname']}"] = sorted(entry.get("flags", []))
            if table["ifname"] == "vethvm1" and "PVID" in entry.get("flags", []):
                found["PVID of vethvm1"] = first
    for device in addresses:
        for address in device["addr_info"]:
            text = f"{address['local']}/{address['prefixlen']}"
            if address["family"] == "inet" and (address["prefixlen"] == 32 or device["ifname"] in LINKS):
                found[f"address {text}"] = device["ifname"]
    for route in routes:
        if route["dst"] == "203.0.113.0/24":
            found["foreign route"] = {key: route.get(key) for key in ("gateway", "dev", "protocol")}
    found["inside the VM"] = [address["local"] for address in inside[0]["addr_info"] if address["family"] == "inet"]
    return found


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What a change did to the bystanders; empty when nothing."""
    return [
        f"{name}: before {before.get(name, 'not there')}, after {after.get(name, 'not there')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


@dataclass
class PingResult:
    sent: int
    received: int

    @property
    def lost(self) -> int:
        return self.sent - self.received


class Ping:
    """A ping that runs on the node while something changes, whatever becomes of ssh. inside: from within the 'VM'."""

    _count = 0

    def __init__(self, guest: Guest, target: str, *, inside: bool = False, options: str = "-i 0.2") -> None:
        Ping._count += 1
        self.guest = guest
        self.unit = f"lab-ping-{Ping._count}"
        prefix = "ip netns exec vm1 " if inside else ""
        self.command = f"{prefix}ping -n {options} {target}"
        self.result = PingResult(0, 0)

    def __enter__(self) -> Ping:
        log = f"/run/{self.unit}.log"
        self.guest.run(
            f"systemctl reset-failed {self.unit} 2>/dev/null;"
            f" systemd-run --quiet --collect --unit={self.unit} sh -c 'exec {self.command} > {log} 2>&1'"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        text = self.guest.out(
            f"systemctl kill -s INT {self.unit}; n=0; until grep -q 'packets transmitted' /run/{self.unit}.log;"
            f" do sleep 0.1; n=$((n+1)); [ $n -lt 100 ] || break; done; cat /run/{self.unit}.log; rm /run/{self.unit}.log"
        )
        match = re.search(r"(\d+) packets transmitted, (\d+) received", text)
        if match:
            self.result = PingResult(int(match.group(1)), int(match.group(2)))


def df_ping(guest: Guest, target: str, size: int, count: int = 2) -> bool:
    """Whether packets of this size in bytes (IP header included) pass without being fragmented."""
    done = guest.run(f"ping -n -q -M do -s {size - 28} -c {count} -i 0.2 -W 2 {target}", check=False)
    return done.returncode == 0
