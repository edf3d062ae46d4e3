# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The legs of a bond, each proved by itself. This module util is private to the collection.

active-backup: every port in turn is made the active one. Modes that use all ports: many flows, told apart by the
ICMP identifier, which Linux 5.5 and later hashes for layer3+4. A packet counts for the port by which it was seen to
leave, so neither other traffic nor a path that does not use the bond can prove a leg.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Protocol, Sequence, Tuple

from ..common._errors import NetworkError, Problem
from ._bond import ACTIVE_BACKUP, BROADCAST, Bond, down, why_down
from ._guard import Guard, Interrupted, deaf, interruptible
from ._paths import LARGER, NO_PATH, NOT_PROVED, PROVED, TOO_SMALL, PathResult
from ._prove import Trip

DOWN = "down"
SWITCH = 5.0
"""Seconds in which the driver has to say that the active port is another."""
PAUSE = 0.2
FLOWS = 64
"""Flows of all paths together; three of four ports are missed by them once in many thousand runs."""
FEWEST = 8
"""Flows of one path."""
_ORDER = (TOO_SMALL, LARGER, NO_PATH, NOT_PROVED)
"""Which failure of several a leg is called after: what is certain before what may have another cause."""


class LegResult(NamedTuple):
    """paths: the results on this leg, in the order of the paths; empty for a port that is down."""

    port: str
    was_active: bool
    status: str
    why: str
    paths: Sequence[PathResult] = ()

    @property
    def largest(self) -> Optional[int]:
        """The largest size that passes to every peer that answers."""
        return min((result.largest for result in self.paths if result.largest is not None), default=None)

    def to_dict(self) -> Dict[str, Any]:
        return {
            "port": self.port,
            "was_active": self.was_active,
            "status": self.status,
            "largest": self.largest,
            "paths": [result.to_dict() for result in self.paths],
            "why": self.why,
        }


class Files(Protocol):
    """What is needed of BondFiles."""

    def read(self, name: str) -> Optional[Bond]: ...

    def active(self, name: str) -> str: ...

    def active_file(self, name: str) -> str: ...

    def activate(self, name: str, port: str) -> None: ...


class Session(Protocol):
    """What is needed of the run: flows over all paths, and their judgement."""

    def trips(self, copies: int = 1) -> List[Trip]: ...

    def prove(self, trips: Sequence[Trip], searching: bool = True) -> None: ...

    def search(self, trips: Sequence[Trip]) -> None: ...

    def judged(self, trips: Sequence[Trip], port: str = "") -> List[PathResult]: ...

    def ports(self, trip: Trip) -> List[str]: ...

    def tap(self, port: str) -> str: ...

    def bound(self) -> float: ...


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


def find(files: Files, name: str, wanted: Optional[int]) -> Bond:
    """The bond, as long as it can have so many ports up. Raises Problem's text as NetworkError."""
    bond = files.read(name)
    if bond is None:
        raise NetworkError(
            str(Problem("path_mtu", "bond", name, "this node has no such bond", "'ip link show type bond' lists them"))
        )
    names = ", ".join(port.name for port in bond.ports) or "none"
    if not bond.ports or (wanted or 0) > len(bond.ports):
        rule = "bond %s has %d port(s): %s" % (name, len(bond.ports), names)
        raise NetworkError(str(Problem("path_mtu", "legs_up", wanted, rule, "ask for as many as there are")))
    return bond


def wait_up(files: Files, clock: Clock, name: str, wanted: Optional[int], seconds: float) -> Bond:
    """Wait until so many ports carry traffic (None: all). Raises NetworkError with those that do not."""
    start = clock.now()
    while True:
        bond = find(files, name, wanted)
        missing = down(bond)
        needed = wanted or len(bond.ports)
        if len(bond.ports) - len(missing) >= needed:
            return bond
        waited = clock.now() - start
        if waited >= seconds:
            raise NetworkError(
                "bond %s: %d of %d ports up after %d s, legs_up=%d; down: %s; look at cable and switch port, or lower"
                " legs_up to leave a leg unproved"
                % (name, len(bond.ports) - len(missing), len(bond.ports), waited, needed, ", ".join(missing))
            )
        clock.sleep(PAUSE)


def watch(session: Session, bond: Bond) -> Dict[str, str]:
    """Watch what leaves by every port that is up; by port, why it cannot be watched (empty: it is)."""
    return {port.name: session.tap(port.name) for port in bond.ports if not why_down(bond, port)}


def prove_legs(
    bond: Bond,
    files: Files,
    clock: Clock,
    session: Session,
    first: Sequence[Trip],
    blind: Dict[str, str],
) -> Tuple[List[LegResult], bool]:
    """Prove every leg; also says whether the active port was switched (it is back).

    first: the flows that were proved with the bond as it was. blind: what watch() returned.
    """
    done: Dict[str, LegResult] = {}
    alike = bond.mode != ACTIVE_BACKUP
    for port in bond.ports:
        reason = why_down(bond, port)
        if reason:
            done[port.name] = LegResult(port.name, False, DOWN, "%s is down (%s)" % (port.name, reason))
        elif bond.mode == BROADCAST:
            why = "mode broadcast sends every packet through all ports at once, so no leg can be told from another"
            done[port.name] = LegResult(port.name, True, NOT_PROVED, why)
        elif blind.get(port.name):
            why = "cannot see what leaves by %s (%s)" % (port.name, blind[port.name])
            done[port.name] = LegResult(port.name, alike or port.name == bond.active, NOT_PROVED, why)
    left = [port.name for port in bond.ports if port.name not in done]
    switched = False
    if left and alike:
        done.update(_spread(bond, left, session, len(first)))
    elif left:
        if bond.active in left:
            done[bond.active] = _stayed(bond, files, session, first, bond.active)
        others = [name for name in left if name != bond.active]
        switched = _by_turns(bond, files, clock, session, others, done) if others else False
    return [done[port.name] for port in bond.ports], switched


