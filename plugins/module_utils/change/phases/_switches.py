# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase in which somebody else sets the switches, as role switches takes it.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence

from ...cluster._snapshot import Snapshot

ID = "switches"
ROLE = "harvester.network.switches"
BOUND = 1800
"""Seconds that setting the switches may take by default."""

INTERRUPTS = "what passes the switches, for as long as they need to take another MTU"


def phase(mtu_from: int, mtu_to: int, proves: str = "", bound: int = BOUND) -> Dict[str, Any]:
    """The phase. mtu_from, mtu_to: bytes. proves: an earlier phase whose proof is repeated once they are set.

    bound: seconds.
    """
    return {
        "id": ID,
        "role": ROLE,
        "bound": bound,
        "input": {"mtu_from": mtu_from, "mtu_to": mtu_to, "proves": proves},
    }


def around(hosts: Sequence[Dict[str, Any]], mtu_from: int, mtu_to: int, bound: int = BOUND) -> List[Dict[str, Any]]:
    """The phases that change hosts, with the switches in their place.

    Before them when the MTU is raised, since a node must not send what a switch drops; after them when it is lowered.
    """
    if mtu_to > mtu_from:
        return [phase(mtu_from, mtu_to, bound=bound), *hosts]
    return [*hosts, phase(mtu_from, mtu_to, hosts[-1]["id"], bound)]


def steps(
    phase: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], images: Mapping[str, Any], snapshot: Snapshot
) -> List[Dict[str, Any]]:
    """What the phase does, as module change_plan takes it: no object changes."""
    return [{"kind": "interruption", "text": INTERRUPTS}]
