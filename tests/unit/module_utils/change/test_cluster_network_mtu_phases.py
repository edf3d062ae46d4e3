# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network's MTU: what its phases are told, and what they prove on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_network_mtu_cases import (
    CLUSTER,
    LOWER,
    MANUAL,
    NOW,
    READY,
    SEVERAL,
    SINGLE,
    ids,
    named,
    objections,
    stored,
    text,
)
from cluster_objects import WORKERS, config, having, host_config, nad, setting

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _network_uses
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import (
    Wish,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot


def test_what_the_phases_are_told() -> None:
    case = analyse(CLUSTER, LOWER, NOW)
    off, change, on = (named(case, name)["input"] for name in ("configs-off", "config-change", "configs-on"))
    spec = {
        "clusterNetwork": "cn1",
        "uplink": {"nics": ["eno4"], "linkAttributes": {"mtu": 9000}},
        "nodeSelector": {"rack": "b"},
    }
    # The label and the annotation of Harvester's webhook are made anew, and not recorded.
    assert off["configs"] == [{"name": "rack-b", "object": None, "expected": {"metadata": {}, "spec": spec}}]
    assert off["expect"] == {"n3": {"devices": [], "absent": ["cn1-bo", "cn1-br"]}}
    new = {**spec, "uplink": {"nics": ["eno4"], "linkAttributes": {"mtu": 1500}}}
    assert on["configs"] == [{"name": "rack-b", "object": {"metadata": {}, "spec": new}, "expected": None}]
    bond = {
        "name": "cn1-bo",
        "mtu": 1500,
        "mode": "active-backup",
        "ports": ["eno3"],
        "controller": "cn1-br",
        "up": True,
        "vlans": ["100"],
    }
    bridge = {"name": "cn1-br", "mtu": 1500, "up": True}
    assert change["expect"] == {name: {"devices": [bond, bridge], "absent": []} for name in ("n1", "n2")}
    path = {"name": "VLAN 100 of cn1", "vlan_id": 100, "bridge": "cn1-br", "mtu": 1500}
    assert change["paths"] == [{**path, "nodes": ["n1", "n2"]}]
    assert on["paths"] == [{**path, "nodes": ["n1", "n2", "n3"]}]
    # Undone last, so what is proved before a VM starts again.
    assert off["paths_back"] == [{**path, "mtu": 9000, "nodes": ["n1", "n2", "n3"]}]
    assert "paths_back" not in change and "paths_back" not in on
    assert [phase.get("until") for phase in case.phases] == ["vms-start", "configs-on", None, None, None]
    assert [phase["input"].get("of") for phase in case.phases] == [None, None, None, "configs-off", "vms-stop"]


def test_guests_on_it_are_looked_at_from_inside() -> None:
    """With the storage network on it pod1 stops too, and keeps its MTU."""
    case = analyse(stored(), LOWER, NOW)
    assert named(case, "vms-start")["input"]["guests"] == {"vms": ["default/vm1"], "mtu": 1500}


@pytest.mark.parametrize("name", ["storage-on", "vms-start"])
def test_interfaces_of_vms_and_pods_have_the_new_mtu(name: str) -> None:
    ports = {"devices": [{"name": "cn1-br", "ports_mtu": 1500}], "absent": []}
    assert named(analyse(stored(), LOWER, NOW), name)["input"]["expect"] == dict.fromkeys(WORKERS, ports)


def test_labels_and_annotations_of_users_are_recorded() -> None:
    item = config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"])
    item["metadata"]["labels"]["team"] = "storage"
    item["metadata"]["annotations"]["note"] = "second rack"
    case = analyse(having(item, on=CLUSTER), LOWER, NOW)
    wanted = {"labels": {"team": "storage"}, "annotations": {"note": "second rack"}}
    assert named(case, "configs-off")["input"]["configs"][0]["expected"]["metadata"] == wanted
    assert named(case, "configs-on")["input"]["configs"][0]["object"]["metadata"] == wanted


def test_links_before_the_first_phase() -> None:
    links = analyse(CLUSTER, LOWER, NOW).links
    assert sorted(links) == ["n1", "n2", "n3"]
    assert links["n3"]["devices"] == [
        {"name": "cn1-bo", "mtu": 9000, "ports": ["eno4"], "up": True},
        {"name": "cn1-br", "mtu": 9000, "up": True},
    ]


def test_host_network_configurations_are_made_again_at_the_new_mtu() -> None:
    on = having(host_config("hosts", "cn1", 300, nodeSelector={"matchLabels": {"rack": "b"}}), on=CLUSTER)
    case = analyse(on, LOWER, NOW)
    assert named(case, "host-configs-off")["input"]["expect"] == {"n3": {"devices": [], "absent": ["cn1-br.300"]}}
    assert named(case, "host-configs-on")["input"]["expect"] == {
        "n3": {"devices": [{"name": "cn1-br.300", "mtu": 1500}], "absent": []}
    }


PATHS: list[tuple[str, list[Any], list[tuple[int, bool]]]] = [
    ("VLANs", [nad("vlan200", vlan=200, mtu=9000)], [(100, False), (200, False)]),
    ("an untagged network", [nad("plain", vlan=0, mtu=9000)], [(1, False), (100, False)]),
    (
        "a trunk: the ends of its ranges",
        [nad("trunk", vlan=0, mtu=9000, vlanTrunk=[{"minID": 300, "maxID": 310}, {"id": 400}])],
        [(100, False), (300, False), (310, False), (400, False)],
    ),
    ("the storage network, whose id is away", [setting("storage-network", text())], [(50, True), (100, False)]),
    ("host network configurations", [host_config("hosts", "cn1", 300)], [(100, False), (300, True)]),
    ("an id that a VM network has too", [host_config("hosts", "cn1", 100)], [(100, False)]),
    ("networks of others", [nad("other", "cn2", 300), host_config("hosts", "cn2", 301)], [(100, False)]),
]


@pytest.mark.parametrize(("items", "wanted"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_what_is_proved_on_the_wire(items: list[Any], wanted: list[tuple[int, bool]]) -> None:
    found = _network_uses.paths(having(*items, on=CLUSTER), "cn1", {"n2", "n1"}, 1500)
    assert [(path["vlan_id"], path.get("uplink") == "cn1-bo") for path in found] == wanted
    assert all((path["nodes"], path["mtu"], path["bridge"]) == (["n1", "n2"], 1500, "cn1-br") for path in found)


def test_a_single_node_has_nobody_to_send_to() -> None:
    assert _network_uses.paths(CLUSTER, "cn1", {"n1"}, 1500) == []


@pytest.mark.parametrize(
    ("on", "wish", "wanted", "proves"),
    [
        (MANUAL, READY._replace(switches_ready=False), ["vms-stop", "switches", "config-change", "vms-start"], ""),
        (CLUSTER, LOWER, [*SEVERAL[:4], "switches", "vms-start"], "configs-on"),
        (SINGLE, LOWER, ["vms-stop", "config-change", "switches", "vms-start"], "config-change"),
    ],
    ids=["up", "down", "down, one configuration"],
)
def test_switches_that_are_set_in_the_middle(on: Snapshot, wish: Wish, wanted: list[str], proves: str) -> None:
    case = analyse(on, wish._replace(switches_phase=True, switches_bound=60), NOW)
    assert ids(case) == wanted
    found = named(case, "switches")
    assert (found["role"], found["bound"]) == ("harvester.network.switches", 60)
    assert found["input"] == {
        "mtu_from": int(wish.mtu_from),
        "mtu_to": int(wish.mtu_to),
        "proves": proves,
    }
    assert objections(case, on) == []
