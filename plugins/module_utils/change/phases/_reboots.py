# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The turns of reboots, of a change that goes on. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence

from ...cluster._snapshot import Snapshot

ROLE = "harvester.network.ordered_reboot"
NEVER = "never"
"""When a VM starts that stays off, as its owner wants it."""
WAITS = 4
"""How often one turn may wait for VMs: they move, stop, start on other nodes and with their own again."""


def bound(phase: Mapping[str, Any], wait: int) -> int:
    """Seconds that a recorded turn may take when VMs are waited for as long as this. wait: seconds."""
    planned: int = phase["bound"]
    return planned + WAITS * max(0, wait - int(phase["input"]["wait_timeout"]))


def steps(
    phase: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], images: Mapping[str, Any], snapshot: Snapshot
) -> List[Dict[str, Any]]:
    """What the turn does, as module change_plan takes it."""
    return turn(phase["input"], images.get(phase["id"]))


def turn(told: Mapping[str, Any], image: Optional[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """What a turn still does: it reboots the nodes whose turn it is, or is expected to be.

    Of one that has begun, the VMs that it had stopped start again too. told: its input. image: what it has recorded.
    """
    if not image:
        return [{"kind": "reboot", "nodes": list(told["expected"])}]
    return [{"kind": "reboot", "nodes": list(image["boot_ids"])}, *_starting(image)]


def _starting(image: Mapping[str, Any]) -> List[Dict[str, Any]]:
    off = [vm["reference"] for vm in image.get("plan") or () if vm["start"] == NEVER]
    told = {"%s/%s" % (vm["namespace"], vm["name"]): vm["run_strategy"] for vm in image.get("vms") or ()}
    back = {name: strategy for name, strategy in told.items() if name not in off}
    return [{"kind": "vm_return", "vms": list(back), "run_strategies": back}] if back else []