def _by_turns(
    bond: Bond, files: Files, clock: Clock, session: Session, others: Sequence[str], done: Dict[str, LegResult]
) -> bool:
    """active-backup: each port in turn is the active one, at last the one that was."""
    seconds = (len(others) + 1) * (SWITCH + session.bound()) + 30
    switched = False
    with interruptible():
        guard = Guard(files.active_file(bond.name), bond.active, seconds)
        try:
            for name in others:
                try:
                    files.activate(bond.name, name)
                    switched = True
                    _await_active(files, clock, bond.name, name)
                except Interrupted:
                    raise
                except NetworkError as error:
                    done[name] = LegResult(name, False, NOT_PROVED, str(error))
                    continue
                trips = session.trips()
                session.prove(trips)
                done[name] = _stayed(bond, files, session, trips, name)
        finally:
            deaf()
            _put_back(bond, files, clock)
            # Not when that failed: the guard then tries once more, as soon as this process has ended.
            guard.release()
    return switched


def _await_active(files: Files, clock: Clock, name: str, port: str) -> None:
    end = clock.now() + SWITCH
    while files.active(name) != port:
        if clock.now() >= end:
            raise NetworkError("the bonding driver did not make %s the active port of %s" % (port, name))
        clock.sleep(PAUSE)


def _put_back(bond: Bond, files: Files, clock: Clock) -> None:
    if files.active(bond.name) == bond.active:
        return
    try:
        files.activate(bond.name, bond.active)
        _await_active(files, clock, bond.name, bond.active)
    except NetworkError as error:
        raise NetworkError(
            "%s; it was the active port and %s is now; see 'cat /proc/net/bonding/%s' on the node"
            % (error, files.active(bond.name) or "none", bond.name)
        ) from None


def _stayed(bond: Bond, files: Files, session: Session, trips: Sequence[Trip], port: str) -> LegResult:
    """The result of a leg, as long as its port was active to the end."""
    now = files.active(bond.name)
    was_active = port == bond.active
    if now != port:
        why = "%s did not stay the active port while it was probed; %s is now" % (port, now or "none")
        return LegResult(port, was_active, NOT_PROVED, why)
    return leg(port, was_active, session.judged(trips, port))


def _spread(bond: Bond, names: Sequence[str], session: Session, paths: int) -> Dict[str, LegResult]:
    """Modes that use all ports: send many flows and see which port each takes."""
    trips = session.trips(max(FEWEST, -(-FLOWS // max(1, paths))))
    session.prove(trips, searching=False)
    # One flow per leg and path tells what passes there; searching with all of them would be a flood.
    session.search([trip for name in names for trip in _narrow(session, trips, name)])
    found = {}
    for name in names:
        # A policy by addresses sends all flows to one peer through one port: not every path takes every leg.
        results = session.judged(trips, name)
        hit = [result for result in results if taken(result)]
        found[name] = leg(name, True, hit)._replace(paths=results)
        if not hit:
            found[name] = found[name]._replace(why=_missed(bond, name, len(trips)))
    return found


def _narrow(session: Session, trips: Sequence[Trip], port: str) -> List[Trip]:
    """For each path whose packets do not pass a leg, a flow that took no other leg."""
    small = {result.path for result in session.judged(trips, port) if result.status == TOO_SMALL}
    chosen: Dict[Any, Trip] = {}
    for trip in trips:
        if trip.path in small and session.ports(trip) == [port]:
            chosen.setdefault(trip.path, trip)
    return list(chosen.values())


def _missed(bond: Bond, port: str, flows: int) -> str:
    why = "none of %d flows left by %s (mode %s" % (flows, port, bond.mode)
    why += ", xmit_hash_policy %s)" % bond.policy if bond.policy else ")"
    return why + "; with more peers, or a policy that looks at more than addresses, one may"


def taken(result: PathResult) -> bool:
    """Whether any packet of a path took the leg."""
    return result.status != NOT_PROVED or result.largest is not None


def leg(port: str, was_active: bool, results: Sequence[PathResult]) -> LegResult:
    """A leg is proved when every path is that has to pass it, and when there is one."""
    failed = sorted(
        (result for result in results if result.status != PROVED), key=lambda item: _ORDER.index(item.status)
    )
    if failed:
        more = " (and %d more)" % (len(failed) - 1) if len(failed) > 1 else ""
        why = "through %s: %s%s" % (port, failed[0].why, more)
        return LegResult(port, was_active, failed[0].status, why, results)
    if not results:
        return LegResult(port, was_active, NOT_PROVED, "no packet left by %s" % port, results)
    return LegResult(port, was_active, PROVED, "through %s: %d path(s) proved" % (port, len(results)), results)
