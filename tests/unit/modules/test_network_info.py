# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""network_info: what it asks the API for, what it returns, and that its documentation says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from api_double import Api
from cluster_objects import (
    BASE,
    having,
    host_config,
    nad,
    network,
    node,
    status,
    upgrade,
    vm,
    vmi,
)
from cluster_objects import config as network_config

from ansible_collections.harvester.network.plugins.module_utils.cluster import _module, _report
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.modules import network_info

DOCUMENTATION = yaml.safe_load(network_info.DOCUMENTATION)
RETURN = yaml.safe_load(network_info.RETURN)
SETTINGS = {("get", "settings.harvesterhci.io"): 4}

Call = Callable[..., dict[str, Any]]


def objects(snapshot: Snapshot) -> dict[str, list[Mapping[str, Any]]]:
    return {kind.key: list(snapshot.all(kind.key)) for kind in KINDS}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the module against an API; the result as Ansible reads it."""

    def run(api: Api, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(_module.ClusterModule, "client", lambda _self: Client(api, retry_timeout=0))
        with patch_module_args(options), pytest.raises(SystemExit):
            network_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        result.pop("invocation", None)
        return result

    return run


# What it returns


def test_everything_in_one_call(call: Call) -> None:
    assert call(Api(objects(BASE))) == {"changed": False, **_report.report(BASE)}


def test_only_what_is_asked_for_is_read_and_returned(call: Call) -> None:
    api = Api(objects(BASE))
    found = call(api, gather=["vlan_statuses"], nodes=["n2"])
    assert set(found) == {"changed", "vlan_statuses"}
    assert [status["node"] for status in found["vlan_statuses"]] == ["n2"]
    assert api.requests == {("list", "vlanstatuses.network.harvesterhci.io"): 1}


def test_filters_reach_the_report(call: Call) -> None:
    found = call(Api(objects(BASE)), cluster_networks=["cn1"], nodes=["n1"], vms=["default/vm1"])
    names = {key: [item["name"] for item in found[key]] for key in ("cluster_networks", "nodes", "vms")}
    assert names == {"cluster_networks": ["cn1"], "nodes": ["n1"], "vms": ["vm1"]}


def test_check_mode_reads_too(call: Call) -> None:
    assert call(Api(objects(BASE)), gather=["versions"], _ansible_check_mode=True)["versions"]["harvester"] == "v1.8.2"


# Bad input and errors


def test_an_unknown_subset(call: Call) -> None:
    found = call(Api({}), gather=["vlans"])
    assert found["failed"] is True
    assert found["msg"].startswith("value of gather must be one or more of: cluster_networks, network_configs,")


def test_a_misspelt_option(call: Call) -> None:
    assert call(Api({}), cluster_network=["cn1"])["msg"] == (
        "options: cluster_network: unknown option; did you mean 'cluster_networks'?"
    )


def test_a_forbidden_kind_fails_with_verb_and_resource(call: Call) -> None:
    every = {"apiGroups": ["kubevirt.io"], "resources": ["virtualmachines"], "verbs": ["list"]}
    found = call(Api(objects(BASE), rules=[every]), gather=["vms"])
    assert found["failed"] is True
    assert found["msg"] == (
        "the API forbids this account to list virtualmachineinstances.kubevirt.io: virtualmachineinstances.kubevirt.io"
        ' is forbidden: User "tester" cannot list resource "virtualmachineinstances" in API group "kubevirt.io" at the'
        " cluster scope; grant the verb 'list' on 'virtualmachineinstances.kubevirt.io' (the collection's examples/rbac"
        " has whole roles)"
    )


def test_a_kind_that_is_not_served_counts_as_none(call: Call) -> None:
    """Host network configurations came with Harvester 1.8."""
    on = having(host_config("backup"))
    api = Api(objects(on), not_served=["hostnetworkconfigs"])
    found = call(api)
    assert found["host_network_configs"] == []
    assert len(found["vms"]) == 3
    assert len(call(Api(objects(on)))["host_network_configs"]) == 1


# Requests


def large(vms: int, networks: int) -> dict[str, list[Mapping[str, Any]]]:
    numbers = range(networks)
    return {
        **objects(BASE),
        "nads": [nad(f"net{number}", vlan=number % 4000 + 1) for number in numbers],
        "vms": [vm(f"vm{number}", f"net{number % networks}") for number in range(vms)],
        "vmis": [vmi(f"vm{number}", f"net{number % networks}") for number in range(vms)],
    }


def test_the_number_of_requests_does_not_depend_on_the_number_of_objects(call: Call) -> None:
    few, many = Api(large(2, 1)), Api(large(1000, 500))
    call(few)
    found = call(many)
    assert (len(found["vms"]), len(found["vm_networks"])) == (1000, 500)
    assert all(len(item["vms"]) == 2 for item in found["vm_networks"])
    listed = [kind for kind in KINDS if kind.key in _report.kinds(_report.SUBSETS) and kind.key != "settings"]
    lists = {("list", f"{kind.plural}.{kind.group}" if kind.group else kind.plural): 1 for kind in listed}
    assert len(lists) == 12
    assert many.requests == few.requests == {**lists, **SETTINGS}


# Documentation


def test_options_are_those_of_the_argument_spec() -> None:
    documented = {
        name: {key: value for key, value in option.items() if key != "description"}
        for name, option in DOCUMENTATION["options"].items()
    }
    assert documented == network_info.ARGUMENT_SPEC


def everything() -> dict[str, Any]:
    """A report in which every list has an element."""
    item = node("n1", "cn1", rack="a")
    item["status"]["addresses"] = [{"type": "InternalIP", "address": "192.0.2.11"}]
    states = {"nodeStatus": {"n1": {"conditions": [{"type": "ready", "status": "False", "message": "x"}]}}}
    on = having(
        item,
        network("cn1", 9000),
        network_config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"]),
        status("cn1", "rack-a", "n1", up=False, message="x"),
        {**host_config("backup"), "status": states},
        upgrade("hvst-upgrade-1"),
        nad("vlan100", annotations={"network.harvesterhci.io/route": '{"mode":"auto"}'}),
    )
    return _report.report(on)


SAME_TYPE: dict[str, type] = {"str": str, "bool": bool, "int": int, "dict": dict, "list": list}


def check(documented: Mapping[str, Any], value: Any, where: str) -> None:
    """A value against its documentation: type, and below it exactly the documented keys."""
    if value is None:
        return
    assert type(value) is SAME_TYPE[documented["type"]], where
    for element in value if documented["type"] == "list" else ():
        assert type(element) is SAME_TYPE[documented["elements"]], where
    if "contains" not in documented:
        return
    if documented["type"] == "list":
        assert value, f"{where}: nothing to compare"
    for entry in value if documented["type"] == "list" else [value]:
        assert list(entry) == list(documented["contains"]), where
        for key, inside in documented["contains"].items():
            if not (isinstance(entry[key], list) and not entry[key]):
                check(inside, entry[key], f"{where}.{key}")


def first_full(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry[key])


def test_every_key_of_the_result_is_documented_with_its_type() -> None:
    found = everything()
    assert list(RETURN) == list(found) == DOCUMENTATION["options"]["gather"]["choices"]
    for key, documented in RETURN.items():
        check(documented, found[key], key)
    for subset, inner in (
        ("cluster_networks", "not_ready"),
        ("host_network_configs", "not_ready"),
        ("vm_networks", "route"),
        ("vms", "other_nodes"),
        ("nodes", "addresses"),
    ):
        documented = RETURN[subset]["contains"][inner]
        check(documented, first_full(found[subset], inner)[inner], f"{subset}.{inner}")


def test_samples_have_the_documented_shape() -> None:
    for key, documented in RETURN.items():
        check(documented, documented["sample"], key)


def test_examples_are_tasks() -> None:
    for task in yaml.safe_load(network_info.EXAMPLES):
        assert task["name"]
        options = task.get("harvester.network.network_info") or {}
        assert set(options) <= set(network_info.ARGUMENT_SPEC)
