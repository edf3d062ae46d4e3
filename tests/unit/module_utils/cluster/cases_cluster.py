# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes, VMs and the state of the whole cluster: Harvester's rules and ours."""

from __future__ import annotations

from cluster_objects import (
    BASE,
    IDLE,
    config,
    delete,
    having,
    labelled,
    lacking,
    monitor,
    nad,
    nics,
    node,
    patch,
    put,
    setting,
    sriov,
    status,
    thing,
    upgrade,
    vm,
    vmi,
)
from rule_case import case

NEW = put(config("rack-b", nics=["eno4"], selector={"rack": "b"}))
CORDON = patch("nodes", "n1", {"spec": {"unschedulable": True}})
DRAIN = {"metadata": {"annotations": {"harvesterhci.io/drain-requested": "true"}}}
MAINTAINED = {"metadata": {"annotations": {"harvesterhci.io/maintain-status": "completed"}}}
OTHERS_OFF = having(*(node(name, cordoned=True) for name in ("n2", "n3")), node("w1", witness="true", cordoned=True))
DOWN = having(node("n2", cordoned=True), node("n3", up=False), node("w1", witness="true", cordoned=True))
BARE_WITNESS = having(node("w1", witness="true", taints=[{"key": "x", "effect": "NoSchedule"}]))
UPGRADING = having(upgrade("hvst-upgrade-1"))
UPGRADED = having(upgrade("hvst-upgrade-1", "Succeeded"), upgrade("hvst-upgrade-0", latest="false"))
BUSY = having(setting("storage-network", {"clusterNetwork": "cn1", "vlan": 5, "range": "10.9.0.0/24"}, "In Progress"))
RACK_B = having(config("rack-b", nics=["eno4"], selector={"rack": "b"}, matched=["n3"]), status("cn1", "rack-b", "n3"))
HALT = patch("vms", "vm1", {"spec": {"runStrategy": "Halted"}}, "default")
NETWORK_LABEL = {"metadata": {"labels": {"network.harvesterhci.io/cn2": "true"}}}


def backup(**state):
    return thing("backups", "b1", "default", spec={"source": {"kind": "VirtualMachine", "name": "vm1"}}, status=state)


def in_maintenance(name):
    found = BASE.get("nodes", name)
    return {**found, "metadata": {**found["metadata"], "annotations": MAINTAINED["metadata"]["annotations"]}}


N2_DOWN = having(node("n2", "cn1", up=False, rack="a"))
FUNCTION = having(sriov("n2", "eno3", "n2-000004100"), vmi("direct", on="n2", devices=["n2-000004100"]))
SINGLE = lacking("nodes/n2", "nodes/n3", "nodes/w1")
WORKER = having(
    {**node("n3", rack="b"), "metadata": {"name": "n3", "labels": {"kubernetes.io/hostname": "n3", "rack": "b"}}}
)
THREE = lacking("nodes/w1")

