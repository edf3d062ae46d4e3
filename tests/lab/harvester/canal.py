# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pod network's device, played: flannel makes ``flannel.1`` at its start, and takes one that is there as it is.

Its MTU is that of the device with the node's address minus 50, at that moment; nothing resizes it later, a restart of
canal neither (3.10 of the facts).
"""

from __future__ import annotations

from .agent.links import Links

DEVICE = "flannel.1"
OVERHEAD = 50
"""Bytes of VXLAN over IPv4."""
PORT = 8472


def start(links: Links, addressed_device: str, number: int) -> list[list[str]]:
    """Commands of canal's start on node ``number``; none when the device is there or nothing to build it on."""
    base = links.get(addressed_device)
    if base is None or links.get(DEVICE):
        return []
    vxlan = ["type", "vxlan", "id", "1", "dev", addressed_device, "dstport", str(PORT), "nolearning"]
    return [
        ["ip", "link", "add", DEVICE, "mtu", str(base.mtu - OVERHEAD), *vxlan],
        ["ip", "address", "add", f"10.52.{number}.0/32", "dev", DEVICE],
        ["ip", "link", "set", "dev", DEVICE, "up"],
    ]
