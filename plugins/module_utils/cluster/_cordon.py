# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This collection's own cordon of a node. This module util is private to the collection.

An annotation tells it from everybody else's: such a cordon alone is removed again.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from . import _keys
from ._change import Change
from ._nodes import Node
from ._plan import Step
from ._snapshot import Snapshot

OURS, OTHERS = "harvester.network", "others"


def cordoned_by(node: Node) -> str:
    """Who has cordoned a node: "harvester.network", "others", or nobody ("")."""
    if not node.cordoned:
        return ""
    return OURS if _keys.CORDONED in node.annotations else OTHERS


def cordon(snapshot: Snapshot, node: str) -> Optional[Step]:
    """What cordons a node in this collection's name; None where it is cordoned already, by whomever.

    Raises KeyError for an unknown node.
    """
    if snapshot.nodes[node].cordoned:
        return None
    return _step(
        snapshot, node, {"metadata": {"annotations": {_keys.CORDONED: "true"}}, "spec": {"unschedulable": True}}
    )


def uncordon(snapshot: Snapshot, node: str) -> Optional[Step]:
    """What takes this collection's own cordon from a node; None where it has none, or only somebody else's."""
    found = snapshot.nodes.get(node)
    if found is None or _keys.CORDONED not in found.annotations:
        return None
    return _step(snapshot, node, {"metadata": {"annotations": {_keys.CORDONED: None}}, "spec": {"unschedulable": None}})


def _step(snapshot: Snapshot, node: str, values: Dict[str, Any]) -> Step:
    before = snapshot.nodes[node].raw
    return Step("nodes", before, Change.patch("nodes", before, values).object)
