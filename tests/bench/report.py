# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures: medians, ratios to the floor of the same run, and the targets beside them."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench import proofs, sets
from bench.cases import FLOOR, OURS, Case
from bench.counting import Counts
from bench.play import Timing

NO_CHANGE_TARGET = 1.3
CHANGE_TARGET = 2.0
MANY_TARGET = 2.0
PAIRS_TARGET = 10.0
"""Seconds that the module may take over all pairs of the most endpoints."""

COUNTED = "nmcli processes"

NODES, ROUNDS, NOISE = 3, 7, 1.3
"""What a run has to be for its ratios to be judged: nodes, rounds, and the floor's slowest run over its fastest."""


@dataclass
class Figures:
    """Everything measured of one case."""

    case: Case
    timings: list[Timing] = field(default_factory=list)
    counts: Mapping[str, Counts] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)

    @property
    def wall(self) -> float:
        return median(timing.seconds for timing in self.timings)

    @property
    def task(self) -> float:
        """The slowest host's task, median over the rounds."""
        return median(max(timing.tasks.values()) for timing in self.timings)

    @property
    def activation(self) -> float:
        """Seconds in which the change was made live, of the slowest node; median over the rounds."""
        return median(timing.live for timing in self.timings)

    def most(self, program: str) -> int | None:
        """Processes of a program in one play on one node, the largest number of all nodes."""
        return max((counts.processes[program] for counts in self.counts.values()), default=None)

    def bus_calls(self) -> int | None:
        return max((counts.bus_calls for counts in self.counts.values()), default=None)


