# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired cluster networks of an inventory, as the modules take them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError
from ansible_collections.harvester.network.plugins.plugin_utils._cluster_networks import plan, proof

NODES = {"n1": "harv-1", "n2": "harv-2", "n3": "n3"}
GROUPS = {"rack_a": ["n1", "n2"], "rack_b": ["n3"], "guests": ["vm1"], "all": ["n1", "n2", "n3", "vm1"]}
CONFIG = {"name": "vm-a-a", "group": "rack_a", "nics": ["eno3"]}


def network(**options: Any) -> dict[str, Any]:
    return {"name": "vm-a", "configs": [CONFIG]} | options


def test_a_group_becomes_a_label_of_its_nodes_and_a_selector() -> None:
    found = plan([network(uplink={"mtu": 9000})], GROUPS, NODES)
    assert found["networks"] == [
        {
            "name": "vm-a",
            "state": "present",
            "uplink": {"mtu": 9000},
            "configs": [
                {"name": "vm-a-a", "nics": ["eno3"], "node_selector": {"harvester.network/rack_a": "true"}},
            ],
            "labels": {
                "harv-1": {"harvester.network/rack_a": "true"},
                "harv-2": {"harvester.network/rack_a": "true"},
                "n3": {"harvester.network/rack_a": None},
            },
        }
    ]


def test_other_selections_need_no_label() -> None:
    configs = [
        {"name": "a", "node": "harv-1", "nics": ["eno3"]},
        {"name": "b", "node_selector": {"rack": "b"}, "nics": ["eno3"]},
    ]
    found = plan(
        [network(configs=configs), {"name": "vm-b", "configs": [{"name": "c", "all_nodes": True}]}], GROUPS, NODES
    )
    assert not any("labels" in item for item in found["networks"])
    assert [item["configs"] for item in found["networks"]] == [configs, [{"name": "c", "all_nodes": True}]]


def test_what_is_not_given_is_not_passed_on() -> None:
    assert plan([{"name": "vm-a"}], GROUPS, NODES)["networks"] == [{"name": "vm-a", "state": "present"}]
    assert plan([{"name": "mgmt", "uplink_mtu": 9000}], GROUPS, NODES)["networks"] == [
        {"name": "mgmt", "state": "present", "uplink_mtu": 9000}
    ]
    assert plan([], GROUPS, NODES) == {"networks": [], "vm_networks": [], "gone": []}


def test_what_goes_goes_first_and_takes_its_vm_networks_along() -> None:
    old = {"name": "old", "state": "absent", "vm_networks": [{"name": "v1"}]}
    new = network(vm_networks=[{"name": "v2", "vlan_id": 5}, {"name": "v3", "namespace": "x", "state": "absent"}])
    found = plan([new, old], GROUPS, NODES)
    assert [item["name"] for item in found["networks"]] == ["old", "vm-a"]
    assert found["gone"] == [
        {"namespace": "x", "name": "v3", "state": "absent", "cluster_network": "vm-a"},
        {"namespace": "default", "name": "v1", "state": "absent", "cluster_network": "old"},
    ]
    assert found["vm_networks"] == [
        {"namespace": "default", "name": "v2", "vlan_id": 5, "state": "present", "cluster_network": "vm-a"}
    ]


