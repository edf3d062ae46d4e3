# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mgmt_mtu_info: what it returns, how it refuses, an open change, and that its documentation says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from api_double import Api
from cluster_objects import BASE

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_info import ARGUMENT_SPEC
from ansible_collections.harvester.network.plugins.module_utils.cluster import _module
from ansible_collections.harvester.network.plugins.module_utils.cluster._client import Client
from ansible_collections.harvester.network.plugins.module_utils.cluster._kinds import KINDS
from ansible_collections.harvester.network.plugins.modules import mgmt_mtu_info

Call = Callable[..., dict[str, Any]]
DOCUMENTATION = yaml.safe_load(mgmt_mtu_info.DOCUMENTATION)
RETURN = yaml.safe_load(mgmt_mtu_info.RETURN)
COMPARED = ("type", "elements", "default", "required", "choices")
HOSTS = {name: {"mgmt-bo": 1500} for name in ("n1", "n2", "n3", "w1")}
UP: dict[str, Any] = {"mtu_from": "1500", "mtu_to": "9000", "switches_ready": True, "hosts": HOSTS}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the module against an API; the result as Ansible reads it."""

    def run(api: Api, **options: Any) -> dict[str, Any]:
        monkeypatch.setattr(_module.ClusterModule, "client", lambda _self: Client(api, retry_timeout=0))
        with patch_module_args(options), pytest.raises(SystemExit):
            mgmt_mtu_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def items() -> dict[str, Any]:
    return {kind.key: list(BASE.all(kind.key)) for kind in KINDS}


def test_what_it_returns(call: Call) -> None:
    found = call(Api(items()), vms={"window": 0}, **UP)
    assert not found.get("failed"), found
    assert set(found) - {"changed", "invocation"} == set(RETURN) - {"refusals"}
    assert (found["change"], found["longhorn"]) == ("", "pod_network")
    assert [one["vm"] for one in found["vms"]] == ["default/pod1", "default/vm1"]


def test_everything_that_speaks_against_it_is_told_at_once(call: Call) -> None:
    found = call(Api(items()), **{**UP, "switches_ready": False, "hosts": {**HOSTS, "n2": {"mgmt-bo": 9000}}})
    assert len(found["refusals"]) == 2
    assert found["msg"] == "\n".join(found["refusals"])


def test_a_second_run_has_no_phases(call: Call) -> None:
    found = call(Api(items()), **{**UP, "mtu_from": "9000", "mtu_to": "1500"})
    assert not found.get("failed"), found
    assert found["phases"] == []
    assert found["lines"] == ["every node and the cluster have the MTU already; nothing is to be done"]


def test_hosts_that_cannot_be_read(call: Call) -> None:
    found = call(Api(items()), **{**UP, "hosts": {"n1": "1500"}})
    assert found["msg"] == (
        "management network: hosts.n1=1500: it is no dictionary of devices with their MTUs in bytes"
    )


@pytest.mark.parametrize("mtus", [1500, {"bond-mgmt": "jumbo"}], ids=str)
def test_profiles_that_cannot_be_read(call: Call, mtus: Any) -> None:
    found = call(Api(items()), **{**UP, "profiles": {"n1": mtus}})
    assert found["msg"] == (
        f"management network: profiles.n1={mtus}: it is no dictionary of profiles with their MTUs in bytes, null for"
        " one without"
    )


def test_an_open_change_has_its_recorded_phases(call: Call) -> None:
    """Half of it is live, so that nothing that is about a beginning is asked."""
    phases = (Phase("annotation", "harvester.network.mgmt_annotation", 60, {"mtu": 9000}),)
    record = Record("20261126t000000z-mgmt-mtu", "mgmt_mtu", "2026-11-26T00:00:00Z", phases=phases)
    main = _configmap.objects(record, "harvester-system").main
    data = {key: text for key, text in main["data"].items() if text is not None}
    api = Api({**items(), "config_maps": [{**main, "data": data}]})
    found = call(api, **{**UP, "hosts": {"n1": {"mgmt-bo": 9000}}})
    assert found["change"] == record.id
    assert [(phase["id"], phase["input"]) for phase in found["phases"]] == [("annotation", {"mtu": 9000})]


@pytest.mark.parametrize(
    ("before", "node"), [(None, "n1"), ({"boot_ids": {"n2": "b"}}, "n2")], ids=["expected", "begun"]
)
def test_an_open_change_tells_which_node_reboots(call: Call, before: dict[str, Any] | None, node: str) -> None:
    given = {"turn": 1, "turns": 2, "nodes": ["n1", "n2"], "expected": ["n1"], "wait_timeout": 600}
    began: dict[str, Any] = {
        "state": "started",
        "started": "2026-11-26T00:00:00Z",
        "before": {"cluster": before, "hosts": {}},
    }
    phases = (Phase("reboot-1", "harvester.network.ordered_reboot", 60, given, **(began if before else {})),)
    record = Record("20261126t000000z-mgmt-mtu", "mgmt_mtu", "2026-11-26T00:00:00Z", phases=phases)
    main = _configmap.objects(record, "harvester-system").main
    data = {key: text for key, text in main["data"].items() if text is not None}
    found = call(Api({**items(), "config_maps": [{**main, "data": data}]}), **{**UP, "apply": "reboot"})
    assert [phase["steps"] for phase in found["phases"]] == [[{"kind": "reboot", "nodes": [node]}]]


def test_the_documentation_has_the_options() -> None:
    options = DOCUMENTATION["options"]
    assert set(options) == set(ARGUMENT_SPEC)
    for name, spec in ARGUMENT_SPEC.items():
        documented = {key: options[name].get(key) for key in COMPARED}
        assert documented == {key: spec.get(key) for key in COMPARED}, name
