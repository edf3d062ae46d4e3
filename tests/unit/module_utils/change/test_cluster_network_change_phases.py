# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of configurations: what its phases are told, and what has to be known before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cluster_network_change_cases import CLUSTER, NOW, OTHER_NIC, PER_NODE, WISH, uplink
from cluster_objects import config, having

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import (
    Case,
    Wish,
    analyse,
)


def named(case: Case, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(phase for phase in case.phases if phase["id"] == name)
    return found


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