CASES = [
    case(
        "node-last",
        "cordoned",
        CORDON,
        (
            "node 'n1': can't enable maintenance mode or cordon on the last available node; make another node "
            "available first"
        ),
        on=OTHERS_OFF,
    ),
    case(
        "node-last",
        "maintained",
        patch("nodes", "n1", MAINTAINED),
        (
            "node 'n1': can't enable maintenance mode or cordon on the last available node; make another node "
            "available first"
        ),
        on=OTHERS_OFF,
    ),
    case("node-last", "one that is not Ready counts as available", CORDON, on=DOWN),
    case("node-last", "others are left", CORDON),
    case("node-last", "a label", labelled("n1", zone="x"), on=OTHERS_OFF),
    case(
        "node-last",
        "cordoned before",
        patch("nodes", "n2", MAINTAINED, on=OTHERS_OFF),
        on=having(node("n1", cordoned=True), on=OTHERS_OFF),
    ),
    case(
        "node-witness",
        "its label",
        patch("nodes", "w1", {"metadata": {"labels": {"node-role.harvesterhci.io/witness": None}}}),
        (
            "node 'w1': Cannot remove witness node taint or label from the witness node; keep label "
            "node-role.harvesterhci.io/witness and taint node-role.kubernetes.io/etcd=true:NoExecute"
        ),
    ),
    case(
        "node-witness",
        "its taint",
        patch("nodes", "w1", {"spec": {"taints": []}}),
        (
            "node 'w1': Cannot remove witness node taint or label from the witness node; keep label "
            "node-role.harvesterhci.io/witness and taint node-role.kubernetes.io/etcd=true:NoExecute"
        ),
    ),
    case(
        "node-witness",
        "one without the taint, any change",
        labelled("w1", BARE_WITNESS, zone="x"),
        (
            "node 'w1': Cannot remove witness node taint or label from the witness node; keep label "
            "node-role.harvesterhci.io/witness and taint node-role.kubernetes.io/etcd=true:NoExecute"
        ),
        on=BARE_WITNESS,
    ),
    case("node-witness", "another node", labelled("n1", zone="x")),
    case("node-witness", "another label", labelled("w1", zone="x")),
    case(
        "vm-backup",
        "in progress",
        HALT,
        (
            "VM 'default/vm1': there is vmbackup b1 in progress for vm vm1, stop it or wait for it; wait until the "
            "backup is ready, or delete it"
        ),
        on=having(backup(readyToUse=False)),
    ),
    case("vm-backup", "ready", HALT, on=having(backup(readyToUse=True))),
    case("vm-backup", "failed", HALT, on=having(backup(error={"message": "no space"}))),
    case(
        "vm-backup",
        "not stopped",
        patch("vms", "vm1", {"metadata": {"labels": {"a": "b"}}}, "default"),
        on=having(backup()),
    ),
    # ours
    case(
        "upgrade-running",
        "a configuration",
        NEW,
        (
            "network configuration 'rack-b': upgrade 'hvst-upgrade-1' of Harvester is running; wait until it has "
            "completed, or has failed"
        ),
        on=UPGRADING,
    ),
    case(
        "upgrade-running",
        "a deletion",
        delete("clusternetworks", "cn2"),
        (
            "cluster network 'cn2': upgrade 'hvst-upgrade-1' of Harvester is running; wait until it has completed, "
            "or has failed"
        ),
        on=UPGRADING,
    ),
    case(
        "upgrade-running",
        "a setting",
        put(setting("storage-network", {"clusterNetwork": "mgmt", "vlan": 5, "range": "10.9.0.0/24"})),
        (
            "setting 'storage-network': upgrade 'hvst-upgrade-1' of Harvester is running; wait until it has "
            "completed, or has failed"
        ),
        on=UPGRADING,
    ),
    case(
        "upgrade-running",
        "a drain",
        patch("nodes", "n1", DRAIN),
        "node 'n1': upgrade 'hvst-upgrade-1' of Harvester is running; wait until it has completed, or has failed",
        on=UPGRADING,
    ),
    case("upgrade-running", "another setting", put(setting("ui-index", "x")), on=UPGRADING),
    case("upgrade-running", "a cordon", CORDON, on=UPGRADING),
    case("upgrade-running", "it has succeeded", NEW, on=UPGRADED),
    case("upgrade-running", "it has failed", NEW, on=having(upgrade("hvst-upgrade-1", "Failed"))),
    case(
        "storage-change-in-progress",
        "a configuration",
        NEW,
        (
            "network configuration 'rack-b': a change of setting storage-network is in progress; wait until its "
            "condition configured is Completed"
        ),
        on=BUSY,
    ),
    case(
        "storage-change-in-progress",
        "the setting itself, 1.7",
        put(setting("storage-network")),
        (
            "setting 'storage-network': a change of setting storage-network is in progress; wait until its condition "
            "configured is Completed"
        ),
        on=BUSY,
        version="1.7.1",
    ),
    case(
        "storage-change-in-progress",
        "the setting itself, 1.8: Harvester's rule",
        put(setting("storage-network")),
        on=BUSY,
    ),
    case("storage-change-in-progress", "never configured", NEW),
    case("node-overlap", "a node in two", patch("nodes", "n3", {"metadata": {"labels": {"rack": "a"}}}), on=RACK_B),
    case(
        "node-overlap",
        "by another label",
        labelled("n3", gpu="yes"),
        (
            "node 'n3': its labels would put it into network configurations 'gpus' and 'rack-b' of cluster network "
            "'cn1'; label it so that one of them matches"
        ),
        on=having(config("gpus", nics=["eno6"], selector={"gpu": "yes"}, matched=[]), on=RACK_B),
    ),
    case(
        "node-overlap",
        "another cluster network",
        labelled("n3", gpu="yes"),
        on=having(config("gpus", "cn2", ["eno6"], {"gpu": "yes"}, matched=[]), on=RACK_B),
    ),
    case(
        "node-vms",
        "a VM runs there",
        labelled("n1", rack=None),
        (
            "node 'n1': its labels would take it out of network configuration 'rack-a', and default/vm1 runs there; "
            "stop these VMs, or migrate them to nodes that are not affected"
        ),
    ),
    case(
        "node-vms",
        "to another configuration",
        labelled("n1", rack="b"),
        (
            "node 'n1': its labels would take it out of network configuration 'rack-a' (into 'rack-b'), and "
            "default/vm1 runs there; stop these VMs, or migrate them to nodes that are not affected"
        ),
        on=RACK_B,
    ),
    case(
        "node-vms",
        "a virtual function",
        labelled("n2", rack=None),
        (
            "node 'n2': its labels would take it out of network configuration 'rack-a', and default/direct runs "
            "there; stop these VMs, or migrate them to nodes that are not affected"
        ),
        on=FUNCTION,
    ),
    case("node-vms", "no VM there", labelled("n2", rack=None)),
    case("node-vms", "another label", labelled("n1", zone="x")),
    case(
        "node-nics",
        "it lacks the NIC",
        labelled("n3", rack="a"),
        (
            "node 'n3': its labels would put it into network configuration 'rack-a', whose NIC 'eno3' it cannot use: "
            "the node has no such NIC; make a configuration for nodes like this one"
        ),
        on=having(monitor("nic", {"n3": nics(False)[:2]})),
    ),
    case("node-nics", "it has it", labelled("n3", rack="a")),
    case(
        "node-nics",
        "the configuration that it leaves has the NIC",
        labelled("n3", rack="a"),
        on=having(config("rack-b", "cn2", ["eno3"], {"rack": "b"}, matched=["n3"])),
    ),
    case(
        "node-agent",
        "joins without one",
        labelled("n3", rack="a"),
        (
            "node 'n3': its labels would change network configuration 'rack-a', but its network agent does not run; "
            "bring it back first"
        ),
        on=lacking("agents/harvester-system/harvester-network-controller-n3"),
    ),
    case(
        "node-agent",
        "leaves while it is down",
        labelled("n2", N2_DOWN, rack="z"),
        ("node 'n2': its labels would change network configuration 'rack-a', but it is not Ready; bring it back first"),
        on=N2_DOWN,
    ),
    case("node-agent", "another label", labelled("n2", N2_DOWN, zone="x"), on=N2_DOWN),
    case("node-agent", "all is well", labelled("n3", rack="a")),
    case(
        "node-owned",
        "a network's label",
        patch("nodes", "n3", NETWORK_LABEL),
        "node 'n3': label network.harvesterhci.io/cn2 is Harvester's to write; leave it alone",
    ),
    case("node-owned", "the user's own", labelled("n3", rack="a")),
    case(
        "node-drain",
        "one of four",
        patch("nodes", "n1", DRAIN),
        (
            "node 'n1': a drain needs exactly 3 control-plane nodes out of maintenance, there are 4; reboot it in "
            "place, without a drain"
        ),
    ),
    case(
        "node-drain",
        "one of two left",
        patch("nodes", "n1", DRAIN),
        (
            "node 'n1': a drain needs exactly 3 control-plane nodes out of maintenance, there are 2; bring the "
            "others out of maintenance first"
        ),
        on=having(in_maintenance("n2"), on=THREE),
    ),
    case(
        "node-drain",
        "the only one",
        patch("nodes", "n1", DRAIN),
        "node 'n1': single controlplane cluster, it can't be drained; reboot it in place",
        on=SINGLE,
    ),
    case("node-drain", "one of three", patch("nodes", "n1", DRAIN), on=THREE),
    case("node-drain", "a plain worker", patch("nodes", "n3", DRAIN, on=WORKER), on=WORKER),
    case(
        "vm-left-without-node",
        "a node's label",
        labelled("n1", rack="z"),
        "node 'n1': no node could run default/vm1 any more; keep a node that has all cluster networks of each VM",
        on=having(vm("vm1", "vlan100", nodeSelector={"kubernetes.io/hostname": "n1"})),
    ),
    case(
        "vm-left-without-node",
        "a cordon of its only node",
        CORDON,
        "node 'n1': no node could run default/vm1 any more; keep a node that has all cluster networks of each VM",
        on=having(vm("vm1", "vlan100", nodeSelector={"kubernetes.io/hostname": "n1"})),
    ),
    case("vm-left-without-node", "others are left", labelled("n2", rack="z"), on=IDLE),
    case(
        "vm-no-node",
        "on a network that is nowhere",
        put(vm("vm2", "vlan200")),
        (
            "VM 'default/vm2': no node can run it (n1: cluster network 'cn2' (VM network default/vlan200) is not "
            "active on it; n2: cluster network 'cn2' (VM network default/vlan200) is not active on it; n3: cluster "
            "network 'cn2' (VM network default/vlan200) is not active on it; w1: it is a witness node, which runs no "
            "VMs); change its networks or its selectors"
        ),
        on=having(nad("vlan200", "cn2", 200)),
    ),
    case(
        "vm-no-node",
        "a network that does not exist",
        put(vm("vm2", "vlan900")),
        (
            "VM 'default/vm2': no node can run it (n1: VM network default/vlan900 does not exist; n2: VM network "
            "default/vlan900 does not exist; n3: VM network default/vlan900 does not exist; w1: it is a witness "
            "node, which runs no VMs); change its networks or its selectors"
        ),
    ),
    case("vm-no-node", "halted", put(vm("vm2", "vlan900", strategy="Halted"))),
    case("vm-no-node", "some nodes", put(vm("vm2", "vlan100"))),
]
