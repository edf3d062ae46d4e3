# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator reads of a change. Pure; this module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Tuple

from ._configmap import name
from ._phases import rollback_order
from ._record import BACK, DONE, OPEN, PLANNED, STARTED, UNDONE, Record

_HEADINGS = ((DONE, "done"), (STARTED, "begun"), (UNDONE, "undone"), (PLANNED, "not begun"))


def compact(record: Record) -> Dict[str, Any]:
    """A change as the modules return it, without inputs and images of phases, which can be large."""
    return {
        "id": record.id,
        "runbook": record.runbook,
        "state": record.state,
        "direction": record.direction,
        "config_map": name(record.id),
        "opened": record.opened,
        "closed": record.closed,
        "inputs": dict(record.inputs),
        "nodes": sorted(record.nodes),
        "notes": dict(record.notes),
        "phases": [
            {
                "id": phase.id,
                "role": phase.role,
                "bound": phase.bound,
                "state": phase.state,
                "started": phase.started,
                "ended": phase.ended,
                "took": phase.took,
                "waited": phase.waited,
            }
            for phase in record.phases
        ],
    }


def progress(record: Record) -> List[str]:
    """A line per state that phases are in: "done: vms-stop, storage-off"."""
    found = []
    for state, heading in _HEADINGS:
        phases = [phase.id for phase in record.phases if phase.state == state]
        if phases:
            found.append("%s: %s" % (heading, ", ".join(phases)))
    return found


def commands(record: Record) -> List[str]:
    """How to go on, and how to go back; only back where there is no way forward, nothing for a closed change."""
    if record.state != OPEN:
        return []
    back = "ansible-playbook harvester.network.rollback -i INVENTORY"
    if record.direction == BACK:
        return ["go on with the rollback: " + back]
    if not record.goes_on:
        return ["go back: " + back]
    on = "ansible-playbook harvester.network.%s -i INVENTORY, with the same variables" % record.runbook
    return ["go on: " + on, "go back: " + back]


def pace(record: Record) -> str:
    """How long the phases took, and how much of it they waited for others; empty for a change that went back.

    What is beyond the waits is the run's own: Ansible, proofs, writes. Of each phase its last run counts.
    """
    told = "" if record.direction == BACK else spent((phase.took, phase.waited) for phase in record.phases)
    return told and "its phases took %s" % told


def spent(phases: Iterable[Tuple[float, float]]) -> str:
    """The same of phases of which each took and waited so many seconds; empty when they took none."""
    pairs = list(phases)
    took = sum(pair[0] for pair in pairs)
    if not took:
        return ""
    waited = min(sum(pair[1] for pair in pairs), took)
    return "%d s; %d s of that they waited for the cluster, the nodes or people, beyond that %d s (%d %%)" % (
        round(took),
        round(waited),
        round(took - waited),
        round(100 * (took - waited) / took),
    )


def failure(record: Record, why: str, namespace: str) -> str:
    """What is printed when a run stops: why, what is done and what not, where the record is, and what to do."""
    if record.state != OPEN:
        return "change '%s' is closed (%s); what came after that has failed: %s" % (
            record.id,
            record.state,
            why or "see above",
        )
    lines = ["change '%s' has stopped: %s" % (record.id, why or "see above")]
    lines += progress(record)
    if record.direction == BACK:
        lines.append("still to undo: %s" % (", ".join(phase.id for phase in rollback_order(record)) or "nothing"))
    lines.append("record: ConfigMap '%s/%s'" % (namespace, name(record.id)))
    return "\n".join(lines + commands(record))
