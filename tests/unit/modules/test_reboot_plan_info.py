# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""reboot_plan_info: which VMs move, stop or stand in the way, and when a stopped one starts again."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from cluster_modules import Caller
from cluster_objects import having, lacking, node, vmi
from power_cluster import machine

from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot import _vm_plan
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot._plan_module import PLAN_ARGSPEC
from ansible_collections.harvester.network.plugins.modules import reboot_plan_info

DOCUMENTATION = yaml.safe_load(reboot_plan_info.DOCUMENTATION)
RETURN = yaml.safe_load(reboot_plan_info.RETURN)
COMPARED = ("type", "elements", "default", "required", "choices")
EMPTY = lacking("vms/default/vm1", "vmis/default/vm1", "vms/default/pod1", "vmis/default/pod1", "vms/default/idle")
STRATEGY = "harvesterhci.io/maintain-mode-strategy"
FIXED = {"type": "LiveMigratable", "status": "False", "reason": "HostDeviceNotLiveMigratable", "message": "no GPU"}
CANNOT = "KubeVirt cannot live-migrate it: no GPU"
PAUSED = {"type": "Paused", "status": "True", "reason": "PausedIOError"}
GUEST_CLUSTER = {"guestcluster.harvesterhci.io/name": "blue"}
REPLACED = (
    "its nodes default/a would be stopped, and Rancher may replace nodes that it cannot reach and delete their VMs;"
    " pause it (in Rancher: the cluster's machine pools and node health checks), then set guest_clusters_paused=true"
)


def labelled(value: str) -> str:
    return f"its label {STRATEGY} is {value}"


def vm(*conditions: Any, network: str = "vlan100", strategy: str = "", **fields: Any) -> list[Any]:
    """The VM default/a on n1; on network vlan100 it can be on n1 and n2."""
    labels = {**fields.pop("labels", {}), **({STRATEGY: strategy} if strategy else {})}
    return machine("a", network, conditions=conditions, labels=labels, **fields)


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda *items: Caller("reboot_plan_info", having(*items, on=EMPTY), monkeypatch, capsys)


def ask(call: Any, **options: Any) -> Any:
    return call(**{"nodes": ["n1"], **options})


PLANS: dict[str, tuple[list[Any], dict[str, Any], str, str, list[str]]] = {
    "moves": (vm(), {}, "move", "", []),
    "moves by its label": (vm(strategy="Migrate"), {}, "move", "", []),
    "is starting": (vm(phase="Scheduled"), {}, "move", "", []),
    "unknown label": (
        vm(strategy="Wait"),
        {},
        "move",
        "",
        [f"its label {STRATEGY} is 'Wait', which counts as Migrate"],
    ),
    "cannot move": (vm(FIXED), {}, "refuse", "", [CANNOT]),
    "cannot move, is stopped": (vm(FIXED), {"non_migratable_vms": "stop"}, "stop", "after_uncordon", [CANNOT]),
    "starts elsewhere": (
        vm(strategy="ShutdownAndRestartAfterEnable"),
        {},
        "stop",
        "after_drain",
        [labelled("ShutdownAndRestartAfterEnable")],
    ),
    "would start elsewhere": (
        vm(strategy="ShutdownAndRestartAfterEnable", network="vlan100", on="n1"),
        {"alone": True},
        "stop",
        "after_uncordon",
        [labelled("ShutdownAndRestartAfterEnable"), "no other node could run it"],
    ),
    "starts here again": (
        vm(FIXED, strategy="ShutdownAndRestartAfterDisable"),
        {},
        "stop",
        "after_uncordon",
        [labelled("ShutdownAndRestartAfterDisable")],
    ),
    "stays off": (vm(strategy="Shutdown"), {}, "stop", "never", [labelled("Shutdown")]),
    "paused by an I/O error": (
        vm(PAUSED),
        {"non_migratable_vms": "stop"},
        "refuse",
        "",
        [
            "it is paused (PausedIOError)",
            "it is paused by an I/O error; its guest cannot shut down; repair its storage first",
        ],
    ),
    "of a pool": (
        vm(strategy="Shutdown", owner="VirtualMachinePool"),
        {},
        "refuse",
        "",
        [
            labelled("Shutdown"),
            "it belongs to a pool, which would make another; scale the pool (VirtualMachinePool) down instead",
        ],
    ),
    "of a guest cluster": (
        vm(FIXED, labels=GUEST_CLUSTER),
        {"non_migratable_vms": "stop"},
        "refuse",
        "",
        [CANNOT, REPLACED],
    ),
    "of a guest cluster that is paused": (
        vm(FIXED, labels=GUEST_CLUSTER),
        {"non_migratable_vms": "stop", "guest_clusters_paused": True},
        "stop",
        "after_uncordon",
        [CANNOT],
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_what_becomes_of_a_vm(caller: Any, name: str) -> None:
    items, options, action, start, reasons = PLANS[name]
    options = dict(options)
    call = caller(*items)
    if options.pop("alone", False):
        call.api.state = call.api.state.without("nodes", "n2")
    found = ask(call, **options)
    expected = {"node": "n1", "namespace": "default", "name": "a", "reference": "default/a"}
    assert found["vms"] == [{**expected, "action": action, "start": start, "reasons": reasons}]
    lines = ["VM 'default/a' on node 'n1': " + "; ".join(reasons)] if action == "refuse" else []
    assert found["refused"] == lines


def test_a_vm_that_could_not_start_again_on_a_foreign_cordon(caller: Any) -> None:
    call = caller(node("n1", "cn1", cordoned=True), *vm(FIXED))
    assert ask(call, non_migratable_vms="stop")["refused"] == []
    call.api.state = call.api.state.without("nodes", "n2")
    (line,) = ask(call, non_migratable_vms="stop")["refused"]
    assert line.startswith(f"VM 'default/a' on node 'n1': {CANNOT}; no other node could run it (")
    assert line.endswith("; it could not start again: somebody else has cordoned its node, and that cordon stays")


def test_several_nodes_in_one_look(caller: Any) -> None:
    call = caller(
        *machine("b", "vlan100", on="n2"),
        *machine("a", "vlan100", on="n1"),
        *machine("c", "vlan100", on="n1", phase="Succeeded"),
        vmi("alone", "vlan100", on="n1"),
    )
    found = ask(call, nodes=["n2", "n1"])
    assert [(item["node"], item["name"]) for item in found["vms"]] == [("n2", "b"), ("n1", "a"), ("n1", "alone")]
    assert set(found) - {"changed", "invocation"} == set(RETURN)
    call.lists(_vm_plan.KINDS)


def test_vms_that_are_stopped_by_then_are_left_out(caller: Any) -> None:
    call = caller(*machine("a", "vlan100", conditions=[FIXED]), *machine("b", "vlan100", on="n1"))
    found = ask(call, stopped_vms=["default/a"])
    assert ([item["name"] for item in found["vms"]], found["refused"]) == (["b"], [])


def test_an_unknown_node(caller: Any) -> None:
    found = ask(caller(), nodes=["n1", "x9"])
    assert found["msg"] == "node 'x9' is not in the cluster: its nodes are n1, n2, n3 and w1"


def test_documentation_says_what_the_argument_spec_says() -> None:
    documented = {
        name: {key: option[key] for key in COMPARED if key in option}
        for name, option in DOCUMENTATION["options"].items()
    }
    assert documented == PLAN_ARGSPEC
