# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ICMP packets: exact sizes out, and only what belongs to the run in."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from path_net import NONCE, packet

from ansible_collections.harvester.network.plugins.module_utils.probe import _icmp
from ansible_collections.harvester.network.plugins.module_utils.probe._icmp import (
    Reply,
    Report,
    Request,
    parse,
    request,
)

NUMBERS = st.integers(0, 65535)


@given(ident=NUMBERS, seq=NUMBERS, size=st.integers(36, 2000))
def test_a_request_has_the_size_and_comes_back_as_what_it_was(ident: int, seq: int, size: int) -> None:
    message = request(ident, seq, NONCE, size)
    assert len(message) == size - _icmp.IP_HEADER
    assert parse(packet(message, "10.0.0.1", "10.0.0.2"), NONCE) == Request(ident, seq)
    reply = packet(b"\0" + message[1:], "10.0.0.2", "10.0.0.1")
    assert parse(reply[: _icmp.SNIPPET], NONCE) == Reply(ident, seq, "10.0.0.2", size)


@given(data=st.binary(max_size=64))
def test_the_checksum_of_data_with_its_checksum_is_zero(data: bytes) -> None:
    data += b"\0" * (len(data) % 2)
    assert _icmp.checksum(data + _icmp.checksum(data)) == b"\0\0"


def test_the_checksum_is_that_of_the_rfc() -> None:
    # RFC 1071, chapter 3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
    assert _icmp.checksum(bytes.fromhex("0001f203f4f5f6f7")) == bytes.fromhex("220d")


def test_a_packet_of_9000_and_of_65535_bytes() -> None:
    for size in (9000, 65535):
        assert len(request(1, 1, NONCE, size)) == size - 20


MESSAGE = request(7, 9, NONCE, 100)
QUOTED = packet(MESSAGE, "10.0.0.1", "10.0.0.2")


def unreachable(kind: int, code: int, mtu: int, quoted: bytes) -> bytes:
    return packet(bytes([kind, code, 0, 0, 0, 0]) + struct.pack("!H", mtu) + quoted, "10.9.9.9", "10.0.0.1")


@pytest.mark.parametrize("length", [28, 30, 36, 100])
def test_a_report_is_read_however_much_it_quotes(length: int) -> None:
    found = parse(unreachable(3, 4, 1400, QUOTED[:length]), NONCE)
    assert found == Report(7, 9, "10.0.0.2", "10.9.9.9", "fragmentation needed", True, 1400)


@pytest.mark.parametrize(
    ("kind", "code", "word"),
    [
        (3, 0, "network unreachable"),
        (3, 1, "host unreachable"),
        (3, 13, "communication prohibited"),
        (11, 0, "time to live exceeded"),
        (3, 77, "type 3 code 77"),
    ],
)
def test_other_reports_have_no_mtu(kind: int, code: int, word: str) -> None:
    found = parse(unreachable(kind, code, 1234, QUOTED), NONCE)
    assert found == Report(7, 9, "10.0.0.2", "10.9.9.9", word, False, 0)


OTHERS = {
    "another nonce": packet(b"\0" + request(7, 9, b"another!", 100)[1:], "10.0.0.2", "10.0.0.1"),
    "no payload": packet(b"\0" + MESSAGE[1:8], "10.0.0.2", "10.0.0.1"),
    "half a nonce": packet(b"\0" + MESSAGE[1:12], "10.0.0.2", "10.0.0.1"),
    "code of no echo": packet(b"\0\1" + MESSAGE[2:], "10.0.0.2", "10.0.0.1"),
    "a timestamp": packet(b"\x0e" + MESSAGE[1:], "10.0.0.2", "10.0.0.1"),
    "UDP": QUOTED[:9] + b"\x11" + QUOTED[10:],
    "IPv6": b"\x60" + QUOTED[1:],
    "a header that is too short": b"\x44" + QUOTED[1:],
    "a header longer than the packet": b"\x4f" + QUOTED[1:40],
    "a later fragment": packet(b"\0" + MESSAGE[1:], "10.0.0.2", "10.0.0.1", 185),
    "nothing": b"",
    "a stump": QUOTED[:27],
    "a report about UDP": unreachable(3, 4, 1400, QUOTED[:9] + b"\x11" + QUOTED[10:]),
    "a report about a reply": unreachable(3, 4, 1400, packet(b"\0" + MESSAGE[1:], "10.0.0.1", "10.0.0.2")),
    "a report about another's echo": unreachable(
        3, 1, 0, packet(request(7, 9, b"another!", 100), "10.0.0.1", "10.0.0.2")
    ),
    "a report with a stump": unreachable(3, 4, 1400, QUOTED[:27]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_for_this_run_is_passed_over(name: str) -> None:
    assert parse(OTHERS[name], NONCE) is None


@given(st.binary(max_size=120))
def test_nothing_that_arrives_breaks_the_reader(data: bytes) -> None:
    parse(data, NONCE)
    parse(b"\x45" + data, NONCE)


def test_a_header_with_options_is_passed() -> None:
    whole = packet(b"\0" + MESSAGE[1:], "10.0.0.2", "10.0.0.1")
    longer = b"\x46" + whole[1:20] + b"\1\1\1\0" + whole[20:]
    assert parse(longer, NONCE) == Reply(7, 9, "10.0.0.2", 100)
