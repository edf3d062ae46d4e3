# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controllers of which a cluster has one, on objects in memory (facts, 3.3 to 3.5, 1.1, 1.4, 1.7 and 12)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from standin_objects import ALL, P, cluster, config, nad, network, node, obj, status

from lab.harvester.kinds import CLUSTER_NETWORK, LINK_MONITOR, NAD, NODE, VLAN_CONFIG, VLAN_STATUS
from lab.harvester.manager import link_monitors, mtu, readiness
from lab.harvester.manager.matched_nodes import NodeChanges, mgmt_configs, mgmt_labels
from lab.harvester.manager.nodes import Probe
from lab.harvester.manager.nodes import writes as node_writes
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.view import Snapshot, get
from lab.harvester.writes import Delete, apply

NOW = "2026-01-01T00:00:00Z"


def settle(view: Snapshot, version: str = "1.8") -> Snapshot:
    """Let MTU, readiness and labels come to rest; fails when they never do."""
    for _ in range(6):
        found = [
            *mtu.writes(view, VERSIONS[version]),
            *readiness.conditions(view, NOW),
            *readiness.nad_labels(view),
            *readiness.vlan_id_sets(view, VERSIONS[version]),
            *link_monitors.writes(view),
        ]
        if not found:
            return view
        apply(view, found)
    raise AssertionError(found)


def annotations(view: Snapshot, name: str = "cn1") -> dict[str, str]:
    found = get(view, CLUSTER_NETWORK, name)
    assert found
    keys = (f"{P}/uplink-mtu", f"{P}/mtu-source-vc")
    return {
        key.removeprefix(f"{P}/"): value
        for key, value in found["metadata"].get("annotations", {}).items()
        if key in keys
    }


def nad_mtu(view: Snapshot, name: str = "n") -> int | None:
    found = get(view, NAD, name, "default")
    assert found
    return json.loads(found["spec"]["config"]).get("mtu")  # type: ignore[no-any-return]


# --- MTU


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("given", "annotated", "in_nad"),
    [(9000, "9000", 9000), (1500, "1500", None), (0, "1500", None), (None, "1500", None)],
)
def test_from_configuration_to_annotation_to_nad(
    version: str, given: int | None, annotated: str, in_nad: int | None
) -> None:
    view = settle(cluster(config("a", mtu=given), nad("n")), version)
    assert annotations(view) == {"uplink-mtu": annotated, "mtu-source-vc": "a"}
    assert nad_mtu(view) == in_nad


def test_mtu_0_makes_the_annotation_1500() -> None:
    view = settle(cluster(config("a", mtu=9000), nad("n")))
    view.put(VLAN_CONFIG, config("a", mtu=0))
    settle(view)
    assert annotations(view)["uplink-mtu"] == "1500"
    assert nad_mtu(view) == 1500


def test_the_source_does_not_change_while_the_mtu_stays() -> None:
    view = settle(cluster(config("b", mtu=9000)))
    view.put(VLAN_CONFIG, config("a", nodes=["node2"], mtu=9000))
    assert annotations(settle(view)) == {"uplink-mtu": "9000", "mtu-source-vc": "b"}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("gone", [None, config("a", mtu=9000, deleting=True)], ids=["gone", "being deleted"])
@pytest.mark.parametrize(
    ("left", "annotated"),
    [
        ([], {}),
        ([config("c", mtu=9000), config("b", mtu=9000)], {"uplink-mtu": "9000", "mtu-source-vc": "b"}),
        ([config("c", mtu=9000), config("b", mtu=9000, deleting=True)], {"uplink-mtu": "9000", "mtu-source-vc": "c"}),
    ],
)
def test_after_the_source_is_gone(version: str, gone: Obj | None, left: list[Obj], annotated: dict[str, str]) -> None:
    view = settle(cluster(network("cn1", "9000", source="a"), *left, *([gone] if gone else [])), version)
    stale = {"uplink-mtu": "9000", "mtu-source-vc": "a"}
    assert annotations(view) == (annotated if version in ("1.8", "1.9") else stale)


