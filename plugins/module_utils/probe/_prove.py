# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the probes: a small packet, the exact size and one byte more, the search for what passes.

This module util is private to the collection. All flows go through the phases together, so time does not grow with
their number.
"""

from __future__ import annotations

from typing import Iterable, List, NamedTuple, Sequence, Set, Tuple

from . import _icmp
from ._paths import SMALL, Path, Way
from ._prober import Ask, Flow, Prober
from ._search import COMMON, bracket, spread

ROUNDS = 6
"""Rounds of a search; five are enough for the largest range when no packet is lost."""
CHECKS = 2
"""How often the sizes above the largest are tried as patiently as the exact size."""
WIDEST, PACKETS = 16, 600
"""Sizes per path and round, and packets of all paths in one round."""
TRIES = 2
UNHEARD = 0.25
"""Timeouts to wait beyond the last small packet: the kernel, here and at a router, gives up on ARP after 3 s."""
QUICK = 0.3
"""Seconds in which a packet of a search is answered by a peer that answered small ones at once."""


class Pace(NamedTuple):
    """tries: per size; timeout: seconds in which one probe is answered."""

    tries: int = 3
    timeout: float = 1.0


class Trip(NamedTuple):
    """A flow that proves a path."""

    flow: Flow
    path: Path
    way: Way


def bound(pace: Pace) -> float:
    """Seconds that prove() takes at most, sending itself aside."""
    patient = (pace.tries + 1) / 2
    search = ROUNDS * (1 + (TRIES - 1) / 4) + CHECKS * patient
    return pace.timeout * (pace.tries + UNHEARD + patient + search)


def prove(prober: Prober, trips: Sequence[Trip], pace: Pace, searching: bool = True) -> None:
    """Send everything that a judgement of these trips needs; the evidence is in the prober."""
    going = [trip for trip in trips if not trip.way.error]
    # Far apart, as the kernel's own tries to learn a MAC address are.
    patience = pace.timeout * (1 + UNHEARD)
    prober.run([Ask(trip.flow, SMALL, pace.tries, pace.timeout, patience) for trip in going])
    answering = [trip for trip in going if prober.evidence(trip.flow).passed()]
    asks: List[Ask] = []
    for trip in answering:
        asks.append(_patient(trip, trip.path.mtu, pace))
        if not trip.path.more and trip.path.mtu < _icmp.LONGEST:
            asks.append(_patient(trip, trip.path.mtu + 1, pace))
    prober.run(asks)
    if searching:
        search(prober, answering, pace)


def search(prober: Prober, trips: Iterable[Trip], pace: Pace) -> None:
    """Find the largest size that passes for every trip whose exact size does not."""
    looking = list(trips)
    rounds = ROUNDS
    checked: Set[Tuple[int, int]] = set()
    for _check in range(CHECKS):
        while rounds:
            looking = [trip for trip in looking if trip.path.mtu not in prober.evidence(trip.flow).passed()]
            width = max(2, min(WIDEST, PACKETS // max(1, len(looking))))
            asks = [ask for trip in looking for ask in _narrow(prober, trip, pace, width)]
            if not asks:
                break
            prober.run(asks)
            rounds -= 1
        asks = [ask for trip in looking for ask in _check_next(prober, trip, pace, checked)]
        if not asks:
            return
        prober.run(asks)


def _narrow(prober: Prober, trip: Trip, pace: Pace, width: int) -> List[Ask]:
    """Sizes between the largest that passed and the next that did not; none when they are neighbours."""
    evidence = prober.evidence(trip.flow)
    low, high = bracket(evidence.passed(), evidence.failed(), trip.path.mtu)
    hints = [trip.way.mtu] if trip.way.mtu else []
    hints += sorted({report.mtu for report in evidence.reports.values() if report.too_big and report.mtu})
    hints += [evidence.fragment()] if evidence.fragment() else []
    hints += COMMON
    patience = min(pace.timeout, max(QUICK, 8 * (evidence.rtt(SMALL) or pace.timeout)))
    return [Ask(trip.flow, size, TRIES, patience / 4, patience) for size in spread(low, high, width, hints)]


def _check_next(prober: Prober, trip: Trip, pace: Pace, checked: Set[Tuple[int, int]]) -> List[Ask]:
    """The size above the largest once more, with patience: it was tried in haste, or before the rest passed."""
    evidence = prober.evidence(trip.flow)
    _low, high = bracket(evidence.passed(), evidence.failed(), trip.path.mtu)
    if evidence.settled(high) or (trip.flow.ident, high) in checked:
        return []
    checked.add((trip.flow.ident, high))
    return [_patient(trip, high, pace)]


def _patient(trip: Trip, size: int, pace: Pace) -> Ask:
    return Ask(trip.flow, size, pace.tries, pace.timeout / 2, pace.timeout)
