# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases in which settings let go of their networks, and get them back. Role storage_network.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ...cluster._snapshot import Snapshot
from ...cluster._storage import STORAGE, text_of
from ...cluster.storage._preflight import ALLOWED
from ...cluster.wanted._storage_network import RELEASED, Recorded, plan

ROLE = "harvester.network.storage_network"
OFF, ON = "storage-off", "storage-on"
WAIT = 1200
"""Seconds that the role waits for the whole cluster by default."""
DETACH = 120
"""Seconds that the role waits for volumes of VMs that have stopped."""
PROOF = 180
"""Seconds for the proof of its VLAN between the nodes, and the look at the hosts."""


def phases(options: Mapping[str, Any], settings: Sequence[str] = (STORAGE,)) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """The phase that releases these settings, and the one that puts them back.

    options: of role storage_network without its prefix: wait_timeout, allow_v2_volumes, allow_in_progress, permanent,
    prove, prove_paths.
    """
    off = {**released(options, settings), "until": ON}
    return off, {"id": ON, "role": ROLE, "bound": off["bound"], "input": {"state": "recorded", "of": OFF, **options}}


def released(options: Mapping[str, Any], settings: Sequence[str]) -> Dict[str, Any]:
    """The phase that releases these settings, as phases() has it."""
    return {
        "id": OFF,
        "role": ROLE,
        "bound": _bound(options),
        "input": {"state": "disabled", "settings": list(settings), **options},
    }


def written(snapshot: Snapshot, options: Mapping[str, Any], values: Sequence[Recorded]) -> Dict[str, Any]:
    """The phase that writes these values, the last one first. What is there now is kept for the way back."""
    was = [Recorded(value.setting, text_of(snapshot.get("settings", value.setting))) for value in values]
    gone = [one.setting for one in was if one.value in ("", RELEASED[one.setting])]
    told = {
        "state": "recorded",
        "recorded": [value._asdict() for value in values],
        "was": {"released": gone, "recorded": [one._asdict() for one in was if one.setting not in gone]},
    }
    return {"id": ON, "role": ROLE, "bound": _bound(options), "input": {**told, **options}}


def _bound(options: Mapping[str, Any]) -> int:
    return int(options.get("wait_timeout") or WAIT) + DETACH + PROOF


def steps(
    phase: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], images: Mapping[str, Any], snapshot: Snapshot
) -> List[Dict[str, Any]]:
    """What the phase does, as module change_plan takes it; of an earlier run's record where there is one."""
    told = phase["input"]
    passed = {name: True for name in ALLOWED if told.get(name)}
    if told.get("recorded") is not None:
        return [_step(entry["setting"], entry["value"], passed) for entry in reversed(told["recorded"])]
    off = phase if told["state"] == "disabled" else next(one for one in phases if one["id"] == told["of"])
    image = images.get(off["id"]) or {}
    given: Dict[str, Any] = {"state": "disabled", "recorded": image.get("recorded") or []}
    if off["input"].get("settings") is not None:
        given["settings"] = off["input"]["settings"]
    found = plan(snapshot, given).recorded
    if told["state"] == "recorded":
        return [_step(entry.setting, entry.value, passed) for entry in reversed(found)]
    live = {entry.setting: text_of(snapshot.get("settings", entry.setting)) for entry in found}
    return [_step(name, RELEASED[name], passed) for name in live if live[name] != RELEASED[name]]


def _step(setting: str, value: str, passed: Mapping[str, bool]) -> Dict[str, Any]:
    return {"kind": "storage_network", "setting": setting, "value": value, **passed}