@pytest.mark.parametrize(
    ("annotated", "before", "after"),
    [
        ("9000", None, 9000),
        ("0", 9000, 0),
        (None, 9000, 9000),
        ("1500", 9000, 1500),
        ("1500", None, None),
        ("x", 9000, 9000),
    ],
)
def test_the_annotation_of_mgmt_goes_into_its_nads(
    annotated: str | None, before: int | None, after: int | None
) -> None:
    view = settle(cluster(network("mgmt", annotated, ready=True), nad("n", "mgmt", mtu=before)))
    assert nad_mtu(view) == after


def test_the_storage_networks_nad_keeps_its_mtu() -> None:
    view = settle(cluster(network("cn1", "9000"), nad("storagenetwork-x", mtu=1500)))
    assert nad_mtu(view, "storagenetwork-x") == 1500


def test_configurations_of_mgmt_do_not_annotate_it() -> None:
    view = settle(cluster(config("mgmt-vlanconfig-node1", "mgmt", mtu=9000)), "1.9")
    assert annotations(view, "mgmt") == {}


# --- readiness and labels


def condition(view: Snapshot, name: str = "cn1") -> str | None:
    found = get(view, CLUSTER_NETWORK, name)
    assert found
    return next((item["status"] for item in found["status"]["conditions"] if item["type"] == "ready"), None)


def test_ready_as_soon_as_there_is_any_status_even_a_failed_one() -> None:
    view = settle(cluster(nad("n")))
    assert condition(view) is None
    view.put(VLAN_STATUS, status("s", "a", "node1", ready=False))
    settle(view)
    assert condition(view) == "True"
    found = get(view, NAD, "n", "default")
    assert found
    assert found["metadata"]["labels"][f"{P}/ready"] == "true"
    view.remove(VLAN_STATUS, "s")
    settle(view)
    assert condition(view) == "False"
    found = get(view, NAD, "n", "default")
    assert found
    assert found["metadata"]["labels"][f"{P}/ready"] == "false"


def test_labels_of_a_nad_without_any() -> None:
    view = settle(cluster(nad("n", labels={})))
    found = get(view, NAD, "n", "default")
    assert found
    assert found["metadata"]["labels"] == {
        f"{P}/clusternetwork": "cn1",
        f"{P}/type": "L2VlanNetwork",
        f"{P}/vlan-id": "100",
        f"{P}/ready": "false",
    }


@pytest.mark.parametrize(("version", "ids"), [("1.6", None), ("1.7", "5,6,7,100"), ("1.8", "5,6,7,100")])
def test_vlan_id_set(version: str, ids: str | None) -> None:
    trunk = nad("m", vlan=0, conf={"vlanTrunk": [{"minID": 5, "maxID": 7}]})
    view = settle(cluster(nad("n"), trunk), version)
    found = get(view, CLUSTER_NETWORK, "cn1")
    assert found
    assert found["metadata"].get("annotations", {}).get(f"{P}/vlan-id-set-str") == ids
    assert f"{P}/vlan-id-set-str" not in get(view, CLUSTER_NETWORK, "mgmt")["metadata"].get("annotations", {})  # type: ignore[index]


# --- matched nodes


def matched(view: Snapshot) -> Any:
    found = get(view, VLAN_CONFIG, "a")
    assert found
    return json.loads(found["metadata"]["annotations"][f"{P}/matched-nodes"])


def test_a_node_that_joins_leaves_or_gets_other_labels() -> None:
    view = cluster(config("a", nodes=["node1", "node2", "node3"]))
    changes = NodeChanges()
    assert changes.writes(view) == []
    view.put(NODE, node("node4"))
    apply(view, changes.writes(view))
    assert matched(view) == ["node1", "node2", "node3", "node4"]
    view.put(NODE, node("node4", witness=True))
    apply(view, changes.writes(view))
    assert matched(view) == ["node1", "node2", "node3"]
    view.remove(NODE, "node2")
    apply(view, changes.writes(view))
    assert matched(view) == ["node1", "node3"]


