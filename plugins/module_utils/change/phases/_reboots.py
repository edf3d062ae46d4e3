# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The turns of reboots, of a change that goes on. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence

from ...cluster._snapshot import Snapshot

ROLE = "harvester.network.ordered_reboot"


def steps(
    phase: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], images: Mapping[str, Any], snapshot: Snapshot
) -> List[Dict[str, Any]]:
    """What the turn does, as module change_plan takes it: the nodes whose turn it is, or is expected to be."""
    image = images.get(phase["id"])
    return [{"kind": "reboot", "nodes": list(image["boot_ids"] if image else phase["input"]["expected"])}]
