# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vm_network: what it writes, what it waits for, what it returns, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import BASE, IDLE, NETWORK, having, lacking, nad, network, setting, vm

from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._vm_network import KINDS

NEW = {"name": "vlan300", "cluster_network": "cn1", "vlan_id": 300}
FREE = lacking("vms/default/idle", "vms/default/vm1", on=IDLE)
"""The cluster with no VM that refers to vlan100."""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("vm_network", FREE, monkeypatch, capsys)


def config_of(call: Caller) -> Any:
    """The CNI configuration in the last write."""
    return json.loads(call.writes[-1][2]["spec"]["config"])


def test_a_new_one_leaves_the_mtu_to_harvester(call: Caller) -> None:
    result = call(**NEW)
    (method, name, body) = call.writes[0]
    assert (method, name, len(call.writes)) == ("POST", "network-attachment-definitions", 1)
    assert body["metadata"] == {
        "namespace": "default",
        "name": "vlan300",
        "labels": {NETWORK + "clusternetwork": "cn1"},
    }
    assert config_of(call) == {
        "cniVersion": "0.3.1",
        "name": "vlan300",
        "type": "bridge",
        "bridge": "cn1-br",
        "promiscMode": True,
        "vlan": 300,
        "ipam": {},
    }
    assert result["objects"] == [
        {"kind": "NetworkAttachmentDefinition", "namespace": "default", "name": "vlan300", "action": "created"}
    ]
    assert result["diff"][0]["after_header"] == "NetworkAttachmentDefinition default/vlan300"
    device = {"devices": [{"name": "cn1-bo", "vlans": ["300"]}], "absent": []}
    assert result["expect"] == {"n1": device, "n2": device}


def test_the_second_run_changes_nothing_though_harvester_has_written_the_mtu(call: Caller) -> None:
    call(**NEW)
    stored = call.api.state.nads["default/vlan300"]
    assert stored.mtu == 9000
    result = call(**NEW)
    assert (result["changed"], call.writes, result["diff"]) == (False, [], [])
    call.lists(KINDS)


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    told = call(check=True, **NEW)
    assert call.writes == []
    call.lists(KINDS)
    done = call(**NEW)
    assert {key: told[key] for key in ("changed", "diff", "objects", "expect")} == {
        key: done[key] for key in ("changed", "diff", "objects", "expect")
    }


@pytest.mark.parametrize(
    ("options", "vlan", "trunk"),
    [
        ({"type": "untagged"}, 0, None),
        ({"type": "vlan", "vlan_id": 1}, 1, None),
        ({"vlan_ids": ["100-110", "200"]}, 0, [{"minID": 100, "maxID": 110}, {"id": 200}]),
        ({"type": "trunk", "vlan_ids": ["201", "200,100"]}, 0, [{"id": 100}, {"minID": 200, "maxID": 201}]),
    ],
    ids=str,
)
def test_types(call: Caller, options: dict[str, Any], vlan: int, trunk: Any) -> None:
    call(name="new", cluster_network="cn1", **options)
    config = config_of(call)
    assert (config["vlan"], config.get("vlanTrunk")) == (vlan, trunk)
    assert call(name="new", cluster_network="cn1", **options)["changed"] is False


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({"vlan_id": 101}, {"vlan": 101}),
        ({"type": "untagged"}, {"vlan": 0}),
        ({"vlan_ids": ["7"]}, {"vlan": 0, "vlanTrunk": [{"id": 7}]}),
    ],
    ids=str,
)
def test_a_change_keeps_what_it_does_not_name(call: Caller, options: dict[str, Any], values: dict[str, Any]) -> None:
    before = json.loads(str(call.api.state.nads["default/vlan100"].raw["spec"]["config"]))
    result = call(name="vlan100", **options)
    assert [write[:2] for write in call.writes] == [("PATCH", "vlan100")]
    assert list(call.writes[0][2]) == ["spec"]
    assert config_of(call) == {**before, **values}
    assert result["objects"][0]["action"] == "changed"


def test_a_trunk_becomes_a_vlan(call: Caller) -> None:
    call.api.state = having(nad("t", vlan=0, mtu=9000, vlanTrunk=[{"minID": 10, "maxID": 12}]), on=FREE)
    call(name="t", vlan_id=5)
    assert (config_of(call)["vlan"], config_of(call)["vlanTrunk"]) == (5, [])
    assert call(name="t", vlan_id=5)["changed"] is False


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"vlan_id": 100},
        {"type": "vlan"},
        {"cluster_network": "cn1"},
        {"description": None},
        {"route": None},
    ],
    ids=str,
)
def test_what_means_the_same_is_not_written(call: Caller, options: dict[str, Any]) -> None:
    text = '{"name": "vlan100", "vlan": 100, "type":"bridge","bridge":"cn1-br",\n "mtu": 9000}'
    item = {**nad("vlan100"), "spec": {"config": text}}
    call.api.state = having(item, on=FREE)
    assert (call(name="vlan100", **options)["changed"], call.writes) == (False, [])


