# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network in memory with a clock of its own: no test that uses it waits."""

from __future__ import annotations

import errno
import heapq
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ansible_collections.harvester.network.plugins.module_utils.probe import _icmp
from ansible_collections.harvester.network.plugins.module_utils.probe._prober import Prober
from ansible_collections.harvester.network.plugins.module_utils.probe._wire import Arrival, Line

NONCE = b"n0nce-12"


def packet(message: bytes, source: str, target: str, fragment: int = 0) -> bytes:
    """An IP packet around an ICMP message."""
    size = _icmp.IP_HEADER + len(message)
    head = b"\x45\0" + size.to_bytes(2, "big") + b"\0\0" + fragment.to_bytes(2, "big") + b"\x40\x01\0\0"
    return head + socket.inet_aton(source) + socket.inet_aton(target) + message


@dataclass(frozen=True)
class Sent:
    """A probe on its way: number counts the tries of one size of one flow, from 1."""

    line: Line
    peer: str
    ident: int
    seq: int
    size: int
    number: int
    at: float
    message: bytes

    def reply(self, delay: float, fragment: int = 0, source: str = "", nonce: bytes = b"") -> tuple[float, Arrival]:
        message = b"\0" + self.message[1:]
        if nonce:
            message = message[:8] + nonce + message[16:]
        found = packet(message, source or self.peer, "10.0.0.1")
        return self.at + delay, Arrival(found[: _icmp.SNIPPET], self.at + delay, fragment)

    def report(self, delay: float, reporter: str, kind: int = 3, code: int = 4, mtu: int = 0) -> tuple[float, Arrival]:
        quoted = packet(self.message, "10.0.0.1", self.peer)[:64]
        message = bytes([kind, code, 0, 0, 0, 0]) + mtu.to_bytes(2, "big") + quoted
        return self.at + delay, Arrival(packet(message, reporter, "10.0.0.1"), self.at + delay)

    def seen(self, port: str) -> tuple[float, Arrival]:
        return self.at, Arrival(packet(self.message, "10.0.0.1", self.peer)[: _icmp.SNIPPET], self.at, 0, port)


Rule = Callable[[Sent], "Iterator[tuple[float, Arrival]] | int"]


@dataclass
class Net:
    """rules: what becomes of a probe, by peer; an int is the errno of sending. Peers without a rule are silent."""

    rules: dict[str, Rule] = field(default_factory=dict)
    clock: float = 1000.0
    sent: list[Sent] = field(default_factory=list)
    tapped: list[str] = field(default_factory=list)
    opened: list[Line] = field(default_factory=list)
    mtus: dict[str, int] = field(default_factory=dict)
    closed: bool = False
    _queue: list[tuple[float, int, Arrival]] = field(default_factory=list)

    def now(self) -> float:
        return self.clock

    def sleep(self, seconds: float) -> None:
        self.clock += seconds

    def open(self, line: Line) -> None:
        self.opened.append(line)

    def close(self) -> None:
        self.closed = True

    def tap(self, port: str) -> None:
        self.tapped.append(port)

    def device_mtu(self, _line: Line, device: str) -> int:
        return self.mtus.get(device, 0)

    def send(self, line: Line, peer: str, message: bytes) -> int:
        ident, seq = int.from_bytes(message[4:6], "big"), int.from_bytes(message[6:8], "big")
        size = len(message) + _icmp.IP_HEADER
        earlier = [item for item in self.sent if (item.ident, item.size) == (ident, size)]
        probe = Sent(line, peer, ident, seq, size, len(earlier) + 1, self.clock, message)
        rule = self.rules.get(peer)
        outcome = rule(probe) if rule else iter(())
        if isinstance(outcome, int):
            return outcome
        self.sent.append(probe)
        for at, arrival in outcome:
            heapq.heappush(self._queue, (at, len(self.sent), arrival))
        return 0

    def wait(self, seconds: float) -> list[Arrival]:
        end = self.clock + seconds
        if not self._queue or self._queue[0][0] > end:
            self.clock = end
            return []
        self.clock = max(self.clock, self._queue[0][0])
        found = []
        while self._queue and self._queue[0][0] <= self.clock:
            found.append(heapq.heappop(self._queue)[2])
        return found

    def prober(self, start: int = 1) -> Prober:
        return Prober(self, NONCE, start)

    def sizes(self, peer: str = "") -> list[int]:
        return [item.size for item in self.sent if item.peer == peer or not peer]


def path(
    mtu: int,
    device: int = 65535,
    rtt: float = 0.001,
    lost: Callable[[Sent], bool] = lambda _sent: False,
    router: str = "",
    router_mtu: int | None = None,
    back: int = 65535,
) -> Rule:
    """A path: what a peer's answers depend on.

    mtu: the largest that passes. device: MTU of the sender's. router: who reports what is larger (else a black hole).
    back: MTU of the way back, on which answers are fragmented.
    """

    def rule(sent: Sent) -> Iterator[tuple[float, Arrival]] | int:
        if sent.size > device:
            return errno.EMSGSIZE
        return deliver(sent)

    def deliver(sent: Sent) -> Iterator[tuple[float, Arrival]]:
        if lost(sent):
            return
        if sent.size <= mtu:
            yield sent.reply(rtt, back if sent.size > back else 0)
        elif router:
            yield sent.report(rtt, router, mtu=mtu if router_mtu is None else router_mtu)

    return rule
