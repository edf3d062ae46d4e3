# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that may come back otherwise than they were: whether a change has to do with them. Pure; private to the
collection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..module_utils.common._errors import Problem

VMS, REBOOTS = "harvester.network.vms", "harvester.network.ordered_reboot"

Phase = Mapping[str, Any]


def names(given: Any) -> list[str]:
    """Those of a list, or of a text with commas between them, as modules take both; each once, in their order."""
    found = given.split(",") if isinstance(given, str) else given
    return list(dict.fromkeys(str(name).strip() for name in found if str(name).strip()))


def refusals(
    given: Any, recorded: Iterable[Phase], planned: Iterable[Phase] = (), present: Collection[str] = ()
) -> list[str]:
    """A line for each VM that the change neither has recorded nor is to stop.

    recorded: phases of the open change's record, whole; none before it begins. planned: all phases of this run, with
    their steps; none when the change goes back. present: VMs of the cluster, "namespace/name". Whom a turn of reboots
    stops is known when it has begun, so that until the last one has, each VM that there is may be one of them.
    """
    recorded, planned = list(recorded), list(planned)
    known = {*_recorded(recorded), *_planned(planned)}
    begun = {phase["id"] for phase in recorded if phase["before"]}
    if any(phase["role"] == REBOOTS and phase["id"] not in begun for phase in planned):
        known.update(present)
    rule = "this change has not recorded it, and none of its phases stops it"
    step = "see its spelling, namespace/name, or take it off the list"
    return [
        str(Problem("VM '%s'" % name, "change_accepted_vms", name, rule, step))
        for name in sorted(names(given))
        if name not in known
    ]


def _recorded(phases: Iterable[Phase]) -> Iterator[str]:
    for phase in phases:
        if phase["role"] in (VMS, REBOOTS):
            for vm in ((phase["before"] or {}).get("cluster") or {}).get("vms") or ():
                yield "%s/%s" % (vm["namespace"], vm["name"])


def _planned(phases: Iterable[Phase]) -> Iterator[str]:
    """Of their steps, and of the record of another change whose VMs a phase brings back."""
    for phase in phases:
        for step in phase.get("steps") or ():
            yield from step.get("vms") or ()
        told = phase.get("input")
        for vm in (told.get("record") or {}).get("vms") or () if isinstance(told, Mapping) else ():
            yield "%s/%s" % (vm["namespace"], vm["name"])