def test_old_nodes_stay_until_one_of_them_changes() -> None:
    view = cluster(config("a", nodes=["node1"], selector={"kubernetes.io/hostname": "node1"}))
    changes = NodeChanges()
    assert changes.writes(view) == []
    view.put(VLAN_CONFIG, config("a", nodes=["node1"], selector={"zone": "none"}))
    assert changes.writes(view) == []
    view.put(NODE, node("node1", labels={f"{P}/cn1": "true"}))
    assert changes.writes(view) == []
    view.put(NODE, node("node1", labels={"own": "x"}))
    apply(view, changes.writes(view))
    assert matched(view) == []


def test_relabelling_can_put_a_node_into_two_configurations() -> None:
    view = cluster(
        config("a", nodes=["node1"], selector={"zone": "a"}), config("b", nodes=["node2"], selector={"rack": "b"})
    )
    view.put(NODE, node("node1", labels={"zone": "a"}))
    view.put(NODE, node("node2", labels={"rack": "b"}))
    changes = NodeChanges()
    assert changes.writes(view) == []
    view.put(NODE, node("node2", labels={"zone": "a", "rack": "b"}))
    apply(view, changes.writes(view))
    assert matched(view) == ["node1", "node2"]


def test_the_label_mgmt() -> None:
    view = cluster(node("node3", witness=True), node("node2", labels={f"{P}/mgmt": "true"}))
    assert [write.name for write in mgmt_labels(view)] == ["node1"]  # type: ignore[union-attr]


def test_a_configuration_of_mgmt_goes_with_its_node() -> None:
    own = [config(f"mgmt-vlanconfig-{name}", "mgmt", nodes=[name]) for name in ("node1", "node9")]
    view = cluster(*own, config("a", nodes=["node9"]))
    assert mgmt_configs(view) == [Delete(VLAN_CONFIG, "mgmt-vlanconfig-node9")]


# --- link monitors


def test_link_monitors() -> None:
    foreign = obj(LINK_MONITOR, "own", spec={"targetLinkRule": {"nameRule": "eno"}})
    view = settle(cluster(network("cn1", ready=True), status("s", "a", "node1"), foreign))
    names = {item["metadata"]["name"]: item["spec"]["targetLinkRule"] for item in view.list(LINK_MONITOR)}
    assert names == {
        "nic": {"typeRule": "device"},
        "mgmt": {"nameRule": "mgmt(-br|-bo)"},
        "cn1": {"nameRule": "cn1(-br|-bo)"},
        "own": {"nameRule": "eno"},
    }
    view.remove(CLUSTER_NETWORK, "cn1")
    settle(view)
    assert {item["metadata"]["name"] for item in view.list(LINK_MONITOR)} == {"nic", "mgmt", "own"}


# --- nodes


@pytest.mark.parametrize(
    ("ready", "probe", "change"),
    [
        (True, Probe("b1"), {"nodeInfo": {"bootID": "b1"}}),
        (True, Probe(silent=9.0), None),
        (True, Probe(silent=10.0), ("Unknown", "NodeStatusUnknown")),
        (False, Probe("b1"), ("True", "KubeletReady")),
    ],
)
def test_readiness_and_boot_ids(ready: bool, probe: Probe, change: Any) -> None:
    found = node_writes(node("node1", ready=ready), probe, 10.0, NOW)
    if change is None:
        assert found == []
        return
    (write,) = found
    said = write.patch["status"]  # type: ignore[union-attr]
    if isinstance(change, dict):
        assert said == change
    else:
        (condition,) = said["conditions"]
        assert (condition["status"], condition["reason"]) == change


def test_a_node_that_is_as_it_was_is_not_written() -> None:
    there = node("node1")
    there["status"]["nodeInfo"] = {"bootID": "b1"}
    assert node_writes(there, Probe("b1"), 10.0, NOW) == []
