# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""config_objects: configurations as whole objects, there and back, and what others have changed meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import IDLE, config, having, host_config, lacking, node, setting, status

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._cluster_network_change import (
    Wish,
    analyse,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted import _whole

OLD = config("rack-b", selector={"rack": "b"}, matched=["n3"], nics=["eno4"])
OLD["metadata"]["labels"]["team"] = "storage"
TWO = having(node("n3", "cn1", rack="b"), OLD, status("cn1", "rack-b", "n3"), on=IDLE)
SPEC = {
    "clusterNetwork": "cn1",
    "uplink": {"nics": ["eno4"], "linkAttributes": {"mtu": 9000}},
    "nodeSelector": {"rack": "b"},
}
RECORDED = {"name": "rack-b", "object": {"metadata": {"labels": {"team": "storage"}}, "spec": SPEC}}

NOTHING: dict[str, Any] = {
    option: [] for option in ("node_labels", "networks", "configs", "vm_networks", "host_configs")
}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("config_objects", TWO, monkeypatch, capsys)


def test_away_and_back(call: Caller) -> None:
    """What comes back is what was there, whole, without what Harvester makes anew."""
    away = call(configs=[{"name": "rack-b"}])
    assert [write[:2] for write in call.writes] == [("DELETE", "rack-b")]
    assert away["recorded"] == {**NOTHING, "configs": [RECORDED]}
    assert away["expect"] == {"n3": {"devices": [], "absent": ["cn1-bo", "cn1-br"]}}
    back = call(**away["recorded"])
    assert call.writes == [
        (
            "POST",
            "vlanconfigs",
            {
                "apiVersion": "network.harvesterhci.io/v1beta1",
                "kind": "VlanConfig",
                "metadata": {"name": "rack-b", "labels": {"team": "storage"}},
                "spec": SPEC,
            },
        )
    ]
    assert back["recorded"] == {**NOTHING, "configs": [{"name": "rack-b", "object": None}]}
    assert sorted(back["expect"]) == ["n3"]


def test_the_second_run_changes_nothing_and_reads_each_kind_once(call: Caller) -> None:
    again = call(configs=[RECORDED])
    assert (again["changed"], call.writes, again["diff"]) == (False, [], [])
    call.lists(_whole.KINDS)
    assert call(configs=[{"name": "nobody"}])["changed"] is False


def test_a_spec_is_taken_as_a_whole(call: Caller) -> None:
    """What the object does not name goes; labels that others have given stay."""
    spec = {key: value for key, value in SPEC.items() if key != "nodeSelector"}
    one = lacking("vlanconfigs/rack-a", "vlanstatuses/cn1-n1-0", "vlanstatuses/cn1-n2-0", on=TWO)
    call.api.state = one
    call(configs=[{"name": "rack-b", "object": {"metadata": {"annotations": {"a": "b"}}, "spec": spec}}])
    assert call.writes == [
        ("PATCH", "rack-b", {"metadata": {"annotations": {"a": "b"}}, "spec": {"nodeSelector": None}})
    ]


def test_host_network_configurations_go_first_and_come_last(call: Caller) -> None:
    call.api.state = having(host_config("hosts", "cn1", 300, nodeSelector={"matchLabels": {"rack": "b"}}), on=TWO)
    away = call(configs=[{"name": "rack-b"}], host_configs=[{"name": "hosts"}])
    assert [write[:2] for write in call.writes] == [("DELETE", "hosts"), ("DELETE", "rack-b")]
    call(**away["recorded"])
    assert [write[:2] for write in call.writes] == [("POST", "vlanconfigs"), ("POST", "hostnetworkconfigs")]


def test_labels_of_nodes_are_set_first_recorded_and_put_back(call: Caller) -> None:
    labels = [{"name": "n3", "labels": {"rack": None, "row": "b"}, "expected": {"rack": "b"}}]
    spec = {**SPEC, "nodeSelector": {"row": "b"}}
    moved = {"name": "rack-b", "object": {"metadata": {}, "spec": spec}, "expected": {"spec": SPEC}}
    there = call(node_labels=labels, configs=[moved], strict=True)
    assert not there.get("failed"), there["msg"]
    # The manager has written the configuration too, so that its patch is sent once more.
    assert list(dict.fromkeys(write[:2] for write in call.writes)) == [("PATCH", "n3"), ("PATCH", "rack-b")]
    assert there["recorded"]["node_labels"] == [{"name": "n3", "labels": {"rack": "b", "row": None}}]
    again = call(node_labels=labels, configs=[moved], strict=True)
    assert not again.get("failed"), again["msg"]
    assert (again["changed"], again["recorded"]["node_labels"]) == (False, [])
    call(configs=there["recorded"]["configs"], node_labels=there["recorded"]["node_labels"])
    assert call.api.state.nodes["n3"].labels["rack"] == "b"
    assert "row" not in call.api.state.nodes["n3"].labels


def test_a_label_that_others_have_changed_is_refused(call: Caller) -> None:
    found = call(node_labels=[{"name": "n3", "labels": {"rack": "c"}, "expected": {"rack": "a"}}], strict=True)
    assert (found["msg"], call.writes) == (
        "node 'n3': labels.rack=b: somebody has changed it since it was recorded; " + REMEDY,
        [],
    )


OTHER = {"spec": {**SPEC, "uplink": {"nics": ["eno5"]}}}
REMEDY = "put it back as it was recorded, or roll back with harvester.network.rollback"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"name": "rack-b", "expected": OTHER},
            "network configuration 'rack-b': somebody has changed it since it was recorded: spec.uplink; " + REMEDY,
        ),
        (
            {"name": "rack-b", "object": OTHER},
            "network configuration 'rack-b': it is there; somebody has created it since it was recorded as gone; "
            + REMEDY,
        ),
        (
            {"name": "rack-c", "object": OTHER, "expected": {"spec": SPEC}},
            "network configuration 'rack-c': it is gone; somebody has deleted it since it was recorded; " + REMEDY,
        ),
    ],
    ids=["changed", "created", "deleted"],
)
def test_what_others_have_changed_is_refused(call: Caller, entry: dict[str, Any], message: str) -> None:
    found = call(configs=[entry], strict=True)
    assert (found["failed"], found["msg"], call.writes) == (True, message, [])


