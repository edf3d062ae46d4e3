# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of objects that the stand-in reads and writes, and their places in the API."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind: API group ('' for the core group), version, plural, kind and scope."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = False

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "") -> str:
        """The path of the whole list, of a namespace's list, or of one object."""
        words = ["/apis" if self.group else "/api", self.api_version]
        if self.namespaced and namespace:
            words += ["namespaces", namespace]
        words.append(self.plural)
        if name:
            words.append(name)
        return "/".join(words)


NETWORK = "network.harvesterhci.io"
HARVESTER = "harvesterhci.io"
LONGHORN = "longhorn.io"

NODE = Kind("", "v1", "nodes", "Node")
CLUSTER_NETWORK = Kind(NETWORK, "v1beta1", "clusternetworks", "ClusterNetwork")
VLAN_CONFIG = Kind(NETWORK, "v1beta1", "vlanconfigs", "VlanConfig")
VLAN_STATUS = Kind(NETWORK, "v1beta1", "vlanstatuses", "VlanStatus")
LINK_MONITOR = Kind(NETWORK, "v1beta1", "linkmonitors", "LinkMonitor")
HOST_NETWORK_CONFIG = Kind(NETWORK, "v1beta1", "hostnetworkconfigs", "HostNetworkConfig")
NAD = Kind("k8s.cni.cncf.io", "v1", "network-attachment-definitions", "NetworkAttachmentDefinition", True)
SETTING = Kind(HARVESTER, "v1beta1", "settings", "Setting")
VM = Kind("kubevirt.io", "v1", "virtualmachines", "VirtualMachine", True)
VMI = Kind("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance", True)
MIGRATION = Kind("kubevirt.io", "v1", "virtualmachineinstancemigrations", "VirtualMachineInstanceMigration", True)
VM_BACKUP = Kind(HARVESTER, "v1beta1", "virtualmachinebackups", "VirtualMachineBackup", True)
POD = Kind("", "v1", "pods", "Pod", True)
EVICTION = Kind("", "v1", "pods/eviction", "Eviction", True)
"""The subresource, as admission rules name it."""
DISRUPTION_BUDGET = Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", True)
DAEMON_SET = Kind("apps", "v1", "daemonsets", "DaemonSet", True)
LEASE = Kind("coordination.k8s.io", "v1", "leases", "Lease", True)
LONGHORN_VOLUME = Kind(LONGHORN, "v1beta2", "volumes", "Volume", True)
LONGHORN_NODE = Kind(LONGHORN, "v1beta2", "nodes", "Node", True)
LONGHORN_ENGINE = Kind(LONGHORN, "v1beta2", "engines", "Engine", True)
LONGHORN_REPLICA = Kind(LONGHORN, "v1beta2", "replicas", "Replica", True)
LONGHORN_SETTING = Kind(LONGHORN, "v1beta2", "settings", "Setting", True)
IP_POOL = Kind("whereabouts.cni.cncf.io", "v1alpha1", "ippools", "IPPool", True)
SUBNET = Kind("kubeovn.io", "v1", "subnets", "Subnet")
"""Of kube-ovn, which is an add-on: where the kind is not served, overlay networks are off."""
