# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster networks: Harvester's rules and ours."""

from __future__ import annotations

from cluster_objects import (
    BASE,
    NETWORK,
    config,
    delete,
    having,
    host_config,
    nad,
    network,
    node,
    patch,
    put,
    setting,
    vm,
    vmi,
)
from rule_case import case

MTU = NETWORK + "uplink-mtu"


def annotate(name, value, on=BASE, key=MTU):
    return patch("clusternetworks", name, {"metadata": {"annotations": {key: value}}}, on=on)


STORAGE = nad("storagenetwork-abcde", "mgmt", 50, "harvester-system")
RWX = nad("rwx-network-abcde", "mgmt", 51, "harvester-system")
ON_MGMT = having(vm("vm2", "mgmt200"), vmi("vm2", "mgmt200", on="n3"))
LEFT = having(node("n1", "cn2", rack="a"))
MGMT_9000 = having(config("mgmt-vlanconfig-n1", "mgmt", ["eno1", "eno2"], matched=["n1"], mtu=9000))

CASES = [
    case(
        "clusternetwork-name",
        "13 characters",
        put(network("abcdefghijklm")),
        (
            "cluster network 'abcdefghijklm': can't create cluster network abcdefghijklm because the length of the "
            "clusterNetwork name abcdefghijklm is more than 12; choose a name of at most 12 characters"
        ),
    ),
    case("clusternetwork-name", "12 characters", put(network("abcdefghijkl"))),
    case(
        "clusternetwork-create-mtu",
        "created with an MTU",
        put(network("cn3", 9000)),
        (
            "cluster network 'cn3': can't create cluster network cn3 because annotation "
            "network.harvesterhci.io/uplink-mtu can't be added; leave the annotation out; it follows the network "
            "configurations"
        ),
    ),
    case("clusternetwork-create-mtu", "created without", put(network("cn3"))),
    case(
        "clusternetwork-mtu-range",
        "mgmt 100",
        annotate("mgmt", "100"),
        (
            "cluster network 'mgmt': can't update cluster network mgmt because the MTU 100 of annotation "
            "network.harvesterhci.io/uplink-mtu is out of range [0, 576..9000]; give an MTU within 576..9000"
        ),
    ),
    case(
        "clusternetwork-mtu-range",
        "mgmt a word",
        annotate("mgmt", "jumbo"),
        (
            "cluster network 'mgmt': can't update cluster network mgmt because the MTU jumbo of annotation "
            "network.harvesterhci.io/uplink-mtu is out of range [0, 576..9000]; give an MTU within 576..9000"
        ),
    ),
    case(
        "clusternetwork-mtu-range",
        "cn1 9001",
        annotate("cn1", "9001"),
        (
            "cluster network 'cn1': can't update cluster network cn1 because the MTU 9001 of annotation "
            "network.harvesterhci.io/uplink-mtu is out of range [0, 576..9000]; give an MTU within 576..9000"
        ),
    ),
    case("clusternetwork-mtu-range", "mgmt 576", annotate("mgmt", "576")),
    case("clusternetwork-mtu-range", "mgmt 0", annotate("mgmt", "0")),
    case(
        "clusternetwork-mtu-configs",
        "unlike its configuration",
        annotate("cn1", "1500"),
        (
            "cluster network 'cn1': can't update cluster network cn1 because clusternetwork has MTU 1500, but the "
            "vlanconfigs rack-a has another MTU 9000; leave the annotation alone; change the MTU of the network "
            "configurations, which it follows"
        ),
    ),
    case(
        "clusternetwork-mtu-configs",
        "removed",
        annotate("cn1", None),
        (
            "cluster network 'cn1': can't update cluster network cn1 because clusternetwork has MTU 1500, but the "
            "vlanconfigs rack-a has another MTU 9000; leave the annotation alone; change the MTU of the network "
            "configurations, which it follows"
        ),
    ),
    case("clusternetwork-mtu-configs", "none there", annotate("cn2", "9000")),
    case(
        "clusternetwork-mtu-configs",
        "one being deleted",
        annotate("cn1", "1500"),
        on=having(config("rack-a", matched=["n1"], deleting=True)),
    ),
    case(
        "clusternetwork-mtu-configs",
        "one being deleted, 1.7",
        annotate("cn1", "1500"),
        (
            "cluster network 'cn1': can't update cluster network cn1 because clusternetwork has MTU 1500, but the "
            "vlanconfigs rack-a has another MTU 9000; leave the annotation alone; change the MTU of the network "
            "configurations, which it follows"
        ),
        on=having(config("rack-a", matched=["n1"], deleting=True)),
        version="1.7.1",
    ),
    case(
        "clusternetwork-mgmt-mtu-storage",
        "storage network",
        annotate("mgmt", "9000"),
        (
            "cluster network 'mgmt': can't update cluster network mgmt because the MTU can't be changed from 1500 to "
            "9000 as storage network nad storagenetwork-abcde is still attached; disable setting storage-network "
            "first"
        ),
        on=having(STORAGE),
    ),
    case("clusternetwork-mgmt-mtu-storage", "0 is 1500", annotate("mgmt", "0"), on=having(STORAGE)),
    case("clusternetwork-mgmt-mtu-storage", "RWX network, 1.8", annotate("mgmt", "9000"), on=having(RWX)),
    case(
        "clusternetwork-mgmt-mtu-storage",
        "RWX, 1.9",
        annotate("mgmt", "9000"),
        (
            "cluster network 'mgmt': can't update cluster network mgmt because the MTU can't be changed from 1500 to "
            "9000 as system network nad rwx-network-abcde is still attached; disable setting rwx-network first"
        ),
        on=having(RWX),
        version="1.9",
    ),
    case(
        "clusternetwork-mgmt-mtu-vms",
        "a VM on any node",
        annotate("mgmt", "9000"),
        (
            "cluster network 'mgmt': can't update cluster network mgmt because the MTU can't be changed from 1500 to "
            "9000 as following VMs must be stopped at first: default/vm2; stop these VMs"
        ),
        on=ON_MGMT,
    ),
    case(
        "clusternetwork-mgmt-mtu-vms",
        "an overlay counts",
        annotate("mgmt", "9000"),
        (
            "cluster network 'mgmt': can't update cluster network mgmt because the MTU can't be changed from 1500 to "
            "9000 as following VMs must be stopped at first: default/vm3; set the run strategy of default/vm3 to "
            "Halted: a VM that ended by itself still counts"
        ),
        on=having(nad("over", "mgmt", None, type="kube-ovn"), vmi("vm3", "over", phase="Succeeded")),
    ),
    case("clusternetwork-mgmt-mtu-vms", "the pod network does not count", annotate("mgmt", "9000")),
    case("clusternetwork-mgmt-mtu-vms", "the same MTU", annotate("mgmt", "1500"), on=ON_MGMT),
    case(
        "clusternetwork-delete-mgmt",
        "mgmt",
        delete("clusternetworks", "mgmt"),
        (
            "cluster network 'mgmt': can't delete cluster network mgmt because it is not allowed; leave it; it is "
            "part of every cluster"
        ),
    ),
    case("clusternetwork-delete-mgmt", "another", delete("clusternetworks", "cn2")),
    case(
        "clusternetwork-delete-configs",
        "one is there",
        delete("clusternetworks", "cn1"),
        (
            "cluster network 'cn1': can't delete cluster network cn1 because vlanconfig(s) [rack-a] under this "
            "clusternetwork are still existing; delete these network configurations first"
        ),
    ),
    case("clusternetwork-delete-configs", "none is there", delete("clusternetworks", "cn2")),
    case(
        "clusternetwork-delete-nads",
        "one is there",
        delete("clusternetworks", "cn1"),
        (
            "cluster network 'cn1': can't delete cluster network cn1 because nads(s) default/vlan100 under this "
            "clusternetwork are still existing; delete these VM networks first"
        ),
    ),
    case("clusternetwork-delete-nads", "none is there", delete("clusternetworks", "cn2")),
    # ours
    case(
        "cluster-network-mgmt-mtu-explicit",
        "0",
        annotate("mgmt", "0"),
        (
            "cluster network 'mgmt': annotation network.harvesterhci.io/uplink-mtu set to '0' leaves VM networks "
            'with mtu 0; set it to "1500" to return to the default'
        ),
    ),
    case(
        "cluster-network-mgmt-mtu-explicit",
        "removed",
        annotate("mgmt", None, having(network("mgmt", 9000))),
        (
            "cluster network 'mgmt': annotation network.harvesterhci.io/uplink-mtu without a value leaves VM "
            'networks with mtu 0; set it to "1500" to return to the default'
        ),
        on=having(network("mgmt", 9000)),
    ),
    case("cluster-network-mgmt-mtu-explicit", "1500", annotate("mgmt", "1500")),
    case("cluster-network-mgmt-mtu-explicit", "another network", annotate("cn2", "0")),
    case(
        "cluster-network-owned",
        "the MTU",
        annotate("cn2", "1500"),
        (
            "cluster network 'cn2': annotation network.harvesterhci.io/uplink-mtu would change from none to '1500', "
            "but Harvester keeps it; change the MTU of the network configurations instead"
        ),
    ),
    case(
        "cluster-network-owned",
        "its source",
        annotate("cn1", "mine", key=NETWORK + "mtu-source-vc"),
        (
            "cluster network 'cn1': annotation network.harvesterhci.io/mtu-source-vc would change from 'rack-a' to "
            "'mine', but Harvester keeps it; change the MTU of the network configurations instead"
        ),
    ),
    case("cluster-network-owned", "mgmt is the user's", annotate("mgmt", "9000")),
    case("cluster-network-owned", "a description", annotate("cn1", "text", key="field.cattle.io/description")),
    case(
        "cluster-network-left-behind",
        "a node has its label",
        delete("clusternetworks", "cn2"),
        (
            "cluster network 'cn2': node n1 still has label network.harvesterhci.io/cn2, so bond and bridge are "
            "likely there too; create a network configuration for them again, delete it while their agents run, and "
            "look at the hosts"
        ),
        on=LEFT,
    ),
    case("cluster-network-left-behind", "no node has", delete("clusternetworks", "cn2")),
    case("cluster-network-left-behind", "a configuration explains it", delete("clusternetworks", "cn1")),
    case(
        "cluster-network-host-configs",
        "one is on it",
        delete("clusternetworks", "cn2"),
        "cluster network 'cn2': host network configuration 'hosts' is on it; delete it first",
        on=having(host_config("hosts", "cn2")),
    ),
    case(
        "cluster-network-host-configs", "on another", delete("clusternetworks", "cn2"), on=having(host_config("hosts"))
    ),
    case(
        "mgmt-mtu-annotation",
        "a VM network",
        put(nad("v5", "mgmt", 5)),
        (
            "VM network 'default/v5': the management network has MTU 9000 on its nodes, and cluster network 'mgmt' "
            "has no annotation network.harvesterhci.io/uplink-mtu; set the annotation to the MTU of the hosts first"
        ),
        on=MGMT_9000,
        version="1.9",
    ),
    case(
        "mgmt-mtu-annotation",
        "a storage network",
        put(setting("storage-network", {"clusterNetwork": "mgmt", "vlan": 5, "range": "10.9.0.0/24"})),
        (
            "setting 'storage-network': the management network has MTU 9000 on its nodes, and cluster network 'mgmt' "
            "has no annotation network.harvesterhci.io/uplink-mtu; set the annotation to the MTU of the hosts first"
        ),
        on=MGMT_9000,
        version="1.9",
    ),
    case(
        "mgmt-mtu-annotation",
        "with it",
        put(nad("v5", "mgmt", 5)),
        on=having(network("mgmt", 9000), on=MGMT_9000),
        version="1.9",
    ),
    case("mgmt-mtu-annotation", "a custom network", put(nad("v5", "cn1", 5)), on=MGMT_9000, version="1.9"),
]
