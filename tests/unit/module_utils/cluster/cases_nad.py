# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VM networks: Harvester's rules and ours."""

from __future__ import annotations

import json

from cluster_objects import (
    BASE,
    IDLE,
    NETWORK,
    OBJECTS,
    delete,
    having,
    lacking,
    nad,
    network,
    patch,
    put,
    setting,
    snapshot,
    vmi,
)
from rule_case import case

OVERLAY = {"type": "kube-ovn", "provider": "over.default.ovn", "bridge": None}
EXCLUSIVE = {"clusterNetwork": "cn1", "vlan": 50, "range": "10.9.0.0/24", "exclusiveVlan": True}
STORAGE = nad("storagenetwork-abcde", "cn1", 50, "harvester-system", mtu=9000)
MARK = "storage-network.settings.harvesterhci.io/net-attach-def"
NAMED = having(STORAGE, setting("storage-network", **{MARK: "harvester-system/storagenetwork-abcde"}))
BROKEN = {**nad("x"), "spec": {"config": "{"}}


def text(name, on=BASE, namespace="default", **values):
    """A VM network whose config has other values."""
    found = json.loads(on.get("nads", name, namespace)["spec"]["config"])
    return patch("nads", name, {"spec": {"config": json.dumps({**found, **values})}}, namespace, on)


def routed(**route):
    return put(nad("x", annotations={NETWORK + "route": json.dumps(route)}))


UNUSED = lacking("vms/default/vm1", "vms/default/idle", on=IDLE)
WITH_VLAN = snapshot(*OBJECTS, vlans={"n1": ["mgmt-br.200"], "n2": ["mgmt-br.200"]})

