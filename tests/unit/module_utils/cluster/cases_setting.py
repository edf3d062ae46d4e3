# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings: Harvester's rules and ours."""

from __future__ import annotations

import json

from cluster_objects import (
    BASE,
    IDLE,
    config,
    delete,
    having,
    longhorn_node,
    patch,
    put,
    setting,
    status,
    thing,
    vm,
    vmi,
    volume,
)
from rule_case import case

WIDE = having(
    config("rack-b", nics=["eno4"], selector={"rack": "b"}, matched=["n3"]),
    status("cn1", "rack-b", "n3"),
    vm("pod1", "pod", strategy="Halted"),
    on=IDLE,
)
"""cn1 on every node and no VM running: a storage network can be enabled."""
GOOD = {"clusterNetwork": "cn1", "vlan": 50, "range": "10.9.0.0/24"}
ON = having(setting("storage-network", GOOD, "Completed"), on=WIDE)
SHARING = having(setting("rwx-network", {"share-storage-network": True}), on=ON)
EMPTY = having(config("nowhere", selector={"rack": "z"}, matched=[]), on=WIDE)


def storage(name="storage-network", **values):
    return put(setting(name, {**GOOD, **values}))


def value(name, text, on=BASE):
    return patch("settings", name, {"value": text if isinstance(text, str) else json.dumps(text)}, on=on)


def busy(name, **fields):
    return having(setting(name, GOOD, "In Progress", **fields), on=WIDE)


def migration(phase):
    return having(thing("migrations", "m1", "default", status={"phase": phase}), on=WIDE)


