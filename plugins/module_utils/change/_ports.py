# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switch ports on the way back of an MTU that was lowered. Pure; this module util is private to the collection.

Hosts send larger frames again. Whoever lowers an MTU lowers the ports afterwards, and a port that is too small loses
frames silently.
"""

from __future__ import annotations

from typing import Any, Mapping

from ..common import _mtu
from ._phases import rollback_order
from ._record import UNDONE, ChangeError, Phase, Record
from .phases import _switches

_OF_MGMT = "harvester.network.mgmt_mtu"
_OF_CONFIGS = ("cluster_network_mtu", "config-change")
"""Runbook, and the phase in which its first host has the new MTU."""


def require(record: Record, ready: bool, tasks: bool) -> None:
    """Raises ChangeError where hosts would get a larger MTU again and nobody vouches for the switches.

    ready: the operator does. tasks: there are tasks that set the ports, which a phase that has begun to set them runs
    when it is undone.
    """
    larger = max((_back_to(record, phase) for phase in rollback_order(record)), default=0)
    known = record.phase(_switches.ID)
    if ready or not larger or (known is not None and known.state == UNDONE):
        return
    begun = known is not None and known in rollback_order(record)
    if begun and tasks:
        return
    raise ChangeError(
        "change '%s': the hosts go back to %d bytes, which switches drop whose ports were lowered since. Let every"
        " port pass them, then run harvester.network.rollback with change_switches_ready=true%s. Nothing was changed"
        % (record.id, larger, "; or give change_switch_tasks, which sets them" if begun else "")
    )


def _back_to(record: Record, phase: Phase) -> int:
    """The MTU that hosts get when the phase is undone, in bytes; 0 where it is not larger than the one they have."""
    told: Mapping[str, Any] = phase.input if isinstance(phase.input, Mapping) else {}
    if phase.role == _OF_MGMT and told.get("part") != "proof":
        sizes = (told.get("mtu_from"), told.get("mtu_to"))
    elif (record.runbook, phase.id) == _OF_CONFIGS:
        sizes = (record.inputs.get("change_mtu_from"), record.inputs.get("change_mtu_to"))
    else:
        return 0
    old, new = map(_mtu.effective, sizes)
    return old if old > new else 0
