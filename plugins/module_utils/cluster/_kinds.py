# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of the API that the collection reads, in one table. This module util is private to the collection.

Groups, plurals and scopes are those of the CRDs that Harvester, KubeVirt, Longhorn, Multus and whereabouts install. A
kind is listed once for a whole run; ``namespace`` and ``selector`` keep a list to the objects that a rule looks at.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple


class Kind(NamedTuple):
    """One kind.

    key: the word for it in this library, a snapshot's key. title: what messages call an object of it. namespaced:
    whether objects lie in namespaces. namespace, selector: what a list is narrowed to; empty for all of them.
    """

    key: str
    title: str
    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool = False
    namespace: str = ""
    selector: str = ""

    @property
    def api_version(self) -> str:
        """ "network.harvesterhci.io/v1beta1", or "v1" for the core group."""
        return "%s/%s" % (self.group, self.version) if self.group else self.version


NETWORK = "network.harvesterhci.io"
HARVESTER = "harvesterhci.io"
KUBEVIRT = "kubevirt.io"
LONGHORN = "longhorn.io"
SYSTEM = "harvester-system"
LONGHORN_SYSTEM = "longhorn-system"

KINDS: Tuple[Kind, ...] = (
    Kind("nodes", "node", "Node", "", "v1", "nodes"),
    Kind("clusternetworks", "cluster network", "ClusterNetwork", NETWORK, "v1beta1", "clusternetworks"),
    Kind("vlanconfigs", "network configuration", "VlanConfig", NETWORK, "v1beta1", "vlanconfigs"),
    Kind("vlanstatuses", "VlanStatus", "VlanStatus", NETWORK, "v1beta1", "vlanstatuses"),
    Kind("linkmonitors", "LinkMonitor", "LinkMonitor", NETWORK, "v1beta1", "linkmonitors"),
    Kind(
        "hostnetworkconfigs",
        "host network configuration",
        "HostNetworkConfig",
        NETWORK,
        "v1beta1",
        "hostnetworkconfigs",
    ),
    Kind(
        "nads",
        "VM network",
        "NetworkAttachmentDefinition",
        "k8s.cni.cncf.io",
        "v1",
        "network-attachment-definitions",
        True,
    ),
    Kind("settings", "setting", "Setting", HARVESTER, "v1beta1", "settings"),
    Kind("upgrades", "upgrade", "Upgrade", HARVESTER, "v1beta1", "upgrades", True, SYSTEM),
    Kind("backups", "VM backup", "VirtualMachineBackup", HARVESTER, "v1beta1", "virtualmachinebackups", True),
    Kind("vm_schedules", "VM backup schedule", "ScheduleVMBackup", HARVESTER, "v1beta1", "schedulevmbackups", True),
    Kind("cron_jobs", "cron job", "CronJob", "batch", "v1", "cronjobs", True, LONGHORN_SYSTEM),
    Kind("vms", "VM", "VirtualMachine", KUBEVIRT, "v1", "virtualmachines", True),
    Kind("vmis", "VM instance", "VirtualMachineInstance", KUBEVIRT, "v1", "virtualmachineinstances", True),
    Kind(
        "migrations",
        "VM migration",
        "VirtualMachineInstanceMigration",
        KUBEVIRT,
        "v1",
        "virtualmachineinstancemigrations",
        True,
    ),
    Kind("volumes", "Longhorn volume", "Volume", LONGHORN, "v1beta2", "volumes", True, LONGHORN_SYSTEM),
    Kind("engines", "Longhorn engine", "Engine", LONGHORN, "v1beta2", "engines", True, LONGHORN_SYSTEM),
    Kind("replicas", "Longhorn replica", "Replica", LONGHORN, "v1beta2", "replicas", True, LONGHORN_SYSTEM),
    Kind("longhorn_nodes", "Longhorn node", "Node", LONGHORN, "v1beta2", "nodes", True, LONGHORN_SYSTEM),
    Kind("longhorn_settings", "Longhorn setting", "Setting", LONGHORN, "v1beta2", "settings", True, LONGHORN_SYSTEM),
    Kind("ippools", "IP pool", "IPPool", "whereabouts.cni.cncf.io", "v1alpha1", "ippools", True, "kube-system"),
    Kind(
        "sriov_devices",
        "SR-IOV device",
        "SRIOVNetworkDevice",
        "devices.harvesterhci.io",
        "v1beta1",
        "sriovnetworkdevices",
    ),
    Kind(
        "agents",
        "network agent",
        "Pod",
        "",
        "v1",
        "pods",
        True,
        SYSTEM,
        "app.kubernetes.io/name=harvester-network-controller",
    ),
    Kind("longhorn_pods", "pod", "Pod", "", "v1", "pods", True, LONGHORN_SYSTEM),
    Kind("pods", "pod", "Pod", "", "v1", "pods", True),
    Kind("images", "VM image", "VirtualMachineImage", HARVESTER, "v1beta1", "virtualmachineimages", True),
    Kind("crds", "definition", "CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions"),
    Kind("config_maps", "ConfigMap", "ConfigMap", "", "v1", "configmaps", True, SYSTEM),
    Kind("leases", "Lease", "Lease", "coordination.k8s.io", "v1", "leases", True, SYSTEM),
)

BY_KEY: Dict[str, Kind] = {kind.key: kind for kind in KINDS}


def title(key: str, namespace: str, name: str) -> str:
    """An object in a message: "network configuration 'rack-a'", "VM network 'default/vlan100'"."""
    return "%s '%s'" % (BY_KEY[key].title, "%s/%s" % (namespace, name) if namespace else name)
