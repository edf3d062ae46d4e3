# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network configuration is removed, added or changed. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict

from ...cluster import _objects
from ...cluster._kinds import BY_KEY
from ...cluster._plan import step
from ...cluster._snapshot import Snapshot
from ...cluster.wanted._network_config import KINDS
from ...common._errors import Problem, ValidationError
from ._effect import Effect, Options, StepKind


def _effect(state: Snapshot, start: Snapshot, given: Options, where: str) -> Effect:
    """Without ``object`` it is removed; with it, it is as the object says: what is not named there stays as it is."""
    name = given["name"]
    before = state.get("vlanconfigs", name)
    wanted = given.get("object")
    if wanted is None:
        if before is None and start.get("vlanconfigs", name) is None:
            raise ValidationError([Problem(where, "name", name, "the cluster has no such network configuration")])
        return Effect(step("vlanconfigs", before, None))
    shown = _objects.dig(wanted, "metadata", "name")
    if shown not in (None, name):
        raise ValidationError(
            [Problem(where, "object.metadata.name", shown, "is not the name '%s' of the step" % name)]
        )
    return Effect(step("vlanconfigs", before, _merged(before, wanted, name)))


def _merged(before: Any, wanted: Any, name: str) -> Dict[str, Any]:
    kind = BY_KEY["vlanconfigs"]
    found: Dict[str, Any] = _objects.merged(before or {}, wanted)
    metadata = {**(found.get("metadata") or {}), "name": name}
    return {"apiVersion": kind.api_version, "kind": kind.kind, **found, "metadata": metadata}


KIND = StepKind(("name",), ("object",), KINDS, _effect)
