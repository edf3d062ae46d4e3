# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends probes of many flows at once and notes what became of each. This module util is private to the collection.

One poll loop for all of them; what is sent, and what a result means, is decided elsewhere.
"""

from __future__ import annotations

import errno
import os
from typing import Dict, Iterable, List, NamedTuple, Optional, Protocol, Sequence, Set

from . import _icmp
from ._wire import BUSY, Arrival, Line

BURST = 16
"""Packets sent before arrivals are read again: neither side's buffers have to hold everything."""
BREATH = 0.005
"""Seconds until a packet is tried again for which the device had no room."""


class Carrier(Protocol):
    """What a prober needs of Wire."""

    def now(self) -> float: ...

    def send(self, line: Line, peer: str, message: bytes) -> int: ...

    def wait(self, seconds: float) -> List[Arrival]: ...


class Flow(NamedTuple):
    """Packets to one peer with one ICMP identifier; a bond that spreads by it sends them all through one port."""

    ident: int
    peer: str
    line: Line


class Ask(NamedTuple):
    """A size to try: at most ``tries`` times, ``gap`` seconds apart; the last may be answered for ``patience``."""

    flow: Flow
    size: int
    tries: int
    gap: float
    patience: float


class Probe:
    """One packet that was sent. Times in seconds of the carrier's clock.

    fragment: bytes of the largest fragment in which the answer came, 0 for a whole one. ports: devices by which it
    was seen to leave.
    """

    __slots__ = ("answered", "fragment", "ident", "ports", "sent", "seq", "size")

    def __init__(self, ident: int, seq: int, size: int, sent: float) -> None:
        self.ident, self.seq, self.size, self.sent = ident, seq, size, sent
        self.answered: Optional[float] = None
        self.fragment = 0
        self.ports: Set[str] = set()

    @property
    def passed(self) -> bool:
        return self.answered is not None and not self.fragment


class Evidence:
    """What is known of one or more flows to one peer.

    too_big: sizes that the kernel refused to send. errors: why sending failed otherwise. reports: of routers and hosts.
    """

    def __init__(self) -> None:
        self.probes: List[Probe] = []
        self.too_big: Set[int] = set()
        self.errors: List[str] = []
        self.reports: Dict[int, _icmp.Report] = {}
        self._settled: Set[int] = set()

    def settled(self, size: int) -> bool:
        """Whether another try of this size would teach nothing."""
        return size in self._settled

    def settle(self, size: int) -> None:
        self._settled.add(size)

    def passed(self) -> Set[int]:
        """Sizes of which a probe was answered whole."""
        return {probe.size for probe in self.probes if probe.passed}

    def failed(self) -> Set[int]:
        """Sizes that were tried, and not answered whole."""
        return (self.too_big | {probe.size for probe in self.probes}) - self.passed()

    def rtt(self, size: int) -> Optional[float]:
        """Seconds of the fastest whole answer."""
        return min(
            (probe.answered - probe.sent for probe in self.probes if probe.size == size and probe.answered is not None),
            default=None,
        )

    def fragment(self) -> int:
        """Bytes of the largest fragment in which answers came; 0 when every answer came whole."""
        return max((probe.fragment for probe in self.probes), default=0)

    def through(self, port: str) -> Evidence:
        """Only what left by a device."""
        found = Evidence()
        found.probes = [probe for probe in self.probes if probe.ports == {port}]
        numbers = {probe.seq for probe in found.probes}
        found.reports = {seq: report for seq, report in self.reports.items() if seq in numbers}
        found.too_big = self.too_big
        return found


def merged(parts: Iterable[Evidence]) -> Evidence:
    """The evidence of several flows to one peer as one."""
    found = Evidence()
    for part in parts:
        found.probes += part.probes
        found.too_big |= part.too_big
        found.errors += part.errors
        # Numbers count per flow; here only the reports themselves are needed.
        found.reports.update(enumerate(part.reports.values(), len(found.reports)))
    return found


