# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of path_mtu: look, refuse, probe, judge. This module util is private to the collection.

What only legs need is imported for them alone: on a node every file is compiled anew in every task.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Protocol, Sequence

from ..common import _pause
from ..common._errors import Problem, ValidationError
from . import _icmp, _path_request, _prove, _routes
from ._path_request import Asked
from ._paths import PROVED, PathResult, Way, judge
from ._prober import Carrier, Prober, merged
from ._prove import Trip
from ._wire import Line, LineError, Wire

if TYPE_CHECKING:
    from ._legs import Files, LegResult


class Network(Carrier, Protocol):
    """What is needed of Wire."""

    def open(self, line: Line) -> None: ...

    def device_mtu(self, line: Line, device: str) -> int: ...

    def tap(self, port: str) -> None: ...

    def close(self) -> None: ...


class Host(NamedTuple):
    """Everything through which a run touches the node.

    files: of bonds, needed for legs only. root: where the node's other files begin.
    """

    run: _routes.Run
    wire: Network
    files: Optional[Files] = None
    sleep: Callable[[float], None] = _pause.sleep
    root: str = "/"


class Outcome(NamedTuple):
    """changed: whether the active port of the bond was switched (it is back). packets: sent in all."""

    changed: bool
    paths: Sequence[PathResult]
    legs: Sequence[LegResult]
    packets: int
    warnings: Sequence[str] = ()

    @property
    def proved(self) -> bool:
        return all(item.status == PROVED for item in self.paths) and all(item.status == PROVED for item in self.legs)

    def to_dict(self) -> Dict[str, Any]:
        return {
            "changed": self.changed,
            "paths": [result.to_dict() for result in self.paths],
            "legs": [result.to_dict() for result in self.legs],
            "proved": self.proved,
            "packets": self.packets,
        }

    def failures(self) -> str:
        """A line per path and leg that is not proved."""
        lines = []
        for number, result in enumerate(self.paths):
            if result.status != PROVED:
                lines.append("%s: %s" % (_path_request.where(number, result.path.name), result.why))
        lines += ["leg %s: %s" % (item.port, item.why) for item in self.legs if item.status != PROVED]
        return "\n".join(lines)


def carry_out(node: Host, params: Mapping[str, Any], check: bool) -> Outcome:
    """Prove what was asked for. Raises ValidationError before anything was sent, NetworkError when it cannot go on."""
    asked = _path_request.read(params)
    try:
        if asked.legs:
            return _with_legs(node, asked, check)
        session = _Session(node, asked, look(node, asked))
        trips = session.trips()
        session.prove(trips)
        return Outcome(False, session.judged(trips), (), session.prober.sent)
    finally:
        node.wire.close()


def _with_legs(node: Host, asked: Asked, check: bool) -> Outcome:
    from . import _announce, _bond, _legs

    files: Files = node.files or _bond.BondFiles(announce=_announce.Announcer(node.run))
    _legs.find(files, asked.bond, asked.legs_up)
    session = _Session(node, asked, look(node, asked))
    trips = session.trips()
    if check:
        session.prove(trips)
        warning = "the legs of %s are not proved in check mode, since that can switch its active port" % asked.bond
        return Outcome(False, session.judged(trips), (), session.prober.sent, [warning])
    clock = _Clock(node)
    bond = _legs.wait_up(files, clock, asked.bond, asked.legs_up, asked.legs_timeout)
    blind = _legs.watch(session, bond)
    session.prove(trips)
    results = session.judged(trips)
    legs, switched = _legs.prove_legs(bond, files, clock, session, trips, blind)
    return Outcome(switched, results, legs, session.prober.sent)


def look(node: Host, asked: Asked) -> List[Way]:
    """The way of every path. Raises ValidationError for paths that must not, or cannot, be probed."""
    names = [_path_request.where(number, path.name) for number, path in enumerate(asked.paths)]
    problems: List[Problem] = []
    for name, path in zip(names, asked.paths):
        try:
            node.wire.open(path.line)
        except LineError as error:
            value = getattr(path.line, error.option) if error.option else None
            problems.append(Problem(name, error.option, value, error.rule, error.remedy))
    if problems:
        raise ValidationError(problems)
    ways = _routes.ways(node.run, asked.paths)
    used = _routes.InUse(asked.in_use, node.root)
    for name, path, way in zip(names, asked.paths, ways):
        problems += _routes.objections(name, path, way, used)
    if problems:
        raise ValidationError(problems)
    return [way._replace(mtu=node.wire.device_mtu(path.line, way.device)) for path, way in zip(asked.paths, ways)]


class _Clock:
    def __init__(self, node: Host) -> None:
        self._node = node

    def now(self) -> float:
        return self._node.wire.now()

    def sleep(self, seconds: float) -> None:
        self._node.sleep(seconds)


class _Session:
    """Flows over all paths of one call."""

    def __init__(self, node: Host, asked: Asked, ways: Sequence[Way]) -> None:
        self.prober = Prober(node.wire, os.urandom(_icmp.NONCE), int.from_bytes(os.urandom(2), "big"))
        self._node, self._pace = node, asked.pace
        self._paths = list(zip(asked.paths, ways))

    def trips(self, copies: int = 1) -> List[Trip]:
        return [
            Trip(self.prober.flow(path.peer, path.line), path, way)
            for path, way in self._paths
            for _copy in range(copies)
        ]

    def prove(self, trips: Sequence[Trip], searching: bool = True) -> None:
        _prove.prove(self.prober, trips, self._pace, searching)

    def search(self, trips: Sequence[Trip]) -> None:
        _prove.search(self.prober, trips, self._pace)

    def judged(self, trips: Sequence[Trip], port: str = "") -> List[PathResult]:
        """One result per path; with a port from what left by it alone."""
        results = []
        for number, (path, way) in enumerate(self._paths):
            own = trips[number * len(trips) // len(self._paths) : (number + 1) * len(trips) // len(self._paths)]
            parts = [self.prober.evidence(trip.flow) for trip in own]
            results.append(judge(path, way, merged(part.through(port) if port else part for part in parts)))
        return results

    def ports(self, trip: Trip) -> List[str]:
        return sorted({port for probe in self.prober.evidence(trip.flow).probes for port in probe.ports})

    def tap(self, port: str) -> str:
        try:
            self._node.wire.tap(port)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def bound(self) -> float:
        return _prove.bound(self._pace)


def run_module(run: _routes.Run, params: Mapping[str, Any], check: bool) -> Outcome:
    """carry_out() on this node."""
    return carry_out(Host(run, Wire()), params, check)
