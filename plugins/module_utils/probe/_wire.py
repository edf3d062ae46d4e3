# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Raw sockets, the only part of the path probes that sends. This module util is private to the collection.

IP_PMTUDISC_PROBE (ip(7)) sets "don't fragment" and lets the size of a packet be judged by the device's MTU alone: what
the kernel remembers of a path, or is told by a route, does not count.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
import time
from typing import Dict, List, NamedTuple, Tuple

from ..common._errors import NetworkError
from ._icmp import SNIPPET, TYPES

NAMESPACES = "/run/netns"

# Not in Python's socket module (linux/in.h, linux/icmp.h, asm-generic/socket.h, linux/sockios.h, linux/if_packet.h).
_IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE = 10, 3
_IP_RECVFRAGSIZE = 25
_SOL_RAW, _ICMP_FILTER = 255, 1
_SO_ATTACH_FILTER, _SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 26, 32, 33
_SIOCGIFMTU = 0x8921
_ETH_P_ALL = 3

_BUFFER = 8 << 20
"""Bytes: replies of many peers come at the same moment, and the usual buffer holds a dozen jumbo frames."""
_TURN = 64
"""Packets read from one socket before the others get their turn."""

BUSY = (errno.EAGAIN, errno.ENOBUFS)
"""The device's queue is full; the packet may be sent a moment later."""


class Line(NamedTuple):
    """Where packets are sent: network namespace, device, source address; empty for the node's own and the kernel's."""

    namespace: str = ""
    device: str = ""
    source: str = ""


class Arrival(NamedTuple):
    """A packet that came, or with ``port`` one that was seen on its way out of that device.

    fragment: bytes of the largest fragment in which it came, 0 when it came whole. at: in seconds of Wire.now().
    """

    packet: bytes
    at: float
    fragment: int = 0
    port: str = ""


class LineError(NetworkError):
    """A line that cannot be opened. option: the one that is to blame, "" for none."""

    def __init__(self, option: str, rule: str, remedy: str) -> None:
        self.option, self.rule, self.remedy = option, rule, remedy
        super().__init__("%s; %s" % (rule, remedy))


class Wire:
    """Sends and receives for all lines. Sockets are opened by need and closed together."""

    def __init__(self) -> None:
        self._sockets: Dict[Line, socket.socket] = {}
        self._taps: Dict[str, socket.socket] = {}
        self._poll = select.poll()
        self._watched: Dict[int, Tuple[socket.socket, str]] = {}

    def now(self) -> float:
        return time.monotonic()

    def open(self, line: Line) -> None:
        """Open a line once. Raises LineError for a namespace, device or source that is not there."""
        if line in self._sockets:
            return
        found = self._raw(line.namespace)
        try:
            _prepare(found, line)
        except LineError:
            found.close()
            raise
        self._sockets[line] = found
        self._watch(found, "")

    def device_mtu(self, line: Line, device: str) -> int:
        """Bytes; 0 when the line's namespace has no such device."""
        request = struct.pack("16s16x", device.encode())
        try:
            answer = fcntl.ioctl(self._sockets[line], _SIOCGIFMTU, request)
        except OSError:
            return 0
        return int(struct.unpack_from("i", answer, 16)[0])

    def send(self, line: Line, peer: str, message: bytes) -> int:
        """Send without waiting; 0, or the errno."""
        try:
            self._sockets[line].sendto(message, (peer, 0))
        except OSError as error:
            return error.errno or errno.EIO
        return 0

    def tap(self, port: str) -> None:
        """Watch from now on which requests leave by a device of the node's own namespace. Raises OSError."""
        found = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, 0)
        try:
            found.setblocking(False)
            found.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
            _only_outgoing_icmp(found)
            found.bind((port, _ETH_P_ALL))
        except OSError:
            found.close()
            raise
        self._taps[port] = found
        self._watch(found, port)

    def untap(self) -> None:
        """Stop watching."""
        for found in self._taps.values():
            self._poll.unregister(found)
            del self._watched[found.fileno()]
            found.close()
        self._taps.clear()

    def wait(self, seconds: float) -> List[Arrival]:
        """What came, waiting at most so long for the first of it."""
        # Rounded up: a wait that is too short by a fraction would turn the caller's loop into a busy one.
        ready = self._poll.poll(int(max(0.0, seconds) * 1000 + 0.999))
        arrivals: List[Arrival] = []
        for number, _event in ready:
            found, port = self._watched[number]
            arrivals += _read_tap(found, port) if port else _read(found)
        return arrivals

    def close(self) -> None:
        self.untap()
        for found in self._sockets.values():
            found.close()
        self._sockets.clear()
        self._watched.clear()

    def _watch(self, found: socket.socket, port: str) -> None:
        self._watched[found.fileno()] = (found, port)
        self._poll.register(found, select.POLLIN)

    @staticmethod
    def _raw(namespace: str) -> socket.socket:
        try:
            if not namespace:
                return socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.IPPROTO_ICMP)
            path = os.path.join(NAMESPACES, namespace)
            if not os.path.exists(path):
                raise LineError(
                    "namespace", "there is no such network namespace in %s" % NAMESPACES, "'ip netns' lists them"
                )
            from ._inside import inside  # needs ctypes, and modules start on every node in every task

            with inside(path):
                return socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.IPPROTO_ICMP)
        except PermissionError:
            raise LineError("", "raw sockets need root", "run the task with become: true") from None


