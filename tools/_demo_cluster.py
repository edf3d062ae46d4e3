# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last part of the demonstration: a cluster network through the API, over nodes whose NICs have other names."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo import Demo

    from lab import Lab, Node

NETWORK, VLAN, MTU = "vm", 300, 9000
"""What the example's inventory declares; ``vm`` is on the third uplink of every node."""
BOND, BRIDGE = f"{NETWORK}-bo", f"{NETWORK}-br"
DECLARED = "harvester_cluster_networks:"


def add_cluster_network(demo: Demo, inventory: Path, sent: str) -> None:
    """One cluster network from nothing, proved between all nodes; the second run changes nothing.

    inventory: the demonstration's folder, with group_vars of examples/ in it. sent: name of the task that proves paths.
    """
    with demo.step("Cluster networks before"):
        access(demo.lab, inventory)
        there = {node.name: sorted(links(node).keys() & {BOND, BRIDGE}) for node in demo.nodes}
        demo.claim(f"no node has {BOND} or {BRIDGE}", not any(there.values()), there)
    with demo.step(f"Cluster network {NETWORK} with a VM network in VLAN {VLAN}, over NICs with other names"):
        demo.say("  " + "\n  ".join(declared(inventory / "group_vars/harvester_nodes.yml")))
        status, output = demo.run("cluster_network")
        demo.claim("the playbook ends well", status == 0, status)
        demo.claim(f"frames of VLAN {VLAN} pass between every two nodes, in exactly {MTU} bytes", sent in output)
        found = {node.name: links(node) for node in demo.nodes}
        ports = {
            name: [link["ifname"] for link in of.values() if link.get("master") == BOND] for name, of in found.items()
        }
        wanted = {node.name: [node.spec.nics[2]] for node in demo.nodes}
        demo.claim(f"{BOND} has its NIC on every node: {shown(wanted)}", ports == wanted, shown(ports))
        mtus = {name: [of.get(device, {}).get("mtu") for device in (BOND, BRIDGE)] for name, of in found.items()}
        right = all(values == [MTU, MTU] for values in mtus.values())
        demo.claim(f"{BOND} and {BRIDGE} of every node have MTU {MTU}", right, mtus)
    with demo.step("The same run again"):
        changed = demo.play("cluster_network")
        demo.claim("a second run changes nothing", not any(changed.values()) and len(changed) == 3, changed)


def access(lab: Lab, inventory: Path) -> None:
    """Let the inventory say how the API is reached."""
    found = {"harvester_nodes": {"vars": {"harvester_api": {"kubeconfig": str(lab.cluster.kubeconfig)}}}}
    (inventory / "api.yml").write_text(json.dumps(found) + "\n")


def links(node: Node) -> dict[str, dict[str, Any]]:
    """The node's links by name, as the kernel has them."""
    return {link["ifname"]: link for link in node.json("ip -j link show")}


def declared(path: Path) -> list[str]:
    """The lines of the inventory that declare the cluster networks."""
    from_there = itertools.dropwhile(lambda line: line != DECLARED, path.read_text().splitlines())
    return list(itertools.takewhile(str.strip, from_there))


def shown(ports: dict[str, list[str]]) -> str:
    return ", ".join(f"{' '.join(nics) or 'none'} on {name}" for name, nics in ports.items())
