# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network configurations: our rules about uplink, metadata, nodes and VMs."""

from __future__ import annotations

from cluster_objects import (
    BASE,
    IDLE,
    NETWORK,
    agent,
    config,
    delete,
    having,
    host_config,
    lacking,
    nad,
    network,
    node,
    patch,
    put,
    sriov,
    status,
    uplink,
    vm,
    vmi,
)
from rule_case import case

B = {"rack": "b"}
NEW = put(config("rack-b", nics=["eno4"], selector=B))
"""A good one, for n3."""
DESCRIBED = patch("vlanconfigs", "rack-a", {"spec": {"description": "racks"}})
LONG = having(network("abcdefghijklm"))
MATCHED = {"metadata": {"annotations": {NETWORK + "matched-nodes": '["n3"]'}}}
LABEL = {"metadata": {"labels": {NETWORK + "clusternetwork": "cn2"}}}
WANTING = having(config("other", nics=["eno6"], selector=B, matched=["n3"]))
"""Another configuration of cn1 is for n3, and its agent has not said so yet."""
DOWN = having(node("n2", "cn1", up=False, rack="a"), on=IDLE)
NO_AGENT = lacking("agents/harvester-system/harvester-network-controller-n2", on=IDLE)
FUNCTIONS = having(
    sriov("n2", "eno3", "n2-000004100", "n2-000004101"),
    sriov("n2", "eno6", "n2-000005100"),
    vmi("direct", on="n2", devices=["n2-000004101"]),
    vmi("free", on="n2", devices=["n2-000005100"]),
    on=IDLE,
)
HOSTS = having(host_config("hosts", "cn1", 7, nodeSelector={"matchLabels": {"kubernetes.io/hostname": "n2"}}), on=IDLE)


def selector(on=BASE, **labels):
    return patch("vlanconfigs", "rack-a", {"spec": {"nodeSelector": labels}}, on=on)


ONLY_N1 = {"rack": None, "kubernetes.io/hostname": "n1"}
ONLY_N2 = {"rack": None, "kubernetes.io/hostname": "n2"}

