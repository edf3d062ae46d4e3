# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels and annotations that Harvester gives a meaning. This module util is private to the collection."""

from __future__ import annotations

PREFIX = "network.harvesterhci.io/"
CLUSTER_NETWORK = PREFIX + "clusternetwork"
CONFIG = PREFIX + "vlanconfig"
NODE = PREFIX + "node"
MATCHED_NODES = PREFIX + "matched-nodes"
UPLINK_MTU = PREFIX + "uplink-mtu"
MTU_SOURCE = PREFIX + "mtu-source-vc"
NETWORK_TYPE = PREFIX + "type"
VLAN_ID = PREFIX + "vlan-id"
NETWORK_READY = PREFIX + "ready"
ROUTE = PREFIX + "route"
DESCRIPTION = "field.cattle.io/description"

WITNESS = "node-role.harvesterhci.io/witness"
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
ETCD = "node-role.kubernetes.io/etcd"
HOSTNAME = "kubernetes.io/hostname"
DRAIN_REQUESTED = "harvesterhci.io/drain-requested"
MAINTAIN_STATUS = "harvesterhci.io/maintain-status"
RUN_STRATEGY = "harvesterhci.io/vmRunStrategy"
LATEST_UPGRADE = "harvesterhci.io/latestUpgrade"
UPGRADE_STATE = "harvesterhci.io/upgradeState"
DEVICE_ALLOCATION = "harvesterhci.io/deviceAllocationDetails"
GUEST_CLUSTER = "guestcluster.harvesterhci.io/name"
MAINTAIN_STRATEGY = "harvesterhci.io/maintain-mode-strategy"
CORDONED = "harvester.network/cordoned"
"""Annotation of a node that this collection has cordoned: such a cordon alone is removed again."""

MGMT = "mgmt"
"""The built-in cluster network; it has no configuration that a user may write."""
