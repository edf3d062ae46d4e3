# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_labels: what it writes, what it expects of the hosts, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import BASE, IDLE, config, having, network

from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._node_labels import KINDS

RACK_B = having(config("rack-b", nics=["eno4"], selector={"rack": "b"}, matched=["n3"], mtu=9000), on=IDLE)
"""The cluster with a configuration for each rack and no VM running."""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("node_labels", BASE, monkeypatch, capsys)


def caller(state: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("node_labels", state, monkeypatch, capsys)


def test_only_the_labels_that_differ_are_written(call: Caller) -> None:
    labels = {"n1": {"example.com/rack": "a", "rack": "a"}, "n2": {"rack": "a"}, "n3": {"nope": None}}
    result = call(labels=labels)
    assert call.writes == [("PATCH", "n1", {"metadata": {"labels": {"example.com/rack": "a"}}})]
    assert result["changed"] is True
    assert [(item["name"], item["action"]) for item in result["objects"]] == [
        ("n1", "changed"),
        ("n2", "unchanged"),
        ("n3", "unchanged"),
    ]
    assert result["expect"] == {}


def test_the_second_run_changes_nothing_and_reads_each_kind_once(call: Caller) -> None:
    labels = {"n1": {"example.com/rack": "a"}, "n3": {"rack": None}}
    assert call(labels=labels)["changed"] is True
    second = call(labels=labels)
    assert (second["changed"], second["diff"], call.writes) == (False, [], [])
    call.lists(KINDS)


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    labels = {"n3": {"rack": None, "example.com/rack": "b"}}
    check = call(check=True, labels=labels)
    assert call.writes == []
    real = call(labels=labels)
    assert {**check, "invocation": None} == {**real, "invocation": None}
    (diff,) = real["diff"]
    assert "rack: b" in diff["before"] and "example.com/rack: b" in diff["after"]


def test_a_node_that_joins_a_configuration_is_expected_to_get_its_links(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free = having(config("rack-a", nics=["eno3"], selector={"rack": "a"}, matched=["n1", "n2"]), on=IDLE)
    result = caller(free, monkeypatch, capsys)(labels={"n3": {"rack": "a"}})
    assert "failed" not in result, result
    assert [device["name"] for device in result["expect"]["n3"]["devices"]] == ["cn1-bo", "cn1-br"]


def test_a_node_that_leaves_a_cluster_network_is_expected_to_lose_its_links(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = caller(IDLE, monkeypatch, capsys)(labels={"n2": {"rack": None}})
    assert "failed" not in result, result
    assert result["expect"] == {"n2": {"devices": [], "absent": ["cn1-bo", "cn1-br"]}}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"n4": {"a": "b"}}, "node 'n4': the cluster has no such node; the cluster has n1, n2, n3 and w1"),
        ({"n1": ["a"]}, "node 'n1': labels=['a']: its labels are no dictionary; give label: value"),
        (
            {"n1": {"a b": "c"}},
            "node 'n1': labels=a b: it is no name of a label; see the syntax of labels in Kubernetes",
        ),
        (
            {"n1": {"network.harvesterhci.io/cn1": "true"}},
            (
                "node 'n1': labels=network.harvesterhci.io/cn1: this label belongs to network.harvesterhci.io; use a"
                " prefix of your own"
            ),
        ),
        (
            {"n1": {"kubernetes.io/hostname": None}},
            "node 'n1': labels=kubernetes.io/hostname: this label belongs to kubernetes.io; use a prefix of your own",
        ),
        ({"n1": {"a": True}}, "node 'n1': labels.a=True: the value of a label is a text; put it into quotes"),
        (
            {"n1": {"a": "b c"}},
            "node 'n1': labels.a=b c: it is no value of a label; see the syntax of labels in Kubernetes",
        ),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_bad_options(call: Caller, labels: Any, message: str, check: bool) -> None:
    result = call(check=check, labels=labels)
    assert result["msg"] == message
    assert call.writes == []


def test_zone_and_region_are_the_operators(call: Caller) -> None:
    result = call(labels={"n1": {"topology.kubernetes.io/zone": "rack-a", "topology.kubernetes.io/region": "x"}})
    assert result["changed"] is True


@pytest.mark.parametrize("check", [True, False])
def test_a_node_with_running_vms_does_not_leave(call: Caller, check: bool) -> None:
    result = call(check=check, labels={"n1": {"rack": "b"}})
    assert "node-vms" in [objection["rule"] for objection in result["objections"]]
    assert call.writes == []


def test_a_node_is_in_one_configuration_of_a_cluster_network(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = having(
        config("spare", nics=["eno4"], selector={"spare": "yes"}, matched=["n3"]), network("cn1", 9000), on=IDLE
    )
    call = caller(both, monkeypatch, capsys)
    result = call(labels={"n1": {"spare": "yes"}})
    assert [objection["rule"] for objection in result["objections"]] == ["node-overlap"]
    assert call.writes == []
