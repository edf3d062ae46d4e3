# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's VLAN tag, put on and taken off in user space, because a small host kernel may lack 8021q.

Copies frames between two TAP devices: ``trunk`` is a port of the switch, ``access`` is the router's own interface. Only
the router's traffic passes here (DHCP, pings, ssh), never that between nodes. Run as
``python -m lab.tagger TRUNK ACCESS VID``; VID 0: untagged on both sides.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import sys

_TUNSETIFF = 0x400454CA
_IFF_TAP = 0x0002
_IFF_NO_PI = 0x1000
_TPID = b"\x81\x00"
_READ = 65536


def open_tap(name: str) -> int:
    """Attach to an existing TAP device."""
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TAP | _IFF_NO_PI))
    return handle


def untagged(frame: bytes, vid: int) -> bytes | None:
    """The frame as the router gets it from the switch, None for one of another VLAN."""
    tagged = frame[12:14] == _TPID
    if not vid:
        return None if tagged else frame
    if not tagged or int.from_bytes(frame[14:16], "big") & 0xFFF != vid:
        return None
    return frame[:12] + frame[16:]


def tagged(frame: bytes, vid: int) -> bytes:
    """The router's frame as the switch gets it."""
    return frame[:12] + _TPID + vid.to_bytes(2, "big") + frame[12:] if vid else frame


def main(trunk_name: str, access_name: str, vid: int) -> None:
    trunk, access = open_tap(trunk_name), open_tap(access_name)
    poll = select.poll()
    for handle in (trunk, access):
        poll.register(handle, select.POLLIN)
    while True:
        for handle, _event in poll.poll():
            try:
                frame = os.read(handle, _READ)
            except BlockingIOError:
                continue
            out = untagged(frame, vid) if handle == trunk else tagged(frame, vid)
            if out:
                # a device that is down, or a full queue: the frame is lost, as on a wire
                with contextlib.suppress(OSError):
                    os.write(access if handle == trunk else trunk, out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