CASES = [
    case(
        "config-mtu-explicit",
        "absent",
        put(config("x", "cn2", ["eno4"], B, mtu=None)),
        (
            "network configuration 'x': no MTU reads as 1500, but would not reach links that have another; give "
            "linkAttributes.mtu: 1500"
        ),
    ),
    case(
        "config-mtu-explicit",
        "0",
        put(config("x", "cn2", ["eno4"], B, mtu=0)),
        (
            "network configuration 'x': MTU 0 reads as 1500, but would not reach links that have another; give "
            "linkAttributes.mtu: 1500"
        ),
    ),
    case(
        "config-mtu-explicit",
        "0 where it was 9000",
        uplink("rack-a", linkAttributes={"mtu": 0}),
        (
            "network configuration 'rack-a': MTU 0 means 1500 for its VM networks, but the links stay at 9000; give "
            "linkAttributes.mtu: 1500"
        ),
    ),
    case(
        "config-mtu-explicit",
        "taken away",
        uplink("rack-a", linkAttributes=None),
        (
            "network configuration 'rack-a': no MTU means 1500 for its VM networks, but the links stay at 9000; give "
            "linkAttributes.mtu: 1500"
        ),
    ),
    case("config-mtu-explicit", "1500", put(config("x", "cn2", ["eno4"], B, mtu=1500))),
    case(
        "config-mtu-explicit",
        "an old one without, described",
        patch(
            "vlanconfigs",
            "rack-a",
            {"spec": {"description": "x"}},
            on=having(config("rack-a", mtu=None, matched=["n1"])),
        ),
        on=having(config("rack-a", mtu=None, matched=["n1"])),
    ),
    case(
        "config-miimon-zero",
        "0",
        put(config("x", "cn2", ["eno4"], B, bond={"miimon": 0})),
        "network configuration 'x': miimon=0 turns link monitoring off; leave miimon out, or give 100",
    ),
    case(
        "config-miimon-zero",
        "changed to 0",
        uplink("rack-a", bondOptions={"miimon": 0}),
        "network configuration 'rack-a': miimon=0 turns link monitoring off; leave miimon out, or give 100",
    ),
    case("config-miimon-zero", "100", put(config("x", "cn2", ["eno4"], B, bond={"miimon": 100}))),
    case("config-miimon-zero", "the default", NEW),
    case(
        "config-bond-options-equal",
        "another mode",
        put(config("x", nics=["eno4"], selector=B, bond={"mode": "802.3ad"})),
        (
            "network configuration 'x': mode=802.3ad is unlike active-backup of network configuration 'rack-a' of "
            "the same cluster network; give active-backup, or change all in one go (playbook cluster_network)"
        ),
    ),
    case(
        "config-bond-options-equal",
        "another miimon",
        put(config("x", nics=["eno4"], selector=B, bond={"miimon": 50})),
        (
            "network configuration 'x': miimon=50 is unlike 100 of network configuration 'rack-a' of the same "
            "cluster network; give 100, or change all in one go (playbook cluster_network)"
        ),
    ),
    case(
        "config-bond-options-equal",
        "another queue length",
        put(config("x", nics=["eno4"], selector=B, txQLen=500)),
        (
            "network configuration 'x': txQLen=500 is unlike -1 of network configuration 'rack-a' of the same "
            "cluster network; give -1, or change all in one go (playbook cluster_network)"
        ),
    ),
    case(
        "config-bond-options-equal",
        "100 is the default",
        put(config("x", nics=["eno4"], selector=B, bond={"mode": "active-backup", "miimon": 100})),
    ),
    case(
        "config-bond-options-equal",
        "100 is not the default, 1.6",
        put(config("x", nics=["eno4"], selector=B, bond={"miimon": 100})),
        (
            "network configuration 'x': miimon=100 is unlike -1 of network configuration 'rack-a' of the same "
            "cluster network; give -1, or change all in one go (playbook cluster_network)"
        ),
        version="1.6.0",
    ),
    case(
        "config-bond-options-equal",
        "another cluster network",
        put(config("x", "cn2", ["eno4"], B, bond={"mode": "802.3ad"})),
    ),
    case(
        "config-hardware-address",
        "two nodes",
        put(config("x", "cn2", ["eno4"], {"rack": "a"}, hardwareAddr="AhEiM0RV")),
        (
            "network configuration 'x': hardwareAddr=AhEiM0RV would be the MAC of 2 nodes at once; leave it out, or "
            "make one configuration per node"
        ),
    ),
    case("config-hardware-address", "one node", put(config("x", "cn2", ["eno4"], B, hardwareAddr="AhEiM0RV"))),
    case(
        "config-network-name",
        "moved to a long one",
        patch("vlanconfigs", "rack-a", {"spec": {"clusterNetwork": "abcdefghijklm"}}),
        (
            "network configuration 'rack-a': cluster network 'abcdefghijklm' has a name of 13 characters; its bridge "
            "cannot be made; use one whose name has at most 12 characters"
        ),
        on=LONG,
    ),
    case(
        "config-network-name",
        "moved to a short one",
        patch("vlanconfigs", "rack-a", {"spec": {"clusterNetwork": "cn2"}}),
    ),
    case(
        "config-owned",
        "matched nodes",
        patch("vlanconfigs", "rack-a", MATCHED),
        (
            "network configuration 'rack-a': annotation network.harvesterhci.io/matched-nodes=[\"n3\"] is "
            "Harvester's to write; leave it out; change the selector"
        ),
    ),
    case(
        "config-owned",
        "its label, 1.8",
        patch("vlanconfigs", "rack-a", LABEL),
        (
            "network configuration 'rack-a': label network.harvesterhci.io/clusternetwork=cn2 is unlike "
            "spec.clusterNetwork=cn1; leave the label out"
        ),
    ),
    case("config-owned", "its label, 1.9: Harvester's rule", patch("vlanconfigs", "rack-a", LABEL), version="1.9"),
    case("config-owned", "moved by its spec", patch("vlanconfigs", "rack-a", {"spec": {"clusterNetwork": "cn2"}})),
    case("config-owned", "a description", DESCRIBED),
    case(
        "config-no-node",
        "created",
        put(config("x", "cn2", ["eno4"], {"rack": "z"})),
        (
            "network configuration 'x': its selector (rack=z) matches no node; correct the selector or the nodes' "
            "labels; to take the configuration out of use, delete it"
        ),
    ),
    case(
        "config-no-node",
        "changed",
        selector(rack="z"),
        (
            "network configuration 'rack-a': its selector (rack=z) matches no node; correct the selector or the "
            "nodes' labels; to take the configuration out of use, delete it"
        ),
    ),
    case(
        "config-no-node",
        "a witness alone",
        put(config("x", "cn2", ["eno4"], {"kubernetes.io/hostname": "w1"})),
        (
            "network configuration 'x': its selector (kubernetes.io/hostname=w1) matches no node; correct the "
            "selector or the nodes' labels; to take the configuration out of use, delete it"
        ),
    ),
    case("config-no-node", "one", NEW),
    case(
        "config-no-node",
        "an empty one, described",
        patch(
            "vlanconfigs",
            "x",
            {"spec": {"description": "y"}},
            on=having(config("x", "cn2", [], {"rack": "z"}, matched=[])),
        ),
        on=having(config("x", "cn2", [], {"rack": "z"}, matched=[])),
    ),
    case(
        "config-vms-left",
        "to nothing, old nodes stay",
        selector(rack="z"),
        (
            "network configuration 'rack-a': it leaves node n1, where default/vm1 runs; stop these VMs, or migrate "
            "them to nodes that are not affected"
        ),
    ),
    case("config-vms-left", "to nothing, no VM", selector(rack="z"), on=IDLE),
    case("config-vms-left", "to other nodes: Harvester's rule", selector(**ONLY_N2)),
    case(
        "config-overlap",
        "no status yet",
        NEW,
        (
            "network configuration 'rack-b': network configuration 'other' of the same cluster network is for node "
            "n3 too; take it out of one of the two selectors"
        ),
        on=WANTING,
    ),
    case("config-overlap", "with a status: Harvester's rule", NEW, on=having(status("cn1", "other", "n3"), on=WANTING)),
    case("config-overlap", "another cluster network", put(config("x", "cn2", ["eno4"], B)), on=WANTING),
    case(
        "config-overlap",
        "the other is being deleted",
        NEW,
        on=having(config("other", nics=["eno6"], selector=B, matched=["n3"], deleting=True)),
    ),
    case(
        "config-witness",
        "by its name",
        put(config("x", "cn2", ["eno4"], {"kubernetes.io/hostname": "w1"})),
        (
            "network configuration 'x': its selector (kubernetes.io/hostname=w1) matches witness node w1, which "
            "never gets a cluster network; take it out of the selection"
        ),
    ),
    case(
        "config-witness",
        "by a label",
        put(config("x", "cn2", ["eno4"], {"rack": "a"})),
        (
            "network configuration 'x': its selector (rack=a) matches witness node w1, which never gets a cluster "
            "network; take it out of the selection"
        ),
    ),
    case("config-witness", "all nodes", put(config("x", "cn2", ["eno4"]))),
    case("config-witness", "none", NEW),
    case(
        "config-node-not-ready",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        "network configuration 'rack-a': node n2 is not Ready, so the change is not made there; bring it back first",
        on=DOWN,
    ),
    case(
        "config-node-not-ready",
        "another uplink",
        uplink("rack-a", nics=["eno4"]),
        "network configuration 'rack-a': node n2 is not Ready, so the change is not made there; bring it back first",
        on=DOWN,
    ),
    case(
        "config-node-not-ready",
        "joined",
        put(config("x", "cn2", ["eno4"], {"kubernetes.io/hostname": "n2"})),
        "network configuration 'x': node n2 is not Ready, so the change is not made there; bring it back first",
        on=DOWN,
    ),
    case(
        "config-node-not-ready",
        "left",
        selector(**ONLY_N1),
        "network configuration 'rack-a': node n2 is not Ready, so the change is not made there; bring it back first",
        on=DOWN,
    ),
    case("config-node-not-ready", "a description", DESCRIBED, on=DOWN),
    case("config-node-not-ready", "another node", NEW, on=DOWN),
    case(
        "config-node-not-ready", "a node that is gone", delete("vlanconfigs", "rack-a"), on=lacking("nodes/n2", on=IDLE)
    ),
    case(
        "config-agent",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': the network agent does not run on node n2; see that pod "
            "harvester-network-controller of namespace harvester-system is Running there"
        ),
        on=NO_AGENT,
    ),
    case(
        "config-agent",
        "not ready",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': the network agent does not run on node n2; see that pod "
            "harvester-network-controller of namespace harvester-system is Running there"
        ),
        on=having(agent("n2", up=False), on=IDLE),
    ),
    case("config-agent", "not Ready nodes have a rule of their own", delete("vlanconfigs", "rack-a"), on=DOWN),
    case("config-agent", "another node", NEW, on=NO_AGENT),
    case(
        "config-virtual-functions",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': default/direct runs with a virtual function of its NICs (eno3); stop "
            "these VMs"
        ),
        on=FUNCTIONS,
    ),
    case(
        "config-virtual-functions",
        "another uplink",
        uplink("rack-a", nics=["eno4"]),
        (
            "network configuration 'rack-a': default/direct runs with a virtual function of its NICs (eno3); stop "
            "these VMs"
        ),
        on=FUNCTIONS,
    ),
    case("config-virtual-functions", "its node stays", selector(**ONLY_N2), on=FUNCTIONS),
    case(
        "config-virtual-functions",
        "its node is left",
        selector(**ONLY_N1),
        (
            "network configuration 'rack-a': default/direct runs with a virtual function of its NICs (eno3); stop "
            "these VMs"
        ),
        on=FUNCTIONS,
    ),
    case("config-virtual-functions", "a description", DESCRIBED, on=FUNCTIONS),
    case(
        "config-host-configs",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': host network configuration 'hosts' has cn1-br.7 on node n2; delete it, "
            "or change its selector, first"
        ),
        on=HOSTS,
    ),
    case(
        "config-host-configs",
        "its node is left",
        selector(**ONLY_N1),
        (
            "network configuration 'rack-a': host network configuration 'hosts' has cn1-br.7 on node n2; delete it, "
            "or change its selector, first"
        ),
        on=HOSTS,
    ),
    case("config-host-configs", "its node stays", selector(**ONLY_N2), on=HOSTS),
    case(
        "vm-left-without-node",
        "deleted",
        delete("vlanconfigs", "rack-a"),
        (
            "network configuration 'rack-a': no node could run default/idle and default/vm1 any more; keep a node "
            "that has all cluster networks of each VM"
        ),
        on=IDLE,
    ),
    case("vm-left-without-node", "narrowed, a node stays", selector(**ONLY_N1), on=IDLE),
    case(
        "vm-left-without-node",
        "the last node with both networks",
        delete("vlanconfigs", "cn2-n2"),
        (
            "network configuration 'cn2-n2': no node could run default/both any more; keep a node that has all "
            "cluster networks of each VM"
        ),
        on=having(
            config("cn2-n2", "cn2", ["eno4"], {"kubernetes.io/hostname": "n2"}, matched=["n2"]),
            status("cn2", "cn2-n2", "n2"),
            node("n2", "cn1", "cn2", rack="a"),
            network("cn2"),
            nad("vlan200", "cn2", 200),
            vm("both", "vlan100", "vlan200", strategy="Halted"),
            on=IDLE,
        ),
    ),
]
