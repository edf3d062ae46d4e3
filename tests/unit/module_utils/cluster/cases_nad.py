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
    case(
        "nad-config",
        "no JSON",
        put(BROKEN),
        (
            "VM network 'default/x': can't create nad default/x because config is empty or no JSON object; give the "
            "CNI configuration as JSON"
        ),
    ),
    case("nad-config", "JSON", put(nad("x"))),
    case(
        "nad-route",
        "manual without values",
        routed(mode="manual"),
        (
            "VM network 'default/x': can't create nad default/x because the cidr '' of the manual route is invalid; "
            "give a valid cidr"
        ),
        (
            "VM network 'default/x': can't create nad default/x because the gateway '' of the manual route is "
            "invalid; give a valid gateway"
        ),
    ),
    case(
        "nad-route",
        "manual, no address",
        routed(mode="manual", cidr="10.1.1.0/24", gateway="router"),
        (
            "VM network 'default/x': can't create nad default/x because the gateway 'router' of the manual route is "
            "invalid; give a valid gateway"
        ),
    ),
    case(
        "nad-route",
        "no JSON",
        put(nad("x", annotations={NETWORK + "route": "auto"})),
        (
            "VM network 'default/x': can't create nad default/x because annotation network.harvesterhci.io/route is "
            "no JSON object; give mode auto or manual"
        ),
    ),
    case("nad-route", "manual", routed(mode="manual", cidr="10.1.1.0/24", gateway="10.1.1.1")),
    case("nad-route", "auto", routed(mode="auto")),
    case(
        "nad-route",
        "an unknown mode",
        routed(mode="static"),
        (
            "VM network 'default/x': can't create nad default/x because unknown mode static of the route; give mode "
            "auto or manual"
        ),
    ),
    case(
        "nad-route",
        "auto with a bad address",
        routed(mode="auto", cidr="10.1.1.0"),
        (
            "VM network 'default/x': can't create nad default/x because the cidr '10.1.1.0' of the auto route is "
            "invalid; give a valid cidr, or leave it out"
        ),
    ),
    case("nad-route", "an empty annotation", put(nad("x", annotations={NETWORK + "route": ""}))),
    case(
        "nad-type",
        "to an overlay",
        text("mgmt200", type="kube-ovn"),
        (
            "VM network 'default/mgmt200': can't update nad default/mgmt200 because nad cannot be updated from "
            "network type bridge to network type kube-ovn; delete the VM network and create it again"
        ),
    ),
    case("nad-type", "the same", text("mgmt200", vlan=201)),
    case(
        "nad-bridge-stays",
        "another",
        text("mgmt200", bridge="cn1-br"),
        (
            "VM network 'default/mgmt200': can't update nad default/mgmt200 because nad bridge name can't be changed "
            "from mgmt-br to cn1-br; delete the VM network and create it again on the other cluster network"
        ),
    ),
    case("nad-bridge-stays", "the same", text("mgmt200", vlan=201)),
    case(
        "nad-overlay",
        "on a custom network",
        put(nad("over", "cn1", None, **OVERLAY)),
        (
            "VM network 'default/over': can't create nad default/over because nad with kubeovn type can only be part "
            "of mgmt cluster; set label network.harvesterhci.io/clusternetwork to mgmt"
        ),
    ),
    case(
        "nad-overlay",
        "another's provider",
        put(nad("x", "mgmt", None, **OVERLAY)),
        (
            "VM network 'default/x': can't create nad default/x because invalid provider name over.default.ovn; name "
            "the provider x.default.ovn"
        ),
    ),
    case("nad-overlay", "as it should be", put(nad("over", "mgmt", None, **OVERLAY))),
    case(
        "nad-vlan",
        "4095",
        put(nad("x", vlan=4095)),
        (
            "VM network 'default/x': can't create nad default/x because VLAN ID 4095 must be within 0..4094; give a "
            "VLAN id, 0 for untagged"
        ),
    ),
    case(
        "nad-vlan",
        "a word",
        put(nad("x", vlan="all")),
        (
            "VM network 'default/x': can't create nad default/x because VLAN ID all must be within 0..4094; give a "
            "VLAN id, 0 for untagged"
        ),
    ),
    case(
        "nad-vlan",
        "trunk of 0",
        put(nad("x", vlan=0, vlanTrunk=[{"id": 0}])),
        (
            "VM network 'default/x': can't create nad default/x because trunk VLAN ID 0 must be within 1..4094; give "
            "ids within 1..4094"
        ),
    ),
    case(
        "nad-vlan",
        "trunk up to 4095",
        put(nad("x", vlan=0, vlanTrunk=[{"minID": 1, "maxID": 4095}])),
        (
            "VM network 'default/x': can't create nad default/x because trunk VLAN ID 4095 must be within 1..4094; "
            "give ids within 1..4094"
        ),
    ),
    case(
        "nad-vlan",
        "trunk and a VLAN",
        put(nad("x", vlan=7, vlanTrunk=[{"id": 8}])),
        (
            "VM network 'default/x': can't create nad default/x because a trunk needs VLAN ID 0, not 7; set vlan to "
            "0, or leave it out"
        ),
    ),
    case(
        "nad-vlan",
        "an empty trunk range",
        put(nad("x", vlan=0, vlanTrunk=[{"minID": 9, "maxID": 8}])),
        (
            "VM network 'default/x': can't create nad default/x because trunk VLAN ID range must be within 1..4094; "
            "give ids within 1..4094"
        ),
    ),
    case("nad-vlan", "4094", put(nad("x", vlan=4094))),
    case("nad-vlan", "untagged", put(nad("x", vlan=0))),
    case("nad-vlan", "a trunk", put(nad("x", vlan=0, vlanTrunk=[{"minID": 2, "maxID": 9}, {"id": 20}]))),
    case(
        "nad-bridge-name",
        "no suffix",
        put(nad("x", bridge="cn1")),
        (
            "VM network 'default/x': can't create nad default/x because the bridge name 'cn1' must end with -br and "
            "have at most 15 characters; name the bridge after its cluster network"
        ),
    ),
    case(
        "nad-bridge-name",
        "16 characters",
        put(nad("x", "abcdefghijklm")),
        (
            "VM network 'default/x': can't create nad default/x because the bridge name 'abcdefghijklm-br' must end "
            "with -br and have at most 15 characters; name the bridge after its cluster network"
        ),
    ),
    case("nad-bridge-name", "15 characters", put(nad("x", "abcdefghijkl"))),
    case(
        "nad-label",
        "another network's",
        put(nad("x", label="cn2")),
        (
            "VM network 'default/x': can't create nad default/x because the nad label cn2 does not match bridge name "
            "cn1; set label network.harvesterhci.io/clusternetwork to cn1"
        ),
    ),
    case("nad-label", "its own", put(nad("x"))),
    case("nad-label", "none", put(nad("x", label=""))),
    case(
        "nad-network",
        "unknown",
        put(nad("x", "cn9")),
        (
            "VM network 'default/x': can't create nad default/x because nad refers to a none-existing cluster "
            "network cn9; create cluster network 'cn9' first"
        ),
    ),
    case("nad-network", "known", put(nad("x"))),
    case(
        "nad-mtu",
        "another at an update",
        text("vlan100", IDLE, mtu=1500),
        (
            "VM network 'default/vlan100': can't update nad default/vlan100 because nad MTU 1500 does not match "
            "cluster network MTU 9000; leave mtu out of a new VM network, and alone in an existing one; it follows "
            "the cluster network"
        ),
        on=IDLE,
    ),
    case("nad-mtu", "corrected at creation", put(nad("x", mtu=1500))),
    case("nad-mtu", "0 and 1500", text("mgmt200", mtu=0)),
    case(
        "nad-mtu",
        "an annotation that is no number",
        text("mgmt200", vlan=5),
        (
            "VM network 'default/mgmt200': can't update nad default/mgmt200 because the VM network or cluster "
            "network mgmt has an invalid MTU; MTU 'big' is not a whole number of bytes"
        ),
        on=having(network("mgmt", "big")),
    ),
    case(
        "nad-mtu",
        "mgmt, no annotation and no label, 1.9",
        put(nad("x", "mgmt", 5, label="")),
        (
            "VM network 'default/x': can't create nad default/x because nad MTU 9000 does not match cluster network "
            "MTU 1500; leave mtu out of a new VM network, and alone in an existing one; it follows the cluster "
            "network. On mgmt, see that its annotation network.harvesterhci.io/uplink-mtu says the MTU of the hosts"
        ),
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
        (
            "VM network 'default/x': can't create nad default/x because VLAN ID 50 is exclusive to the storage "
            "network; use another VLAN id"
        ),
        on=having(setting("storage-network", EXCLUSIVE)),
        version="1.9",
    ),
    case(
        "nad-exclusive-vlan",
        "a trunk over it",
        put(nad("x", vlan=0, vlanTrunk=[{"minID": 40, "maxID": 60}])),
        (
            "VM network 'default/x': can't create nad default/x because VLAN ID 50 is exclusive to the storage "
            "network; use another VLAN id"
        ),
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
    case(
        "nad-vms-running",
        "changed",
        text("vlan100", vlan=101),
        (
            "VM network 'default/vlan100': can't update nad default/vlan100 because it's still used by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs"
        ),
    ),
    case(
        "nad-vms-running",
        "deleted",
        delete("nads", "vlan100", "default"),
        (
            "VM network 'default/vlan100': can't delete nad default/vlan100 because it's still used by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs"
        ),
    ),
    case(
        "nad-vms-running",
        "ended by itself",
        text("vlan100", vlan=101),
        (
            "VM network 'default/vlan100': can't update nad default/vlan100 because it's still used by VM(s) "
            "default/vm1 which must be stopped at first; set the run strategy of default/vm1 to Halted: a VM that "
            "ended by itself still counts"
        ),
        on=having(vmi("vm1", "vlan100", phase="Succeeded")),
    ),
    case(
        "nad-vms-running", "only its labels", patch("nads", "vlan100", {"metadata": {"labels": {"a": "b"}}}, "default")
    ),
    case("nad-vms-running", "no instance", text("vlan100", IDLE, vlan=101), on=IDLE),
    case(
        "nad-vms",
        "in templates",
        delete("nads", "vlan100", "default"),
        (
            "VM network 'default/vlan100': can't delete nad default/vlan100 because it's still used by VM(s) "
            "default/idle, default/vm1 which must remove the related networks and interfaces; take the network out "
            "of these VMs, or delete them"
        ),
        on=IDLE,
    ),
    case("nad-vms", "in none", delete("nads", "vlan100", "default"), on=UNUSED),
    case(
        "nad-storage",
        "changed",
        text("storagenetwork-abcde", NAMED, "harvester-system", vlan=51),
        (
            "VM network 'harvester-system/storagenetwork-abcde': can't update nad "
            "harvester-system/storagenetwork-abcde because it is used by storagenetwork; change setting "
            "storage-network instead"
        ),
        on=NAMED,
    ),
    case("nad-storage", "a user's", text("mgmt200", vlan=51), on=NAMED),
    case(
        "nad-setting",
        "deleted",
        delete("nads", "storagenetwork-abcde", "harvester-system"),
        (
            "VM network 'harvester-system/storagenetwork-abcde': can't delete nad "
            "harvester-system/storagenetwork-abcde because it is used by setting storage-network; disable the "
            "setting, which removes the VM network"
        ),
        on=NAMED,
    ),
    case(
        "nad-setting", "named by none", delete("nads", "storagenetwork-abcde", "harvester-system"), on=having(STORAGE)
    ),
    # ours
    case(
        "vm-network-trunk-version",
        "1.6",
        put(nad("x", vlan=0, vlanTrunk=[{"id": 5}])),
        (
            "VM network 'default/x': Harvester 1.6.1 knows no trunks; VMs would get the untagged network; make one "
            "VM network per VLAN, or upgrade to 1.7 first"
        ),
        version="1.6.1",
    ),
    case("vm-network-trunk-version", "1.7", put(nad("x", vlan=0, vlanTrunk=[{"id": 5}])), version="1.7.0"),
    case(
        "vm-network-mgmt-vlan-1",
        "a VLAN",
        put(nad("x", "mgmt", 1)),
        (
            "VM network 'default/x': VLAN 1 would be tagged on the management uplink of every node; use VLAN 0 "
            "(untagged), or another VLAN id"
        ),
    ),
    case(
        "vm-network-mgmt-vlan-1",
        "in a trunk",
        put(nad("x", "mgmt", 0, vlanTrunk=[{"minID": 1, "maxID": 9}])),
        (
            "VM network 'default/x': VLAN 1 would be tagged on the management uplink of every node; leave VLAN 1 out "
            "of the trunk"
        ),
    ),
    case("vm-network-mgmt-vlan-1", "untagged", put(nad("x", "mgmt", 0))),
    case("vm-network-mgmt-vlan-1", "a custom network", put(nad("x", "cn1", 1))),
    case(
        "vm-network-mgmt-vlan-deleted",
        "1.6.0",
        delete("nads", "mgmt200", "default"),
        (
            "VM network 'default/mgmt200': its VLAN 200 is the one of mgmt-br.200 on nodes n1 and n2, which "
            "Harvester 1.6.0 would cut off; upgrade to 1.6.1 or later first"
        ),
        on=WITH_VLAN,
        version="1.6.0",
    ),
    case("vm-network-mgmt-vlan-deleted", "1.6.1", delete("nads", "mgmt200", "default"), on=WITH_VLAN, version="1.6.1"),
    case("vm-network-mgmt-vlan-deleted", "another VLAN", delete("nads", "mgmt200", "default"), version="1.6.0"),
]
