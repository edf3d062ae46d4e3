# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a change or a proof must not leave on nodes and in the cluster, for molecule's scenarios and tests on nodes."""

from __future__ import annotations

from typing import Any

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap, _lease
from ansible_collections.harvester.network.plugins.module_utils.cluster import _keys
from lab.apiserver import Client

SYSTEM = "harvester-system"
ON_NODE = (
    # kept folder, checkpoint and its units, live change, probe; the addresses of endpoints are in their namespaces
    "ls -d /run/harvester-network* /run/netns/hnprobe* /etc/NetworkManager/harvester-network*"
    " /etc/NetworkManager/system-connections/.*harvester* /etc/systemd/system/harvester-network*"
    " /etc/systemd/system/multi-user.target.wants/harvester-network* 2>/dev/null;"
    " ip -o link show | grep -o ' hnp[0-9a-f]*';"
    " systemctl list-units --all --plain --no-legend 'harvester-network*';"
    " busctl call org.freedesktop.NetworkManager /org/freedesktop/NetworkManager org.freedesktop.DBus.Properties Get ss"
    " org.freedesktop.NetworkManager Checkpoints | grep -v 'ao 0'; true"
)
"""A command for root. Nothing is printed where nothing is left."""


def on_node(host: Any) -> list[str]:
    """Of ours, on the node of a scenario; host: testinfra's."""
    with host.sudo():
        left: str = host.check_output(ON_NODE)
    return left.splitlines()


def in_cluster(client: Client) -> list[str]:
    """Of ours, in the cluster: changes that are open, the Lease, nodes with a cordon."""
    opened = client.list("v1", "ConfigMap", SYSTEM, labelSelector=f"{_configmap.STATE_LABEL}=open")
    leases = client.list("coordination.k8s.io/v1", "Lease", SYSTEM)
    cordoned = [
        item
        for item in client.list("v1", "Node")
        if item["spec"].get("unschedulable") or _keys.CORDONED in item["metadata"].get("annotations", {})
    ]
    return [
        *(f"open change {item['metadata']['name']}" for item in opened),
        *(f"Lease {_lease.NAME}" for item in leases if item["metadata"]["name"] == _lease.NAME),
        *(f"cordon of {item['metadata']['name']}" for item in cordoned),
    ]
