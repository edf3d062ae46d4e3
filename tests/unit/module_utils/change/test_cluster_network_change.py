# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The case analysis of a change of configurations: phases, the nodes and VMs that it touches, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from cluster_objects import (
    WORKERS,
    agent,
    config,
    having,
    host_config,
    instance_manager,
    monitor,
    nics,
    node,
    setting,
    status,
    vm,
    vmi,
)

from ansible_collections.harvester.network.plugins.module_utils.change import _plan, phases
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError, Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import (
    Case,
    Wish,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

NOW = datetime(2026, 11, 26)
NO_SHARE = '{"share-storage-network":false}'
WISH = Wish("cn1")

# Cluster network cn1 at 9000: rack-a with eno3 on n1 and n2, rack-b with eno4 on n3. vm1 runs on n1 and vm3 on n3, both
# on it; pod1 on the pod network, other on mgmt.
CLUSTER = having(
    node("n3", "cn1", rack="b"),
    config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"]),
    status("cn1", "rack-b", "n3"),
    vm("vm3", "vlan100"),
    vmi("vm3", "vlan100", on="n3"),
    vm("other", "mgmt200"),
    vmi("other", "mgmt200", on="n1"),
    setting("rwx-network", NO_SHARE, default=NO_SHARE),
    setting("vm-migration-network", ""),
)
FOUR = having(
    node("n4", rack="c"),
    agent("n4"),
    monitor("nic", {**{name: nics(name != "n3") for name in WORKERS}, "n4": nics(False)}),
    on=CLUSTER,
)
ALL = ["default/other", "default/pod1", "default/vm1", "default/vm3"]


def stored(on: Snapshot = CLUSTER) -> Snapshot:
    """With the storage network on cn1."""
    text = json.dumps({"vlan": 50, "clusterNetwork": "cn1", "range": "10.50.0.0/24"})
    managers = (instance_manager(name, "10.50.0.%d" % place) for place, name in enumerate(WORKERS, 10))
    return having(setting("storage-network", text), *managers, on=on)


def uplink(name: str, *ports: str) -> dict[str, Any]:
    return {"name": name, "nics": list(ports)}


def ids(case: Case) -> list[str]:
    return [phase["id"] for phase in case.phases]


def named(case: Case, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(phase for phase in case.phases if phase["id"] == name)
    return found


def objections(case: Case, on: Snapshot) -> list[str]:
    return [str(objection) for objection in _plan.plan(on, case.phases).all_objections]


def stopped(*middle: str) -> list[str]:
    return ["vms-stop", *middle, "vms-start"]


OTHER_NIC = [uplink("rack-b", "eno6")]
PER_NODE = [{**uplink("node-%d" % place, "eno3"), "node": "n%d" % place} for place in (1, 2)]
HOSTS = host_config("hosts", "cn1", 300, nodeSelector={"matchLabels": {"kubernetes.io/hostname": "n1"}})
CASES: list[tuple[str, Snapshot, Wish, list[str], list[str], list[str]]] = [
    ("a NIC replaced", CLUSTER, WISH._replace(configs=OTHER_NIC), stopped("config-rack-b"), ["n3"], ["default/vm3"]),
    (
        "a NIC added",
        CLUSTER,
        WISH._replace(configs=[uplink("rack-a", "eno3", "eno6")]),
        stopped("config-rack-a"),
        ["n1", "n2"],
        ["default/vm1"],
    ),
    (
        "NICs of both, the one with fewer nodes first",
        CLUSTER,
        WISH._replace(configs=[uplink("rack-a", "eno6"), *OTHER_NIC]),
        stopped("config-rack-b", "config-rack-a"),
        ["n1", "n2", "n3"],
        ["default/vm1", "default/vm3"],
    ),
    (
        "another bond mode",
        CLUSTER,
        WISH._replace(uplink={"mode": "802.3ad"}, switches_ready=True),
        stopped("config-rack-b", "config-rack-a"),
        ["n1", "n2", "n3"],
        ["default/vm1", "default/vm3"],
    ),
    (
        "a mode that needs no switch",
        CLUSTER,
        WISH._replace(uplink={"mode": "balance-alb", "miimon": 200}),
        stopped("config-rack-b", "config-rack-a"),
        ["n1", "n2", "n3"],
        ["default/vm1", "default/vm3"],
    ),
    (
        "a label moves a node",
        having(config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno6"]), on=CLUSTER),
        WISH._replace(labels={"n1": {"rack": "b"}}),
        stopped("node-labels"),
        ["n1"],
        ["default/vm1"],
    ),
    (
        "a label that nothing selects",
        CLUSTER,
        WISH._replace(labels={"n1": {"row": "1"}}),
        ["node-labels"],
        [],
        [],
    ),
    (
        "a selector for another label, which the nodes get first",
        CLUSTER,
        WISH._replace(
            labels={"n1": {"row": "1"}, "n2": {"row": "1"}},
            configs=[{"name": "rack-a", "node_selector": {"row": "1"}}],
        ),
        ["node-labels", "config-rack-a"],
        [],
        [],
    ),
    (
        "a label and its selector change together",
        CLUSTER,
        WISH._replace(labels={"n3": {"rack": "c"}}, configs=[{"name": "rack-b", "node_selector": {"rack": "c"}}]),
        stopped("config-rack-b"),
        ["n3"],
        ["default/vm3"],
    ),
    (
        "a selector moves away from a node",
        CLUSTER,
        WISH._replace(configs=[{"name": "rack-a", "node": "n2"}]),
        stopped("config-rack-a"),
        ["n1"],
        ["default/vm1"],
    ),
    (
        "one for two nodes becomes one per node",
        CLUSTER,
        WISH._replace(configs=[*PER_NODE, {"name": "rack-b"}], exclusive=True),
        stopped("config-node-1"),
        ["n1", "n2"],
        ["default/vm1"],
    ),
    (
        "a new one for a node that has none",
        FOUR,
        WISH._replace(configs=[{**uplink("rack-c", "eno4"), "node": "n4"}]),
        ["config-rack-c"],
        [],
        [],
    ),
    (
        "a description",
        CLUSTER,
        WISH._replace(configs=[{"name": "rack-a", "description": "first rack"}]),
        ["config-rack-a"],
        [],
        [],
    ),
    (
        "the storage network on it",
        stored(),
        WISH._replace(configs=OTHER_NIC),
        ["vms-stop", "storage-off", "config-rack-b", "storage-on", "vms-start"],
        ["n3"],
        ALL,
    ),
    (
        "the storage network on it, and no bond made anew",
        stored(),
        WISH._replace(configs=[{"name": "rack-a", "description": "first rack"}]),
        ["config-rack-a"],
        [],
        [],
    ),
    (
        "the storage network elsewhere",
        having(setting("storage-network", '{"vlan":50,"clusterNetwork":"cn2","range":"10.50.0.0/24"}'), on=CLUSTER),
        WISH._replace(configs=OTHER_NIC),
        stopped("config-rack-b"),
        ["n3"],
        ["default/vm3"],
    ),
    (
        "a host network configuration where a bridge goes",
        having(HOSTS, on=CLUSTER),
        WISH._replace(configs=[*PER_NODE, {"name": "rack-b"}], exclusive=True),
        stopped("host-configs-off", "config-node-1", "host-configs-on"),
        ["n1", "n2"],
        ["default/vm1"],
    ),
    (
        "a host network configuration whose bridge stays",
        having(HOSTS, on=CLUSTER),
        WISH._replace(configs=[uplink("rack-a", "eno6")]),
        stopped("config-rack-a"),
        ["n1", "n2"],
        ["default/vm1"],
    ),
    (
        "VMs move, a configuration after the other",
        CLUSTER,
        WISH._replace(uplink={"mode": "balance-alb"}, affected_vms="migrate"),
        [
            "vms-move-config-rack-b",
            "config-rack-b",
            "open-config-rack-b",
            "vms-move-config-rack-a",
            "config-rack-a",
            "open-config-rack-a",
        ],
        ["n1", "n2", "n3"],
        ["default/vm3", "default/vm1"],
    ),
]


@pytest.mark.parametrize(
    ("on", "wish", "wanted", "nodes", "vms"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_cases(on: Snapshot, wish: Wish, wanted: list[str], nodes: list[str], vms: list[str]) -> None:
    """The phases, exactly the nodes and VMs that are touched, and that nothing speaks against them one by one."""
    case = analyse(on, wish, NOW)
    assert (ids(case), list(case.nodes), list(case.vms)) == (wanted, nodes, vms)
    assert objections(case, on) == []
    found = _plan.plan(on, case.phases)
    assert sorted({name for phase in found.phases for name in (*phase.stops, *phase.moves)}) == sorted(vms)
    assert {name: item.run_strategy for name, item in found.end.vms.items()} == {
        name: item.run_strategy for name, item in on.vms.items()
    }
    assert sorted(found.end.vmis) == sorted(on.vmis)
    for name in ("storage-network", "rwx-network", "vm-migration-network"):
        before, after = on.get("settings", name) or {}, found.end.get("settings", name) or {}
        assert after.get("value") == before.get("value")
    again = analyse(found.end, wish, NOW)
    assert (again.phases, again.nodes, again.vms) == ((), (), ())


def test_what_the_phases_are_told() -> None:
    case = analyse(CLUSTER, WISH._replace(configs=[uplink("rack-b", "eno4", "eno6")]), NOW)
    stop, change, start = case.phases
    assert {key: stop["input"][key] for key in ("state", "cluster_networks", "nodes")} == {
        "state": "stopped",
        "cluster_networks": ["cn1"],
        "nodes": ["n3"],
    }
    assert (stop["until"], start["input"]["of"]) == ("vms-start", "vms-stop")
    old = {"clusterNetwork": "cn1", "uplink": {"nics": ["eno4"], "linkAttributes": {"mtu": 9000}}}
    old["nodeSelector"] = {"rack": "b"}
    new = {**old, "uplink": {"nics": ["eno4", "eno6"], "linkAttributes": {"mtu": 9000}}}
    # The label and the annotation of Harvester's webhook are made anew, and not recorded.
    assert change["input"]["configs"] == [
        {"name": "rack-b", "object": {"metadata": {}, "spec": new}, "expected": {"metadata": {}, "spec": old}}
    ]
    bond = {
        "name": "cn1-bo",
        "mtu": 9000,
        "mode": "active-backup",
        "ports": ["eno4", "eno6"],
        "controller": "cn1-br",
        "up": True,
        "vlans": ["100"],
    }
    bridge = {"name": "cn1-br", "mtu": 9000, "up": True}
    assert change["input"]["expect"] == {"n3": {"devices": [bond, bridge], "absent": []}}
    path = {"name": "VLAN 100 of cn1", "vlan_id": 100, "bridge": "cn1-br", "mtu": 9000}
    assert change["input"]["paths"] == [{**path, "nodes": ["n1", "n2", "n3"]}]
    assert change["input"]["legs"] is True
    assert change["steps"][-2:] == [
        {"kind": "interruption", "text": "traffic of cluster network 'cn1' on n3"},
        {"kind": "proof", "text": "9000 bytes between 3 nodes on VLAN 100 of cn1"},
    ]


def test_nodes_that_lose_the_cluster_network_are_seen_without_it_and_not_proved() -> None:
    case = analyse(CLUSTER, WISH._replace(configs=[{"name": "rack-a", "node": "n2"}]), NOW)
    change = named(case, "config-rack-a")["input"]
    assert change["expect"]["n1"] == {"devices": [], "absent": ["cn1-bo", "cn1-br"]}
    assert [path["nodes"] for path in change["paths"]] == [["n2", "n3"]]


def test_a_label_is_recorded_with_what_it_was() -> None:
    case = analyse(CLUSTER, WISH._replace(labels={"n1": {"row": "1", "rack": "a"}, "n2": {"row": None}}), NOW)
    assert named(case, "node-labels")["input"]["node_labels"] == [
        {"name": "n1", "labels": {"row": "1"}, "expected": {}}
    ]


def test_labels_and_annotations_of_users_are_recorded() -> None:
    item = config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"])
    item["metadata"]["labels"]["team"] = "storage"
    item["metadata"]["annotations"]["note"] = "second rack"
    case = analyse(having(item, on=CLUSTER), WISH._replace(configs=OTHER_NIC), NOW)
    (entry,) = named(case, "config-rack-b")["input"]["configs"]
    wanted = {"labels": {"team": "storage"}, "annotations": {"note": "second rack"}}
    assert (entry["expected"]["metadata"], entry["object"]["metadata"]) == (wanted, wanted)


def test_what_is_removed_and_made_on_the_same_nodes_is_one_phase() -> None:
    case = analyse(CLUSTER, WISH._replace(configs=[*PER_NODE, {"name": "rack-b"}], exclusive=True), NOW)
    entries = named(case, "config-node-1")["input"]["configs"]
    assert [(entry["name"], entry["object"] is None) for entry in entries] == [
        ("rack-a", True),
        ("node-1", False),
        ("node-2", False),
    ]


def test_a_node_that_is_emptied_is_opened_again_and_its_undoing_empties_it() -> None:
    case = analyse(CLUSTER, WISH._replace(configs=OTHER_NIC, affected_vms="migrate"), NOW)
    away, _change, opened = case.phases
    selection = {"cluster_networks": ["cn1"], "nodes": ["n3"], "wait_timeout": 300}
    assert (away["input"], away["until"]) == ({"state": "migrated", **selection}, opened["id"])
    assert opened["input"] == {"state": "started", "of": away["id"], "moved": True, **selection}
    end = _plan.plan(CLUSTER, case.phases).end
    assert (end.vmis["default/vm3"].node, end.vmis["default/vm1"].node) == ("n1", "n1")


def test_links_before_the_first_phase() -> None:
    assert analyse(CLUSTER, WISH._replace(configs=OTHER_NIC), NOW).links["n3"]["devices"] == [
        {"name": "cn1-bo", "mtu": 9000, "ports": ["eno4"], "up": True},
        {"name": "cn1-br", "mtu": 9000, "up": True},
    ]


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (
            WISH._replace(configs=OTHER_NIC),
            [
                "traffic of cluster network 'cn1' is interrupted on n3: bonds are made anew",
                "network configuration 'rack-b' has one NIC: a bond without redundancy",
            ],
        ),
        (
            WISH._replace(configs=[uplink("rack-b", "eno4", "eno6")], affected_vms="migrate"),
            [
                "traffic of cluster network 'cn1' is interrupted on n3: bonds are made anew",
                "VMs that have moved off these nodes do not move back",
            ],
        ),
        (
            WISH._replace(configs=[{"name": "rack-a", "node": "n2"}]),
            [
                "traffic of cluster network 'cn1' is interrupted on n1: bonds are made anew",
                "n1 is without it for some seconds, between two configurations, or for good",
                "network configuration 'rack-a' has one NIC: a bond without redundancy",
            ],
        ),
        (WISH._replace(labels={"n1": {"row": "1"}}), []),
    ],
    ids=["one NIC", "moved", "left", "nothing interrupted"],
)
def test_what_has_to_be_known(wish: Wish, wanted: list[str]) -> None:
    assert list(analyse(CLUSTER, wish, NOW).cautions) == wanted


def helm(name: str) -> Any:
    item = config(name, selector={"rack": "b"}, matched=["n3"], nics=["eno4"])
    item["metadata"]["annotations"]["meta.helm.sh/release-name"] = "net"
    return item


LACP = having(
    config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"], bond={"mode": "802.3ad"}),
    config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"], bond={"mode": "802.3ad"}),
    on=CLUSTER,
)
PINNED = vmi("vm3", "vlan100", on="n3", nodeSelector={"kubernetes.io/hostname": "n3"})
SWITCHES = "cluster_network_change: change_switches_ready=false: network configuration 'rack-b' gets bond mode "
REFUSED: list[tuple[str, Snapshot, Wish, str]] = [
    (
        "mgmt",
        CLUSTER,
        WISH._replace(cluster_network="mgmt", configs=OTHER_NIC),
        (
            "cluster network 'mgmt': the uplink of the management network is made on the hosts; use playbook"
            " harvester.network.mgmt_network"
        ),
    ),
    (
        "unknown",
        CLUSTER,
        WISH._replace(cluster_network="cn11", configs=OTHER_NIC),
        "cluster network 'cn11': the cluster has no such cluster network; did you mean 'cn1'?",
    ),
    (
        "no configuration",
        CLUSTER,
        WISH._replace(cluster_network="cn2", configs=OTHER_NIC),
        (
            "cluster network 'cn2': it has no network configuration that could change; create one with playbook"
            " harvester.network.cluster_network"
        ),
    ),
    (
        "nothing",
        CLUSTER,
        WISH,
        (
            "cluster_network_change: nothing is asked for; describe 'cn1' in harvester_cluster_networks, or give"
            " change_uplink, change_configs or change_node_labels"
        ),
    ),
    (
        "an empty list",
        CLUSTER,
        WISH._replace(configs=[], exclusive=True, uplink={"miimon": 100}),
        (
            "cluster_network_change: configs=[]: every network configuration of cluster network 'cn1' would go; give"
            " those that are to be there; to remove the cluster network use playbook harvester.network.cluster_network"
        ),
    ),
    (
        "an MTU",
        CLUSTER,
        WISH._replace(uplink={"mtu": 1500}),
        (
            "cluster_network_change: uplink.mtu=1500: cluster network 'cn1' has MTU 9000, and changing it is a"
            " procedure of its own; use playbook harvester.network.cluster_network_mtu first, or leave it out"
        ),
    ),
    (
        "the default MTU",
        CLUSTER,
        WISH._replace(uplink={"mtu": None}),
        (
            "cluster_network_change: uplink.mtu=1500: cluster network 'cn1' has MTU 9000, and changing it is a"
            " procedure of its own; use playbook harvester.network.cluster_network_mtu first, or leave it out"
        ),
    ),
    (
        "a configuration of another cluster network",
        having(config("theirs", "cn2", selector={"rack": "z"}, matched=[]), on=CLUSTER),
        WISH._replace(configs=[uplink("theirs", "eno6")]),
        (
            "cluster network 'cn1': configs=theirs: a network configuration of this name belongs to cluster network"
            " 'cn2'; choose another name, or remove that one first"
        ),
    ),
    (
        "LACP",
        CLUSTER,
        WISH._replace(configs=[{"name": "rack-a"}], uplink={"mode": "802.3ad"}),
        (
            "cluster_network_change: change_switches_ready=false: network configuration 'rack-a' gets bond mode 802.3ad"
            " instead of active-backup, for which the switch ports have to be set up; set them up as one group with"
            " LACP, then give change_switches_ready=true\n"
            + SWITCHES
            + "802.3ad instead of active-backup, for which the switch ports have to be set up; set them up as one group"
            " with LACP, then give change_switches_ready=true"
        ),
    ),
    (
        "away from LACP",
        having(config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"]), on=LACP),
        WISH._replace(uplink={"mode": "active-backup"}),
        (
            SWITCHES
            + "active-backup instead of 802.3ad, for which the switch ports have to be set up; set them up as ports of"
            " their own, without a group, then give change_switches_ready=true"
        ),
    ),
    (
        "another port in a group",
        LACP,
        WISH._replace(configs=[uplink("rack-b", "eno4", "eno6")]),
        (
            SWITCHES
            + "802.3ad on other ports, for which the switch ports have to be set up; set them up as one group with"
            " LACP, then give change_switches_ready=true"
        ),
    ),
    (
        "a node that is not Ready",
        having(node("n2", "cn1", up=False, rack="a"), on=CLUSTER),
        WISH._replace(configs=OTHER_NIC),
        "node 'n2': it is not Ready, and every node takes part; bring it back first",
    ),
    (
        "an agent that does not run",
        having(agent("n3", up=False), on=CLUSTER),
        WISH._replace(configs=OTHER_NIC),
        (
            "node 'n3': its network agent does not run; it would lose the removal of a configuration for good; see that"
            " pod harvester-network-controller of namespace harvester-system is Running there"
        ),
    ),
    (
        "managed by others",
        having(helm("rack-b"), on=CLUSTER),
        WISH._replace(configs=OTHER_NIC),
        (
            "network configuration 'rack-b': Helm release net manages it and would put it back; pause that, and give"
            " change_gitops_paused=true"
        ),
    ),
    (
        "a label that another cluster network selects",
        having(config("theirs", "cn2", nics=["eno6"], selector={"row": "1"}, matched=["n2"]), on=CLUSTER),
        WISH._replace(labels={"n1": {"row": "1"}}),
        (
            "node 'n1': its labels would change network configuration 'theirs' of cluster network 'cn2' as well; use a"
            " label that only this one selects"
        ),
    ),
    (
        "an underlay whose bridge goes",
        having({**HOSTS, "spec": {**HOSTS["spec"], "underlay": True}}, on=CLUSTER),
        WISH._replace(configs=[*PER_NODE, {"name": "rack-b"}], exclusive=True),
        (
            "host network configuration 'hosts': it is the underlay of overlay networks, and Harvester refuses to"
            " delete it; stop the VMs on overlay networks and set underlay to false first"
        ),
    ),
    (
        "a VM that cannot move",
        having(PINNED, on=CLUSTER),
        WISH._replace(configs=OTHER_NIC, affected_vms="migrate"),
        (
            "VM 'default/vm3': it cannot leave node 'n3': no other node could run it (n1: it lacks the labels of the"
            " VM's node selector (kubernetes.io/hostname=n3); n2: it lacks the labels of the VM's node selector"
            " (kubernetes.io/hostname=n3); w1: it is a witness node, which runs no VMs); stop"
            " it, or give change_affected_vms=stop"
        ),
    ),
    (
        "migration with the storage network on it",
        stored(),
        WISH._replace(configs=OTHER_NIC, affected_vms="migrate"),
        (
            "cluster_network_change: change_affected_vms=migrate: setting storage-network has its network on cluster"
            " network 'cn1', and has to let go of it, for which VMs stop; give change_affected_vms=stop"
        ),
    ),
    (
        "a paused VM",
        having(
            {
                **vmi("vm3", "vlan100", on="n3"),
                "status": {
                    "phase": "Running",
                    "nodeName": "n3",
                    "conditions": [{"type": "Paused", "status": "True", "reason": "PausedByUser", "message": ""}],
                },
            },
            on=CLUSTER,
        ),
        WISH._replace(configs=OTHER_NIC),
        (
            "VM 'default/vm3': it is paused (PausedByUser); its guest cannot shut down; resume it, or set paused_vms to"
            " unpause or kill"
        ),
    ),
]


@pytest.mark.parametrize(("on", "wish", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refusals(on: Snapshot, wish: Wish, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        analyse(on, wish, NOW)
    assert str(caught.value) == message


def test_what_is_not_as_it_starts_from_is_told_in_a_table() -> None:
    with pytest.raises(ChangeError) as caught:
        analyse(CLUSTER, WISH._replace(configs=OTHER_NIC, mode_from="802.3ad"), NOW)
    assert str(caught.value).splitlines() == [
        "change_mode_from=802.3ad is not what is there in 2 of 2 places:",
        "where                           expected  live",
        "network configuration 'rack-a'  802.3ad   active-backup",
        "network configuration 'rack-b'  802.3ad   active-backup",
        "Bring them to one value, or correct change_mode_from",
    ]
    with pytest.raises(ChangeError) as caught:
        analyse(CLUSTER, WISH._replace(configs=OTHER_NIC, nics_from={"rack-b": ["eno3"], "rack-a": ["eno3"]}), NOW)
    assert str(caught.value).splitlines() == [
        "change_nics_from.rack-b=eno3 is not what is there in 1 of 1 places:",
        "where                           expected  live",
        "network configuration 'rack-b'  eno3      eno4",
        "Bring them to one value, or correct change_nics_from.rack-b",
    ]
    right = WISH._replace(configs=OTHER_NIC, mode_from="active-backup", nics_from={"rack-b": ["eno4"]})
    assert analyse(CLUSTER, right, NOW).phases


@pytest.mark.parametrize(
    ("wish", "rules"),
    [
        (WISH._replace(configs=[uplink("rack-b", "eno9")]), {"config-nic-missing"}),
        (WISH._replace(configs=[{"name": "rack-b", "node_selector": {"rack": "a"}}]), {"vlanconfig-overlap"}),
        (WISH._replace(uplink={"miimon": 0}), {"config-miimon-zero"}),
    ],
    ids=["no such NIC", "two on a node", "no link monitoring"],
)
def test_what_the_rules_say_of_a_step_the_plan_tells(wish: Wish, rules: set[str]) -> None:
    case = analyse(CLUSTER, wish, NOW)
    assert rules <= {found.rule for found in _plan.plan(CLUSTER, case.phases).all_objections}


# --- a change that goes on


def test_a_change_that_goes_on_does_what_is_left() -> None:
    case = analyse(CLUSTER, WISH._replace(uplink={"mode": "balance-alb"}, affected_vms="migrate"), NOW)
    half = _plan.plan(CLUSTER, case.phases[:4]).end
    begun = "2026-11-26T00:00:00Z"
    states = ["done", "done", "done", "done", "started", "planned"]
    kept = tuple(
        Phase(
            phase["id"],
            phase["role"],
            phase["bound"],
            phase["input"],
            {"cluster": {}} if state != "planned" else None,
            state,
            begun if state != "planned" else "",
            begun if state == "done" else "",
        )
        for phase, state in zip(case.phases, states, strict=True)
    )
    record = Record("20261126t000000z-cluster-network-change", "cluster_network_change", begun, phases=kept)
    found = phases.recorded(record, half)
    assert [[step["kind"] for step in phase["steps"]] for phase in found] == [
        [],
        [],
        [],
        [],
        ["network_config", "interruption", "proof"],
        [],
    ]
    assert found[0]["until"] == found[2]["id"]
    plan = _plan.plan(half, found)
    assert plan.all_objections == []
    assert {config.mode for config in plan.end.user_configs.values()} == {"balance-alb"}
