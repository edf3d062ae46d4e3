# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes can run a VM; the example of Harvester's manual with six hosts is one of the tests."""

from __future__ import annotations

import pytest
from cluster_objects import BASE, having, lacking, nad, network, node, snapshot, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.cluster import _placement

AFFINITY = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "rack", "operator": "In", "values": ["b"]}]},
                {"matchExpressions": [{"key": "gpu", "operator": "Exists"}]},
            ]
        }
    }
}
INACTIVE = "cluster network 'cn1' (VM network default/vlan100) is not active on it"
WITNESS = "it is a witness node, which runs no VMs"


def six_hosts():
    """Cluster network a is on host0 to host2, b on host2; host3 to host5 have neither."""
    hosts = {"host0": ["a"], "host1": ["a"], "host2": ["a", "b"], "host3": [], "host4": [], "host5": []}
    return snapshot(
        *(node(name, *active) for name, active in hosts.items()),
        network("a"),
        network("b"),
        nad("net-a", "a", 1),
        nad("net-b", "a", 2),
        nad("net-c", "b", 3),
        vm("vm0", "net-a"),
        vm("vm1", "net-b", "net-c"),
        vm("vm2", "net-c"),
    )


def test_the_manuals_example():
    placed = {found.guest: found for found in _placement.placements(six_hosts())}
    assert {guest: found.nodes for guest, found in placed.items()} == {
        "default/vm0": ("host0", "host1", "host2"),
        "default/vm1": ("host2",),
        "default/vm2": ("host2",),
    }
    no_a = "cluster network 'a' (VM network default/net-b) is not active on it"
    no_b = "cluster network 'b' (VM network default/net-c) is not active on it"
    assert placed["default/vm1"].reasons == {
        "host0": (no_b,),
        "host1": (no_b,),
        "host3": (no_a, no_b),
        "host4": (no_a, no_b),
        "host5": (no_a, no_b),
    }


def place(guest, on=BASE):
    return _placement.placement(having(guest, on=on), having(guest, on=on).vms["default/" + guest["metadata"]["name"]])


@pytest.mark.parametrize(
    ("guest", "nodes", "reasons"),
    [
        (vm("x", "pod"), ("n1", "n2", "n3"), {"w1": (WITNESS,)}),
        (vm("x", "mgmt200"), ("n1", "n2", "n3"), {}),
        (vm("x", "vlan100"), ("n1", "n2"), {"n3": (INACTIVE,)}),
        (vm("x", "vlan100", "none"), (), {"n1": ("VM network default/none does not exist",)}),
        (
            vm("x", nodeSelector={"rack": "b"}),
            ("n3",),
            {"n1": ("it lacks the labels of the VM's node selector (rack=b)",)},
        ),
        (vm("x", affinity=AFFINITY), ("n3",), {"n2": ("it does not satisfy the VM's required node affinity",)}),
    ],
    ids=["pod network", "mgmt", "a cluster network", "no such network", "node selector", "affinity"],
)
def test_networks_and_selectors(guest, nodes, reasons):
    found = place(guest)
    assert found.nodes == nodes
    assert {name: found.reasons[name] for name in reasons} == reasons


TAINT = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (node("n1", up=False), "it is not Ready"),
        (node("n1", cordoned=True), "it is cordoned"),
        (node("n1", taints=[TAINT]), "the VM does not tolerate its taint dedicated"),
        (
            {
                **node("n1"),
                "metadata": {
                    **node("n1")["metadata"],
                    "annotations": {"harvesterhci.io/maintain-status": "completed"},
                },
            },
            "it is in maintenance mode",
        ),
    ],
    ids=["not Ready", "cordoned", "tainted", "maintenance"],
)
def test_nodes_that_take_no_work(item, reason):
    assert place(vm("x"), having(item)).reasons["n1"] == (reason,)


@pytest.mark.parametrize(
    ("toleration", "tolerated"),
    [
        ({"key": "dedicated", "operator": "Equal", "value": "db", "effect": "NoSchedule"}, True),
        ({"key": "dedicated", "operator": "Equal", "value": "db"}, True),
        ({"key": "dedicated", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "dedicated", "operator": "Equal", "value": "web"}, False),
        ({"key": "other", "operator": "Exists"}, False),
        ({"key": "dedicated", "operator": "Exists", "effect": "NoExecute"}, False),
    ],
)
def test_tolerations(toleration, tolerated):
    found = place(vm("x", tolerations=[toleration]), having(node("n1", taints=[TAINT])))
    assert ("n1" in found.nodes) == tolerated


def test_a_preference_of_taints_is_none():
    soft = having(node("n1", taints=[{"key": "a", "effect": "PreferNoSchedule"}]))
    assert "n1" in place(vm("x"), soft).nodes


def test_an_instance_without_a_vm_is_placed_too():
    alone = having(vmi("alone", "vlan100", on="n2"))
    placed = {found.guest: found.nodes for found in _placement.placements(alone)}
    assert placed["default/alone"] == ("n1", "n2")


def test_lost():
    one_node = having(node("n2", rack="a"))
    assert _placement.lost(BASE, one_node) == ()
    assert _placement.lost(BASE, having(node("n1", rack="a"), on=one_node)) == ("default/idle", "default/vm1")
    without = lacking("nads/default/vlan100")
    assert _placement.lost(without, without) == ()
