# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of configurations: its phases, and the nodes and VMs that each case touches."""

from __future__ import annotations

import pytest
from cluster_network_change_cases import CLUSTER, HOSTS, NOW, OTHER_NIC, PER_NODE, WISH, ids, stopped, stored, uplink
from cluster_objects import WORKERS, agent, config, having, monitor, nics, node, setting

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import (
    Case,
    Wish,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

FOUR = having(
    node("n4", rack="c"),
    agent("n4"),
    monitor("nic", {**{name: nics(name != "n3") for name in WORKERS}, "n4": nics(False)}),
    on=CLUSTER,
)
ALL = ["default/other", "default/pod1", "default/vm1", "default/vm3"]


def objections(case: Case, on: Snapshot) -> list[str]:
    return [str(objection) for objection in _plan.plan(on, case.phases).all_objections]


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
