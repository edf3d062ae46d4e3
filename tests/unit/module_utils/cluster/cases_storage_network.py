# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage network: what our rules say, and whom a volume is held by."""

from __future__ import annotations

from typing import Any

from cases_setting import GOOD, ON, WIDE, busy, storage, value
from cluster_objects import (
    having,
    held_volume,
    instance_manager,
    ip_pool,
    lacking,
    node,
    setting,
    thing,
    vm,
    volume,
)
from rule_case import case

OFF = value("storage-network", "", on=ON)
HELD = ("10.9.0.1", "10.9.0.2", "10.9.0.3")
MANAGED = having(*(instance_manager("n%d" % (place + 1), ip) for place, ip in enumerate(HELD)), on=ON)
"""The storage network is on, and every instance-manager has lhnet1."""
OFF_MANAGED = value("storage-network", "", on=MANAGED)
NARROW = {"range": "10.9.0.0/28"}
"""14 usable addresses; 12 are needed on three nodes with one disk."""
LAUNCHER = ("virt-launcher-vm1-abcde", "VirtualMachineInstance", "vm1")
VOLUMES = (
    "setting 'storage-network': please stop all workloads before configuring the storage-network setting (attached: %s)"
    "; %s"
)
NO_MANAGER = (
    "setting 'storage-network': node %s has no instance-manager that is Running; see pods of longhorn-system on this"
    " node"
)
VM1 = vm("vm1", "vlan100", strategy="Halted")


def image(*conditions: tuple[str, str], **fields: Any) -> Any:
    entries = [{"type": kind, "status": status} for kind, status in conditions]
    return thing("images", "image-x", "default", status={"conditions": entries}, **fields)


def with_fields(item: Any, **fields: Any) -> Any:
    """The object with more in spec and status."""
    return {**item, **{part: {**item.get(part, {}), **values} for part, values in fields.items()}}


def lost(count: int) -> Any:
    """That many addresses of pods that are gone, and one of a pod that is there."""
    gone = {"o%d" % offset: "longhorn-system/instance-manager-old%d" % offset for offset in range(1, count + 1)}
    return ip_pool("10.9.0.0-28", **gone, o9="longhorn-system/instance-manager-n1")


