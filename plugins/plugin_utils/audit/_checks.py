# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check of the standing audit. Pure; private to the collection."""

from __future__ import annotations

from . import _installed, _links, _mgmt, _networks, _nodes
from ._model import Audit, Check, Rule

OF_HOSTS: tuple[Rule, ...] = (
    _nodes.reached,
    _mgmt.equal_mtus,
    _mgmt.equal_vlans,
    _mgmt.live_vlans,
    _mgmt.flannel,
    _installed.drift,
    _links.arp_ignore,
    _links.bond_health,
    _links.port_mtus,
)
"""Made with and without an API."""
OF_CLUSTER: tuple[Rule, ...] = (
    _nodes.membership,
    _nodes.identity,
    _nodes.ready,
    _nodes.open_change,
    _mgmt.annotation,
    _links.links_of_configurations,
    _links.device_mtus,
    _links.kept_vlans,
    _links.leftovers,
    _networks.configured,
    _networks.equal_configs,
    _networks.vlan_statuses,
    _networks.vm_networks,
    _networks.live_vlans,
    _networks.storage_network,
    _networks.longhorn_pods,
)
"""Made with an API only."""
GATHER = (
    "nodes",
    "cluster_networks",
    "network_configs",
    "vlan_statuses",
    "vm_networks",
    "host_network_configs",
    "storage_network",
    "longhorn",
    "vms",
)
"""What module network_info has to return; ``vms`` for the topology."""


def checks(audit: Audit) -> list[Check]:
    """Every check, failed or not, in the order of the rules."""
    rules = OF_HOSTS if audit.cluster is None else OF_HOSTS + OF_CLUSTER
    return [check for rule in rules for check in rule(audit)]
