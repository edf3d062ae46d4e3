# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ARP frames, and the questions over sockets of which the other end is the test's."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.probe import _arp
from ansible_collections.harvester.network.plugins.module_utils.probe._arp import REPLY, REQUEST, Claim, Packet

OWN = bytes.fromhex("020000000001")
OTHER = bytes.fromhex("525400aa0011")
ADDRESS = "198.18.0.1"


@pytest.fixture
def wire() -> Iterator[tuple[Claim, socket.socket]]:
    """A claim and the far end of its socket."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    near.setblocking(False)
    with near, far:
        yield Claim("v18", ADDRESS, OWN, near), far


def test_a_probe_is_the_frame_of_the_rfc(wire: tuple[Claim, socket.socket]) -> None:
    assert _arp.probe(wire[0]).hex(" ", 1) == (
        "ff ff ff ff ff ff 02 00 00 00 00 01 08 06"
        " 00 01 08 00 06 04 00 01 02 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 c6 12 00 01"
    )


def test_an_announcement_has_the_address_twice(wire: tuple[Claim, socket.socket]) -> None:
    assert _arp.parse(_arp.announcement(wire[0])) == Packet(REQUEST, OWN, ADDRESS, ADDRESS)


MACS = st.binary(min_size=6, max_size=6)
ADDRESSES = st.ip_addresses(v=4).map(str)


@given(st.sampled_from([REQUEST, REPLY]), MACS, ADDRESSES, ADDRESSES)
def test_a_frame_reads_as_what_it_was_built_of(operation: int, mac: bytes, sender: str, target: str) -> None:
    packet = Packet(operation, mac, sender, target)
    assert _arp.parse(_arp.build(packet)) == packet
    assert _arp.parse(_arp.build(packet) + b"\0" * 18) == packet, "padding of a short frame"


@given(st.binary(max_size=80))
def test_any_frame_can_be_read(frame: bytes) -> None:
    _arp.parse(frame)


FRAMES = [
    ("reply", Packet(REPLY, OTHER, ADDRESS, "0.0.0.0"), "52:54:00:aa:00:11"),
    ("announcement of another", Packet(REQUEST, OTHER, ADDRESS, ADDRESS), "52:54:00:aa:00:11"),
    ("question of the owner", Packet(REQUEST, OTHER, ADDRESS, "198.18.0.9"), "52:54:00:aa:00:11"),
    ("probe of another for it", Packet(REQUEST, OTHER, "0.0.0.0", ADDRESS), "52:54:00:aa:00:11"),
    ("own probe come back", Packet(REQUEST, OWN, "0.0.0.0", ADDRESS), None),
    ("somebody looking for it", Packet(REQUEST, OTHER, "198.18.0.9", ADDRESS), None),
    ("probe for another address", Packet(REQUEST, OTHER, "0.0.0.0", "198.18.0.2"), None),
    ("reply about another address", Packet(REPLY, OTHER, "198.18.0.2", "0.0.0.0"), None),
]


@pytest.mark.parametrize(("packet", "user"), [row[1:] for row in FRAMES], ids=[row[0] for row in FRAMES])
def test_who_has_an_address(packet: Packet, user: str | None, wire: tuple[Claim, socket.socket]) -> None:
    assert _arp.user(_arp.build(packet), wire[0]) == user


UGLY = [
    b"",
    _arp.build(Packet(REPLY, OTHER, ADDRESS, ADDRESS))[:-1],
    _arp.build(Packet(REPLY, OTHER, ADDRESS, ADDRESS)).replace(b"\x08\x06\x00\x01", b"\x08\x00\x00\x01"),
    _arp.build(Packet(REPLY, OTHER, ADDRESS, ADDRESS)).replace(
        b"\x00\x01\x08\x00\x06\x04", b"\x00\x06\x08\x00\x06\x04"
    ),
]


@pytest.mark.parametrize("frame", UGLY)
def test_what_is_no_arp_of_ipv4_over_ethernet_is_passed_over(frame: bytes, wire: tuple[Claim, socket.socket]) -> None:
    assert _arp.user(frame, wire[0]) is None


class Clock:
    """Time that passes by itself, at every look."""

    def __init__(self, step: float = 0.2) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def sent(far: socket.socket) -> list[Packet | None]:
    far.setblocking(False)
    found = []
    while True:
        try:
            found.append(_arp.parse(far.recv(2048)))
        except BlockingIOError:
            return found


def test_silence_takes_three_probes(wire: tuple[Claim, socket.socket]) -> None:
    claim, far = wire
    assert _arp.find_users([claim], Clock()) == {}
    assert sent(far) == [Packet(REQUEST, OWN, "0.0.0.0", ADDRESS)] * 3


def test_an_answer_is_found_among_other_frames(wire: tuple[Claim, socket.socket]) -> None:
    claim, far = wire
    far.send(b"\x33" * 60)
    far.send(_arp.build(Packet(REQUEST, OTHER, "198.18.0.9", ADDRESS)))
    far.send(_arp.build(Packet(REPLY, OTHER, ADDRESS, "0.0.0.0")))
    assert _arp.find_users([claim], Clock(0.01)) == {"v18": "52:54:00:aa:00:11"}
    assert len(sent(far)) == 1, "whoever is known is not asked again"


def test_no_claims_take_no_time() -> None:
    assert _arp.find_users([]) == {}


def test_a_socket_that_fails_is_named(wire: tuple[Claim, socket.socket]) -> None:
    claim, far = wire
    far.close()
    with pytest.raises(NetworkError, match=r"^endpoint 'v18': sending ARP failed: Connection refused$"):
        _arp.find_users([claim])
