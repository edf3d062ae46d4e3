# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of network configurations; argument specs: module_utils/cluster/wanted/."""

from __future__ import annotations


class ModuleDocFragment:
    """C(config) is a configuration's own, C(uplink) what all configurations of a cluster network have in common."""

    DOCUMENTATION = r"""
options: {}
"""

    CONFIG = r"""
options:
  name:
    description:
      - Name of the network configuration; unique in the whole cluster.
    type: str
    required: true
  description:
    description:
      - Free text.
    type: str
  nics:
    description:
      - NICs of the uplink on every node of the selection, the whole list. Their order means nothing.
      - Required for a new one.
    type: list
    elements: str
  all_nodes:
    description:
      - With V(true), the configuration is for all nodes without the label of witness nodes, also for those that join
        later.
      - A new configuration needs exactly one of O(all_nodes), O(node) and O(node_selector).
    type: bool
  node:
    description:
      - The configuration is for this node.
    type: str
  node_selector:
    description:
      - The configuration is for the nodes that have all of these labels; witness nodes never count.
    type: dict
"""

    UPLINK = r"""
options:
  uplink:
    description:
      - Bond and link attributes. They have to be the same in all configurations of a cluster network.
      - What is not given for a new configuration is taken from the others of its cluster network.
      - A change makes a new bond on every node, which interrupts its traffic; running VMs refuse it.
    type: dict
    suboptions:
      mode:
        description:
          - Mode of the bond; V(active-backup) where none is written.
        type: str
        choices: [balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb, balance-alb]
      miimon:
        description:
          - Time between two looks at the links of the bond, in milliseconds; null is V(-1), Harvester's default, which
            is 100 from 1.7 on.
          - V(0) turns the monitoring off and is refused.
        type: int
      mtu:
        description:
          - MTU in bytes, 576 to 9000; null is 1500.
          - It is always written as a number, because Harvester leaves the links as they are when it is missing or 0.
        type: int
      tx_queue_length:
        description:
          - Length of the transmit queue, in packets; null is V(-1), which leaves the kernel's.
        type: int
      hardware_address:
        description:
          - MAC address of the bond, as V(52:54:00:12:34:56), for a configuration of one node; null is that of a NIC.
        type: str
"""
