# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Played nodes whose boots show in a real API, for runs of mgmt_mtu with change_apply=reboot."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

from played_nodes import NODES, Nodes
from reboot_stage import CORDONED, VMI
from stage import Ran

TURNS = ("node2", "node3", "node1")
FASTER = ("-e", '{"ordered_reboot_delay": 1}')
BOOTS = "harvester.network.ordered_reboot : Pass the first gate"


class Boots:
    """Says in the API that a node has booted, as its kubelet would.

    seen: the nodes that have booted, in order, and the VMs that were on each. uncordoned: those that had no cordon.
    """

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.seen: list[tuple[str, list[str]]] = []
        self.uncordoned: list[str] = []
        self._known = {name: nodes.node(name)["boot_id"] for name in NODES}
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            for name in NODES:
                try:
                    now = self.nodes.node(name)["boot_id"]
                except ValueError:
                    # It is being written.
                    continue
                if now != self._known[name]:
                    self._known[name] = now
                    self._booted(name, now)

    def _booted(self, name: str, boot_id: str) -> None:
        node = self.nodes.client.get("v1", "Node", name)
        if CORDONED not in node["metadata"]["annotations"]:
            self.uncordoned.append(name)
        found = self.nodes.client.list(*VMI)
        here = sorted(item["metadata"]["name"] for item in found if item["status"].get("nodeName") == name)
        self.seen.append((name, here))
        info = {"status": {"nodeInfo": {"bootID": boot_id}}}
        self.nodes.client.patch("v1", "Node", name, info, status=True)

    def end(self) -> None:
        self._ended.set()
        self._watch.join()


def booting(nodes: Nodes) -> Iterator[Boots]:
    """For a fixture: from when the VMs of the seeded cluster run."""
    end = time.monotonic() + 60
    while not {"db", "shell", "web"} <= set(running(nodes)):
        assert time.monotonic() < end, "VMs do not start"
        time.sleep(0.2)
    made = Boots(nodes)
    yield made
    made.end()


def running(nodes: Nodes) -> list[str]:
    found = nodes.client.list(*VMI)
    return sorted(item["metadata"]["name"] for item in found if item["status"].get("phase") == "Running")


def cordons(nodes: Nodes) -> list[str]:
    return [item["metadata"]["name"] for item in nodes.client.list("v1", "Node") if item["spec"].get("unschedulable")]


def run(nodes: Nodes, *arguments: str, **wish: Any) -> Ran:
    return nodes.run(*FASTER, *arguments, apply="reboot", **wish)
