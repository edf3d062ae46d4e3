# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: which VMs stop and why."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import BASE, having, vm
from mgmt_mtu_cases import CLUSTER, DOWN, KEPT, MIGRATION, ON_CN1, ON_MGMT, ON_OVERLAY, UP, by_id

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import Wish, case
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

M1, POD = "VM network default/mgmt200", "built-in pod network"
PODS, STORAGE = "Longhorn's replicas use the pod network", "Longhorn's replicas use the storage network on mgmt"

# Cluster, wish; where Longhorn talks, whether every VM stops, the VMs that stop with the reasons, settings.
CASES: dict[str, tuple[Snapshot, Wish, str, bool, dict[str, tuple[str, ...]], tuple[str, ...]]] = {
    "no storage network": (
        CLUSTER,
        UP,
        "pod_network",
        True,
        {"default/m1": (M1, PODS), "default/pod1": (POD, PODS), "default/vm1": (PODS,)},
        (),
    ),
    "no storage network, VMs elsewhere keep running": (
        CLUSTER,
        KEPT,
        "pod_network",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        (),
    ),
    "storage network elsewhere": (
        ON_CN1,
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        (),
    ),
    "the pod network's VMs are left": (
        ON_CN1,
        UP._replace(stop_pod_network_vms=False),
        "elsewhere",
        False,
        {"default/m1": (M1,)},
        (),
    ),
    "storage network on mgmt": (
        ON_MGMT,
        UP._replace(stop_pod_network_vms=False),
        "mgmt",
        True,
        {"default/m1": (M1, STORAGE), "default/pod1": (POD, STORAGE), "default/vm1": (STORAGE,)},
        ("storage-network",),
    ),
    "migration network on mgmt": (
        MIGRATION,
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        ("vm-migration-network",),
    ),
    "overlay": (
        ON_OVERLAY,
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/o1": ("overlay network default/ovn",), "default/pod1": (POD,)},
        (),
    ),
    "a halted VM has nothing to stop": (
        having(vm("h1", "mgmt200", strategy="Halted"), on=ON_CN1),
        UP,
        "elsewhere",
        False,
        {"default/m1": (M1,), "default/pod1": (POD,)},
        (),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_which_vms_stop_and_why(name: str) -> None:
    snapshot, wish, longhorn, every_vm, stops, settings = CASES[name]
    found = case(snapshot, wish)
    assert (found.longhorn, found.every_vm, found.settings) == (longhorn, every_vm, settings)
    assert {one.vm: one.reasons for one in found.stops} == stops


WHYS = {
    "storage network on mgmt": (
        "The storage network is on mgmt: it is switched off meanwhile, for which every VM stops."
    ),
    "storage network elsewhere": "The storage network is on cluster network 'cn1': only VMs on mgmt stop.",
    "no storage network": (
        "There is no storage network, so Longhorn's replicas talk over the pod network, which runs over mgmt: every VM"
        " stops."
    ),
    "no storage network, VMs elsewhere keep running": (
        "There is no storage network, so Longhorn's replicas talk over the pod network, which runs over mgmt. VMs that"
        " are not on mgmt keep running, one node changes at a time, and volumes are healthy before the first and after"
        " each."
    ),
}


@pytest.mark.parametrize("name", WHYS)
def test_the_case_is_told(name: str) -> None:
    assert case(CASES[name][0], CASES[name][1]).why == WHYS[name]


def test_guests_whose_interfaces_follow_are_looked_at_from_inside() -> None:
    """Not those of the pod network, of overlays, or of another cluster network, though they stop too."""
    assert by_id(CLUSTER, UP)["vms-start"]["input"]["guests"] == {"vms": ["default/m1"], "mtu": 9000}
    assert "guests" not in by_id(having(on=BASE), UP)["vms-start"]["input"]


@pytest.mark.parametrize("wish", [UP, DOWN])
def test_the_hosts_ends_of_interfaces_are_proved_at_the_new_mtu(wish: Any) -> None:
    assert by_id(CLUSTER, wish)["vms-start"]["input"]["ends"] == {"bridge": "mgmt-br", "mtu": wish.mtu_to}


def test_a_smaller_choice_of_vms() -> None:
    found = by_id(CLUSTER, KEPT)
    assert found["vms-stop"]["input"] == {"state": "stopped", "cluster_networks": ["mgmt"], "pod_network": True}
    assert found["vms-stop"]["steps"] == [
        {"kind": "vm_power", "vms": ["default/m1", "default/pod1"], "state": "stopped"}
    ]
    told = found["hosts-lower"]["input"]
    assert (told["vms"], told["volumes"]) == ({"cluster_networks": ["mgmt"], "pod_network": True}, "healthy")
    assert by_id(ON_CN1, UP)["hosts-lower"]["input"]["volumes"] == "any"