@pytest.mark.parametrize(
    "entry", [{"name": "rack-b", "expected": {"spec": SPEC}}, {**RECORDED, "expected": OTHER}], ids=["before", "done"]
)
def test_what_is_as_expected_or_done_already_goes_through(call: Caller, entry: dict[str, Any]) -> None:
    assert not call(configs=[entry], strict=True).get("failed")


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    told = call(check=True, configs=[{"name": "rack-b"}])
    assert call.writes == []
    done = call(configs=[{"name": "rack-b"}])
    keys = ("changed", "diff", "objects", "expect", "recorded")
    assert {key: told[key] for key in keys} == {key: done[key] for key in keys}


def test_what_was_there_is_put_back_whatever_we_think_of_it(call: Caller) -> None:
    """A selector that matches a witness is refused where it is new, and taken by Harvester."""
    spec = {**SPEC, "nodeSelector": {"rack": "a"}, "uplink": {"nics": ["eno3"], "linkAttributes": {"mtu": 9000}}}
    call.api.state = lacking("vlanconfigs/rack-a", "vlanstatuses/cn1-n1-0", "vlanstatuses/cn1-n2-0", on=TWO)
    entry = {"name": "rack-a", "object": {"metadata": {}, "spec": spec}}
    message = (
        "network configuration 'rack-a': its selector (rack=a) matches witness node w1, which never gets a cluster"
        " network; take it out of the selection"
    )
    refused = call(configs=[entry])
    assert (refused["msg"], call.writes) == (message, [])
    put = call(configs=[entry], restoring=True)
    assert not put.get("failed"), put
    assert message in put["warnings_found"]
    assert [write[:2] for write in call.writes] == [("POST", "vlanconfigs")]


# --- the phases of a change of configurations, one after the other, and back

NIC = {"configs": [{"name": "rack-b", "nics": ["eno6"]}]}
SPLIT = {
    "configs": [
        {"name": "node-1", "node": "n1", "nics": ["eno3"]},
        {"name": "node-2", "node": "n2", "nics": ["eno3"]},
        {"name": "rack-b"},
    ],
    "exclusive": True,
}
LABELLED = {
    "labels": {"n1": {"row": "1"}, "n2": {"row": "1"}, "n3": {"rack": "c"}},
    "configs": [{"name": "rack-a", "node_selector": {"row": "1"}}],
}
BACK = {"labels": {"n3": {"rack": "c"}}, "configs": [{"name": "rack-b", "node_selector": {"rack": "c"}}]}


@pytest.mark.parametrize("wish", [NIC, SPLIT, {"uplink": {"mode": "balance-alb"}}, LABELLED, BACK])
def test_the_phases_of_a_change_are_carried_out_proved_and_undone(call: Caller, wish: dict[str, Any]) -> None:
    call.api.state = having(setting("rwx-network", "{}"), setting("vm-migration-network", ""), on=TWO)
    before = call.api.state
    case = analyse(before, Wish("cn1", **wish), datetime(2026, 11, 26))
    told = [phase["input"] for phase in case.phases if phase["role"].endswith("cluster_network")]
    assert told
    images = []
    for one in told:
        given = {key: one[key] for key in ("node_labels", "configs", "host_configs") if key in one}
        done = call(**given, strict=True)
        assert (done.get("failed"), done["changed"]) == (None, True), done
        images.append(done["recorded"])
        again = call(**given, strict=True)
        assert {item["action"] for item in again["objects"]} == {"unchanged"}, again
    assert analyse(call.api.state, Wish("cn1", **wish), datetime(2026, 11, 26)).phases == ()
    for image in reversed(images):
        back = {option: list(reversed(entries)) for option, entries in image.items()}
        undone = call(**back, restoring=True)
        assert not undone.get("failed"), undone
    after = call.api.state
    assert {name: one.selector for name, one in after.configs.items()} == {
        name: one.selector for name, one in before.configs.items()
    }
    assert {name: one.uplink_as_stored[0] for name, one in after.configs.items()} == {
        name: one.uplink_as_stored[0] for name, one in before.configs.items()
    }
    assert {name: one.mode for name, one in after.configs.items()} == {
        name: one.mode for name, one in before.configs.items()
    }
    assert {name: one.labels for name, one in after.nodes.items()} == {
        name: one.labels for name, one in before.nodes.items()
    }