W = "harvester_cluster_networks: cluster network 'vm-a'"
C = f"{W}: configuration 'x'"
M = "harvester_cluster_networks: cluster network 'mgmt'"
REFUSED: list[tuple[list[dict[str, Any]], str]] = [
    ([{}], "harvester_cluster_networks: name: a cluster network has no name; give name"),
    ([network(), network(configs=None)], f"{W}: name: it is there twice; join the two"),
    ([network(vmnetworks=[])], f"{W}: vmnetworks: unknown option; did you mean 'vm_networks'?"),
    ([network(state="gone")], f"{W}: state=gone: it is neither present nor absent"),
    (
        [{"name": "mgmt", "configs": []}],
        f"{M}: it has no configurations; change it with playbook mgmt_network",
    ),
    (
        [{"name": "mgmt", "state": "absent"}],
        f"{M}: it is made on the hosts, and stays; change it with playbook mgmt_network",
    ),
    ([network(configs=[{"group": "rack_a"}])], f"{W}: configs: a configuration has no name; give name"),
    (
        [network(configs=[{"name": "x", "group": "rack_a"}, {"name": "x", "group": "rack_b"}])],
        f"{C}: name: it is there twice; names are unique in the whole cluster",
    ),
    (
        [network(configs=[{"name": "x"}])],
        f"{C}: it needs exactly one of all_nodes, node, node_selector, group, none is given",
    ),
    (
        [network(configs=[{"name": "x", "node": "n3", "group": "rack_b"}])],
        f"{C}: it needs exactly one of all_nodes, node, node_selector, group, node and group is given",
    ),
    (
        [network(configs=[{"name": "x", "node": "harv-11"}])],
        f"{C}: node=harv-11: the inventory has no such node in harvester_nodes; did you mean 'harv-1'?",
    ),
    (
        [network(configs=[{"name": "x", "group": "rack_aa"}])],
        f"{C}: group=rack_aa: the inventory has no such group; did you mean 'rack_a'?",
    ),
    (
        [network(configs=[{"name": "x", "group": "guests"}])],
        f"{C}: group=guests: none of its hosts is in harvester_nodes; put nodes into it",
    ),
    (
        [network(configs=[CONFIG | {"nic": []}])],
        f"{W}: configuration 'vm-a-a': nic: unknown option; did you mean 'nics'?",
    ),
    ([network(vm_networks=[{"vlan_id": 5}])], f"{W}: vm_networks: a VM network has no name; give name"),
    (
        [network(vm_networks=[{"name": "v"}, {"name": "v", "namespace": "default"}])],
        f"{W}: VM network 'default/v': name: it is there twice; a VM network belongs to one cluster network",
    ),
    (
        [network(vm_networks=[{"name": "v", "vlan": 5}])],
        f"{W}: VM network 'default/v': vlan: unknown option; did you mean 'vlan_id'?",
    ),
    (
        [network(vm_networks=[{"name": "v", "state": "here"}])],
        f"{W}: VM network 'default/v': state=here: it is neither present nor absent",
    ),
]


@pytest.mark.parametrize(("desired", "message"), REFUSED)
def test_refusals(desired: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        plan(desired, GROUPS, NODES)
    assert message in str(caught.value).split("\n")


def test_a_group_that_cannot_be_a_label_is_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        plan([network(configs=[{"name": "x", "group": "rack_"}])], GROUPS | {"rack_": ["n1"]}, NODES)
    assert str(caught.value) == (
        f"{C}: group=rack_: it cannot be the name of a label; use letters, digits, '-', '_' and '.', at most 63, with a"
        " letter or digit at both ends"
    )


def result(**mtus: int) -> dict[str, Any]:
    """Of module cluster_network vm-a, with the MTU per node; '_' stands for '-'."""
    return {
        "expect": {
            node.replace("_", "-"): {"devices": [{"name": "vm-a-bo", "mtu": mtu}, {"name": "vm-a-br", "mtu": mtu}]}
            for node, mtu in mtus.items()
        }
    }


VLANS = [{"name": "v", "vlan_id": 5}, {"name": "t", "vlan_ids": ["7-8"]}, {"name": "u", "type": "untagged"}]


def test_each_vlan_is_proved_on_the_nodes_that_have_it() -> None:
    found = proof([network(vm_networks=VLANS)], [result(harv_1=9000, n3=9000)], NODES)
    assert found == [{"vlan_id": vid, "bridge": "vm-a-br", "mtu": 9000, "nodes": ["n1", "n3"]} for vid in (5, 7, 8)]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"vm_networks": VLANS}, result(harv_1=9000)),
        ({"vm_networks": VLANS}, {"msg": "nothing to expect"}),
        ({"vm_networks": VLANS, "state": "absent"}, result(harv_1=9000, n3=9000)),
        ({"vm_networks": [{"name": "v", "vlan_id": 5, "state": "absent"}]}, result(harv_1=9000, n3=9000)),
        ({}, result(harv_1=9000, n3=9000)),
    ],
)
def test_what_nobody_can_prove_is_left_out(options: dict[str, Any], found: dict[str, Any]) -> None:
    assert proof([network(**options)], [found], NODES) == []