CASES = [
    case(
        "setting-delete",
        "storage-network",
        delete("settings", "storage-network"),
        "setting 'storage-network': deleting setting storage-network is not allowed; set its value to \"\" instead",
    ),
    case(
        "setting-value",
        "no JSON",
        value("storage-network", "{"),
        (
            "setting 'storage-network': the value is invalid: it is no JSON; give a JSON object with clusterNetwork, "
            "vlan and range"
        ),
    ),
    case(
        "setting-value",
        "a list",
        value("storage-network", "[1]"),
        (
            "setting 'storage-network': the value is invalid: it is no JSON object; give a JSON object with "
            "clusterNetwork, vlan and range"
        ),
    ),
    case(
        "setting-value",
        "a VLAN that is a word",
        storage(vlan="all"),
        (
            "setting 'storage-network': the value is invalid: its vlan 'all' is no number; give a JSON object with "
            "clusterNetwork, vlan and range"
        ),
    ),
    case(
        "setting-value",
        "an unknown key",
        put(setting("rwx-network", {"share": True})),
        "setting 'rwx-network': the value is invalid: unknown key share; give share-storage-network and network only",
    ),
    case("setting-value", "JSON", storage()),
    case("setting-value", "empty", value("storage-network", "", ON), on=ON),
    case("setting-value", "a setting of another kind", put(setting("server-version", "v1.8.3"))),
    case(
        "setting-vlan",
        "4095",
        storage(vlan=4095),
        "setting 'storage-network': the VLAN ID 4095 is out of range 0..4094; give a VLAN id within 1..4094",
        on=WIDE,
    ),
    case(
        "setting-vlan",
        "untagged on mgmt",
        storage(clusterNetwork="mgmt", vlan=0),
        (
            "setting 'storage-network': network with vlan id 0 not allowed on mgmt cluster; give a VLAN id within "
            "2..4094, or another cluster network"
        ),
        on=WIDE,
    ),
    case(
        "setting-vlan",
        "1 on mgmt",
        storage(clusterNetwork="mgmt", vlan=1),
        (
            "setting 'storage-network': network with vlan id 1 not allowed on mgmt cluster; give a VLAN id within "
            "2..4094, or another cluster network"
        ),
        on=WIDE,
    ),
    case("setting-vlan", "untagged elsewhere", storage(vlan=0), on=WIDE),
    case("setting-vlan", "4094", storage(vlan=4094), on=WIDE),
    case(
        "setting-network",
        "unknown",
        storage(clusterNetwork="cn9"),
        "setting 'storage-network': cluster network cn9 not found; create it, with its configurations, first",
        on=WIDE,
    ),
    case("setting-network", "known", storage(), on=WIDE),
    case(
        "setting-ready",
        "no status",
        storage(clusterNetwork="cn2"),
        (
            "setting 'storage-network': vlan status not present for cluster network cn2; give it network "
            "configurations, and wait for them"
        ),
        on=WIDE,
    ),
    case(
        "setting-ready",
        "one not ready",
        storage(),
        (
            "setting 'storage-network': vs cn1-n2-0 status is not Ready; repair the uplink on node n2: its agent "
            "gives no reason"
        ),
        on=having(status("cn1", "rack-a", "n2", up=False), on=WIDE),
    ),
    case("setting-ready", "all ready", storage(), on=WIDE),
    case("setting-ready", "mgmt", storage(clusterNetwork="mgmt"), on=WIDE),
    case(
        "setting-matched-nodes",
        "a configuration without, 1.8",
        storage(),
        (
            "setting 'storage-network': vlan config annotations is absent for matched nodes: nowhere; delete network "
            "configuration 'nowhere', or correct its selector"
        ),
        on=EMPTY,
    ),
    case("setting-matched-nodes", "the same, 1.9", storage(), on=EMPTY, version="1.9"),
    case("setting-matched-nodes", "all with", storage(), on=WIDE),
    case(
        "setting-span",
        "a node is left out",
        storage(),
        (
            "setting 'storage-network': vlanconfig does not span n3; give cluster network 'cn1' a network "
            "configuration there"
        ),
        on=IDLE,
    ),
    case("setting-span", "a witness does not count", storage(), on=WIDE),
    case("setting-span", "mgmt is everywhere", storage(clusterNetwork="mgmt"), on=IDLE),
    case(
        "setting-range",
        "host bits",
        storage(range="10.9.0.1/24"),
        "setting 'storage-network': range 10.9.0.1/24 should be subnet CIDR; give an IPv4 subnet such as 10.1.0.0/24",
        on=WIDE,
    ),
    case(
        "setting-range",
        "none",
        storage(range=""),
        "setting 'storage-network': range \"\" should be subnet CIDR; give an IPv4 subnet such as 10.1.0.0/24",
        on=WIDE,
    ),
    case(
        "setting-range",
        "IPv6",
        storage(range="fd00::/64"),
        "setting 'storage-network': range fd00::/64 should be subnet CIDR; give an IPv4 subnet such as 10.1.0.0/24",
        on=WIDE,
    ),
    case(
        "setting-range",
        "a /15",
        storage(range="10.8.0.0/15"),
        "setting 'storage-network': range 10.8.0.0/15 is larger than a /16; give a smaller subnet",
        on=WIDE,
    ),
    case("setting-range", "a /16", storage(range="10.9.0.0/16"), on=WIDE),
    case(
        "setting-exclude",
        "outside",
        storage(exclude=["10.8.0.0/28"]),
        "setting 'storage-network': exclude 10.8.0.0/28 is not a part of range 10.9.0.0/24; give a part of the range",
        on=WIDE,
    ),
    case(
        "setting-exclude",
        "all of it",
        storage(exclude=["10.9.0.0/24"]),
        "setting 'storage-network': exclude 10.9.0.0/24 is not a part of range 10.9.0.0/24; give a part of the range",
        on=WIDE,
    ),
    case(
        "setting-exclude",
        "no CIDR",
        storage(exclude=["10.9.0.1"]),
        "setting 'storage-network': exclude 10.9.0.1 should be a CIDR of at least a /16; give it as 10.1.0.0/28",
        on=WIDE,
    ),
    case(
        "setting-exclude",
        "neighbours overlap",
        storage(exclude=["10.9.0.0/28", "10.9.0.8/29"]),
        "setting 'storage-network': exclude 10.9.0.0/28 and 10.9.0.8/29 overlap; leave one of them out",
        on=WIDE,
    ),
    case("setting-exclude", "parts", storage(exclude=["10.9.0.0/28", "10.9.0.16/28"]), on=WIDE),
    case(
        "setting-addresses",
        "a /29 for three nodes",
        storage(range="10.9.0.0/29"),
        (
            "setting 'storage-network': range 10.9.0.0/29 has 6 usable addresses, 12 are needed; give a larger "
            "range, or exclude less"
        ),
        on=WIDE,
    ),
    case(
        "setting-addresses",
        "exclusions count",
        storage(range="10.9.0.0/28", exclude=["10.9.0.0/30"]),
        (
            "setting 'storage-network': range 10.9.0.0/28 has 11 usable addresses, 12 are needed; give a larger "
            "range, or exclude less"
        ),
        on=WIDE,
    ),
    case(
        "setting-addresses",
        "more disks need more",
        storage(range="10.9.0.0/28"),
        (
            "setting 'storage-network': range 10.9.0.0/28 has 14 usable addresses, 16 are needed; give a larger "
            "range, or exclude less"
        ),
        on=having(longhorn_node("n1", 3), on=WIDE),
    ),
    case(
        "setting-addresses",
        "RWX volumes need more",
        storage(range="10.9.0.0/27"),
        (
            "setting 'storage-network': range 10.9.0.0/27 has 30 usable addresses, 47 are needed; give a larger "
            "range, or exclude less"
        ),
        on=SHARING,
    ),
    case("setting-addresses", "a /28 for three nodes", storage(range="10.9.0.0/28"), on=WIDE),
    case(
        "setting-addresses",
        "migration needs one per node",
        storage(name="vm-migration-network", range="10.9.0.0/29"),
        on=WIDE,
    ),
    case(
        "setting-addresses",
        "RWX needs 35",
        put(setting("rwx-network", {"share-storage-network": False, "network": {**GOOD, "range": "10.7.0.0/27"}})),
        (
            "setting 'rwx-network': range 10.7.0.0/27 has 30 usable addresses, 35 are needed; give a larger range, "
            "or exclude less"
        ),
        on=WIDE,
    ),
    case(
        "setting-overlap",
        "with the migration network",
        storage(),
        (
            "setting 'storage-network': range 10.9.0.0/24 overlaps with range 10.9.0.128/25 of setting "
            "vm-migration-network; give another range"
        ),
        on=having(setting("vm-migration-network", {**GOOD, "range": "10.9.0.128/25"}), on=WIDE),
    ),
    case(
        "setting-overlap",
        "beside it",
        storage(),
        on=having(setting("vm-migration-network", {**GOOD, "range": "10.9.1.0/24"}), on=WIDE),
    ),
    case(
        "setting-vms",
        "enabled while VMs run",
        storage(),
        (
            "setting 'storage-network': Please stop all VMs before configuring the storage-network setting (running: "
            "default/pod1, default/vm1); stop these VMs"
        ),
    ),
    case(
        "setting-vms",
        "disabled while VMs run",
        value("storage-network", "", ON),
        (
            "setting 'storage-network': Please stop all VMs before configuring the storage-network setting (running: "
            "default/vm1); stop these VMs"
        ),
        on=having(vm("vm1", "vlan100"), vmi("vm1", "vlan100"), on=ON),
    ),
    case(
        "setting-vms",
        "stopped in the guest",
        storage(),
        on=having(vm("vm1", "vlan100", shown="Stopped"), vmi("vm1", "vlan100", phase="Succeeded"), on=WIDE),
    ),
    case(
        "setting-vms",
        "stopping",
        storage(),
        (
            "setting 'storage-network': Please stop all VMs before configuring the storage-network setting (running: "
            "default/vm1); stop these VMs"
        ),
        on=having(vm("vm1", "vlan100", strategy="Halted", shown="Stopping"), on=WIDE),
    ),
    case("setting-vms", "all halted", storage(), on=WIDE),
    case(
        "setting-volumes",
        "attached",
        storage(),
        (
            "setting 'storage-network': please stop all workloads before configuring the storage-network setting "
            "(attached: default/data, pvc-2); stop what keeps volumes attached: default/data is attached to node "
            "unknown without a pod (a backup, an export, or by hand); pvc-2 is attached to node unknown without a pod "
            "(a backup, an export, or by hand)"
        ),
        on=having(volume("pvc-1", claim="data"), volume("pvc-2"), on=WIDE),
    ),
    case(
        "setting-volumes",
        "of a vcluster",
        storage(),
        (
            "setting 'storage-network': please stop vcluster before configuring the storage-network setting "
            "(attached: default/data-vcluster-0); disable add-on rancher-vcluster, or scale it down"
        ),
        on=having(volume("pvc-1", claim="data-vcluster-0"), on=WIDE),
    ),
    case("setting-volumes", "detached", storage(), on=having(volume("pvc-1", "detached"), on=WIDE)),
    case(
        "setting-volumes",
        "of Prometheus",
        storage(),
        on=having(volume("pvc-1", claim="prometheus-db", namespace="cattle-monitoring-system"), on=WIDE),
    ),
    case(
        "setting-volumes",
        "of another's Prometheus",
        storage(),
        (
            "setting 'storage-network': please stop all workloads before configuring the storage-network setting "
            "(attached: default/prometheus-db); stop what keeps volumes attached: default/prometheus-db is attached to "
            "node unknown without a pod (a backup, an export, or by hand)"
        ),
        on=having(volume("pvc-1", claim="prometheus-db"), on=WIDE),
    ),
    case(
        "setting-in-progress",
        "changed again",
        storage(vlan=51),
        (
            "setting 'storage-network': the last change of setting storage-network is still in progress; wait until "
            "its condition configured is Completed"
        ),
        on=busy("storage-network"),
    ),
    case(
        "setting-in-progress",
        "reset",
        value("storage-network", "", busy("storage-network")),
        on=busy("storage-network"),
    ),
    case("setting-in-progress", "completed", storage(vlan=51), on=ON),
    case(
        "setting-shared",
        "disabled",
        value("storage-network", "", SHARING),
        (
            "setting 'storage-network': the storage network can't be disabled while rwx-network shares it; set "
            'setting rwx-network to {"share-storage-network":false} first, and wait for it'
        ),
        on=SHARING,
    ),
    case("setting-shared", "changed", storage(vlan=51), on=SHARING),
    case("setting-shared", "not shared", value("storage-network", "", ON), on=ON),
    case(
        "setting-share",
        "there is none",
        put(setting("rwx-network", {"share-storage-network": True})),
        "setting 'rwx-network': storage-network is not configured; enable setting storage-network first",
        on=WIDE,
    ),
    case("setting-share", "there is one", put(setting("rwx-network", {"share-storage-network": True})), on=ON),
    case(
        "setting-rwx-volumes",
        "attached",
        put(setting("rwx-network", {"share-storage-network": True})),
        (
            "setting 'rwx-network': RWX volumes are still attached: default/shared; stop the workloads that use "
            "these volumes"
        ),
        on=having(volume("pvc-1", claim="shared", accessMode="rwx"), on=ON),
    ),
    case(
        "setting-rwx-volumes",
        "migratable",
        put(setting("rwx-network", {"share-storage-network": True})),
        on=having(volume("pvc-1", accessMode="rwx", migratable=True), on=ON),
    ),
    case(
        "setting-migrations",
        "one goes on",
        storage(name="vm-migration-network"),
        "setting 'vm-migration-network': VM migrations are in progress: default/m1; wait for them, or cancel them",
        on=migration("Running"),
    ),
    case("setting-migrations", "one has ended", storage(name="vm-migration-network"), on=migration("Succeeded")),
    case(
        "setting-exclusive-vlan",
        "used",
        storage(exclusiveVlan=True, vlan=100),
        (
            "setting 'storage-network': VLAN ID 100 is used by VM network(s) default/vlan100; use another VLAN id, "
            "or delete these VM networks"
        ),
        on=WIDE,
        version="1.9",
    ),
    case("setting-exclusive-vlan", "free", storage(exclusiveVlan=True), on=WIDE, version="1.9"),
    # ours
    case(
        "setting-same-meaning",
        "other white space and order",
        value("storage-network", '{"vlan": 50, "clusterNetwork": "cn1", "range": "10.9.0.0/24", "exclude": []}', ON),
        (
            "setting 'storage-network': the new value means what the old one means, but its text differs, so "
            "Harvester would set it up again; leave the value as it is"
        ),
        on=ON,
    ),
    case("setting-same-meaning", "another VLAN", storage(vlan=51), on=ON),
    case("setting-same-meaning", "the same text", storage(), on=ON),
    case(
        "setting-same-meaning",
        "sharing in other words",
        put(setting("rwx-network", '{"share-storage-network": true}')),
        (
            "setting 'rwx-network': the new value means what the old one means, but its text differs, so Harvester "
            "would set it up again; leave the value as it is"
        ),
        on=SHARING,
    ),
    case(
        "setting-reserved-range",
        "of pods",
        storage(range="10.52.4.0/24"),
        (
            "setting 'storage-network': range 10.52.4.0/24 overlaps with 10.52.0.0/16, which Harvester uses for pods "
            "and services; give another range"
        ),
        on=WIDE,
    ),
    case("setting-reserved-range", "free", storage(), on=WIDE),
]
