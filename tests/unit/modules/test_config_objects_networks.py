# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""config_objects: whole cluster networks and VM networks, as playbook cluster_network has them, there and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import IDLE, config, having, lacking, nad, network

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._networks import Declared, analyse
from ansible_collections.harvester.network.plugins.module_utils.cluster._config import with_defaults
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _whole

CLUSTER_NETWORK = "network.harvesterhci.io/clusternetwork"
DESCRIPTION = "field.cattle.io/description"
FREE = lacking("vms/default/vm1", "vms/default/idle", on=IDLE)
"""No VM has a network of cn1."""
NEW = {
    "networks": [{"name": "cn3", "description": "new", "configs": [{"name": "cn3-b", "nics": ["eno4"], "node": "n3"}]}],
    "vm_networks": [{"name": "vlan300", "cluster_network": "cn3", "vlan_id": 300}],
}
GONE = {
    "networks": [{"name": "cn1", "state": "absent"}],
    "vm_networks": [{"name": "vlan100", "state": "absent"}],
}
DESCRIBED = {
    "networks": [{"name": "cn1", "description": None}, {"name": "mgmt", "uplink_mtu": 9000}],
    "vm_networks": [{"name": "vlan100", "vlan_id": 200, "description": "moved"}],
}
LABELLED = {
    "networks": [
        {
            "name": "cn1",
            "labels": {"n1": {"row": "1"}, "n2": {"row": "1"}},
            "configs": [{"name": "rack-a", "node_selector": {"row": "1"}}],
        },
        {
            "name": "cn3",
            "labels": {"n1": {"shelf": "1"}},
            "configs": [{"name": "cn3-b", "nics": ["eno4"], "node_selector": {"shelf": "1"}}],
        },
    ]
}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    described = network("cn1", 9000, "rack-a")
    described["metadata"]["annotations"][DESCRIPTION] = "old"
    return Caller("config_objects", having(described, on=FREE), monkeypatch, capsys)


def shown(state: Snapshot) -> dict[str, Any]:
    """All that this runbook writes, without what Harvester makes anew."""
    found: dict[Any, Any] = {
        (kind, item["metadata"].get("namespace"), item["metadata"]["name"]): _whole.portable(kind, item)
        for kind in _whole.OPTIONS.values()
        for item in state.all(kind)
    }
    for (kind, _namespace, _name), one in found.items():
        if kind == "nads":
            # The webhook adds labels, and the MTU is Harvester's.
            one["metadata"]["labels"] = one["metadata"]["labels"][CLUSTER_NETWORK]
            one["spec"] = json.loads(one["spec"]["config"]) | {"mtu": None}
    for name, one in state.configs.items():
        found["vlanconfigs", None, name]["spec"] = with_defaults(one.raw["spec"])
    return {**found, **{("nodes", None, name): dict(one.labels) for name, one in state.nodes.items()}}


def given(phase: Any) -> dict[str, Any]:
    return {key: phase["input"][key] for key in ("node_labels", *_whole.OPTIONS) if key in phase["input"]}


@pytest.mark.parametrize("wish", [NEW, GONE, DESCRIBED, LABELLED], ids=["new", "gone", "described", "labelled"])
def test_what_is_declared_is_carried_out_in_one_phase_and_undone(call: Caller, wish: dict[str, Any]) -> None:
    before = call.api.state
    (phase,) = analyse(before, Declared(**wish))
    done = call(**given(phase), strict=True)
    assert (done.get("failed"), done["changed"]) == (None, True), done
    assert analyse(call.api.state, Declared(**wish)) == []
    again = call(**given(phase), strict=True)
    assert {item["action"] for item in again["objects"]} <= {"unchanged"}, again
    undone = call(**{option: list(reversed(entries)) for option, entries in done["recorded"].items()}, restoring=True)
    assert not undone.get("failed"), undone
    after, was = shown(call.api.state), shown(before)
    assert after.keys() == was.keys()
    assert after == was


