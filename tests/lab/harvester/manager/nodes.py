# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kubelet and the node controller would say of a node: Ready, boot id. Read from the node VM."""

from __future__ import annotations

from dataclasses import dataclass

from ..kinds import NODE
from ..objects import Obj, status
from ..writes import Write, patch

LOST = "Kubelet stopped posting node status."


@dataclass(frozen=True)
class Probe:
    """The last look at a node. ``silent``: seconds without an answer, 0 when it answered."""

    boot: str = ""
    silent: float = 0.0


def writes(node: Obj, probe: Probe, grace: float, now: str) -> list[Write]:
    """The node's status after a look; nothing within ``grace`` seconds of silence, as the node controller waits too."""
    if not probe.silent:
        wanted = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "message": "kubelet is posting ready status",
        }
    elif probe.silent >= grace:
        wanted = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": LOST}
    else:
        return []
    there = list(status(node).get("conditions") or [])
    before: Obj = next((item for item in there if item.get("type") == "Ready"), {})
    changes: Obj = {}
    if before.get("status") != wanted["status"]:
        ready = {**wanted, "lastHeartbeatTime": now, "lastTransitionTime": now}
        changes["conditions"] = [*(item for item in there if item.get("type") != "Ready"), ready]
    if probe.boot and (status(node).get("nodeInfo") or {}).get("bootID") != probe.boot:
        changes["nodeInfo"] = {"bootID": probe.boot}
    return [patch(NODE, node, {"status": changes}, status=True)] if changes else []
