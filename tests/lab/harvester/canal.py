# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pod network's device, played: flannel makes ``flannel.1`` at its start, and takes one that is there as it is.

Unless that is on another device: flannel's ensureLink compares the device below, deletes and makes it again.

Its MTU is that of the device with the node's address minus 50, at that moment; nothing resizes it later, a restart of
canal neither (3.10 of the facts).
"""

from __future__ import annotations

from .agent.links import Links
from .kinds import POD
from .objects import is_deleting, labels, namespace, spec
from .view import View

DEVICE = "flannel.1"
OVERHEAD = 50
"""Bytes of VXLAN over IPv4."""
PORT = 8472
NAMESPACE = "kube-system"


def start(links: Links, addressed_device: str, number: int) -> list[list[str]]:
    """Commands of canal's start on node ``number``; none when the device is there or nothing to build it on."""
    base, there = links.get(addressed_device), links.get(DEVICE)
    if base is None or (there and there.parent in ("", addressed_device)):
        return []
    gone = [["ip", "link", "delete", DEVICE]] if there else []
    vxlan = ["type", "vxlan", "id", "1", "dev", addressed_device, "dstport", str(PORT), "nolearning"]
    return [
        *gone,
        ["ip", "link", "add", DEVICE, "mtu", str(base.mtu - OVERHEAD), *vxlan],
        ["ip", "address", "add", f"10.52.{number}.0/32", "dev", DEVICE],
        ["ip", "link", "set", "dev", DEVICE, "up"],
    ]


def pod(view: View, node: str) -> str:
    """The uid of canal's pod of a node; empty while there is none. A new one means that canal has started."""
    for item in view.list(POD):
        ours = namespace(item) == NAMESPACE and labels(item).get("k8s-app") == "canal"
        if ours and spec(item).get("nodeName") == node and not is_deleting(item):
            return str(item["metadata"]["uid"])
    return ""
