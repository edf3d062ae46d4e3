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
    case("setting-delete", "storage-network", delete("settings", "storage-network"), "?"),
    case("setting-value", "no JSON", value("storage-network", "{"), "?"),
    case("setting-value", "a list", value("storage-network", "[1]"), "?"),
    case("setting-value", "a VLAN that is a word", storage(vlan="all"), "?"),
    case("setting-value", "an unknown key", put(setting("rwx-network", {"share": True})), "?"),
    case("setting-value", "JSON", storage()),
    case("setting-value", "empty", value("storage-network", "", ON), on=ON),
    case("setting-value", "a setting of another kind", put(setting("server-version", "v1.8.3"))),
    case("setting-vlan", "4095", storage(vlan=4095), "?", on=WIDE),
    case("setting-vlan", "untagged on mgmt", storage(clusterNetwork="mgmt", vlan=0), "?", on=WIDE),
    case("setting-vlan", "1 on mgmt", storage(clusterNetwork="mgmt", vlan=1), "?", on=WIDE),
    case("setting-vlan", "untagged elsewhere", storage(vlan=0), on=WIDE),
    case("setting-vlan", "4094", storage(vlan=4094), on=WIDE),
    case("setting-network", "unknown", storage(clusterNetwork="cn9"), "?", on=WIDE),
    case("setting-network", "known", storage(), on=WIDE),
    case("setting-ready", "no status", storage(clusterNetwork="cn2"), "?", on=WIDE),
    case("setting-ready", "one not ready", storage(), "?", on=having(status("cn1", "rack-a", "n2", up=False), on=WIDE)),
    case("setting-ready", "all ready", storage(), on=WIDE),
    case("setting-ready", "mgmt", storage(clusterNetwork="mgmt"), on=WIDE),
    case("setting-matched-nodes", "a configuration without, 1.8", storage(), "?", on=EMPTY),
    case("setting-matched-nodes", "the same, 1.9", storage(), on=EMPTY, version="1.9"),
    case("setting-matched-nodes", "all with", storage(), on=WIDE),
    case("setting-span", "a node is left out", storage(), "?", on=IDLE),
    case("setting-span", "a witness does not count", storage(), on=WIDE),
    case("setting-span", "mgmt is everywhere", storage(clusterNetwork="mgmt"), on=IDLE),
    case("setting-range", "host bits", storage(range="10.9.0.1/24"), "?", on=WIDE),
    case("setting-range", "none", storage(range=""), "?", on=WIDE),
    case("setting-range", "IPv6", storage(range="fd00::/64"), "?", on=WIDE),
    case("setting-range", "a /15", storage(range="10.8.0.0/15"), "?", on=WIDE),
    case("setting-range", "a /16", storage(range="10.9.0.0/16"), on=WIDE),
    case("setting-exclude", "outside", storage(exclude=["10.8.0.0/28"]), "?", on=WIDE),
    case("setting-exclude", "all of it", storage(exclude=["10.9.0.0/24"]), "?", on=WIDE),
    case("setting-exclude", "no CIDR", storage(exclude=["10.9.0.1"]), "?", on=WIDE),
    case("setting-exclude", "neighbours overlap", storage(exclude=["10.9.0.0/28", "10.9.0.8/29"]), "?", on=WIDE),
    case("setting-exclude", "parts", storage(exclude=["10.9.0.0/28", "10.9.0.16/28"]), on=WIDE),
    case("setting-addresses", "a /29 for three nodes", storage(range="10.9.0.0/29"), "?", on=WIDE),
    case("setting-addresses", "exclusions count", storage(range="10.9.0.0/28", exclude=["10.9.0.0/30"]), "?", on=WIDE),
    case(
        "setting-addresses",
        "more disks need more",
        storage(range="10.9.0.0/28"),
        "?",
        on=having(longhorn_node("n1", 3), on=WIDE),
    ),
    case("setting-addresses", "RWX volumes need more", storage(range="10.9.0.0/27"), "?", on=SHARING),
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
        "?",
        on=WIDE,
    ),
    case(
        "setting-overlap",
        "with the migration network",
        storage(),
        "?",
        on=having(setting("vm-migration-network", {**GOOD, "range": "10.9.0.128/25"}), on=WIDE),
    ),
    case(
        "setting-overlap",
        "beside it",
        storage(),
        on=having(setting("vm-migration-network", {**GOOD, "range": "10.9.1.0/24"}), on=WIDE),
    ),
    case("setting-vms", "enabled while VMs run", storage(), "?"),
    case(
        "setting-vms",
        "disabled while VMs run",
        value("storage-network", "", ON),
        "?",
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
        "?",
        on=having(vm("vm1", "vlan100", strategy="Halted", shown="Stopping"), on=WIDE),
    ),
    case("setting-vms", "all halted", storage(), on=WIDE),
    case(
        "setting-volumes",
        "attached",
        storage(),
        "?",
        on=having(volume("pvc-1", claim="data"), volume("pvc-2"), on=WIDE),
    ),
    case(
        "setting-volumes", "of a vcluster", storage(), "?", on=having(volume("pvc-1", claim="data-vcluster-0"), on=WIDE)
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
        "?",
        on=having(volume("pvc-1", claim="prometheus-db"), on=WIDE),
    ),
    case("setting-in-progress", "changed again", storage(vlan=51), "?", on=busy("storage-network")),
    case(
        "setting-in-progress",
        "reset",
        value("storage-network", "", busy("storage-network")),
        on=busy("storage-network"),
    ),
    case("setting-in-progress", "completed", storage(vlan=51), on=ON),
    case("setting-shared", "disabled", value("storage-network", "", SHARING), "?", on=SHARING),
    case("setting-shared", "changed", storage(vlan=51), on=SHARING),
    case("setting-shared", "not shared", value("storage-network", "", ON), on=ON),
    case("setting-share", "there is none", put(setting("rwx-network", {"share-storage-network": True})), "?", on=WIDE),
    case("setting-share", "there is one", put(setting("rwx-network", {"share-storage-network": True})), on=ON),
    case(
        "setting-rwx-volumes",
        "attached",
        put(setting("rwx-network", {"share-storage-network": True})),
        "?",
        on=having(volume("pvc-1", claim="shared", accessMode="rwx"), on=ON),
    ),
    case(
        "setting-rwx-volumes",
        "migratable",
        put(setting("rwx-network", {"share-storage-network": True})),
        on=having(volume("pvc-1", accessMode="rwx", migratable=True), on=ON),
    ),
    case("setting-migrations", "one goes on", storage(name="vm-migration-network"), "?", on=migration("Running")),
    case("setting-migrations", "one has ended", storage(name="vm-migration-network"), on=migration("Succeeded")),
    case("setting-exclusive-vlan", "used", storage(exclusiveVlan=True, vlan=100), "?", on=WIDE, version="1.9"),
    case("setting-exclusive-vlan", "free", storage(exclusiveVlan=True), on=WIDE, version="1.9"),
    # ours
    case(
        "setting-same-meaning",
        "other white space and order",
        value("storage-network", '{"vlan": 50, "clusterNetwork": "cn1", "range": "10.9.0.0/24", "exclude": []}', ON),
        "?",
        on=ON,
    ),
    case("setting-same-meaning", "another VLAN", storage(vlan=51), on=ON),
    case("setting-same-meaning", "the same text", storage(), on=ON),
    case(
        "setting-same-meaning",
        "sharing in other words",
        put(setting("rwx-network", '{"share-storage-network": true}')),
        "?",
        on=SHARING,
    ),
    case("setting-reserved-range", "of pods", storage(range="10.52.4.0/24"), "?", on=WIDE),
    case("setting-reserved-range", "free", storage(), on=WIDE),
]
