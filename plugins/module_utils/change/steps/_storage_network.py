# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting gets another network, setting storage-network before all. This module util is private to the collection."""

from __future__ import annotations

from ...cluster import _objects, _storage
from ...cluster._plan import step
from ...cluster._snapshot import Snapshot
from ...cluster.storage._preflight import ALLOWED
from ...cluster.wanted._storage_network import KINDS
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind

INTERRUPTS = {
    _storage.STORAGE: "Longhorn restarts its instance managers",
    _storage.RWX: "RWX volumes have no network while it changes",
    _storage.MIGRATION: "VMs are not migrated while its network changes",
}


def _effect(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """``value`` is the setting's text, which Harvester compares byte by byte; an empty one switches it off."""
    name = given.get("setting") or _storage.STORAGE
    before = state.get("settings", name)
    if before is None:
        raise ValidationError([Problem(where, "", None, "the cluster has no setting '%s'" % name)])
    steps = step("settings", before, _objects.merged(before, {"value": given["value"]}))
    writes = any(one.writes for one in steps)
    spared = [(rule, one.title) for option, rule in ALLOWED.items() if given.get(option) for one in steps]
    return Effect(steps, interrupts=(INTERRUPTS[name],) if writes else (), spared=tuple(spared))


KIND = StepKind(("value",), ("setting", *ALLOWED), KINDS, _effect)
