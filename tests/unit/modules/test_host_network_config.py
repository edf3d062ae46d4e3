# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""host_network_config: what it writes, what it waits for, what it returns, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import BASE, having, host_config, setting

from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._host_config import KINDS

ADDRESSES = {"n1": "10.1.2.11/24", "n2": "10.1.2.12/24", "n3": "10.1.2.13/24", "w1": "10.1.2.14/24"}
NEW = {
    "name": "hosts",
    "cluster_network": "mgmt",
    "vlan_id": 2030,
    "mode": "static",
    "addresses": ADDRESSES,
    "all_nodes": True,
}
READY = {"nodeStatus": {"n1": {"conditions": [{"type": "ready", "status": "True"}]}}}
ONE = {
    **host_config("one", "cn1", 30, nodeSelector={"matchLabels": {"kubernetes.io/hostname": "n1"}}),
    "status": READY,
}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("host_network_config", BASE, monkeypatch, capsys)


def test_a_new_one(call: Caller) -> None:
    result = call(**NEW)
    assert call.writes == [
        (
            "POST",
            "hostnetworkconfigs",
            {
                "apiVersion": "network.harvesterhci.io/v1beta1",
                "kind": "HostNetworkConfig",
                "metadata": {"name": "hosts"},
                "spec": {"clusterNetwork": "mgmt", "vlanID": 2030, "mode": "static", "ips": ADDRESSES},
            },
        )
    ]
    assert sorted(result["expect"]) == ["n1", "n2", "n3", "w1"]
    assert result["expect"]["n1"] == {
        "devices": [
            {"name": "mgmt-br.2030"},
            {"name": "mgmt-br", "vlans": ["2030"]},
            {"name": "mgmt-bo", "vlans": ["2030"]},
        ],
        "absent": [],
    }


def test_the_second_run_changes_nothing_and_reads_each_kind_once(call: Caller) -> None:
    call(**NEW)
    result = call(**NEW)
    assert (result["changed"], call.writes, result["diff"]) == (False, [], [])
    call.lists(KINDS)


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    told = call(check=True, **NEW)
    assert call.writes == []
    done = call(**NEW)
    assert {key: told[key] for key in ("changed", "diff", "objects", "expect")} == {
        key: done[key] for key in ("changed", "diff", "objects", "expect")
    }


@pytest.mark.parametrize(
    ("options", "patch"),
    [
        ({"description": "x"}, {"description": "x"}),
        ({"node": "n2"}, {"nodeSelector": {"matchLabels": {"kubernetes.io/hostname": "n2"}}}),
        (
            {"mode": "static", "addresses": {"n1": "10.1.2.11/24"}},
            {"mode": "static", "ips": {"n1": "10.1.2.11/24"}},
        ),
        ({"node_selector": {"rack": "b"}}, None),
    ],
    ids=str,
)
def test_a_change_is_a_merge_patch_of_what_differs(call: Caller, options: dict[str, Any], patch: Any) -> None:
    call.api.state = having(ONE)
    result = call(name="one", **options)
    assert call.writes == ([("PATCH", "one", {"spec": patch})] if patch else [])
    if patch is None:
        assert [item["rule"] for item in result["objections"]] == ["host-config-inactive"]
    else:
        assert (call(name="one", **options)["changed"], call.writes) == (False, [])


def test_a_whole_selector_is_replaced(call: Caller) -> None:
    expressions = [{"key": "rack", "operator": "Exists"}]
    call.api.state = having(host_config("m", nodeSelector={"matchExpressions": expressions}))
    call(name="m", node="n1")
    selector = {"matchExpressions": None, "matchLabels": {"kubernetes.io/hostname": "n1"}}
    assert call.writes == [("PATCH", "m", {"spec": {"nodeSelector": selector}})]
    call(name="m", all_nodes=True)
    assert call.writes == [("PATCH", "m", {"spec": {"nodeSelector": None}})]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"description": None},
        {"node": "n1"},
        {"mode": "dhcp", "vlan_id": 30, "cluster_network": "cn1"},
        {"underlay": False},
        {"addresses": {}},
    ],
    ids=str,
)
def test_what_means_the_same_is_not_written(call: Caller, options: dict[str, Any]) -> None:
    call.api.state = having(ONE)
    assert (call(name="one", **options)["changed"], call.writes) == (False, [])