CASES = [
    case(
        "setting-volumes",
        "held by a pod with an owner",
        storage(),
        VOLUMES
        % (
            "default/data",
            "stop what keeps volumes attached: default/data is held by pod web-0 of StatefulSet web and pod debug",
        ),
        on=having(held_volume("pvc-1", "data", ("web-0", "StatefulSet", "web"), ("debug", "", "")), on=WIDE),
    ),
    case(
        "setting-volumes",
        "held by a VM",
        storage(),
        VOLUMES % ("default/disk", "stop the VMs"),
        on=having(VM1, held_volume("pvc-1", "disk", LAUNCHER), on=WIDE),
    ),
    case(
        "setting-volumes",
        "held by a VM and by another pod",
        storage(),
        VOLUMES
        % (
            "default/disk, default/other",
            (
                "stop the VMs and stop what keeps volumes attached: default/other is held by pod"
                " virt-launcher-vm1-abcde of VirtualMachineInstance vm1 and pod copy of Job copy"
            ),
        ),
        on=having(
            VM1,
            held_volume("pvc-1", "disk", LAUNCHER),
            held_volume("pvc-2", "other", LAUNCHER, ("copy", "Job", "copy")),
            on=WIDE,
        ),
    ),
    case(
        "storage-network-nodes",
        "down and cordoned",
        storage(),
        "setting 'storage-network': node n2 is not Ready; repair it, or remove it from the cluster",
        "setting 'storage-network': node n3 takes no pods: it is cordoned or in maintenance; uncordon it",
        on=having(node("n2", "cn1", rack="a", up=False), node("n3", rack="b", cordoned=True), on=WIDE),
    ),
    case(
        "storage-network-nodes",
        "before it is switched off too",
        OFF,
        "setting 'storage-network': node n2 is not Ready; repair it, or remove it from the cluster",
        on=having(node("n2", "cn1", rack="a", up=False), on=ON),
    ),
    case(
        "storage-network-nodes",
        "a witness that is down",
        storage(),
        on=having(node("w1", witness="true", rack="a", up=False), on=WIDE),
    ),
    case(
        "storage-network-nodes",
        "another setting",
        storage("vm-migration-network", range="10.8.0.0/24"),
        on=having(node("n2", "cn1", rack="a", up=False), on=WIDE),
    ),
    case(
        "storage-network-instance-managers",
        "none, one that waits, one that goes",
        storage(),
        NO_MANAGER % "n1",
        NO_MANAGER % "n2",
        NO_MANAGER % "n3",
        on=having(
            instance_manager("n2", phase="Pending"),
            instance_manager("n3", deletionTimestamp="2026-01-01T00:00:00Z"),
            on=lacking("longhorn_pods/longhorn-system/instance-manager-n1", on=WIDE),
        ),
    ),
    case("storage-network-instance-managers", "without lhnet1 while the network is off", storage(), on=WIDE),
    case("storage-network-instance-managers", "with lhnet1", OFF_MANAGED, on=MANAGED),
    case(
        "storage-network-instance-managers",
        "without lhnet1 while a change is in progress",
        value("storage-network", "", on=busy("storage-network")),
        on=busy("storage-network"),
    ),
    case(
        "storage-network-instance-managers",
        "without lhnet1 while the network is on (issue 11639), and with a wrong one",
        OFF_MANAGED,
        "setting 'storage-network': instance-manager instance-manager-n2 of node n2 has no lhnet1; delete this pod once"
        " no volume is attached on its node, and wait for the new one",
        "setting 'storage-network': instance-manager instance-manager-n3 of node n3 has 10.7.0.3, which is not of range"
        " 10.9.0.0/24; delete this pod once no volume is attached on its node, and wait for the new one",
        on=having(instance_manager("n2"), instance_manager("n3", "10.7.0.3"), on=MANAGED),
    ),
    case(
        "storage-network-v2-volumes",
        "in both spellings",
        storage(),
        "setting 'storage-network': volumes have Longhorn's v2 engine: v-new, v-old; move them to the v1 engine, or"
        " allow them with allow_v2_volumes=true",
        on=having(
            volume("v-new", "detached", dataEngine="v2"),
            volume("v-old", "detached", backendStoreDriver="v2"),
            volume("v-one", "detached", dataEngine="v1"),
            on=WIDE,
        ),
    ),
    case("storage-network-v2-volumes", "v1", storage(), on=having(volume("v", "detached", dataEngine="v1"), on=WIDE)),
    case(
        "storage-network-in-progress",
        "a reset",
        value("storage-network", "", on=busy("storage-network")),
        "setting 'storage-network': the last change of setting storage-network is still in progress; wait until its"
        " condition configured is Completed, or reset it nevertheless with allow_in_progress=true",
        on=busy("storage-network"),
    ),
    case(
        "storage-network-in-progress",
        "another value, which Harvester refuses itself",
        storage(range="10.8.0.0/24"),
        on=busy("storage-network"),
    ),
    case(
        "storage-network-others-in-progress",
        "the RWX network",
        storage(),
        "setting 'storage-network': a change of setting rwx-network is in progress; wait until its condition configured"
        " is Completed",
        on=having(setting("rwx-network", {"share-storage-network": False}, "In Progress"), on=WIDE),
    ),
    case("storage-network-others-in-progress", "its own", OFF, on=busy("storage-network")),
    case(
        "storage-network-images",
        "one that is being imported, one that has not begun",
        storage(),
        "setting 'storage-network': VM images are being transferred: default/image-x, default/new; wait for them, or"
        " delete them",
        on=having(image(("Initialized", "True"), ("Imported", "Unknown")), thing("images", "new", "default"), on=WIDE),
    ),
    case("storage-network-images", "imported", storage(), on=having(image(("Imported", "True")), on=WIDE)),
    case("storage-network-images", "failed", storage(), on=having(image(("Imported", "False")), on=WIDE)),
    case(
        "storage-network-images",
        "given up",
        storage(),
        on=having(image(("Imported", "Unknown"), ("RetryLimitExceeded", "True")), on=WIDE),
    ),
    case(
        "storage-network-whereabouts",
        "missing",
        storage(),
        "setting 'storage-network': definition ippools.whereabouts.cni.cncf.io is missing; see whether add-on"
        " whereabouts of RKE2 is installed",
        on=lacking("crds/ippools.whereabouts.cni.cncf.io", on=WIDE),
    ),
    case(
        "storage-network-whereabouts",
        "missing, and not needed to switch off",
        OFF,
        on=lacking("crds/ippools.whereabouts.cni.cncf.io", on=ON),
    ),
    case("storage-network-addresses", "two lost of 14", storage(**NARROW), on=having(lost(2), on=WIDE)),
    case(
        "storage-network-addresses",
        "three lost of 14",
        storage(**NARROW),
        "setting 'storage-network': range 10.9.0.0/28 has 14 usable addresses, 12 are needed, and these will not come"
        " free: 10.9.0.1 (longhorn-system/instance-manager-old1), 10.9.0.2 (longhorn-system/instance-manager-old2),"
        " 10.9.0.3 (longhorn-system/instance-manager-old3); take them out of pool kube-system/10.9.0.0-28, or give a"
        " larger range",
        on=having(lost(3), on=WIDE),
    ),
    case(
        "storage-network-addresses",
        "three lost, two of them excluded",
        storage(range="10.9.0.0/27", exclude=["10.9.0.0/30"]),
        on=having(ip_pool("10.9.0.0-27", o1="a/b", o2="a/b", o3="a/b"), on=WIDE),
    ),
    case(
        "storage-network-addresses",
        "a range that is too small anyway",
        storage(range="10.9.0.0/29"),
        on=having(ip_pool("10.9.0.0-29", o1="longhorn-system/gone"), on=WIDE),
    ),
    case("storage-network-addresses", "no range", storage(range="x"), on=WIDE),
    case(
        "storage-network-overlap",
        "with a node's address and with what it gives to pods",
        storage(),
        "setting 'storage-network': range 10.9.0.0/24 overlaps with 10.9.0.11, an address of node n1; give another"
        " range",
        "setting 'storage-network': range 10.9.0.0/24 overlaps with 10.9.0.128/25, which node n2 gives to pods; give"
        " another range",
        on=having(
            with_fields(
                node("n1", "cn1", rack="a"),
                status={
                    "addresses": [{"type": "Hostname", "address": "n1"}, {"type": "InternalIP", "address": "10.9.0.11"}]
                },
            ),
            with_fields(node("n2", "cn1", rack="a"), spec={"podCIDRs": ["10.9.0.128/25", "fd00::/64"]}),
            on=WIDE,
        ),
    ),
    case(
        "storage-network-overlap",
        "with pods where the other rule says so",
        storage(range="10.52.0.0/24"),
        on=having(with_fields(node("n2", "cn1", rack="a"), spec={"podCIDRs": ["10.52.0.0/24"]}), on=WIDE),
    ),
    case("storage-network-overlap", "no range", storage(range="x"), on=WIDE),
]

assert GOOD["range"] == "10.9.0.0/24"
