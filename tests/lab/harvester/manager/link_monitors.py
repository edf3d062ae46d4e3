# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LinkMonitors: ``nic`` for all physical NICs, and one per cluster network that was ready once (1.4 of the facts)."""

from __future__ import annotations

from ..kinds import CLUSTER_NETWORK, LINK_MONITOR
from ..objects import Obj, is_deleting, is_true, name, spec
from ..view import View
from ..writes import Create, Delete, Write

NIC = "nic"


def rule_of(cluster_network: str) -> Obj:
    return {"targetLinkRule": {"nameRule": f"{cluster_network}(-br|-bo)"}}


def writes(view: View) -> list[Write]:
    """Monitors that are missing, and those of cluster networks that are gone; foreign ones are left alone."""
    there = {name(item): item for item in view.list(LINK_MONITOR)}
    networks = {name(item): item for item in view.list(CLUSTER_NETWORK) if not is_deleting(item)}
    wanted = {NIC: {"targetLinkRule": {"typeRule": "device"}}}
    wanted |= {key: rule_of(key) for key, item in networks.items() if is_true(item)}
    found: list[Write] = [
        Create(LINK_MONITOR, {"metadata": {"name": key}, "spec": rule})
        for key, rule in wanted.items()
        if key not in there
    ]
    gone = [key for key, item in there.items() if key not in networks and key != NIC and spec(item) == rule_of(key)]
    return found + [Delete(LINK_MONITOR, key) for key in gone]
