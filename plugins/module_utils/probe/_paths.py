# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as asked for, and what evidence says of them. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from . import _icmp
from ._prober import Evidence
from ._search import bracket
from ._wire import Line

SMALL = 84
"""Bytes of the packet that goes first; every link of IPv4 passes it (RFC 791)."""

PROVED, NO_PATH, TOO_SMALL, LARGER, NOT_PROVED = "proved", "no_path", "mtu_too_small", "mtu_larger", "not_proved"


class Path(NamedTuple):
    """What is to be proved: packets of ``mtu`` bytes reach the peer, and one byte more does not.

    name: free label. more: whether one byte more may pass.
    """

    peer: str
    mtu: int
    name: str = ""
    line: Line = Line()
    more: bool = False


class Way(NamedTuple):
    """How the kernel would send to a peer.

    mtu: of the device, in bytes, 0 when unknown. kind: unicast, local, broadcast, ... gateway: empty for a peer on the
    link. host_route: a route for this one address exists. error: why there is no way at all.
    """

    device: str = ""
    source: str = ""
    gateway: str = ""
    mtu: int = 0
    kind: str = "unicast"
    host_route: bool = False
    error: str = ""


class PathResult(NamedTuple):
    """What became of a path. Sizes in bytes, None where there is none to tell; ``why`` is for humans."""

    path: Path
    way: Way
    status: str
    largest: Optional[int]
    why: str
    reported_by: Optional[str] = None
    reported_mtu: Optional[int] = None
    rtt: Optional[float] = None

    def to_dict(self) -> Dict[str, Any]:
        path, way = self.path, self.way
        return {
            "name": path.name or None,
            "peer": path.peer,
            "mtu": path.mtu,
            "namespace": path.line.namespace or None,
            "device": way.device or path.line.device or None,
            "source": way.source or path.line.source or None,
            "status": self.status,
            "largest": self.largest,
            "reported_by": self.reported_by,
            "reported_mtu": self.reported_mtu,
            "rtt_ms": None if self.rtt is None else round(self.rtt * 1000, 3),
            "why": self.why,
        }


def judge(path: Path, way: Way, evidence: Evidence) -> PathResult:
    """What the evidence says. Without any probe the path is not proved."""
    if way.error:
        return PathResult(path, way, NO_PATH, None, "this node has no route to %s (%s)" % (path.peer, way.error))
    passed = evidence.passed()
    if path.mtu in passed:
        return _passed(path, way, evidence)
    if passed:
        return _too_small(path, way, evidence)
    if not evidence.probes:
        return PathResult(path, way, NOT_PROVED, None, "no packet to %s was sent this way" % path.peer)
    return _silent(path, way, evidence)


def _passed(path: Path, way: Way, evidence: Evidence) -> PathResult:
    passed = evidence.passed()
    rtt = evidence.rtt(path.mtu)
    if path.more:
        why = "packets of %d bytes to %s pass" % (path.mtu, path.peer)
        return PathResult(path, way, PROVED, path.mtu, why, rtt=rtt)
    if path.mtu + 1 in passed:
        why = "packets of %d bytes to %s pass, one byte more than the %d that were asked for" % (
            path.mtu + 1,
            path.peer,
            path.mtu,
        )
        return PathResult(path, way, LARGER, path.mtu + 1, why, rtt=rtt)
    if path.mtu < _icmp.LONGEST and path.mtu + 1 not in evidence.failed():
        why = "packets of %d bytes to %s pass; whether one byte more does was not tried" % (path.mtu, path.peer)
        return PathResult(path, way, NOT_PROVED, path.mtu, why, rtt=rtt)
    why = "packets of %d bytes to %s pass, and one byte more does not" % (path.mtu, path.peer)
    return PathResult(path, way, PROVED, path.mtu, why, rtt=rtt)


def _too_small(path: Path, way: Way, evidence: Evidence) -> PathResult:
    failed = evidence.failed()
    if path.mtu not in failed:
        why = "packets of %d bytes to %s were not tried this way" % (path.mtu, path.peer)
        return PathResult(path, way, NOT_PROVED, max(evidence.passed()), why)
    largest, next_up = bracket(evidence.passed(), failed, path.mtu)
    exact = next_up == largest + 1
    why = "packets of %d bytes to %s do not pass; the largest that %s is %d bytes" % (
        path.mtu,
        path.peer,
        "does" if exact else "was seen to pass",
        largest,
    )
    # The narrowest place is the one that reports the smallest MTU; a router before it reports larger packets.
    reports = [report for report in evidence.reports.values() if report.too_big]
    narrowest = min(reports, key=lambda report: report.mtu or _icmp.LONGEST) if reports else None
    why += _reason(path, way, evidence, largest, narrowest)
    return PathResult(
        path,
        way,
        TOO_SMALL,
        largest,
        why,
        reported_by=narrowest.reporter if narrowest else None,
        reported_mtu=(narrowest.mtu or None) if narrowest else None,
    )


def _reason(path: Path, way: Way, evidence: Evidence, largest: int, narrowest: Optional[_icmp.Report]) -> str:
    if path.mtu in evidence.too_big and way.mtu and largest == way.mtu:
        return ", the MTU of this node's %s" % way.device
    if narrowest:
        text = "; %s reports that larger ones do not fit" % narrowest.reporter
        return text + (" into %d bytes" % narrowest.mtu if narrowest.mtu else "")
    if path.mtu in evidence.too_big:
        return "; the MTU of this node's %s is %d bytes" % (way.device, way.mtu) if way.mtu else ""
    if evidence.fragment():
        return "; larger ones are answered in fragments of %d bytes, so the way back is narrower" % evidence.fragment()
    if evidence.errors:
        return "; sending larger ones failed (%s)" % evidence.errors[-1]
    return "; what drops larger ones does not report it, as a switch or a bridge with a smaller MTU"


def _silent(path: Path, way: Way, evidence: Evidence) -> PathResult:
    why = "%s does not answer, not even to packets of %d bytes" % (path.peer, SMALL)
    reports: List[_icmp.Report] = list(evidence.reports.values())
    if reports:
        last = reports[-1]
        own = last.reporter in (way.source, path.line.source)
        why += "; %s says %s" % ("this node's kernel" if own else last.reporter, last.word)
        if own and last.word == "host unreachable":
            why += " (nobody answered ARP)"
    elif evidence.errors:
        why += "; sending failed (%s)" % evidence.errors[-1]
    return PathResult(path, way, NO_PATH, None, why, reported_by=reports[-1].reporter if reports else None)
