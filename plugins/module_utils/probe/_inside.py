# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets inside a network namespace, without a process of its own there.

This module util is private to the collection. os.setns() is Python 3.12's; here the C library is called.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from typing import Iterator, NamedTuple, Optional

from ..common._errors import NetworkError

CLONE_NEWNET = 0x40000000
OWN = "/proc/thread-self/ns/net"
SIOCGIFADDR = 0x8915
SIOCGIFMTU = 0x8921


class Lost(Exception):
    """The way back into the own namespace failed: nothing may go on, since it would happen in the wrong one."""


class Inner(NamedTuple):
    """A device as it is inside; address is None when it has none."""

    address: Optional[str]
    mtu: int


@contextlib.contextmanager
def inside(path: str) -> Iterator[None]:
    """Sockets that are opened here belong to the namespace at that path. Raises NetworkError when it is none."""
    with contextlib.ExitStack() as stack:
        own = os.open(OWN, os.O_RDONLY | os.O_CLOEXEC)
        stack.callback(os.close, own)
        try:
            other = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise NetworkError("network namespace %s: %s" % (path, error.strerror)) from None
        stack.callback(os.close, other)
        wrong = _enter(other)
        if wrong:
            raise NetworkError("network namespace %s: %s" % (path, wrong))
        try:
            yield
        finally:
            wrong = _enter(own)
            if wrong:
                raise Lost("cannot return from network namespace %s: %s" % (path, wrong))


def _enter(descriptor: int) -> str:
    """Empty, or what went wrong."""
    library = ctypes.CDLL(None, use_errno=True)
    return os.strerror(ctypes.get_errno()) if library.setns(descriptor, CLONE_NEWNET) else ""


def packet_socket(path: str, device: str, ethertype: int) -> socket.socket:
    """A socket for whole frames of one ethertype on a device of a namespace."""
    with inside(path):
        found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ethertype))
        try:
            found.bind((device, ethertype))
            found.setblocking(False)
        except OSError as error:
            found.close()
            raise NetworkError("%s in network namespace %s: %s" % (device, path, error.strerror)) from None
    return found


def look(path: str, device: str) -> Optional[Inner]:
    """A device of a namespace; None when namespace or device are gone."""
    request = struct.pack("256s", device.encode())
    try:
        with inside(path), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            (mtu,) = struct.unpack_from("i", fcntl.ioctl(control, SIOCGIFMTU, request), 16)
            try:
                address = socket.inet_ntoa(fcntl.ioctl(control, SIOCGIFADDR, request)[20:24])
            except OSError:
                return Inner(None, mtu)
            return Inner(address, mtu)
    except (NetworkError, OSError):
        return None
