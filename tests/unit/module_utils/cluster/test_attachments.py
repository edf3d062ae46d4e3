# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VM uses what: custom networks, networks of mgmt and the pod network are told apart."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import BASE, having, nad, sriov, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.cluster import _attachments
from ansible_collections.harvester.network.plugins.module_utils.cluster._attachments import Attachment, names


def of(snapshot, guest):
    return next(found for found in _attachments.attachments(snapshot) if found.guest == guest)


def test_all_kinds_of_networks():
    cluster = having(vm("all", "vlan100", "default/mgmt200", "pod", "none"), vmi("all", "vlan100", on="n2"))
    assert of(cluster, "default/all") == Attachment(
        guest="default/all",
        cluster_networks=("cn1",),
        networks=("default/vlan100",),
        mgmt_networks=("default/mgmt200",),
        pod_network=True,
        missing=("default/none",),
        node="n2",
        attached=True,
    )


@pytest.mark.parametrize(
    ("items", "attached", "networks"),
    [
        ([vm("x", "vlan100"), vmi("x", "vlan100", on="")], True, ["default/vlan100"]),
        ([vm("x", "vlan100"), vmi("x", "vlan100", phase="Succeeded")], True, ["default/vlan100"]),
        ([vm("x", "vlan100", strategy="Always")], True, ["default/vlan100"]),
        ([vm("x", "vlan100")], True, ["default/vlan100"]),
        ([vm("x", "vlan100", strategy="Once")], True, ["default/vlan100"]),
        ([vm("x", "vlan100", strategy="Manual")], False, ["default/vlan100"]),
        ([vm("x", "vlan100", strategy="Halted")], False, ["default/vlan100"]),
        # a template that was changed under a running VM
        ([vm("x", "vlan100", strategy="Always"), vmi("x", "pod")], True, ["default/vlan100"]),
        ([vm("x", "vlan100", strategy="Manual"), vmi("x", "pod")], True, []),
        ([vm("x", "pod", strategy="Manual"), vmi("x", "vlan100")], True, ["default/vlan100"]),
        # shut down by its owner: nothing will start from the template
        ([vm("x", "vlan100"), vmi("x", "pod", phase="Succeeded")], True, []),
        ([vm("x", "vlan100"), vmi("x", "pod", phase="Failed")], True, ["default/vlan100"]),
    ],
)
def test_what_holds_a_network(items: list[Any], attached: bool, networks: list[str]) -> None:
    found = of(having(*items), "default/x")
    assert (found.attached, list(found.networks)) == (attached, networks)


def test_a_halted_vm_runs_nowhere():
    assert of(BASE, "default/idle").node == ""
    assert of(BASE, "default/idle").networks == ("default/vlan100",)


def test_an_overlay_counts_to_mgmt():
    cluster = having(nad("over", "mgmt", None, type="kube-ovn", bridge=None), vm("x", "over"))
    assert of(cluster, "default/x").mgmt_networks == ("default/over",)


def test_each_vm_is_listed_once():
    guests = [found.guest for found in _attachments.attachments(having(vmi("alone", "pod")))]
    assert guests == ["default/alone", "default/idle", "default/pod1", "default/vm1"]


@pytest.mark.parametrize(
    ("network", "nodes", "blocking"),
    [
        ("cn1", ["n1"], ["default/vm1"]),
        ("cn1", ["n2", "n3"], []),
        ("cn1", [], []),
        ("cn1", None, ["default/vm1"]),
        ("mgmt", None, []),
        ("cn2", None, []),
    ],
)
def test_blocking(network, nodes, blocking):
    assert names(_attachments.blocking(BASE, network, nodes)) == blocking


@pytest.mark.parametrize("phase", ["Pending", "Scheduling", "Scheduled", "Running", "Succeeded", "Failed", "Unknown"])
def test_every_phase_blocks(phase):
    assert names(_attachments.blocking(having(vmi("vm1", "vlan100", phase=phase)), "cn1", ["n1"])) == ["default/vm1"]


def test_one_without_a_node_blocks_only_the_whole_network():
    waiting = having(vmi("vm1", "vlan100", on="", phase="Pending"))
    assert names(_attachments.blocking(waiting, "cn1", ["n1", "n2", "n3"])) == []
    assert names(_attachments.blocking(waiting, "cn1")) == ["default/vm1"]


def test_the_label_decides_and_not_the_bridge():
    cluster = having(nad("vlan100", "cn1", mtu=9000, label=""))
    assert names(_attachments.blocking(cluster, "cn1", ["n1"])) == []


def test_virtual_functions():
    cluster = having(
        sriov("n1", "eno3", "n1-000004100"),
        sriov("n1", "eno6", "n1-000005100"),
        vmi("ours", "pod", devices=["n1-000004100"]),
        vmi("others", "pod", devices=["n1-000005100"]),
        {
            **vmi("allocated", "pod"),
            "metadata": {
                "name": "allocated",
                "namespace": "default",
                "annotations": {
                    "harvesterhci.io/deviceAllocationDetails": '{"hostdevices":{"intel.com/X710":["n1-000004100"]}}'
                },
            },
        },
    )
    assert names(_attachments.on_virtual_functions(cluster, ["n1"], ["eno3"])) == ["default/allocated", "default/ours"]
    assert names(_attachments.of_config(cluster, cluster.configs["rack-a"])) == [
        "default/allocated",
        "default/ours",
        "default/vm1",
    ]


def test_the_pod_network():
    assert names(_attachments.on_pod_network(BASE)) == ["default/pod1"]
