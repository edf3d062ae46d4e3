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
    status,
    thing,
    upgrade,
    vm,
)
from rule_case import case

NEW = put(config("rack-b", nics=["eno4"], selector={"rack": "b"}))
CORDON = patch("nodes", "n1", {"spec": {"unschedulable": True}})
DRAIN = {"metadata": {"annotations": {"harvesterhci.io/drain-requested": "true"}}}
MAINTAINED = {"metadata": {"annotations": {"harvesterhci.io/maintain-status": "completed"}}}
OTHERS_OFF = having(node("n2", cordoned=True), node("n3", up=False), node("w1", witness="true", up=False))
TAINT = {"key": "node-role.kubernetes.io/etcd", "value": "true", "effect": "NoExecute"}
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


SINGLE = lacking("nodes/n2", "nodes/n3", "nodes/w1")
WORKER = having(
    {**node("n3", rack="b"), "metadata": {"name": "n3", "labels": {"kubernetes.io/hostname": "n3", "rack": "b"}}}
)
THREE = lacking("nodes/w1")

CASES = [
    case("node-last", "cordoned", CORDON, "?", on=OTHERS_OFF),
    case("node-last", "drained", patch("nodes", "n1", DRAIN), "?", on=OTHERS_OFF),
    case("node-last", "others are left", CORDON),
    case("node-last", "a label", labelled("n1", zone="x"), on=OTHERS_OFF),
    case(
        "node-witness",
        "its label",
        patch("nodes", "w1", {"metadata": {"labels": {"node-role.harvesterhci.io/witness": None}}}),
        "?",
    ),
    case(
        "node-witness",
        "its taint",
        patch("nodes", "w1", {"spec": {"taints": []}}, on=having(node("w1", witness="true", taints=[TAINT]))),
        "?",
        on=having(node("w1", witness="true", taints=[TAINT])),
    ),
    case("node-witness", "another label", labelled("w1", zone="x")),
    case("vm-backup", "in progress", HALT, "?", on=having(backup(readyToUse=False))),
    case("vm-backup", "ready", HALT, on=having(backup(readyToUse=True))),
    case("vm-backup", "failed", HALT, on=having(backup(error={"message": "no space"}))),
    case(
        "vm-backup",
        "not stopped",
        patch("vms", "vm1", {"metadata": {"labels": {"a": "b"}}}, "default"),
        on=having(backup()),
    ),
    # ours
    case("upgrade-running", "a configuration", NEW, "?", on=UPGRADING),
    case("upgrade-running", "a deletion", delete("clusternetworks", "cn2"), "?", on=UPGRADING),
    case(
        "upgrade-running",
        "a setting",
        put(setting("storage-network", {"clusterNetwork": "mgmt", "vlan": 5, "range": "10.9.0.0/24"})),
        "?",
        on=UPGRADING,
    ),
    case("upgrade-running", "a drain", patch("nodes", "n1", DRAIN), "?", on=UPGRADING),
    case("upgrade-running", "another setting", put(setting("ui-index", "x")), on=UPGRADING),
    case("upgrade-running", "a cordon", CORDON, on=UPGRADING),
    case("upgrade-running", "it has succeeded", NEW, on=UPGRADED),
    case("upgrade-running", "it has failed", NEW, on=having(upgrade("hvst-upgrade-1", "Failed"))),
    case("storage-change-in-progress", "a configuration", NEW, "?", on=BUSY),
    case(
        "storage-change-in-progress",
        "the setting itself, 1.7",
        put(setting("storage-network")),
        "?",
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
        "?",
        on=having(config("gpus", nics=["eno6"], selector={"gpu": "yes"}, matched=[]), on=RACK_B),
    ),
    case(
        "node-overlap",
        "another cluster network",
        labelled("n3", gpu="yes"),
        on=having(config("gpus", "cn2", ["eno6"], {"gpu": "yes"}, matched=[]), on=RACK_B),
    ),
    case("node-vms", "a VM runs there", labelled("n1", rack=None), "?"),
    case("node-vms", "to another configuration", labelled("n1", rack="b"), "?", on=RACK_B),
    case("node-vms", "no VM there", labelled("n2", rack=None)),
    case("node-vms", "another label", labelled("n1", zone="x")),
    case(
        "node-nics",
        "it lacks the NIC",
        labelled("n3", rack="a"),
        "?",
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
        "?",
        on=lacking("agents/harvester-system/harvester-network-controller-n3"),
    ),
    case(
        "node-agent",
        "leaves while it is down",
        labelled("n2", rack="z"),
        "?",
        on=having(node("n2", "cn1", up=False, rack="a")),
    ),
    case("node-agent", "another label", labelled("n2", zone="x"), on=having(node("n2", "cn1", up=False, rack="a"))),
    case("node-agent", "all is well", labelled("n3", rack="a")),
    case("node-owned", "a network's label", patch("nodes", "n3", NETWORK_LABEL), "?"),
    case("node-owned", "the user's own", labelled("n3", rack="a")),
    case("node-drain", "one of four", patch("nodes", "n1", DRAIN), "?"),
    case("node-drain", "one of two left", patch("nodes", "n1", DRAIN), "?", on=having(in_maintenance("n2"), on=THREE)),
    case("node-drain", "the only one", patch("nodes", "n1", DRAIN), "?", on=SINGLE),
    case("node-drain", "one of three", patch("nodes", "n1", DRAIN), on=THREE),
    case("node-drain", "a plain worker", patch("nodes", "n3", DRAIN, on=WORKER), on=WORKER),
    case(
        "vm-left-without-node",
        "a node's label",
        labelled("n1", rack="z"),
        "?",
        on=having(vm("vm1", "vlan100", nodeSelector={"kubernetes.io/hostname": "n1"})),
    ),
    case(
        "vm-left-without-node",
        "a cordon of its only node",
        CORDON,
        "?",
        on=having(vm("vm1", "vlan100", nodeSelector={"kubernetes.io/hostname": "n1"})),
    ),
    case("vm-left-without-node", "others are left", labelled("n2", rack="z"), on=IDLE),
    case(
        "vm-no-node",
        "on a network that is nowhere",
        put(vm("vm2", "vlan200")),
        "?",
        on=having(nad("vlan200", "cn2", 200)),
    ),
    case("vm-no-node", "a network that does not exist", put(vm("vm2", "vlan900")), "?"),
    case("vm-no-node", "halted", put(vm("vm2", "vlan900", strategy="Halted"))),
    case("vm-no-node", "some nodes", put(vm("vm2", "vlan100"))),
]
