# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the seed has to know of a node: read from a node VM, or played for a Node object without VM."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import layout
from ..layout import NodeSpec
from ..node import Node

ZONES = {layout.RACK_A: "rack-a", layout.RACK_B: "rack-b"}
"""Group of the inventory -> zone, the label by which the seed's configurations choose nodes."""
CONTROL_PLANE_NODES = 3
"""The first nodes are management nodes, as on Harvester; further ones are workers."""
MAX_PLAYED = 200
OWN_LINKS = ("oob0", "lo")
"""Links of the lab itself, which a Harvester node does not have, and the loopback, which LinkMonitors leave out."""


@dataclass(frozen=True)
class Link:
    """A link as the agent reports it to a LinkMonitor. ``master``: the master's index, 0: none."""

    name: str
    index: int
    mac: str
    kind: str = "device"
    state: str = "up"
    master: int = 0
    promiscuous: bool = False


@dataclass(frozen=True)
class NodeFacts:
    """One node of the seeded cluster."""

    name: str
    address: str
    zone: str
    machine_id: str
    boot_id: str
    kernel: str
    control_plane: bool
    witness: bool
    links: tuple[Link, ...]

    @property
    def nics(self) -> list[Link]:
        """Physical NICs."""
        return [link for link in self.links if link.kind == "device"]

    def named(self, *names: str) -> list[Link]:
        """The links of these names that are there."""
        return [link for link in self.links if link.name in names]


def number_of(name: str) -> int:
    """N of ``nodeN``."""
    return int(name.removeprefix("node"))


def spec_of(number: int) -> NodeSpec:
    """Node ``nodeN``: of the layout as far as that goes, then nodes alike in both racks by turns."""
    if number <= len(layout.NODES):
        return layout.NODES[number - 1]
    group = layout.GROUPS[number % len(layout.GROUPS)]
    return NodeSpec(f"node{number}", number, group, layout.NIC_NAMES[group], "dhcp", None)


def played(number: int, witness: bool = False) -> NodeFacts:
    """The facts of ``nodeN`` without a VM: always the same for the same number."""
    spec = spec_of(number)
    ids = uuid.uuid5(uuid.NAMESPACE_DNS, f"{spec.name}.lab.example")
    nics = [
        Link(name, index, spec.mac(index - 1), master=6 if index < 4 else 0) for index, name in enumerate(spec.nics, 2)
    ]
    bond = Link("mgmt-bo", 6, spec.mac(1), "bond", master=7)
    bridge = Link("mgmt-br", 7, spec.mac(1), "bridge", promiscuous=True)
    vlan = Link(f"mgmt-br.{layout.PRIMARY_VLAN}", 8, spec.mac(1), "vlan")
    return NodeFacts(
        spec.name,
        spec.mgmt_address,
        ZONES[spec.group],
        ids.hex,
        str(uuid.uuid5(ids, "boot")),
        "6.12.0-160000.9-default",
        number <= CONTROL_PLANE_NODES,
        witness,
        (*nics, bond, bridge, vlan),
    )


def read(node: Node) -> NodeFacts:
    """The facts of a running node VM."""
    machine, boot, kernel = node.output("cat /etc/machine-id /proc/sys/kernel/random/boot_id && uname -r").splitlines()
    return NodeFacts(
        node.name,
        node.spec.mgmt_address,
        ZONES[node.spec.group],
        machine,
        boot,
        kernel,
        node.spec.number <= CONTROL_PLANE_NODES,
        node.witness,
        links(node.json("ip -j -d link show")),
    )


def links(shown: Sequence[dict[str, Any]]) -> tuple[Link, ...]:
    """The links in the words of LinkMonitor out of those of ``ip -j -d link``."""
    indices = {entry["ifname"]: int(entry["ifindex"]) for entry in shown}
    return tuple(
        Link(
            entry["ifname"],
            int(entry["ifindex"]),
            entry.get("address", ""),
            entry.get("linkinfo", {}).get("info_kind", "device"),
            {"UP": "up", "DOWN": "down"}.get(entry.get("operstate", ""), "unknown"),
            indices.get(entry.get("master", ""), 0),
            bool(entry.get("promiscuity")),
        )
        for entry in shown
        if entry["ifname"] not in OWN_LINKS
    )
