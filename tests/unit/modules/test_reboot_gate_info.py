# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""reboot_gate_info: what it reads, what it returns, how it fails, and that its documentation says so."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from cluster_modules import Caller
from cluster_objects import agent as network_agent
from cluster_objects import instance_manager, snapshot, thing, upgrade

from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot import _gates
from ansible_collections.harvester.network.plugins.module_utils.cluster.reboot._gate_module import GATE_ARGSPEC
from ansible_collections.harvester.network.plugins.modules import reboot_gate_info

DOCUMENTATION = yaml.safe_load(reboot_gate_info.DOCUMENTATION)
RETURN = yaml.safe_load(reboot_gate_info.RETURN)
COMPARED = ("type", "elements", "default", "required", "choices")


def single(up: bool = True) -> Any:
    """The node of a cluster of one; as a worker, so that no etcd is asked for."""
    conditions = [{"type": "Ready", "status": str(up)}]
    return thing("nodes", "n1", status={"conditions": conditions, "nodeInfo": {"bootID": "boot-1"}})


VIP = thing("leases", "plndr-svcs-lock", "harvester-system", spec={"holderIdentity": "n1"})
HEALTHY = snapshot(single(), network_agent("n1"), instance_manager("n1"), VIP)
NAMES = ["upgrade", "nodes", "etcd", "networks", "storage_network", "volumes", "vip"]


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda state: Caller("reboot_gate_info", state, monkeypatch, capsys)


def test_all_gates_hold(caller: Any) -> None:
    call = caller(HEALTHY)
    found = call(nodes=["n1"])
    found.pop("invocation", None)
    assert found == {
        "changed": False,
        "gates": [{"name": name, "holds": True, "waits_for": [], "refuses": []} for name in NAMES],
        "boot_ids": {"n1": "boot-1"},
        "vip_holder": "n1",
        "vip": "",
        "progress": [{"after": 0, "missing": []}],
    }
    assert set(found) - {"changed"} == set(RETURN) - {"waited"}
    assert call.api.sent.pop()[1] == "/api/v1/namespaces/harvester-system/configmaps/vip"
    call.lists(_gates.kinds(_gates.Before()))
    assert call.writes == []


def test_the_virtual_address_is_read_where_harvester_has_noted_it(caller: Any) -> None:
    noted = thing("config_maps", "vip", "harvester-system", data={"enabled": "true", "ip": "192.0.2.10"})
    assert caller(HEALTHY.put("config_maps", noted))()["vip"] == "192.0.2.10"


def test_only_the_gates_that_are_asked_for_are_judged(caller: Any) -> None:
    state = HEALTHY.put("upgrades", upgrade("up1"))
    found = caller(state)(gates=["nodes", "etcd"], boot_ids={"n1": "boot-0"}, cordoned=["n1"])
    assert not found.get("failed")
    assert [gate["name"] for gate in found["gates"]] == ["nodes", "etcd"]


FAILING: dict[str, tuple[Snapshot, dict[str, Any], str]] = {
    "in vain": (
        snapshot(single(False), network_agent("n1"), instance_manager("n1"), VIP),
        {"nodes": ["n1"]},
        (
            "node n1 is not rebooted; waited 0 s in vain for:\nnodes: node n1 is not Ready\n"
            "vip: the VIP's holder, node n1, is not Ready"
        ),
    ),
    "one look": (
        HEALTHY,
        {"boot_ids": {"n1": "boot-1"}, "wait": False},
        (
            "the cluster is not as it was; what is missing:\n"
            "nodes: node n1 has not reported a new boot id: it is still 'boot-1'"
        ),
    ),
    "refused": (
        HEALTHY.put("upgrades", upgrade("up1")),
        {"nodes": ["n1"]},
        (
            "node n1 is not rebooted:\n"
            "upgrade: upgrade 'up1' is running; it reboots nodes itself. Run again when it has ended"
        ),
    ),
    "several refused": (
        HEALTHY.put("nodes", thing("nodes", "n2", status=single()["status"])).put("upgrades", upgrade("up1")),
        {"nodes": ["n1", "n2"], "gates": ["upgrade"]},
        (
            "nodes n1 and n2 are not rebooted:\n"
            "upgrade: upgrade 'up1' is running; it reboots nodes itself. Run again when it has ended"
        ),
    ),
    "unknown node": (HEALTHY, {"nodes": ["x9"]}, "node 'x9' is not in the cluster: its nodes are n1"),
    "mistyped node": (
        HEALTHY.put("nodes", thing("nodes", "harvester-1", status=single()["status"])),
        {"nodes": ["harvester-l"]},
        "node 'harvester-l' is not in the cluster: did you mean 'harvester-1'?",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_failures(caller: Any, name: str) -> None:
    state, options, message = FAILING[name]
    found = caller(state)(**options)
    assert found["failed"]
    assert found["msg"] == message


def test_documentation_says_what_the_argument_spec_says() -> None:
    documented = {
        name: {key: option[key] for key in COMPARED if key in option}
        for name, option in DOCUMENTATION["options"].items()
    }
    assert documented == GATE_ARGSPEC


def test_documentation_names_every_gate() -> None:
    text = " ".join(DOCUMENTATION["description"])
    assert [name for name in _gates.WAITING if f"V({name}) - " not in text] == []
