# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_network_change_info: its requests, whatever the size of the cluster, null and omitted, an open change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from api_double import Api
from cluster_objects import BASE, setting
from test_cluster_network_mtu_info import large

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.cluster import _module
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS
from ansible_collections.harvester.network.plugins.modules import change_plan, cluster_network_change_info

Call = Callable[..., dict[str, Any]]
MODE: dict[str, Any] = {"cluster_network": "cn1", "uplink": {"mode": "balance-alb"}}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a module against an API; the result as Ansible reads it."""

    def run(api: Api, module: Any = cluster_network_change_info, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(_module.ClusterModule, "client", lambda _self: Client(api, retry_timeout=0))
        with patch_module_args(options), pytest.raises(SystemExit):
            module.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def test_the_number_of_requests_does_not_depend_on_nodes_and_vms(call: Call) -> None:
    few, many = Api(large(4, 2)), Api(large(16, 1000))
    call(few, **MODE)
    found = call(many, **MODE)
    assert (len(found["vms"]), len(found["nodes"])) == (1000, 16)
    assert [phase["id"] for phase in found["phases"]] == [
        "vms-stop",
        "config-cn1-r0",
        "config-cn1-r12",
        "config-cn1-r4",
        "config-cn1-r8",
        "vms-start",
    ]
    assert many.requests == few.requests
    assert many.requests["list", "virtualmachines.kubevirt.io"] == 1


def test_only_the_vms_in_the_way_stop(call: Call) -> None:
    """252 of 1000: those on the four nodes of one rack."""
    items = large(16, 1000)
    found = call(Api(items), cluster_network="cn1", configs=[{"name": "cn1-r4", "nics": ["eno4"]}])
    assert (found["nodes"], len(found["vms"])) == (["n5", "n6", "n7", "n8"], 252)


def test_the_phases_are_what_module_change_plan_takes(call: Call) -> None:
    items = large(4, 2)
    found = call(Api(items), **MODE)
    planned = call(Api(items), change_plan, phases=found["phases"])
    assert planned["lines"] == [
        "1. vms-stop: at most 360 s",
        "   stops VMs: default/vm0, default/vm1",
        "2. config-cn1-r0: at most 1020 s",
        "   changed network configuration 'cn1-r0'",
        "   interrupts: traffic of cluster network 'cn1' on n1, n2, n3 and n4",
        "   proves: 9000 bytes between 4 nodes on VLAN 100-109 of cn1",
        "3. vms-start: at most 600 s",
        "   starts VMs: default/vm0, default/vm1",
    ]


def test_null_gives_an_option_its_default_and_what_is_omitted_stays(call: Call) -> None:
    items = large(4, 0)
    found = call(Api(items), cluster_network="cn1", uplink={"miimon": None, "mtu": 9000})
    assert found.get("phases") == [], found
    found = call(Api(items), cluster_network="cn1", uplink={"miimon": 200})
    (entry,) = next(phase["input"]["configs"] for phase in found["phases"] if phase["id"] == "config-cn1-r0")
    assert entry["object"]["spec"]["uplink"] == {
        "nics": ["eno3"],
        "linkAttributes": {"mtu": 9000},
        "bondOptions": {"miimon": 200},
    }


def test_a_change_that_is_open_has_its_recorded_phases(call: Call) -> None:
    begun = "2026-11-26T00:00:00Z"
    change_id = "20261126t000000z-cluster-network-change"
    told = {"node_labels": [{"name": "n1", "labels": {"rack": None}, "expected": {"rack": "a"}}]}
    phases = (Phase("node-labels", "harvester.network.cluster_network", 60, told),)
    record = Record(change_id, "cluster_network_change", begun, phases=phases)
    items = {kind.key: list(BASE.all(kind.key)) for kind in KINDS}
    main = _configmap.objects(record, "harvester-system").main
    items["config_maps"] = [{**main, "data": {key: text for key, text in main["data"].items() if text is not None}}]
    found = call(Api(items), **MODE)
    assert (found["change"], [phase["id"] for phase in found["phases"]]) == (change_id, ["node-labels"])
    assert found["phases"][0]["steps"] == [{"kind": "node_labels", "name": "n1", "labels": {"rack": None}}]


def test_a_refusal(call: Call) -> None:
    found = call(Api({"settings": [setting("server-version", "v1.8.2")]}), **MODE)
    assert found["msg"] == "cluster network 'cn1': the cluster has no such cluster network; it has none"