def test_a_removal_expects_that_the_device_is_gone(call: Caller) -> None:
    call.api.state = having(ONE)
    result = call(name="one", state="absent")
    assert [write[:2] for write in call.writes] == [("DELETE", "one")]
    assert result["expect"] == {"n1": {"devices": [], "absent": ["cn1-br.30"]}}
    assert call(name="one", state="absent")["changed"] is False


def test_a_node_that_is_not_selected_any_more_is_expected_clean(call: Caller) -> None:
    call.api.state = having(ONE)
    assert call(name="one", node="n2")["expect"]["n1"] == {"devices": [], "absent": ["cn1-br.30"]}


def test_a_node_that_is_not_ready_is_named_with_its_reason(call: Caller) -> None:
    call.api.controllers = False
    state = {"conditions": [{"type": "ready", "status": "False", "message": "no lease"}]}
    call.api.state = having({**ONE, "status": {"nodeStatus": {"n1": state}}})
    assert call(name="one")["missing"] == ["node n1: host network configuration 'one' is not ready: no lease"]
    assert call(name="one", node="n2")["missing"] == [
        "node n2: host network configuration 'one' is not ready: its agent has not said so"
    ]


def test_an_older_harvester_is_refused_with_its_version(call: Caller) -> None:
    call.api.state = having(setting("server-version", "v1.7.2"))
    result = call(**NEW)
    assert result["msg"] == (
        "host network configuration 'hosts': Harvester 1.7.2 does not serve HostNetworkConfig, which came with 1.8;"
        " add the VLAN on the hosts (playbook mgmt_vlans), or upgrade first"
    )
    assert call(name="hosts", state="absent")["changed"] is False


REFUSED = [
    (
        {"name": "x", "all_nodes": True},
        (
            "host network configuration 'x': cluster_network: it is new and needs this option; give it\n"
            "host network configuration 'x': vlan_id: it is new and needs this option; give it\n"
            "host network configuration 'x': mode: it is new and needs this option; give it"
        ),
    ),
    (
        {**NEW, "mode": "dhcp"},
        (
            "host network configuration 'hosts': addresses: mode dhcp takes its addresses from a server; leave them"
            " out, or give mode=static"
        ),
    ),
    (
        {**NEW, "addresses": {**ADDRESSES, "n11": "10.1.2.15/24"}},
        "host network configuration 'hosts': addresses=n11: the cluster has no such node; did you mean 'n1'?",
    ),
    (
        {"name": "one", "vlan_id": None},
        "host network configuration 'one': vlan_id=null: it cannot be unset; give a value, or leave the option out",
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("options", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_bad_options(call: Caller, options: dict[str, Any], message: str, check: bool) -> None:
    call.api.state = having(ONE)
    result = call(check=check, **options)
    assert (result["failed"], result["msg"], call.writes) == (True, message, [])


RULES = [
    ({"name": "one", "vlan_id": 31}, ["hostnetworkconfig-fixed"]),
    ({**NEW, "vlan_id": 5000}, ["hostnetworkconfig-fields"]),
    (
        {**NEW, "cluster_network": "cn1", "vlan_id": 30, "node": "n1", "all_nodes": None},
        ["hostnetworkconfig-duplicate"],
    ),
    ({**NEW, "addresses": {"n1": "10.1.2.11/24"}}, ["hostnetworkconfig-static"] * 3),
    ({**NEW, "addresses": {**ADDRESSES, "n2": "10.1.2.11/24"}}, ["host-config-address-twice"]),
]


@pytest.mark.parametrize(("options", "rules"), RULES, ids=lambda value: str(value)[:50])
def test_objections(call: Caller, options: dict[str, Any], rules: list[str]) -> None:
    call.api.state = having(ONE)
    result = call(**{key: value for key, value in options.items() if value is not None})
    assert [objection["rule"] for objection in result["objections"]] == rules
    assert call.writes == []