def test_a_trunk_in_another_spelling_is_the_same(call: Caller) -> None:
    call.api.state = having(nad("t", vlan=None, mtu=9000, vlanTrunk=[{"id": 10}, {"minID": 11, "maxID": 12}]), on=FREE)
    assert (call(name="t", vlan_ids=["10-12"])["changed"], call.writes) == (False, [])


def test_description_is_an_annotation(call: Caller) -> None:
    call(name="vlan100", description="lab")
    key = "field.cattle.io/description"
    assert call.writes == [("PATCH", "vlan100", {"metadata": {"annotations": {key: "lab"}}})]
    assert call(name="vlan100", description="lab")["changed"] is False
    call(name="vlan100", description=None)
    assert call.writes == [("PATCH", "vlan100", {"metadata": {"annotations": {key: None}}})]


ROUTES = [
    ({"mode": "auto"}, None, {"mode": "auto", "cidr": "", "gateway": "", "serverIPAddr": ""}),
    (
        {"mode": "manual", "cidr": "10.1.0.0/24", "gateway": "10.1.0.1"},
        {
            "mode": "auto",
            "cidr": "10.9.0.0/24",
            "gateway": "10.9.0.1",
            "serverIPAddr": "10.9.0.2",
            "connectivity": "true",
        },
        {"mode": "manual", "cidr": "10.1.0.0/24", "gateway": "10.1.0.1", "serverIPAddr": ""},
    ),
    (
        {"gateway": "10.1.0.254"},
        {"mode": "manual", "cidr": "10.1.0.0/24", "gateway": "10.1.0.1", "connectivity": "false"},
        {"mode": "manual", "cidr": "10.1.0.0/24", "gateway": "10.1.0.254"},
    ),
    (
        {"mode": "auto"},
        {"mode": "manual", "cidr": "10.1.0.0/24", "gateway": "10.1.0.1", "outdated": True},
        {"mode": "auto", "cidr": "", "gateway": "", "serverIPAddr": ""},
    ),
    ({"mode": "auto"}, {"mode": "auto", "cidr": "10.1.0.0/24", "gateway": "10.1.0.1", "connectivity": "true"}, None),
]


@pytest.mark.parametrize(("route", "before", "after"), ROUTES, ids=range(len(ROUTES)))
def test_route(call: Caller, route: dict[str, Any], before: Any, after: Any) -> None:
    key = NETWORK + "route"
    annotations = {key: json.dumps(before)} if before else None
    call.api.state = having(nad("r", mtu=9000, annotations=annotations), on=FREE)
    call(name="r", route=route)
    written = [json.loads(write[2]["metadata"]["annotations"][key]) for write in call.writes]
    assert written == ([after] if after else [])
    assert (call(name="r", route=route)["changed"], call.writes) == (False, [])


def test_a_route_is_taken_away(call: Caller) -> None:
    call.api.state = having(nad("r", mtu=9000, annotations={NETWORK + "route": '{"mode":"auto"}'}), on=FREE)
    call(name="r", route=None)
    assert call.writes == [("PATCH", "r", {"metadata": {"annotations": {NETWORK + "route": None}}})]


def test_a_removal_expects_that_the_vlan_is_off_the_uplinks_unless_others_need_it(call: Caller) -> None:
    call.api.state = having(nad("t", vlan=0, mtu=9000, vlanTrunk=[{"minID": 99, "maxID": 101}]), on=FREE)
    result = call(name="t", state="absent")
    device = {"devices": [{"name": "cn1-bo", "not_vlans": ["99", "101"]}], "absent": []}
    assert result["expect"] == {"n1": device, "n2": device}
    assert [write[:2] for write in call.writes] == [("DELETE", "t")]


def test_on_mgmt_a_removal_expects_nothing_since_the_hosts_own_vlans_are_not_known(call: Caller) -> None:
    assert call(name="mgmt200", state="absent")["expect"] == {}


def test_one_that_has_another_mtu_is_waited_for(call: Caller) -> None:
    call.api.controllers = False
    call.api.state = having(nad("v", mtu=1500), on=FREE)
    result = call(name="v", description="x")
    assert result["missing"] == ["VM network 'default/v': mtu 1500 instead of 9000"]
    assert result["changed"] is True