class _Job:
    """An ask under way. due: when the next try is sent; end: when the last one is given up."""

    __slots__ = ("ask", "blocked", "due", "end", "left")

    def __init__(self, ask: Ask, now: float) -> None:
        self.ask, self.left, self.due = ask, ask.tries, now
        self.end = now + ask.patience
        self.blocked = now


class Prober:
    """nonce: of this run. start: the first ICMP identifier. sent: packets so far."""

    def __init__(self, carrier: Carrier, nonce: bytes, start: int) -> None:
        self.sent = 0
        self._carrier = carrier
        self._nonce = nonce
        self._next = start
        self._flows: Dict[int, Flow] = {}
        self._evidence: Dict[int, Evidence] = {}
        self._probes: Dict[int, Dict[int, Probe]] = {}

    def flow(self, peer: str, line: Line) -> Flow:
        """A new flow, with an identifier of its own."""
        while self._next in self._flows:
            self._next = (self._next + 1) & 0xFFFF
        found = Flow(self._next, peer, line)
        self._flows[found.ident] = found
        self._evidence[found.ident] = Evidence()
        self._probes[found.ident] = {}
        return found

    def evidence(self, flow: Flow) -> Evidence:
        return self._evidence[flow.ident]

    def run(self, asks: Sequence[Ask]) -> None:
        """Carry out all asks at the same time; returns when each was answered, refused or given up."""
        now = self._carrier.now()
        jobs = [_Job(ask, now) for ask in asks]
        while jobs:
            burst = 0
            for job in jobs:
                if job.left and job.due <= now and not self._over(job, now):
                    self._send(job, self._carrier.now())
                    burst += 1
                    if burst % BURST == 0:
                        self._receive(0)
            self._receive(0)
            now = self._carrier.now()
            jobs = [job for job in jobs if not self._over(job, now)]
            if jobs:
                self._receive(min(job.due if job.left else job.end for job in jobs) - now)
                now = self._carrier.now()
        self._receive(0)

    def _over(self, job: _Job, now: float) -> bool:
        settled = self._evidence[job.ask.flow.ident].settled(job.ask.size)
        return settled or (not job.left and now >= job.end)

    def _send(self, job: _Job, now: float) -> None:
        flow, size = job.ask.flow, job.ask.size
        evidence, probes = self._evidence[flow.ident], self._probes[flow.ident]
        seq = len(probes) + 1
        failure = self._carrier.send(flow.line, flow.peer, _icmp.request(flow.ident, seq, self._nonce, size))
        if failure in BUSY and now - job.blocked < job.ask.patience:
            job.due = now + BREATH
            return
        if failure == errno.EMSGSIZE:
            evidence.too_big.add(size)
            evidence.settle(size)
            return
        if failure:
            evidence.errors.append(os.strerror(failure))
        else:
            self.sent += 1
        probes[seq] = Probe(flow.ident, seq, size, now)
        evidence.probes.append(probes[seq])
        job.left -= 1
        job.due = job.blocked = now + job.ask.gap
        job.end = now + job.ask.patience

    def _receive(self, seconds: float) -> None:
        for arrival in self._carrier.wait(max(0.0, seconds)):
            message = _icmp.parse(arrival.packet, self._nonce)
            probe = self._probes.get(message.ident, {}).get(message.seq) if message else None
            if message is None or probe is None:
                continue
            flow, evidence = self._flows[probe.ident], self._evidence[probe.ident]
            if isinstance(message, _icmp.Request):
                if arrival.port:
                    probe.ports.add(arrival.port)
            elif isinstance(message, _icmp.Report):
                if message.peer == flow.peer and probe.answered is None:
                    evidence.reports[message.seq] = message
                    if message.too_big:
                        evidence.settle(probe.size)
            elif message.source == flow.peer and message.size == probe.size and probe.answered is None:
                probe.answered, probe.fragment = arrival.at, arrival.fragment
                evidence.settle(probe.size)