CASES = [
    case("nad-config", "no JSON", put(BROKEN), "?"),
    case("nad-config", "JSON", put(nad("x"))),
    case("nad-route", "manual without values", routed(mode="manual"), "?", "?"),
    case("nad-route", "manual, no address", routed(mode="manual", cidr="10.1.1.0/24", gateway="router"), "?"),
    case("nad-route", "no JSON", put(nad("x", annotations={NETWORK + "route": "auto"})), "?"),
    case("nad-route", "manual", routed(mode="manual", cidr="10.1.1.0/24", gateway="10.1.1.1")),
    case("nad-route", "auto", routed(mode="auto")),
    case("nad-type", "to an overlay", text("mgmt200", type="kube-ovn"), "?"),
    case("nad-type", "the same", text("mgmt200", vlan=201)),
    case("nad-bridge-stays", "another", text("mgmt200", bridge="cn1-br"), "?"),
    case("nad-bridge-stays", "the same", text("mgmt200", vlan=201)),
    case("nad-overlay", "on a custom network", put(nad("over", "cn1", None, **OVERLAY)), "?"),
    case("nad-overlay", "another's provider", put(nad("x", "mgmt", None, **OVERLAY)), "?"),
    case("nad-overlay", "as it should be", put(nad("over", "mgmt", None, **OVERLAY))),
    case("nad-vlan", "4095", put(nad("x", vlan=4095)), "?"),
    case("nad-vlan", "a word", put(nad("x", vlan="all")), "?"),
    case("nad-vlan", "trunk of 0", put(nad("x", vlan=0, vlanTrunk=[{"id": 0}])), "?"),
    case("nad-vlan", "trunk up to 4095", put(nad("x", vlan=0, vlanTrunk=[{"minID": 1, "maxID": 4095}])), "?"),
    case("nad-vlan", "trunk and a VLAN", put(nad("x", vlan=7, vlanTrunk=[{"id": 8}])), "?"),
    case("nad-vlan", "an empty trunk range", put(nad("x", vlan=0, vlanTrunk=[{"minID": 9, "maxID": 8}])), "?"),
    case("nad-vlan", "4094", put(nad("x", vlan=4094))),
    case("nad-vlan", "untagged", put(nad("x", vlan=0))),
    case("nad-vlan", "a trunk", put(nad("x", vlan=0, vlanTrunk=[{"minID": 2, "maxID": 9}, {"id": 20}]))),
    case("nad-bridge-name", "no suffix", put(nad("x", bridge="cn1")), "?"),
    case("nad-bridge-name", "16 characters", put(nad("x", "abcdefghijklm")), "?"),
    case("nad-bridge-name", "15 characters", put(nad("x", "abcdefghijkl"))),
    case("nad-label", "another network's", put(nad("x", label="cn2")), "?"),
    case("nad-label", "its own", put(nad("x"))),
    case("nad-label", "none", put(nad("x", label=""))),
    case("nad-network", "unknown", put(nad("x", "cn9")), "?"),
    case("nad-network", "known", put(nad("x"))),
    case("nad-mtu", "another at an update", text("vlan100", IDLE, mtu=1500), "?", on=IDLE),
    case("nad-mtu", "corrected at creation", put(nad("x", mtu=1500))),
    case("nad-mtu", "0 and 1500", text("mgmt200", mtu=0)),
    case("nad-mtu", "an annotation that is no number", text("mgmt200", vlan=5), "?", on=having(network("mgmt", "big"))),
    case(
        "nad-mtu",
        "mgmt, no annotation and no label, 1.9",
        put(nad("x", "mgmt", 5, label="")),
        "?",
        on=having(
            {
                "apiVersion": "network.harvesterhci.io/v1beta1",
                "kind": "VlanConfig",
                "metadata": {"name": "mgmt-vlanconfig-n1", "labels": {NETWORK + "clusternetwork": "mgmt"}},
                "spec": {"clusterNetwork": "mgmt", "uplink": {"nics": ["eno1"], "linkAttributes": {"mtu": 9000}}},
            }
        ),
        version="1.9",
    ),
    case(
        "nad-exclusive-vlan",
        "the storage VLAN",
        put(nad("x", vlan=50)),
        "?",
        on=having(setting("storage-network", EXCLUSIVE)),
        version="1.9",
    ),
    case(
        "nad-exclusive-vlan",
        "a trunk over it",
        put(nad("x", vlan=0, vlanTrunk=[{"minID": 40, "maxID": 60}])),
        "?",
        on=having(setting("storage-network", EXCLUSIVE)),
        version="1.9",
    ),
    case(
        "nad-exclusive-vlan",
        "another VLAN",
        put(nad("x", vlan=51)),
        on=having(setting("storage-network", EXCLUSIVE)),
        version="1.9",
    ),
    case(
        "nad-exclusive-vlan",
        "shared",
        put(nad("x", vlan=50)),
        on=having(setting("storage-network", {**EXCLUSIVE, "exclusiveVlan": False})),
        version="1.9",
    ),
    case("nad-vms-running", "changed", text("vlan100", vlan=101), "?"),
    case("nad-vms-running", "deleted", delete("nads", "vlan100", "default"), "?"),
    case(
        "nad-vms-running",
        "ended by itself",
        text("vlan100", vlan=101),
        "?",
        on=having(vmi("vm1", "vlan100", phase="Succeeded")),
    ),
    case(
        "nad-vms-running", "only its labels", patch("nads", "vlan100", {"metadata": {"labels": {"a": "b"}}}, "default")
    ),
    case("nad-vms-running", "no instance", text("vlan100", IDLE, vlan=101), on=IDLE),
    case("nad-vms", "in templates", delete("nads", "vlan100", "default"), "?", on=IDLE),
    case("nad-vms", "in none", delete("nads", "vlan100", "default"), on=UNUSED),
    case("nad-storage", "changed", text("storagenetwork-abcde", NAMED, "harvester-system", vlan=51), "?", on=NAMED),
    case("nad-storage", "a user's", text("mgmt200", vlan=51), on=NAMED),
    case("nad-setting", "deleted", delete("nads", "storagenetwork-abcde", "harvester-system"), "?", on=NAMED),
    case(
        "nad-setting", "named by none", delete("nads", "storagenetwork-abcde", "harvester-system"), on=having(STORAGE)
    ),
    # ours
    case("vm-network-trunk-version", "1.6", put(nad("x", vlan=0, vlanTrunk=[{"id": 5}])), "?", version="1.6.1"),
    case("vm-network-trunk-version", "1.7", put(nad("x", vlan=0, vlanTrunk=[{"id": 5}])), version="1.7.0"),
    case("vm-network-mgmt-vlan-1", "a VLAN", put(nad("x", "mgmt", 1)), "?"),
    case("vm-network-mgmt-vlan-1", "in a trunk", put(nad("x", "mgmt", 0, vlanTrunk=[{"minID": 1, "maxID": 9}])), "?"),
    case("vm-network-mgmt-vlan-1", "untagged", put(nad("x", "mgmt", 0))),
    case("vm-network-mgmt-vlan-1", "a custom network", put(nad("x", "cn1", 1))),
    case(
        "vm-network-mgmt-vlan-deleted",
        "1.6.0",
        delete("nads", "mgmt200", "default"),
        "?",
        on=WITH_VLAN,
        version="1.6.0",
    ),
    case("vm-network-mgmt-vlan-deleted", "1.6.1", delete("nads", "mgmt200", "default"), on=WITH_VLAN, version="1.6.1"),
    case("vm-network-mgmt-vlan-deleted", "another VLAN", delete("nads", "mgmt200", "default"), version="1.6.0"),
]
