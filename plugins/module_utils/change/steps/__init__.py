# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a phase does to the cluster, as the pure effect on a snapshot: a file per kind of step.

This package is private to the collection.
"""

from __future__ import annotations

from typing import Dict

from . import _network_config, _node, _storage_network, _uplink_mtu, _vm_power
from ._effect import StepKind

STEPS: Dict[str, StepKind] = {
    "cluster_network": _network_config.NETWORK_KIND,
    "network_config": _network_config.KIND,
    "vm_network": _network_config.VM_KIND,
    "host_network_config": _network_config.HOST_KIND,
    "uplink_mtu": _uplink_mtu.KIND,
    "host": _node.HOST,
    "node_labels": _node.LABELS,
    "storage_network": _storage_network.KIND,
    "vm_power": _vm_power.KIND,
    "vm_return": _vm_power.RETURN,
    "vm_migration": _vm_power.MIGRATION,
    "reboot": _node.REBOOT,
    "interruption": _node.INTERRUPTION,
    "proof": _node.PROOF,
}
"""Option kind of a step -> what it does."""
