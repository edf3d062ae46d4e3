# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations: Harvester's rules."""

from __future__ import annotations

from cluster_objects import (
    BASE,
    IDLE,
    NETWORK,
    config,
    delete,
    having,
    lacking,
    nad,
    node,
    patch,
    put,
    status,
    uplink,
    vmi,
)
from rule_case import case

B = {"rack": "b"}
HOST1 = {"kubernetes.io/hostname": "n1"}


def selector(name="rack-a", on=BASE, **labels):
    return patch("vlanconfigs", name, {"spec": {"nodeSelector": labels}}, on=on)


def moved(name, cluster_network, on=BASE):
    return patch("vlanconfigs", name, {"spec": {"clusterNetwork": cluster_network}}, on=on)


def ended(phase):
    return having(vmi("vm1", "vlan100", phase=phase))


MGMT_CONFIG = having(config("mgmt-vlanconfig-n1", "mgmt", ["eno1"], matched=["n1"]))
TWO = having(
    config("rack-b", nics=["eno4"], selector=B, matched=["n3"]),
    status("cn1", "rack-b", "n3"),
    node("n3", "cn1", rack="b"),
)
STORAGE = having(nad("storagenetwork-abcde", "cn1", 50, "harvester-system"), on=IDLE)
RWX = having(nad("rwx-network-abcde", "cn1", 51, "harvester-system"), on=IDLE)
LEAVING = having(
    {
        **nad("storagenetwork-abcde", "cn1", 50, "harvester-system"),
        "metadata": {
            "name": "storagenetwork-abcde",
            "namespace": "harvester-system",
            "labels": {NETWORK + "clusternetwork": "cn1"},
            "deletionTimestamp": "2026-01-01T00:00:00Z",
        },
    },
    on=IDLE,
)
LABEL = {"metadata": {"labels": {NETWORK + "clusternetwork": "cn2"}}}
DESCRIBED = patch("vlanconfigs", "rack-a", {"spec": {"description": "racks"}})
WAITING = having(vmi("vm1", "vlan100", on="", phase="Pending"))
GROWN = having(node("n3", rack="a"))

