# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a planned phase does besides writing objects, in words. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Tuple

EFFECTS = (
    ("stops", "stops VMs"),
    ("starts", "starts VMs"),
    ("returns", "were stopped by an earlier run, start again"),
    ("moves", "moves VMs"),
    ("reboots", "reboots nodes"),
    ("interrupts", "interrupts"),
    ("proves", "proves"),
    ("managed", "managed by others"),
)
"""Key of a phase, as module change_plan returns it, and the words for it: each is a list of names or lines."""


def values_told(values: Iterable[Mapping[str, Any]]) -> List[Tuple[str, List[str]]]:
    """Words, and what they are about, for each object of which values change, in the order of the steps.

    values: of a phase, as module change_plan returns it.
    """
    found: Dict[str, List[str]] = {}
    for one in values:
        place = "%s/%s" % (one["namespace"], one["name"]) if one["namespace"] else one["name"]
        was = " from " + one["from"] if one["from"] else ""
        text = "%s%s to %s" % (one["field"], was, one["to"])
        found.setdefault("sets on %s %s" % (one["kind"], place), []).append(text)
    return list(found.items())
