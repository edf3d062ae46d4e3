#!/usr/bin/python
# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the cluster bears the reboot of a node now."""

from __future__ import annotations

DOCUMENTATION = r"""
module: reboot_gate_info
short_description: See whether the cluster bears the reboot of a node
version_added: "0.1.0"
description:
  - Judges everything that must hold in the cluster before a node is rebooted, and waits for it in a bounded time.
  - Meant to be called before the first node, and after each one with its old boot id.
  - What time may bring is waited for, an API that does not answer for a while included. What it will not bring, as a
    volume whose only healthy replica is on the node, fails at once.
  - V(upgrade) - no upgrade of Harvester is running.
  - V(nodes) - every node is Ready, none is in maintenance mode or has the cordon of an earlier reboot, and those of
    O(boot_ids) have a new boot id.
  - V(etcd) - every member of etcd is a voter on a Ready node, and enough of them stay when the nodes of O(nodes) go.
  - V(networks) - every network configuration has a ready VlanStatus on each of its nodes, and every network agent runs.
  - V(storage_network) - every node has a Running instance-manager, with lhnet1 where there is a storage network. A
    cordoned node needs none, since Longhorn starts none there.
  - V(volumes) - Longhorn's volumes in use are healthy by the rule of Harvester's own upgrade, and none has its only
    healthy replica on the nodes of O(nodes).
  - V(vip) - a Ready node of the cluster holds the VIP's Lease.
  - V(migrations) - no VM is being migrated. Asked by name only.
  - V(detached) - every volume of Longhorn is detached, those of Harvester's own monitoring aside. Asked by name only,
    for a change that cuts the replicas off while every VM is stopped.
extends_documentation_fragment:
  - harvester.network.attributes
  - harvester.network.attributes.info
  - harvester.network.cluster_auth
  - harvester.network.cluster_api
options:
  nodes:
    description:
      - The nodes that are rebooted next, together, by their names in the cluster. None after the last one.
    type: list
    elements: str
    default: []
  boot_ids:
    description:
      - The nodes that were rebooted, with the boot id that each had before.
    type: dict
    default: {}
  cordoned:
    description:
      - Nodes that may still have the cordon of a reboot, since they have just come back.
    type: list
    elements: str
    default: []
  gates:
    description:
      - The gates that are judged; the others are left out.
    type: list
    elements: str
    choices: [upgrade, nodes, etcd, networks, storage_network, volumes, vip, migrations, detached]
    default: [upgrade, nodes, etcd, networks, storage_network, volumes, vip]
  wait:
    description:
      - Whether to wait for gates that do not hold yet.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most, in seconds. Longhorn's rebuilds may take hours.
      - Only with O(wait=true).
    type: int
    default: 300
  wait_sleep:
    description:
      - Time between two looks, in seconds.
      - Only with O(wait=true).
    type: int
    default: 5
seealso:
  - module: harvester.network.vm_power
author: The harvester.network authors (@harvester-network)
"""

EXAMPLES = r"""
- name: See whether node1 may be rebooted
  harvester.network.reboot_gate_info:
    nodes: [node1]
  delegate_to: localhost
  run_once: true
  register: before

- name: Wait until node1 is back, and node2 may go
  harvester.network.reboot_gate_info:
    nodes: [node2]
    boot_ids:
      node1: "{{ before.boot_ids.node1 }}"
    wait_timeout: 3600
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
gates:
  description: Every gate, in the order in which they are judged.
  returned: when the cluster could be read
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
    holds:
      description: Whether it holds.
      type: bool
      returned: always
    waits_for:
      description: What is missing that time may bring, a line each.
      type: list
      elements: str
      returned: always
    refuses:
      description: What speaks against the reboot that time will not bring, a line each.
      type: list
      elements: str
      returned: always
  sample:
    - {name: nodes, holds: false, waits_for: [node node2 is not Ready], refuses: []}
boot_ids:
  description: Boot id of every node at the last look. Those of O(nodes) are for O(boot_ids) of the next call.
  returned: when the cluster could be read
  type: dict
  sample: {node1: 0b5e6f2a-6a2c-4c33-8a55-3c6f0d1e9b77}
vip_holder:
  description: Node that holds the VIP; empty when none does.
  returned: when the cluster could be read
  type: str
  sample: node1
vip:
  description:
    - The virtual address of the cluster as Harvester has noted it (C(harvester-system/vip)); empty where it has not. On
      which host it is, and whether it answers, is not seen from the API.
  returned: when the cluster could be read
  type: str
  sample: 192.0.2.10
progress:
  description: What was missing, one entry whenever it changed.
  returned: when the cluster could be read
  type: list
  elements: dict
  contains:
    after:
      description: Seconds since the beginning.
      type: int
      returned: always
    missing:
      description: What was missing then, a line each; empty when nothing was.
      type: list
      elements: str
      returned: always
waited:
  description: Seconds that the call has waited for the cluster.
  returned: when it had to wait
  type: float
  sample: 35.0
"""

from ansible_collections.harvester.network.plugins.module_utils.cluster._module import ClusterModule
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot._gate_module import GATE_ARGSPEC, run


def main() -> None:
    run(ClusterModule(argument_spec=GATE_ARGSPEC))


if __name__ == "__main__":
    main()
