# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node lives by, and whether it answers: on the loopback device, with a name server of the test's own."""

from __future__ import annotations

import pathlib
import socket
import sys
import threading

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common import _pause
from ansible_collections.harvester.network.plugins.module_utils.probe import _reach
from ansible_collections.harvester.network.plugins.module_utils.probe._reach import Target


def test_gateways_and_name_servers_are_found(tmp_path: pathlib.Path) -> None:
    gateway = "%08X" % int.from_bytes(socket.inet_aton("192.0.2.1"), sys.byteorder)
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "proc/net/route").write_text(
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU\n"
        f"eth0 00000000 {gateway} 0003 0 0 0 00000000 0\n"
        f"eth1 00000000 {gateway} 0003 0 0 9 00000000 0\n"
        f"eth0 0000000A {gateway} 0003 0 0 0 000000FF 0\n"
        "eth0 00000000 00000000 0001 0 0 0 00000000 0\n"
    )
    (tmp_path / "etc/resolv.conf").write_text(
        "search x\nnameserver 192.0.2.53\nnameserver 127.0.0.53\nnameserver x\n#nameserver 192.0.2.54\n"
    )
    assert [target.name for target in _reach.discover(str(tmp_path))] == [
        "gateway 192.0.2.1",
        "name server 192.0.2.53",
    ]
    assert _reach.discover(str(tmp_path / "none")) == ()


def test_a_connection_is_made_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (found,) = _reach.reach([Target("x", "tcp", "127.0.0.1", port)], 1.0)
        assert (found["reached"], found["why"]) == (True, "")
    (found,) = _reach.reach([Target("x", "tcp", "127.0.0.1", port)], 0.05)
    assert (found["reached"], found["why"]) == (False, "Connection refused")


def test_any_answer_of_a_name_server_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            query, peer = server.recvfrom(512)
            # Refused, as a server does that is not meant for the asker.
            server.sendto(query[:2] + b"\x81\x05" + query[4:], peer)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        monkeypatch.setattr(_reach, "DNS_PORT", server.getsockname()[1])
        (found,) = _reach.reach([Target("x", "dns", "127.0.0.1")], 5.0)
        thread.join(5)
    assert found["reached"], found


def test_what_is_reached_at_the_second_look_was_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["no answer", ""]
    monkeypatch.setattr(_pause, "_pauses", [])
    monkeypatch.setattr(_pause.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(_reach, "reach", lambda _targets, _timeout: [{"name": "gateway", "why": answers.pop(0)}])
    assert _reach.missing([]) == []
    assert _pause.slept() == _reach.PAUSE
