# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_network_mtu_info: its requests, whatever the size of the cluster, and a change that is open."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from api_double import Api
from cluster_objects import BASE, agent, config, nad, network, node, setting, status, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.cluster import _module
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS
from ansible_collections.harvester.network.plugins.modules import change_plan, cluster_network_mtu_info

Call = Callable[..., dict[str, Any]]
LOWER = {"cluster_network": "cn1", "mtu_from": "9000", "mtu_to": "1500"}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a module against an API; the result as Ansible reads it."""

    def run(api: Api, module: Any = cluster_network_mtu_info, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(_module.ClusterModule, "client", lambda _self: Client(api, retry_timeout=0))
        with patch_module_args(options), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def large(nodes: int, vms: int) -> dict[str, list[Mapping[str, Any]]]:
    """A cluster whose cluster network has a configuration per rack of four nodes."""
    names = [f"n{number}" for number in range(1, nodes + 1)]
    racks = {f"r{place}": names[place : place + 4] for place in range(0, nodes, 4)}
    found = {kind.key: list(BASE.all(kind.key)) for kind in KINDS}
    rack_of = {name: rack for rack, members in racks.items() for name in members}
    return {
        **found,
        "nodes": [node(name, "cn1", rack=rack_of[name]) for name in names],
        "agents": [agent(name) for name in names],
        "clusternetworks": [network("mgmt"), network("cn1", 9000, "cn1-r0")],
        "vlanconfigs": [config(f"cn1-{rack}", selector={"rack": rack}, matched=of) for rack, of in racks.items()],
        "vlanstatuses": [status("cn1", f"cn1-{rack_of[name]}", name) for name in names],
        "linkmonitors": [],
        "nads": [nad(f"net{number}", vlan=100 + number, mtu=9000) for number in range(10)],
        "vms": [vm(f"vm{number}", f"net{number % 10}") for number in range(vms)],
        "vmis": [vmi(f"vm{number}", f"net{number % 10}", on=names[number % nodes]) for number in range(vms)],
    }


def test_the_number_of_requests_does_not_depend_on_nodes_and_vms(call: Call) -> None:
    few, many = Api(large(4, 2)), Api(large(16, 1000))
    call(few, **LOWER)
    found = call(many, **LOWER)
    assert (len(found["vms"]), found["keep"]) == (1000, "cn1-r0")
    assert [phase["id"] for phase in found["phases"]] == [
        "vms-stop",
        "configs-off",
        "config-change",
        "configs-on",
        "vms-start",
    ]
    assert many.requests == few.requests
    assert many.requests["list", "virtualmachines.kubevirt.io"] == 1


def test_a_change_that_is_open_has_its_recorded_phases(call: Call) -> None:
    begun = "2026-11-26T00:00:00Z"
    phases = (
        Phase("vms-stop", "harvester.network.vms", 60, {"state": "stopped", "cluster_networks": ["cn1"]}),
        Phase("vms-start", "harvester.network.vms", 60, {"state": "started", "of": "vms-stop"}),
    )
    image = {"cluster": {"vms": [{"namespace": "default", "name": "vm1", "uid": "", "run_strategy": "Always"}]}}
    done = dataclasses.replace(phases[0], state="done", before=image, started=begun, ended=begun)
    change_id = "20261126t000000z-cluster-network-mtu"
    record = Record(change_id, "cluster_network_mtu", begun, phases=(done, phases[1]))
    items = {kind.key: list(BASE.all(kind.key)) for kind in KINDS}
    main = _configmap.objects(record, "harvester-system").main
    data = {key: text for key, text in main["data"].items() if text is not None}
    items["config_maps"] = [{**main, "data": data}]
    found = call(Api(items), **LOWER)
    assert found["change"] == change_id
    assert [phase["id"] for phase in found["phases"]] == ["vms-stop", "vms-start"]
    assert found["phases"][0]["until"] == "vms-start"
    assert [phase["steps"] for phase in found["phases"]] == [
        [],
        [
            {
                "kind": "vm_power",
                "vms": ["default/vm1"],
                "state": "started",
                "run_strategies": {"default/vm1": "Always"},
            }
        ],
    ]


def test_the_phases_are_what_module_change_plan_takes(call: Call) -> None:
    items = large(4, 2)
    found = call(Api(items), **LOWER)
    planned = call(Api(items), change_plan, phases=found["phases"])
    assert planned["lines"][:2] == ["1. vms-stop: at most 360 s", "   stops VMs: default/vm0, default/vm1"]


def test_a_refusal(call: Call) -> None:
    found = call(Api({"nodes": [node("n1")], "settings": [setting("server-version", "v1.8.2")]}), **LOWER)
    assert found["msg"] == "cluster network 'cn1': the cluster has no such cluster network; it has none"