CASES = [
    case(
        "vlanconfig-required",
        "no uplink",
        patch("vlanconfigs", "rack-a", {"spec": {"uplink": None}}),
        "network configuration 'rack-a': spec.uplink: Required value; give it",
    ),
    case(
        "vlanconfig-required",
        "no cluster network",
        patch("vlanconfigs", "rack-a", {"spec": {"clusterNetwork": None}}),
        "network configuration 'rack-a': spec.clusterNetwork: Required value; give it",
    ),
    case("vlanconfig-required", "both", put(config("rack-b", selector=B))),
    case(
        "vlanconfig-bond-mode",
        "unknown",
        put(config("rack-b", bond={"mode": "lacp"}, selector=B)),
        (
            "network configuration 'rack-b': spec.uplink.bondOptions.mode: Unsupported value: \"lacp\"; give one of "
            "balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb and balance-alb"
        ),
    ),
    case("vlanconfig-bond-mode", "known", put(config("rack-b", bond={"mode": "802.3ad"}, selector=B))),
    case(
        "vlanconfig-minimum",
        "negative",
        put(config("rack-b", mtu=-1, txQLen=-2, bond={"miimon": -2})),
        (
            "network configuration 'rack-b': spec.uplink.linkAttributes.mtu: Invalid value: -1: should be greater "
            "than or equal to 0; give at least 0"
        ),
        (
            "network configuration 'rack-b': spec.uplink.linkAttributes.txQLen: Invalid value: -2: should be greater "
            "than or equal to -1; give at least -1"
        ),
        (
            "network configuration 'rack-b': spec.uplink.bondOptions.miimon: Invalid value: -2: should be greater "
            "than or equal to -1; give at least -1"
        ),
    ),
    case("vlanconfig-minimum", "at the bound", put(config("rack-b", mtu=0, txQLen=-1, bond={"miimon": -1}))),
    case(
        "vlanconfig-network-name",
        "13 characters",
        put(config("x", "abcdefghijklm", selector=B)),
        (
            "network configuration 'x': can't create vlanConfig x because the length of the clusterNetwork name "
            "abcdefghijklm is more than 12; use a cluster network whose name has at most 12 characters"
        ),
    ),
    case("vlanconfig-network-name", "12 characters", put(config("x", "abcdefghijkl", selector=B))),
    case(
        "vlanconfig-mgmt",
        "created",
        put(config("x", "mgmt", selector=B)),
        (
            "network configuration 'x': can't create vlanConfig x because cluster network can't be mgmt; use a "
            "custom cluster network; change the management network on the hosts (playbook mgmt_network)"
        ),
    ),
    case(
        "vlanconfig-mgmt",
        "moved to it",
        moved("rack-a", "mgmt"),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because cluster network can't be mgmt; "
            "use a custom cluster network; change the management network on the hosts (playbook mgmt_network)"
        ),
    ),
    case("vlanconfig-mgmt", "deleted, 1.8", delete("vlanconfigs", "mgmt-vlanconfig-n1"), on=MGMT_CONFIG),
    case(
        "vlanconfig-mgmt",
        "created, 1.9",
        put(config("x", "mgmt", selector=B)),
        (
            "network configuration 'x': can't create vlanConfig x because users can't create, update or delete a "
            "vlanConfig of cluster network mgmt; leave it: the agent keeps it; change the management network on the "
            "hosts (playbook mgmt_network)"
        ),
        version="1.9",
    ),
    case(
        "vlanconfig-mgmt",
        "deleted, 1.9",
        delete("vlanconfigs", "mgmt-vlanconfig-n1"),
        (
            "network configuration 'mgmt-vlanconfig-n1': can't delete vlanConfig mgmt-vlanconfig-n1 because users "
            "can't create, update or delete a vlanConfig of cluster network mgmt; leave it: the agent keeps it; "
            "change the management network on the hosts (playbook mgmt_network)"
        ),
        on=MGMT_CONFIG,
        version="1.9",
    ),
    case("vlanconfig-mgmt", "another", put(config("rack-b", selector=B)), version="1.9"),
    case(
        "vlanconfig-network",
        "unknown",
        put(config("x", "cn9", selector=B)),
        (
            "network configuration 'x': can't create vlanConfig x because it refers to a none-existing cluster "
            "network cn9; create cluster network 'cn9' first"
        ),
    ),
    case(
        "vlanconfig-network",
        "moved to an unknown one",
        moved("rack-a", "cn9"),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because it refers to a none-existing "
            "cluster network cn9; create cluster network 'cn9' first"
        ),
    ),
    case("vlanconfig-network", "known", put(config("x", "cn2", selector=B))),
    case(
        "vlanconfig-mtu-range",
        "575",
        put(config("x", "cn2", mtu=575)),
        (
            "network configuration 'x': can't create vlanConfig x because the MTU 575 is out of range [0, "
            "576..9000]; give an MTU within 576..9000"
        ),
    ),
    case(
        "vlanconfig-mtu-range",
        "9001",
        uplink("rack-a", linkAttributes={"mtu": 9001}),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because the MTU 9001 is out of range [0, "
            "576..9000]; give an MTU within 576..9000"
        ),
    ),
    case("vlanconfig-mtu-range", "576", put(config("x", "cn2", mtu=576))),
    case("vlanconfig-mtu-range", "0", put(config("x", "cn2", mtu=0))),
    case("vlanconfig-mtu-range", "absent", put(config("x", "cn2", mtu=None))),
    case(
        "vlanconfig-mtu-equal",
        "unlike at creation",
        put(config("rack-b", mtu=1500, selector=B)),
        (
            "network configuration 'rack-b': can't create vlanConfig rack-b because the vlanconfig rack-b MTU 1500 "
            "is different with another vlanconfig rack-a MTU 9000, all vlanconfigs on one clusternetwork need to "
            "have same MTU; give MTU 9000; to change it on all, use playbook cluster_network_mtu"
        ),
    ),
    case(
        "vlanconfig-mtu-equal",
        "absent counts as 1500",
        put(config("rack-b", mtu=None, selector=B)),
        (
            "network configuration 'rack-b': can't create vlanConfig rack-b because the vlanconfig rack-b MTU 0 is "
            "different with another vlanconfig rack-a MTU 9000, all vlanconfigs on one clusternetwork need to have "
            "same MTU; give MTU 9000; to change it on all, use playbook cluster_network_mtu"
        ),
    ),
    case(
        "vlanconfig-mtu-equal",
        "changed on one of two",
        uplink("rack-a", on=TWO, linkAttributes={"mtu": 1500}),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because the vlanconfig rack-a MTU 1500 "
            "is different with another vlanconfig rack-b MTU 9000, all vlanconfigs on one clusternetwork need to "
            "have same MTU; give MTU 9000; to change it on all, use playbook cluster_network_mtu"
        ),
        on=TWO,
    ),
    case("vlanconfig-mtu-equal", "changed on the only one", uplink("rack-a", linkAttributes={"mtu": 1500})),
    case("vlanconfig-mtu-equal", "the same", put(config("rack-b", selector=B))),
    case(
        "vlanconfig-mtu-equal",
        "0 and 1500",
        put(config("y", "cn2", mtu=0, selector=B)),
        on=having(config("x", "cn2", mtu=1500, matched=["n1"], selector=HOST1)),
    ),
    case(
        "vlanconfig-mtu-equal",
        "the other is being deleted",
        put(config("rack-b", mtu=1500, selector=B)),
        on=having(config("rack-a", matched=["n1"], deleting=True)),
    ),
    case(
        "vlanconfig-overlap",
        "a second one on n1",
        put(config("x", nics=["eno4"], selector=HOST1)),
        (
            "network configuration 'x': can't create vlanConfig x because it overlaps with other vlanconfigs "
            "matching node(s) [n1]; take these nodes out of one selector; they belong to network configuration "
            "'rack-a'"
        ),
    ),
    case(
        "vlanconfig-overlap",
        "all nodes",
        put(config("x", nics=["eno4"])),
        (
            "network configuration 'x': can't create vlanConfig x because it overlaps with other vlanconfigs "
            "matching node(s) [n1 n2]; take these nodes out of one selector; they belong to network configuration "
            "'rack-a'"
        ),
    ),
    case(
        "vlanconfig-overlap",
        "grown into the other",
        selector("rack-b", TWO, rack="a"),
        (
            "network configuration 'rack-b': can't update vlanConfig rack-b because it overlaps with other "
            "vlanconfigs matching node(s) [n1 n2]; take these nodes out of one selector; they belong to network "
            "configuration 'rack-a'"
        ),
        on=TWO,
    ),
    case("vlanconfig-overlap", "beside it", put(config("rack-b", nics=["eno4"], selector=B))),
    case("vlanconfig-overlap", "another cluster network", put(config("x", "cn2", nics=["eno4"], selector=HOST1))),
    case("vlanconfig-overlap", "its own", DESCRIBED),
    case(
        "vlanconfig-label",
        "changed by hand, 1.9",
        patch("vlanconfigs", "rack-a", LABEL),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because cluster network label cn2 is "
            "invalid and must not be updated by user; leave label network.harvesterhci.io/clusternetwork alone"
        ),
        version="1.9",
    ),
    case("vlanconfig-label", "left, 1.9", DESCRIBED, version="1.9"),
    case("vlanconfig-label", "changed with the cluster network, 1.9", moved("rack-a", "cn2"), version="1.9"),
    case(
        "vlanconfig-vms",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': can't delete vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs, or migrate them to nodes that are not "
            "affected"
        ),
    ),
    case(
        "vlanconfig-vms",
        "a NIC more",
        uplink("rack-a", nics=["eno3", "eno4"]),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs, or migrate them to nodes that are not "
            "affected"
        ),
    ),
    case(
        "vlanconfig-vms",
        "miimon 100 where none was",
        uplink("rack-a", bondOptions={"miimon": 100}),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs, or migrate them to nodes that are not "
            "affected"
        ),
    ),
    case(
        "vlanconfig-vms",
        "another MTU",
        uplink("rack-a", linkAttributes={"mtu": 1500}),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs, or migrate them to nodes that are not "
            "affected"
        ),
    ),
    case(
        "vlanconfig-vms",
        "another cluster network",
        moved("rack-a", "cn2"),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs, or migrate them to nodes that are not "
            "affected"
        ),
    ),
    case(
        "vlanconfig-vms",
        "its node left",
        selector(**{"rack": None, "kubernetes.io/hostname": "n2"}),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; stop these VMs, or migrate them to nodes that are not "
            "affected"
        ),
    ),
    case(
        "vlanconfig-vms",
        "Succeeded counts",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': can't delete vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; set the run strategy of default/vm1 to Halted: a VM that "
            "ended by itself still counts"
        ),
        on=ended("Succeeded"),
    ),
    case(
        "vlanconfig-vms",
        "Failed counts",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': can't delete vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1 which must be stopped at first; set the run strategy of default/vm1 to Halted: a VM that "
            "ended by itself still counts"
        ),
        on=ended("Failed"),
    ),
    case(
        "vlanconfig-vms",
        "two by either form of the name",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': can't delete vlanConfig rack-a because it is blocked by VM(s) "
            "default/vm1, default/vm2 which must be stopped at first; stop these VMs, or migrate them to nodes that "
            "are not affected"
        ),
        on=having(vmi("vm2", "default/vlan100", on="n2")),
    ),
    case(
        "vlanconfig-vms",
        "the bare name in another namespace is another network",
        delete("vlanconfigs", "rack-a"),
        on=having(
            {**vmi("vm2", "vlan100", on="n2"), "metadata": {"name": "vm2", "namespace": "other"}},
            on=lacking("vmis/default/vm1"),
        ),
    ),
    case("vlanconfig-vms", "one that waits for a node does not count", delete("vlanconfigs", "rack-a"), on=WAITING),
    case("vlanconfig-vms", "VMs without an instance do not count", delete("vlanconfigs", "rack-a"), on=IDLE),
    case(
        "vlanconfig-vms",
        "an instance elsewhere",
        delete("vlanconfigs", "rack-a"),
        on=having(vmi("vm1", "vlan100", on="n3")),
    ),
    case("vlanconfig-vms", "a description", DESCRIBED),
    case("vlanconfig-vms", "another node left", selector(**{"rack": None, "kubernetes.io/hostname": "n1"})),
    case("vlanconfig-vms", "a selector that matches nothing, stale nodes", selector(rack="z")),
    case("vlanconfig-vms", "a node more", DESCRIBED, on=GROWN),
    case(
        "vlanconfig-storage",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': can't delete vlanConfig rack-a because the storage network nad "
            "storagenetwork-abcde is still attached; disable setting storage-network first, and enable it again "
            "after the change"
        ),
        on=STORAGE,
    ),
    case(
        "vlanconfig-storage",
        "another MTU",
        uplink("rack-a", linkAttributes={"mtu": 1500}),
        (
            "network configuration 'rack-a': can't update vlanConfig rack-a because the storage network nad "
            "storagenetwork-abcde is still attached; disable setting storage-network first, and enable it again "
            "after the change"
        ),
        on=STORAGE,
    ),
    case("vlanconfig-storage", "a description", DESCRIBED, on=STORAGE),
    case("vlanconfig-storage", "the VM network is being deleted", delete("vlanconfigs", "rack-a"), on=LEAVING),
    case("vlanconfig-storage", "RWX network, 1.8", delete("vlanconfigs", "rack-a"), on=RWX),
    case(
        "vlanconfig-storage",
        "RWX network, 1.9",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': can't delete vlanConfig rack-a because the system network nad "
            "rwx-network-abcde is still attached; disable setting rwx-network first, and enable it again after the "
            "change"
        ),
        on=RWX,
        version="1.9",
    ),
]