REFUSED = [
    (
        {"name": "x"},
        (
            "VM network 'default/x': cluster_network: it is new and needs this option; give it\n"
            "VM network 'default/x': type: it is new and needs a type; give vlan_id, or vlan_ids for a trunk, or"
            " type=untagged"
        ),
    ),
    (
        {**NEW, "vlan_ids": ["1"]},
        (
            "VM network 'default/vlan300': vlan_id and vlan_ids exclude one another; give vlan_id for one VLAN,"
            " vlan_ids"
            " for a"
            " trunk"
        ),
    ),
    (
        {**NEW, "type": "untagged"},
        (
            "VM network 'default/vlan300': vlan_id=300: it does not go with type=untagged; leave vlan_id out, or give"
            " type=vlan"
        ),
    ),
    (
        {"name": "vlan100", "type": "trunk"},
        "VM network 'default/vlan100': vlan_ids: type=trunk needs this option; give it",
    ),
    (
        {**NEW, "vlan_id": 0},
        (
            "VM network 'default/vlan300': vlan_id=0: a VLAN id is within 1..4094; give type=untagged for frames"
            " without a"
            " tag"
        ),
    ),
    (
        {"name": "vlan100", "vlan_ids": ["5000"]},
        "VM network 'default/vlan100': vlan_ids=5000: VLAN id 5000 is out of range 1..4094",
    ),
    (
        {"name": "vlan100", "vlan_ids": ["5 untagged"]},
        (
            "VM network 'default/vlan100': vlan_ids=5 untagged: a trunk has no words such as pvid and untagged; give"
            " ids"
            " and"
            " ranges only"
        ),
    ),
    (
        {"name": "vlan100", "vlan_ids": []},
        "VM network 'default/vlan100': vlan_ids=[]: a trunk needs VLAN ids; give ids and ranges",
    ),
    (
        {"name": "vlan100", "vlan_id": None},
        "VM network 'default/vlan100': vlan_id=null: it cannot be unset; give a value, or leave the option out",
    ),
    (
        {"name": "vlan100", "route": {"cidr": "10.0.0.0/24"}},
        "VM network 'default/vlan100': route.mode: a new route needs a mode; give auto or manual",
    ),
    (
        {"name": "overlay", "vlan_id": 5},
        (
            "VM network 'default/overlay': its type is kube-ovn, and this module manages networks of type bridge;"
            " choose"
            " another name"
        ),
    ),
    (
        {"name": "broken", "vlan_id": 5},
        (
            "VM network 'default/broken': its spec.config is no JSON object, so that nothing in it can be kept; correct"
            " or"
            " delete the object"
        ),
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("options", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_bad_options(call: Caller, options: dict[str, Any], message: str, check: bool) -> None:
    broken = {**nad("broken"), "spec": {"config": "no"}}
    call.api.state = having(nad("overlay", "mgmt", type="kube-ovn"), broken, on=FREE)
    result = call(check=check, **options)
    assert (result["failed"], result["msg"], call.writes) == (True, message, [])


RULES = [
    ({"name": "vlan100", "vlan_id": 101}, BASE, ["nad-vms-running"]),
    ({"name": "vlan100", "state": "absent"}, BASE, ["nad-vms-running", "nad-vms"]),
    ({"name": "vlan100", "state": "absent"}, having(vm("idle", "vlan100", strategy="Halted"), on=FREE), ["nad-vms"]),
    ({"name": "vlan100", "cluster_network": "cn2"}, FREE, ["nad-bridge-stays", "nad-mtu"]),
    ({"name": "x", "cluster_network": "none", "vlan_id": 5}, FREE, ["nad-network"]),
    ({"name": "x", "cluster_network": "mgmt", "vlan_id": 1}, FREE, ["vm-network-mgmt-vlan-1"]),
    (
        {"name": "x", "cluster_network": "cn1", "vlan_ids": ["5"]},
        having(setting("server-version", "v1.6.1"), on=FREE),
        ["vm-network-trunk-version"],
    ),
    ({"name": "vlan100", "route": {"mode": "manual"}}, FREE, ["nad-route", "nad-route"]),
]


@pytest.mark.parametrize(("options", "state", "rules"), RULES, ids=lambda value: str(value)[:50])
def test_objections(call: Caller, options: dict[str, Any], state: Any, rules: list[str]) -> None:
    call.api.state = state
    result = call(**options)
    assert [objection["rule"] for objection in result["objections"]] == rules
    assert len(result["msg"].splitlines()) == len(rules)
    assert call.writes == []


def test_a_description_may_change_while_a_vm_runs(call: Caller) -> None:
    call.api.state = BASE
    assert call(name="vlan100", description="x")["changed"] is True


def test_a_new_one_on_mgmt_is_expected_on_every_node_that_runs_vms(call: Caller) -> None:
    call.api.state = having(network("mgmt", 1500), on=FREE)
    result = call(name="m", cluster_network="mgmt", vlan_id=77)
    assert sorted(result["expect"]) == ["n1", "n2", "n3"]
    assert result["expect"]["n1"]["devices"] == [{"name": "mgmt-bo", "vlans": ["77"]}]
