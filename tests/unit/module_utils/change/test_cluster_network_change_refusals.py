# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of configurations: what speaks against it."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_network_change_cases import CLUSTER, HOSTS, NOW, OTHER_NIC, PER_NODE, WISH, stored, uplink
from cluster_objects import agent, config, having, node, vmi

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change._record import ChangeError
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import (
    Wish,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError


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
