# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a change of the active port: tell the switch where the VMs are. This module util is private to the collection.

The bonding driver announces the node's own addresses only. A switch that saw no link go down keeps sending to the old
port what is for a VM that is silent, until the VM sends something. So each MAC address that the bridge has learned on
its other ports is announced by a RARP broadcast in its VLAN, as hypervisors do after a migration (RFC 903).
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

Run = Callable[[Sequence[str], str], Tuple[int, str, str]]

BROADCAST = b"\xff" * 6
RARP, DOT1Q = 0x8035, 0x8100
UNTAGGED = 1
"""Harvester's bridges carry VLAN 1 untagged."""


class Guest(NamedTuple):
    mac: str
    vlan: int


def learned(text: str, bond: str) -> List[Guest]:
    """From ``bridge -j fdb show br <bridge>``: what lives on other ports than the bond, each once."""
    found: List[Guest] = []
    for entry in json.loads(text or "[]"):
        if entry.get("ifname") == bond or entry.get("state") == "permanent" or not entry.get("mac"):
            continue
        guest = Guest(str(entry["mac"]), int(entry.get("vlan", UNTAGGED)))
        if guest not in found:
            found.append(guest)
    return found


def frame(guest: Guest) -> bytes:
    """The announcement as it leaves by the bond; it asks nothing of anybody."""
    mac = bytes.fromhex(guest.mac.replace(":", ""))
    tag = b"" if guest.vlan == UNTAGGED else struct.pack("!HH", DOT1Q, guest.vlan)
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 3) + mac + bytes(4) + mac + bytes(4)
    return (BROADCAST + mac + tag + struct.pack("!H", RARP) + body).ljust(60, b"\0")


class Announcer:
    """Announces the guests of a bond's bridge."""

    def __init__(self, run: Run, root: str = "/", opened: Optional[Callable[[str], Any]] = None) -> None:
        self._run = run
        self._net = os.path.join(root, "sys/class/net")
        self._open = opened or _packet_socket

    def __call__(self, bond: str) -> int:
        """How many were announced. A bond that is no port of a bridge has none, and a failure only costs time."""
        bridge = os.path.basename(os.path.realpath(os.path.join(self._net, bond, "master")))
        if not os.path.isdir(os.path.join(self._net, bridge, "bridge")):
            return 0
        status, output, _errors = self._run(["bridge", "-j", "fdb", "show", "br", bridge], "")
        try:
            guests = learned(output, bond) if status == 0 else []
            if guests:
                with self._open(bond) as link:
                    for guest in guests:
                        link.send(frame(guest))
        except (OSError, ValueError):
            return 0
        return len(guests)


def _packet_socket(device: str) -> socket.socket:
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.bind((device, 0))
    return link
