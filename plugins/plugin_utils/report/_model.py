# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has to show: plan, checks, paths, topology, times. Pure; private to the collection.

Every form of the evidence is made from this model, in one stable order: two runs over the same state give the same
bytes, except for the times, which stand in one block of each file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...module_utils.common._errors import NetworkError
from ._plan import Plan, plan

_ID = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
PROVED = "proved"


class ReportError(NetworkError):
    """What was given is no report."""


class Check(NamedTuple):
    """One check. what: the rule, in words. where: host or object. passed: whether it holds. id: name of the rule for
    programs; remedy: what to do when it does not hold; both empty without one."""

    what: str
    where: str
    expected: str
    seen: str
    passed: bool
    id: str = ""
    remedy: str = ""


class Path(NamedTuple):
    """The proof of one path. mtu: bytes that had to pass. status: of module path_mtu. largest: bytes that did; 0 for
    none."""

    network: str
    source: str
    target: str
    mtu: int
    status: str
    largest: int

    @property
    def passed(self) -> bool:
        return self.status == PROVED


class Item(NamedTuple):
    """A box of the topology. layer: a key of LAYERS. parents: the items that it stands on, by key."""

    key: str
    layer: str
    label: str
    detail: str
    parents: tuple[str, ...]


LAYERS = ("nic", "bond", "bridge", "vlan", "network", "vm")
"""From the wire to the VMs."""


@dataclass(frozen=True)
class Report:
    """id: of the change, or a name; part of the names of files. title: the runbook. topology: host -> items; the items
    of the cluster stand under the name ''. not_measured: what nobody has looked at, a line each. plan: of a change of
    phases; None without one."""

    id: str
    title: str
    checks: tuple[Check, ...]
    paths: tuple[Path, ...]
    topology: Mapping[str, tuple[Item, ...]]
    times: Mapping[str, str]
    not_measured: tuple[str, ...] = ()
    plan: Plan | None = None

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    @property
    def passed(self) -> bool:
        """Whether every check holds and every path is proved."""
        return not self.failed and all(path.passed for path in self.paths)

    def summary(self) -> dict[str, Any]:
        """What goes out where nothing is written: counts, what failed, and the plan."""
        return {
            "id": self.id,
            "title": self.title,
            "passed": self.passed,
            "checks": len(self.checks),
            "paths": len(self.paths),
            "failed": [line(check) for check in self.failed]
            + [path_line(path) for path in self.paths if not path.passed],
            "not_measured": list(self.not_measured),
            "plan": self.plan.to_dict() if self.plan else None,
        }


def line(check: Check) -> str:
    """A check in a sentence part."""
    remedy = f"; {check.remedy}" if check.remedy else ""
    return f"{check.where}: {check.what}: expected {check.expected}, seen {check.seen}{remedy}"


def path_line(path: Path) -> str:
    """A path in a sentence part."""
    seen = f"at most {path.largest}" if path.largest else "nothing"
    return f"{path.network}: {path.source} to {path.target}: {path.mtu} bytes expected, {seen} passed ({path.status})"


def report(data: Mapping[str, Any]) -> Report:
    """The report of plain data, as role evidence describes it. Raises ReportError."""
    name = str(data.get("id") or "")
    if not _ID.fullmatch(name):
        raise ReportError(
            f"report: id={name}: has to be lower case letters, digits, '.', '-' and '_'; it is part of names of files"
        )
    checks = [_check(number, one) for number, one in enumerate(data.get("checks") or ())]
    paths = [_path(number, one) for number, one in enumerate(data.get("paths") or ())]
    times = {str(key): str(value) for key, value in (data.get("times") or {}).items()}
    return Report(
        id=name,
        title=str(data.get("title") or name),
        checks=tuple(sorted(checks, key=lambda check: (_natural(check.where), check))),
        paths=tuple(sorted(paths, key=lambda path: (path.network, _natural(path.source), _natural(path.target), path))),
        topology=_topology(data.get("topology") or {}),
        times=dict(sorted(times.items())),
        not_measured=tuple(sorted({str(line) for line in data.get("not_measured") or ()}, key=_natural)),
        plan=_plan(data["plan"]) if data.get("plan") else None,
    )


def _natural(text: str) -> tuple[Any, ...]:
    """node2 before node10."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part)


def _plan(one: Mapping[str, Any]) -> Plan:
    try:
        return plan(one)
    except KeyError as error:
        raise ReportError(f"report: plan: {error.args[0]} is missing") from error


def _check(number: int, one: Mapping[str, Any]) -> Check:
    _needs(f"checks[{number}]", one, ("what", "where", "passed"))
    return Check(
        str(one["what"]),
        str(one["where"]),
        _text(one.get("expected")),
        _text(one.get("seen")),
        _bool(f"checks[{number}].passed", one["passed"]),
        str(one.get("id") or ""),
        str(one.get("remedy") or ""),
    )


def _path(number: int, one: Mapping[str, Any]) -> Path:
    _needs(f"paths[{number}]", one, ("network", "source", "target", "mtu", "status"))
    return Path(
        str(one["network"]),
        str(one["source"]),
        str(one["target"]),
        int(one["mtu"]),
        str(one["status"]),
        int(one.get("largest") or 0),
    )


def _needs(where: str, one: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if one.get(name) is None:
            raise ReportError(f"report: {where}.{name}: is missing")


def _bool(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ReportError(f"report: {where}={value}: has to be true or false")
    return value


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(_text, value)) if isinstance(value, (list, tuple)) else str(value)


def _topology(data: Mapping[str, Any]) -> dict[str, tuple[Item, ...]]:
    from ._topology import of_cluster, of_host  # it builds this model's items

    found = {host: of_host(links) for host, links in (data.get("hosts") or {}).items()}
    hosts = dict(sorted(found.items(), key=lambda pair: _natural(pair[0])))
    cluster = of_cluster(data.get("vm_networks") or (), data.get("vms") or ())
    return {**hosts, "": cluster} if cluster else hosts