class Report:
    """All cases of a run, in order. nodes: their number. reboots: seconds from a healthy node to the next reboot."""

    def __init__(self, figures: Sequence[Figures], nodes: int, rounds: int, reboots: Sequence[float] = ()) -> None:
        self._all = list(figures)
        self.nodes = nodes
        self.rounds = rounds
        self.reboots = list(reboots)

    @property
    def figures(self) -> dict[str, Figures]:
        """What was timed, by the case's name."""
        return {item.case.name: item for item in self._all if item.timings}

    def ratio(self, name: str) -> float | None:
        if FLOOR not in self.figures or name not in self.figures:
            return None
        return self.figures[name].wall / self.figures[FLOOR].wall

    def unfit(self) -> list[str]:
        """Why this run cannot say whether a target of time is met; empty for a proper run."""
        found = []
        if self.nodes < NODES:
            found.append("%d nodes instead of %d" % (self.nodes, NODES))
        if self.rounds < ROUNDS:
            found.append("%d rounds instead of %d" % (self.rounds, ROUNDS))
        if FLOOR in self.figures:
            seconds = [timing.seconds for timing in self.figures[FLOOR].timings]
            if max(seconds) > NOISE * min(seconds):
                found.append("busy machine: the floor took %.1f to %.1f s" % (min(seconds), max(seconds)))
        return found

    def targets(self) -> list[tuple[str, str, str, bool | None]]:
        """(what, target, measured, met or None where the run cannot say)."""
        found = [*self._no_change(), *self._changes(), *self._many(), *self._pairs()]
        if not self.unfit():
            return found
        return [(what, goal, value, met if what.startswith(COUNTED) else None) for what, goal, value, met in found]

    def _no_change(self) -> Iterable[tuple[str, str, str, bool | None]]:
        same = self.ratio("same")
        if same is not None:
            yield (
                "no change over five",
                "<= %.1f x floor" % NO_CHANGE_TARGET,
                "%.2f x" % same,
                same <= NO_CHANGE_TARGET,
            )
            count = self.figures["same"].most("nmcli")
            met = None if count is None else count <= 1
            yield (COUNTED + ", no change over five", "1", _number(count), met)

    def _changes(self) -> Iterable[tuple[str, str, str, bool | None]]:
        for name, item in self.figures.items():
            ratio = self.ratio(name)
            if item.case.side != OURS or not item.case.changed or ratio is None:
                continue
            floor = self.figures[FLOOR].wall
            limit = CHANGE_TARGET * floor + item.activation
            goal = "<= %.0f x floor + activation (%.1f s) = %.1f s" % (CHANGE_TARGET, item.activation, limit)
            yield (item.case.title, goal, "%.1f s (%.2f x)" % (item.wall, ratio), item.wall <= limit)

    def _many(self) -> Iterable[tuple[str, str, str, bool | None]]:
        low, high = min(sets.MANY_SIZES), max(sets.MANY_SIZES)
        few, many = self.figures.get("same-%d" % low), self.figures.get("same-%d" % high)
        if few and many:
            ratio = many.wall / few.wall
            what = "no change over %d" % high
            yield (what, "<= %.0f x that over %d" % (MANY_TARGET, low), "%.2f x" % ratio, ratio <= MANY_TARGET)

    def _pairs(self) -> Iterable[tuple[str, str, str, bool | None]]:
        low, high = min(proofs.SIZES), max(proofs.SIZES)
        few, many = self.figures.get("pairs-%d" % low), self.figures.get("pairs-%d" % high)
        if few and many:
            what = "all pairs of %d endpoints, the module" % high
            yield (what, "<= %.0f s" % PAIRS_TARGET, "%.1f s" % many.task, many.task <= PAIRS_TARGET)
            ratio, linear = many.task / few.task, high / low
            what = "all pairs of %d endpoints, against %d" % (high, low)
            yield (what, "<= %.0f x (linear)" % linear, "%.2f x" % ratio, ratio <= linear)

    def against_peer(self) -> Iterable[tuple[str, float, float]]:
        """(what, our median, the peer's median, in seconds) of each play that both sides have."""
        figures = self.figures
        for name, item in figures.items():
            if "peer-" + name in figures:
                yield (item.case.title, item.wall, figures["peer-" + name].wall)

    def markdown(self) -> str:
        lines = [
            "Median of n rounds, %d nodes (software emulation); wall time of the whole `ansible-playbook` process."
            % self.nodes,
            "Processes and D-Bus method calls to NetworkManager are per node, counted in a run that is not timed.",
            "",
            "| play | n | s | min..max | x floor | task s | nmcli | ip, bridge | other | D-Bus |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for item in self.figures.values():
            seconds = [timing.seconds for timing in item.timings]
            others = ("busctl", "systemd-run", "systemctl")
            cells = [
                "`%s`: %s" % (item.case.side, item.case.title) if item.case.side != FLOOR else item.case.title,
                "%d" % len(seconds),
                "%.1f" % item.wall,
                "%.1f..%.1f" % (min(seconds), max(seconds)),
                "%.2f" % (self.ratio(item.case.name) or 0.0),
                "%.1f" % item.task,
                _number(item.most("nmcli")),
                _sum(item, ("ip", "bridge")),
                _sum(item, others),
                _number(item.bus_calls()),
            ]
            lines.append("| %s |" % " | ".join(cells))
        if self.unfit():
            lines += ["", "**Not a proper run, times are not judged:** %s." % "; ".join(self.unfit())]
        lines += ["", "| target | wanted | measured | met |", "|---|---|---|---|"]
        for what, goal, measured, met in self.targets():
            lines.append("| %s | %s | %s | %s |" % (what, goal, measured, {True: "yes", False: "no", None: "-"}[met]))
        pairs = list(self.against_peer())
        if pairs:
            lines += ["", "| the same by both | ours, s | the peer's, s | the peer's / ours |", "|---|---:|---:|---:|"]
            lines += ["| %s | %.1f | %.1f | %.1f |" % (title, own, its, its / own) for title, own, its in pairs]
        if self.reboots:
            shown = ", ".join(
                "%.1f s (%.2f x floor)" % (gap, gap / self.figures[FLOOR].wall)
                if FLOOR in self.figures
                else "%.1f s" % gap
                for gap in self.reboots
            )
            lines += [
                "",
                "Playbook `reboot`, from a node having its address again to the next node's reboot: %s." % shown,
            ]
        if any(name.startswith("peer") for name in self.figures):
            lines += [
                "",
                "community.general.nmcli cannot express, so its side does not do: %s." % "; ".join(sets.CANNOT),
            ]
        return "\n".join(lines) + "\n"

    def data(self) -> dict[str, Any]:
        """The same, as data, with every single figure."""
        return {
            "nodes": self.nodes,
            "rounds": self.rounds,
            "machine": platform.machine(),
            "unfit": self.unfit(),
            "reboots": [round(gap, 3) for gap in self.reboots],
            "cases": {
                name: {
                    "title": item.case.title,
                    "side": item.case.side,
                    "seconds": [round(timing.seconds, 3) for timing in item.timings],
                    "median": round(item.wall, 3),
                    "ratio": round(self.ratio(name) or 0.0, 3),
                    "tasks": [dict(timing.tasks) for timing in item.timings],
                    "activation": round(item.activation, 3),
                    "state": dict(item.state),
                    "counts": {
                        host: {
                            "processes": dict(counts.processes),
                            "calls": counts.calls,
                            "bus": counts.bus,
                            "bus_calls": counts.bus_calls,
                        }
                        for host, counts in item.counts.items()
                    },
                }
                for name, item in self.figures.items()
            },
            "targets": [
                {"what": what, "target": goal, "measured": measured, "met": met}
                for what, goal, measured, met in self.targets()
            ],
            "against_peer": [
                {"what": title, "ours": round(own, 3), "peer": round(its, 3), "ratio": round(its / own, 3)}
                for title, own, its in self.against_peer()
            ],
            "peer_cannot": list(sets.CANNOT),
        }


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _sum(item: Figures, programs: Sequence[str]) -> str:
    numbers = [item.most(program) for program in programs]
    return "-" if None in numbers else str(sum(number or 0 for number in numbers))
