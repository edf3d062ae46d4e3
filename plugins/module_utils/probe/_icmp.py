# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ICMP echo packets of an exact size, and what comes back. This module util is private to the collection.

Sizes are bytes of the whole IP packet, as an MTU counts them (RFC 791, RFC 792; the next hop's MTU: RFC 1191).
"""

from __future__ import annotations

import array
import socket
import struct
import sys
from typing import NamedTuple, Optional, Union

IP_HEADER = 20
HEADERS = IP_HEADER + 8
"""Bytes of an IP header without options and of an ICMP header."""
NONCE = 8
"""Bytes at the start of the payload by which a reply is known to belong to this run."""
LONGEST = 65535
SNIPPET = 192
"""Bytes of a received packet that are looked at: enough for two IP headers with options, two ICMP headers, a nonce."""

_REPLY, _UNREACHABLE, _ECHO, _EXCEEDED = 0, 3, 8, 11
_FRAGMENTATION_NEEDED = 4
_PROTOCOL = 1
_MESSAGE = struct.Struct("!BBHHH")
_WORDS = {
    (_UNREACHABLE, 0): "network unreachable",
    (_UNREACHABLE, 1): "host unreachable",
    (_UNREACHABLE, 9): "network prohibited",
    (_UNREACHABLE, 10): "host prohibited",
    (_UNREACHABLE, 13): "communication prohibited",
    (_EXCEEDED, 0): "time to live exceeded",
}
TYPES = (_REPLY, _UNREACHABLE, _EXCEEDED)
"""ICMP types that a prober wants to see."""


class Reply(NamedTuple):
    """An echo reply. size: bytes of the IP packet, put together again if it came in fragments."""

    ident: int
    seq: int
    source: str
    size: int


class Request(NamedTuple):
    """An echo request, seen on its way out."""

    ident: int
    seq: int


class Report(NamedTuple):
    """A router or host says that an echo request was not delivered.

    peer: where the request was bound for. mtu: bytes, only with "fragmentation needed" and 0 when the reporter does not
    say (as routers older than RFC 1191). word: what was said.
    """

    ident: int
    seq: int
    peer: str
    reporter: str
    word: str
    too_big: bool
    mtu: int


Message = Union[Reply, Request, Report]


def checksum(data: bytes) -> bytes:
    """The Internet checksum (RFC 1071) in the order of the wire."""
    words = array.array("H", data + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    # The sum of native words has the bytes in native order, whatever that is (RFC 1071, 2 B).
    return (~total & 0xFFFF).to_bytes(2, sys.byteorder)


def request(ident: int, seq: int, nonce: bytes, size: int) -> bytes:
    """The ICMP message that makes an IP packet of ``size`` bytes."""
    payload = nonce + b"\0" * (size - HEADERS - len(nonce))
    head = _MESSAGE.pack(_ECHO, 0, 0, ident, seq)
    return head[:2] + checksum(head + payload) + head[4:] + payload


def parse(packet: bytes, nonce: bytes) -> Optional[Message]:
    """What an IP packet (or its first SNIPPET bytes) says to the run with that nonce; None when it is not for it."""
    start = _icmp_at(packet)
    if start is None:
        return None
    kind, code, _sum, ident, seq = _MESSAGE.unpack_from(packet, start)
    body = packet[start + _MESSAGE.size :]
    if kind in (_REPLY, _ECHO):
        if code != 0 or body[: len(nonce)] != nonce:
            return None
        if kind == _ECHO:
            return Request(ident, seq)
        return Reply(ident, seq, _address(packet, 12), int.from_bytes(packet[2:4], "big"))
    if kind in (_UNREACHABLE, _EXCEEDED):
        # The second half of the ICMP header holds the next hop's MTU.
        return _report(kind, code, seq, _address(packet, 12), body, nonce)
    return None


def _report(kind: int, code: int, mtu: int, reporter: str, quoted: bytes, nonce: bytes) -> Optional[Report]:
    start = _icmp_at(quoted)
    if start is None:
        return None
    inner, _code, _sum, ident, seq = _MESSAGE.unpack_from(quoted, start)
    # Reporters must quote 8 bytes behind the IP header and may quote more: then the nonce is there to compare.
    rest = quoted[start + _MESSAGE.size :][: len(nonce)]
    if inner != _ECHO or not nonce.startswith(rest):
        return None
    too_big = (kind, code) == (_UNREACHABLE, _FRAGMENTATION_NEEDED)
    word = "fragmentation needed" if too_big else _WORDS.get((kind, code), "type %d code %d" % (kind, code))
    return Report(ident, seq, _address(quoted, 16), reporter, word, too_big, mtu if too_big else 0)


def _icmp_at(packet: bytes) -> Optional[int]:
    """Where the ICMP header of an IPv4 packet begins; None when it holds no ICMP, or no whole ICMP header."""
    if len(packet) < IP_HEADER or packet[0] >> 4 != 4 or packet[9] != _PROTOCOL:
        return None
    length = (packet[0] & 15) * 4
    if length < IP_HEADER or len(packet) < length + _MESSAGE.size or int.from_bytes(packet[6:8], "big") & 0x1FFF:
        return None
    return length


def _address(packet: bytes, offset: int) -> str:
    return socket.inet_ntoa(packet[offset : offset + 4])