def test_what_carries_comes_first_and_goes_last(call: Caller) -> None:
    (phase,) = analyse(call.api.state, Declared(**NEW))
    there = call(**given(phase))
    assert [write[:2] for write in call.writes] == [
        ("POST", "clusternetworks"),
        ("POST", "vlanconfigs"),
        ("POST", "network-attachment-definitions"),
    ]
    call(**there["recorded"])
    assert [write[:2] for write in call.writes] == [("DELETE", "vlan300"), ("DELETE", "cn3-b"), ("DELETE", "cn3")]


def test_an_annotation_that_was_not_there_goes_on_the_way_back(call: Caller) -> None:
    entry = {"name": "cn2", "object": {"metadata": {"annotations": {DESCRIPTION: "new"}}}}
    there = call(networks=[entry])
    assert there["recorded"]["networks"] == [
        {"name": "cn2", "object": {"metadata": {"annotations": {DESCRIPTION: None}}}}
    ]
    call(**there["recorded"])
    assert call.writes == [("PATCH", "cn2", {"metadata": {"annotations": {DESCRIPTION: None}}})]


def test_the_mtu_in_a_vm_network_is_harvesters(call: Caller) -> None:
    """A VM network whose MTU Harvester has changed meanwhile is as recorded, and its MTU stays."""
    expected = _whole.portable("nads", nad("vlan100", mtu=1500))
    call.api.state = having(nad("vlan100", mtu=9000), config("rack-a", matched=["n1", "n2"]), on=call.api.state)
    found = call(vm_networks=[{"name": "vlan100", "object": expected, "expected": expected}], strict=True)
    assert (found.get("failed"), found["changed"], call.writes) == (None, False, [])


@pytest.mark.parametrize(
    ("option", "entry", "message"),
    [
        (
            "vm_networks",
            {"name": "vlan100", "expected": _whole.portable("nads", nad("vlan100", vlan=101))},
            "VM network 'default/vlan100': somebody has changed it since it was recorded: spec.config; ",
        ),
        (
            "networks",
            {"name": "cn2", "object": {"metadata": {}}},
            None,
        ),
        (
            "networks",
            {"name": "cn9", "expected": {"metadata": {}}},
            None,
        ),
        (
            "networks",
            {"name": "cn9", "object": {"metadata": {}}, "expected": {"metadata": {}}},
            "cluster network 'cn9': it is gone; somebody has deleted it since it was recorded; ",
        ),
    ],
    ids=["changed", "there already", "gone already", "made again"],
)
def test_what_others_have_changed_is_refused(
    call: Caller, option: str, entry: dict[str, Any], message: str | None
) -> None:
    """Of cluster networks only that they are there counts, and what is done already goes through."""
    found = call(**{option: [entry]}, strict=True)
    if message is None:
        assert not found.get("failed"), found
    else:
        remedy = "put it back as it was recorded, or roll back with harvester.network.rollback"
        assert (found["msg"], call.writes) == (message + remedy, [])


@pytest.mark.parametrize(
    ("kind", "name", "key", "recorded"),
    [
        ("nads", "mgmt", "network.harvesterhci.io/route", True),
        ("nads", "vlan100", "network.harvesterhci.io/ready", False),
        ("clusternetworks", "mgmt", "network.harvesterhci.io/uplink-mtu", True),
        ("clusternetworks", "vm-a", "network.harvesterhci.io/uplink-mtu", False),
        ("vlanconfigs", "mgmt", "network.harvesterhci.io/matched-nodes", False),
        ("vlanconfigs", "vm-a", "network.harvesterhci.io/of-a-user", True),
    ],
)
def test_what_harvester_makes_anew_is_not_recorded_and_all_else_is(
    kind: str, name: str, key: str, recorded: bool
) -> None:
    item = {"metadata": {"name": name, "annotations": {key: "x"}}, "spec": {}}
    found = _whole.portable(kind, item) or {}
    assert found["metadata"] == ({"annotations": {key: "x"}} if recorded else {})