def _prepare(found: socket.socket, line: Line) -> None:
    found.setblocking(False)
    found.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_PROBE)
    found.setsockopt(socket.IPPROTO_IP, _IP_RECVFRAGSIZE, 1)
    found.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("I", 0xFFFFFFFF & ~sum(1 << kind for kind in TYPES)))
    for option in (_SO_RCVBUFFORCE, _SO_SNDBUFFORCE):
        found.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
    try:
        if line.device:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, line.device.encode() + b"\0")
    except OSError:
        raise LineError("device", "there is no such device", "'ip link' lists them") from None
    try:
        if line.source:
            found.bind((line.source, 0))
    except OSError:
        raise LineError("source", "no device has this address", "'ip address' lists them") from None


def _read(found: socket.socket) -> List[Arrival]:
    arrivals: List[Arrival] = []
    while len(arrivals) < _TURN:
        try:
            packet, extra, _flags, _peer = found.recvmsg(SNIPPET, 64)
        except OSError:
            break
        fragment = 0
        for level, kind, data in extra:
            if (level, kind) == (socket.IPPROTO_IP, _IP_RECVFRAGSIZE) and len(data) >= 4:
                fragment = int(struct.unpack_from("i", data)[0])
        arrivals.append(Arrival(packet, time.monotonic(), fragment))
    return arrivals


def _read_tap(found: socket.socket, port: str) -> List[Arrival]:
    arrivals: List[Arrival] = []
    while len(arrivals) < _TURN:
        try:
            packet = found.recv(SNIPPET)
        except OSError:
            break
        # A VLAN tag that the NIC does not insert itself stands in front of the IP header.
        tagged = packet[2:4] == b"\x08\x00" and packet[0] >> 4 != 4
        arrivals.append(Arrival(packet[4:] if tagged else packet, time.monotonic(), 0, port))
    return arrivals


# Classic BPF (linux/filter.h): code, jump if true, jump if false, constant.
_LOAD_BYTE, _LOAD_HALF, _AND, _EQUAL, _RETURN = 0x30, 0x28, 0x54, 0x15, 0x06
_PACKET_TYPE = 0xFFFFF000 + 4
_OUTGOING = 4
_FILTER = (
    (_LOAD_BYTE, 0, 0, _PACKET_TYPE),
    (_EQUAL, 0, 10, _OUTGOING),
    (_LOAD_BYTE, 0, 0, 0),
    (_AND, 0, 0, 0xF0),
    (_EQUAL, 0, 2, 0x40),  # IPv4 without a tag in front
    (_LOAD_BYTE, 0, 0, 9),
    (_EQUAL, 4, 5, 1),
    (_LOAD_HALF, 0, 0, 2),
    (_EQUAL, 0, 3, 0x0800),  # a tag, then IPv4
    (_LOAD_BYTE, 0, 0, 13),
    (_EQUAL, 0, 1, 1),
    (_RETURN, 0, 0, SNIPPET),
    (_RETURN, 0, 0, 0),
)


def _only_outgoing_icmp(found: socket.socket) -> None:
    """A bond may carry a node's whole traffic: the kernel picks out what this process looks at."""
    import ctypes  # needed for bonds that spread only

    program = b"".join(struct.pack("HBBI", *step) for step in _FILTER)
    memory = ctypes.create_string_buffer(program, len(program))
    found.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_FILTER), ctypes.addressof(memory)))
