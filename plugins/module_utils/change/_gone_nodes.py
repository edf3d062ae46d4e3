# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that are gone for good, which a rollback goes without. This module util is private to the collection.

They are notes of the record: whoever reads it later learns what was not put back, and where.
"""

from __future__ import annotations

import dataclasses
from typing import Iterable, List, Mapping, Sequence

from ..common._errors import Problem, ValidationError
from . import _way_back
from ._record import PLANNED, Record
from .phases import _reboots

NODES, HOSTS = "gone_nodes", "left_out_hosts"
"""Notes: the nodes by their names in the cluster, and hosts that were not put back by theirs in the inventory."""


def left_out(record: Record, gone: Sequence[str], hosts: Sequence[str], ready: Mapping[str, bool]) -> Record:
    """The record with what this rollback goes without.

    gone: nodes that are called gone. hosts: those in the run, by their names in the inventory; empty where nobody says.
    ready: of each node of the cluster, whether it is Ready. Raises ValidationError for a node that is not gone, or that
    took no part.
    """
    problems = [problem for name in sorted(set(gone)) for problem in _problems(record, name, ready)]
    if problems:
        raise ValidationError(problems)
    if not gone:
        return record
    notes = {
        NODES: ", ".join(_more(record, NODES, gone)),
        HOSTS: ", ".join(_more(record, HOSTS, _way_back.left_out(record, tuple(hosts)))),
    }
    return dataclasses.replace(record, notes={**record.notes, **notes})


def noted(record: Record, note: str = NODES) -> List[str]:
    """The names in one of the notes."""
    return [name for name in record.notes.get(note, "").split(", ") if name]


def report(record: Record) -> str:
    """What a rollback has left out, and what to do about it; empty when nothing was."""
    nodes, hosts = noted(record), noted(record, HOSTS)
    if not nodes:
        return ""
    lines = ["gone, and left out: node %s." % ", ".join(nodes)]
    for host in hosts:
        phases = [one.id for one in record.phases if one.state != PLANNED and host in _way_back.hosts_of(one)]
        lines.append(
            "not put back on: %s; its profiles are still those of phases %s. Before it joins again run ansible-playbook"
            " harvester.network.rollback -i INVENTORY -e change_scope=hosts --limit %s, or install it anew"
            % (host, ", ".join(phases), host)
        )
    cordoned = [
        name
        for one in record.phases
        if one.role == _reboots.ROLE and one.state != PLANNED
        for name in _way_back.nodes_of(one)
        if name in nodes
    ]
    lines += ["a cordon of this change stays on node %s" % name for name in dict.fromkeys(cordoned)]
    return "\n".join(lines)


def _problems(record: Record, name: str, ready: Mapping[str, bool]) -> List[Problem]:
    if name not in record.nodes:
        known = ", ".join(sorted(record.nodes)) or "none"
        rule = "it is no node of change '%s', which has %s" % (record.id, known)
        return [_problem(name, rule, "see its spelling, or take it off the list")]
    if ready.get(name):
        rule = "it is Ready, and only a node that is not, or that is no longer in the cluster, is left out"
        return [_problem(name, rule, "take it off the list, and let the run reach its host")]
    return []


def _problem(name: str, rule: str, remedy: str) -> Problem:
    return Problem("node '%s'" % name, "change_gone_nodes", name, rule, remedy)


def _more(record: Record, note: str, names: Iterable[str]) -> List[str]:
    """An earlier run of the rollback may have left out others."""
    return sorted({*noted(record, note), *names})
