# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of a cluster network's MTU: proofs through a router."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cluster_network_mtu_cases import CLUSTER, LOWER, NOW, named, text
from cluster_objects import having, host_config, lacking, nad, node, setting

from ansible_collections.harvester.network.plugins.module_utils.change import _plan, phases
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks import _network_uses
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_mtu import (
    Case,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

GATEWAY: dict[str, Any] = {"vlan_id": 100, "subnet": "192.168.100.0/24", "gateway": "192.168.100.1"}
OUTSIDE = {**GATEWAY, "range_start": "192.168.100.100", "target": "8.8.8.8", "target_mtu": 1400}


def through(*gateways: Mapping[str, Any], on: Snapshot = CLUSTER) -> Case:
    return analyse(on, LOWER._replace(gateways=gateways), NOW)


def test_a_vlan_is_proved_through_its_router_too() -> None:
    plain, case = analyse(CLUSTER, LOWER, NOW), through(OUTSIDE)
    wanted = {name: value for name, value in OUTSIDE.items() if name != "vlan_id"}
    for name in ("config-change", "configs-on"):
        (before,), (path,) = named(plain, name)["input"]["paths"], named(case, name)["input"]["paths"]
        assert path == {**before, **wanted}


def test_the_plan_says_what_is_proved() -> None:
    on = having(nad("plain", vlan=0, mtu=9000), nad("v101", vlan=101, mtu=9000), on=CLUSTER)
    found = _plan.plan(on, through(OUTSIDE, {**GATEWAY, "vlan_id": 101}, on=on).phases)
    assert {phase.id: phase.proves for phase in found.phases if phase.proves} == {
        phase: (
            f"1500 bytes between {count} nodes on VLAN 100-101 and untagged frames of cn1",
            f"1400 bytes from {count} nodes to 8.8.8.8 through 192.168.100.1 on VLAN 100 of cn1",
            f"1500 bytes from {count} nodes to 192.168.100.1 on VLAN 101 of cn1",
        )
        for phase, count in (("config-change", 2), ("configs-on", 3))
    }
    assert (
        "   proves: 1500 bytes between 2 nodes on VLAN 100-101 and untagged frames of cn1, 1400 bytes from 2 nodes to"
        " 8.8.8.8 through 192.168.100.1 on VLAN 100 of cn1, 1500 bytes from 2 nodes to 192.168.100.1 on VLAN 101 of cn1"
    ) in _plan.lines(found)


def test_what_is_not_proved_is_not_in_the_plan() -> None:
    planned = [{**phase, "input": {**phase["input"], "prove": False}} for phase in through(OUTSIDE).phases]
    assert not any(phase.proves for phase in _plan.plan(CLUSTER, phases.with_steps(planned, CLUSTER, {})).phases)


def test_a_single_node_has_its_gateway_to_send_to() -> None:
    on = lacking("vlanconfigs/rack-a", "vlanstatuses/cn1-n1-0", "vlanstatuses/cn1-n2-0", on=CLUSTER)
    (path,) = named(through(GATEWAY, on=on), "config-change")["input"]["paths"]
    assert (path["nodes"], path["gateway"]) == (["n3"], "192.168.100.1")
    (line,) = _plan.plan(on, through(GATEWAY, on=on).phases).phases[1].proves
    assert line == "1500 bytes from 1 node to 192.168.100.1 on VLAN 100 of cn1"


IDS: list[tuple[str, list[Any], int, bool]] = [
    (
        "inside a range of a trunk",
        [nad("trunk", mtu=9000, vlan=0, vlanTrunk=[{"minID": 300, "maxID": 310}])],
        305,
        False,
    ),
    ("untagged, on request", [], 1, False),
    ("of the storage network, away", [setting("storage-network", text())], 50, True),
]


@pytest.mark.parametrize(("items", "vid", "added"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_vlans_that_can_have_a_router(items: list[Any], vid: int, added: bool) -> None:
    found = _network_uses.paths(having(*items, on=CLUSTER), "cn1", {"n1", "n2"}, 1500, [{**GATEWAY, "vlan_id": vid}])
    (path,) = (path for path in found if path["vlan_id"] == vid)
    assert (path["gateway"], path.get("uplink") == "cn1-bo") == ("192.168.100.1", added)


def test_what_can_be_tried_ahead() -> None:
    """All of it at the size that the bridges have, but for VLANs whose addresses are on the hosts until these go."""
    on = having(host_config("hosts", "cn1", 300), nad("v101", vlan=101, mtu=9000), on=CLUSTER)
    case = through(GATEWAY, {**GATEWAY, "vlan_id": 300}, on=on)
    nodes = ["n1", "n2", "n3"]
    assert case.probes == (
        {
            "name": "VLAN 100 of cn1",
            "vlan_id": 100,
            "bridge": "cn1-br",
            "nodes": nodes,
            "subnet": "192.168.100.0/24",
            "gateway": "192.168.100.1",
        },
        {"name": "VLAN 101 of cn1", "vlan_id": 101, "bridge": "cn1-br", "nodes": nodes},
    )


WHERE = "change_probe_gateways, VLAN 100: "
WRONG: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    (
        "a VLAN that no network has",
        [{**GATEWAY, "vlan_id": 77}],
        [
            (
                "change_probe_gateways: vlan_id=77: no network of cluster network 'cn1' has this VLAN; its VLANs are"
                " 100; 1 stands for untagged frames"
            )
        ],
    ),
    ("a VLAN twice", [GATEWAY, GATEWAY], ["change_probe_gateways: vlan_id=100: is there twice; give each VLAN once"]),
    (
        "no network",
        [{**GATEWAY, "subnet": "192.168.100.1/24"}],
        [
            WHERE + "subnet=192.168.100.1/24: is no IPv4 network; give the network in CIDR form, as 192.168.100.0/24",
        ],
    ),
    (
        "a network without room",
        [{**GATEWAY, "subnet": "192.168.100.0/31"}],
        [WHERE + "subnet=192.168.100.0/31: the prefix length must be 8 to 30; give the subnet of the VLAN"],
    ),
    (
        "addresses elsewhere",
        [{**GATEWAY, "gateway": "192.168.101.1", "range_start": "192.168.100.0", "range_end": "last"}],
        [
            WHERE + "gateway=192.168.101.1: is not an address that a host of 192.168.100.0/24 can have; give one inside"
            " the subnet of the VLAN",
            WHERE + "range_start=192.168.100.0: is not an address that a host of 192.168.100.0/24 can have; give one"
            " inside the subnet of the VLAN",
            WHERE + "range_end=last: is no IPv4 address; names are not looked up",
        ],
    ),
    (
        "a range that goes backwards",
        [{**GATEWAY, "range_start": "192.168.100.9", "range_end": "192.168.100.5"}],
        [WHERE + "range_start=192.168.100.9: is after range_end=192.168.100.5; exchange the two"],
    ),
    (
        "fewer addresses than nodes, one of them the gateway's",
        [{**GATEWAY, "range_end": "192.168.100.3"}],
        [
            WHERE + "subnet=192.168.100.0/24: has 2 addresses beside the gateway from 192.168.100.1 to 192.168.100.3,"
            " and 3 nodes take one each; give a larger range of free addresses"
        ],
    ),
    (
        "a target that is no address",
        [{**GATEWAY, "target": "example.com"}],
        [WHERE + "target=example.com: is no IPv4 address; names are not looked up"],
    ),
    (
        "a target on the VLAN itself",
        [{**GATEWAY, "target": "192.168.100.7"}],
        [
            WHERE + "target=192.168.100.7: is in 192.168.100.0/24, so no router lies before it; give it as gateway,"
            " without a target"
        ],
    ),
    (
        "a target that is no host",
        [{**GATEWAY, "target": "224.0.0.1"}],
        [WHERE + "target=224.0.0.1: is no address that a host can have; give one behind the gateway"],
    ),
    (
        "a size above the MTU",
        [{**GATEWAY, "target_mtu": 1501}],
        [
            WHERE
            + "target_mtu=1501: must be within 576..1500 bytes, the MTU that the cluster network is to have; leave"
            " it out for that MTU"
        ],
    ),
]


@pytest.mark.parametrize(("gateways", "messages"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_refused_gateways(gateways: list[dict[str, Any]], messages: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        through(*gateways)
    assert str(caught.value).splitlines() == messages


def test_a_target_that_is_a_node_is_refused() -> None:
    item = node("n2", "cn1", rack="a")
    item["status"]["addresses"] = [{"type": "InternalIP", "address": "10.0.0.12"}]
    on = having(item, on=CLUSTER)
    with pytest.raises(ValidationError) as caught:
        through({**GATEWAY, "target": "10.0.0.12"}, on=on)
    assert str(caught.value) == (
        WHERE + "target=10.0.0.12: is an address of node 'n2', whose real traffic a probe could slow; give another"
        " address behind the gateway"
    )
