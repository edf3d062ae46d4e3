# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address conflict detection (RFC 5227): frames, and the questions asked of several networks at once.

This module util is private to the collection. The sockets are packet sockets of the caller's, one per endpoint.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import struct
import time
from typing import Callable, Dict, NamedTuple, Optional, Sequence

from ..common._errors import NetworkError

ETHERTYPE = 0x0806
REQUEST, REPLY = 1, 2
PROBES = 3
GAP = 0.4
"""Seconds between two probes; RFC 5227 has 1 to 2, for hosts that wait for nothing."""
LAST = 0.7
"""Seconds in which the last probe may be answered."""
LONGEST = (PROBES - 1) * GAP + LAST

_BROADCAST = b"\xff" * 6
_NOBODY = b"\0" * 6
_ETHERNET = struct.Struct("!6s6sH")
_ARP = struct.Struct("!HHBBH6s4s6s4s")
_FIXED = (1, 0x0800, 6, 4)


class Packet(NamedTuple):
    """An ARP packet. MACs as bytes, addresses as text."""

    operation: int
    sender_mac: bytes
    sender: str
    target: str


class Claim(NamedTuple):
    """An address that an endpoint shall have: its key, the MAC of its device and a packet socket there."""

    key: str
    address: str
    mac: bytes
    socket: socket.socket


def build(packet: Packet, source: Optional[bytes] = None) -> bytes:
    """The broadcast frame of a packet."""
    head = _ETHERNET.pack(_BROADCAST, source or packet.sender_mac, ETHERTYPE)
    sender, target = ipaddress.IPv4Address(packet.sender).packed, ipaddress.IPv4Address(packet.target).packed
    return head + _ARP.pack(*_FIXED, packet.operation, packet.sender_mac, sender, _NOBODY, target)


def parse(frame: bytes) -> Optional[Packet]:
    """The ARP packet of a frame; None when it is none of IPv4 over Ethernet."""
    if len(frame) < _ETHERNET.size + _ARP.size or _ETHERNET.unpack_from(frame)[2] != ETHERTYPE:
        return None
    *fixed, operation, mac, sender, _target_mac, target = _ARP.unpack_from(frame, _ETHERNET.size)
    if tuple(fixed) != _FIXED:
        return None
    return Packet(operation, mac, str(ipaddress.IPv4Address(sender)), str(ipaddress.IPv4Address(target)))


def probe(claim: Claim) -> bytes:
    """Who has this address? Asked without an address, so that no cache learns one."""
    return build(Packet(REQUEST, claim.mac, "0.0.0.0", claim.address))


def announcement(claim: Claim) -> bytes:
    """This address is here: bridges and switches learn the port, hosts forget an older MAC."""
    return build(Packet(REQUEST, claim.mac, claim.address, claim.address))


def user(frame: bytes, claim: Claim) -> Optional[str]:
    """The MAC that has the claimed address, or probes for it at the same moment; None for any other frame."""
    packet = parse(frame)
    if packet is None or packet.sender_mac == claim.mac:
        return None
    has = packet.sender == claim.address
    wants = packet.operation == REQUEST and packet.sender == "0.0.0.0" and packet.target == claim.address
    return ":".join("%02x" % byte for byte in packet.sender_mac) if has or wants else None


def find_users(claims: Sequence[Claim], clock: Callable[[], float] = time.monotonic) -> Dict[str, str]:
    """Who has the claimed addresses already: key to MAC. Takes LONGEST seconds, however many claims there are.

    Raises NetworkError when a frame cannot be sent.
    """
    found: Dict[str, str] = {}
    open_claims = {claim.socket.fileno(): claim for claim in claims}
    poll = select.poll()
    for descriptor in open_claims:
        poll.register(descriptor, select.POLLIN)
    start = clock()
    for number in range(PROBES):
        for claim in open_claims.values():
            send(claim, probe(claim))
        end = start + (LONGEST if number == PROBES - 1 else (number + 1) * GAP)
        while open_claims and clock() < end:
            for descriptor, _event in poll.poll(max(1, int((end - clock()) * 1000))):
                claim = open_claims[descriptor]
                mac = user(_receive(claim), claim)
                if mac:
                    found[claim.key] = mac
                    poll.unregister(descriptor)
                    del open_claims[descriptor]
    return found


def send(claim: Claim, frame: bytes) -> None:
    try:
        claim.socket.send(frame)
    except OSError as error:
        raise NetworkError("endpoint '%s': sending ARP failed: %s" % (claim.key, error.strerror)) from None


def _receive(claim: Claim) -> bytes:
    try:
        return claim.socket.recv(2048)
    except BlockingIOError:
        return b""
    except OSError as error:
        raise NetworkError("endpoint '%s': receiving ARP failed: %s" % (claim.key, error.strerror)) from None
