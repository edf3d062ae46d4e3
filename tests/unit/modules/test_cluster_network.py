# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_network: the order of its steps, what it waits for between them, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import BASE, IDLE, NETWORK, config, having, host_config, lacking, network, node, setting, status

from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._cluster_network import KINDS

FREE = lacking("vms/default/idle", "vms/default/vm1", "nads/default/vlan100", on=IDLE)
"""The cluster with nothing on cn1 but its configuration."""
TWO = having(
    config("rack-b", nics=["eno4"], selector={"rack": "b"}, matched=["n3"]),
    status("cn1", "rack-b", "n3"),
    on=FREE,
)
"""As FREE, with a second configuration of cn1 on n3; its label there is missing on purpose."""
NEW = {
    "name": "vmnet",
    "description": "VMs",
    "uplink": {"mode": "802.3ad", "mtu": 9000},
    "configs": [
        {"name": "vmnet-a", "node_selector": {"kubernetes.io/hostname": "n1", "rack": "a"}, "nics": ["eno4", "eno6"]},
        {"name": "vmnet-b", "node": "n3", "nics": ["eno4"]},
    ],
}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("cluster_network", FREE, monkeypatch, capsys)


def heads(call: Caller) -> list[tuple[str, str]]:
    """Method and object of each write; of a new one the name in its body."""
    return [(method, body["metadata"]["name"] if method == "POST" else name) for method, name, body in call.writes]


def test_a_new_one_comes_with_its_configurations(call: Caller) -> None:
    result = call(**NEW)
    assert heads(call) == [("POST", "vmnet"), ("POST", "vmnet-a"), ("POST", "vmnet-b")]
    assert call.writes[0][2]["metadata"] == {
        "name": "vmnet",
        "annotations": {"field.cattle.io/description": "VMs"},
    }
    assert call.writes[1][2]["spec"] == {
        "clusterNetwork": "vmnet",
        "nodeSelector": {"kubernetes.io/hostname": "n1", "rack": "a"},
        "uplink": {
            "bondOptions": {"mode": "802.3ad"},
            "linkAttributes": {"mtu": 9000},
            "nics": ["eno4", "eno6"],
        },
    }
    assert [item["action"] for item in result["objects"]] == ["created"] * 3
    assert sorted(result["expect"]) == ["n1", "n3"]
    assert result["expect"]["n3"]["devices"][0] == {
        "name": "vmnet-bo",
        "mtu": 9000,
        "mode": "802.3ad",
        "ports": ["eno4"],
        "controller": "vmnet-br",
        "up": True,
    }


def test_the_second_run_changes_nothing_and_reads_each_kind_once(call: Caller) -> None:
    first = call(**NEW)
    second = call(**NEW)
    assert (second["changed"], call.writes, second["diff"]) == (False, [], [])
    assert [item["action"] for item in second["objects"]] == ["unchanged"] * 3
    assert second["expect"] == first["expect"]
    call.lists(KINDS)


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    told = call(check=True, **NEW)
    assert call.writes == []
    call.lists(KINDS)
    done = call(**NEW)
    assert {key: told[key] for key in ("changed", "diff", "objects", "expect")} == {
        key: done[key] for key in ("changed", "diff", "objects", "expect")
    }


def test_a_node_changes_hands_after_it_is_free(call: Caller) -> None:
    """n2 leaves rack-a and joins a new configuration: between the two writes its VlanStatus is looked for."""
    result = call(
        name="cn1",
        configs=[
            {"name": "b", "node": "n2", "nics": ["eno3", "eno4"]},
            {"name": "rack-a", "node": "n1"},
        ],
    )
    assert result["changed"] is True
    assert call.steps[:4] == [("PATCH", "rack-a"), ("GET", "nodes"), ("GET", "vlanstatuses"), ("POST", "vlanconfigs")]
    assert call.api.state.statuses_of("cn1")["n2"].config == "b"


def test_without_waiting_a_node_that_is_not_free_still_ends_the_run(call: Caller) -> None:
    call.api.controllers = False
    result = call(
        name="cn1",
        wait=False,
        configs=[{"name": "b", "node": "n2", "nics": ["eno4"]}, {"name": "rack-a", "node": "n1"}],
    )
    assert heads(call) == [("PATCH", "rack-a")]
    assert result["missing"] == [
        "node n2: VlanStatus 'cn1-n2-0' is still there",
        "node n2: label network.harvesterhci.io/cn1 is still there",
    ]
    assert [(item["name"], item["action"]) for item in result["objects"]] == [("rack-a", "changed")]


def test_a_node_changes_hands_in_the_right_order(call: Caller) -> None:
    """z gives up the node that a takes, whatever their order in the list."""
    call.api.state = having(
        config("a", nics=["eno3"], selector={"kubernetes.io/hostname": "n1"}, matched=["n1"]),
        config("z", nics=["eno3"], selector={"kubernetes.io/hostname": "n2"}, matched=["n2"]),
        status("cn1", "a", "n1"),
        status("cn1", "z", "n2"),
        network("cn1", 9000, "a"),
        on=lacking("vlanconfigs/rack-a", on=FREE),
    )
    call(name="cn1", configs=[{"name": "a", "node": "n2"}, {"name": "z", "node": "n3", "nics": ["eno4"]}])
    assert heads(call) == [("PATCH", "z"), ("PATCH", "a")]


def test_configurations_that_are_not_named_are_removed_first(call: Caller) -> None:
    result = call(name="cn1", configs=[{"name": "new", "all_nodes": True, "nics": ["eno6"]}])
    assert heads(call) == [("DELETE", "rack-a"), ("POST", "new")]
    assert [item["action"] for item in result["objects"]] == ["unchanged", "removed", "created"]
    assert result["expect"]["n1"]["absent"] == []
    assert call.writes[1][2]["spec"]["uplink"]["linkAttributes"] == {"mtu": 9000}


def test_without_configs_those_that_are_there_stay(call: Caller) -> None:
    call.api.state = TWO
    result = call(name="cn1", description="x", wait=False)
    assert call.writes == [("PATCH", "cn1", {"metadata": {"annotations": {"field.cattle.io/description": "x"}}})]
    assert [item["action"] for item in result["objects"]] == ["changed", "unchanged", "unchanged"]


def test_bond_options_change_on_all_one_by_one(call: Caller) -> None:
    """In between they differ, which only the end decides about."""
    call.api.state = TWO
    result = call(name="cn1", uplink={"mode": "balance-xor"})
    patch = {"spec": {"uplink": {"bondOptions": {"mode": "balance-xor"}}}}
    assert call.writes == [("PATCH", "rack-a", patch), ("PATCH", "rack-b", patch)]
    assert "failed" not in result
    assert call(name="cn1", uplink={"mode": "balance-xor"})["changed"] is False


def test_the_mtu_of_one_configuration_can_change(call: Caller) -> None:
    result = call(name="cn1", uplink={"mtu": 1500})
    assert call.writes == [("PATCH", "rack-a", {"spec": {"uplink": {"linkAttributes": {"mtu": 1500}}}})]
    assert result["expect"]["n1"]["devices"][1] == {"name": "cn1-br", "mtu": 1500}


def test_host_network_configurations_keep_their_mtu(call: Caller) -> None:
    call.api.state = having(host_config("hosts", "cn1", 30), on=FREE)
    assert call(name="cn1", uplink={"mtu": 1500})["warnings_found"] == [
        (
            "cluster network 'cn1': the devices of host network configuration 'hosts' keep MTU 9000; delete and create"
            " them again to have 1500"
        )
    ]


def test_a_removal_takes_the_configurations_first_and_waits_for_them(call: Caller) -> None:
    result = call(name="cn1", state="absent")
    looks = [("GET", "nodes"), ("GET", "vlanconfigs"), ("GET", "vlanstatuses")]
    assert call.steps[:5] == [("DELETE", "rack-a"), *looks, ("DELETE", "cn1")]
    gone = {"devices": [], "absent": ["cn1-bo", "cn1-br"]}
    assert result["expect"] == {"n1": gone, "n2": gone}
    assert call(name="cn1", state="absent")["changed"] is False


def test_a_cluster_network_goes_when_its_configurations_are_gone_for_good(call: Caller) -> None:
    """With the finalizer still on them Harvester would refuse it."""
    call.api.finalizers = True
    result = call(name="cn1", state="absent", wait=False)
    assert heads(call) == [("DELETE", "rack-a")]
    assert result["missing"][0] == "network configuration 'rack-a' is still there"
    assert [(item["name"], item["action"]) for item in result["objects"]] == [("rack-a", "removed")]


def test_several_removals_are_waited_for_together(call: Caller) -> None:
    call.api.state = having(node("n3", "cn1", rack="b"), on=TWO)
    call(name="cn1", state="absent")
    looks = [("GET", "nodes"), ("GET", "vlanconfigs"), ("GET", "vlanstatuses")]
    assert call.steps[:6] == [("DELETE", "rack-a"), ("DELETE", "rack-b"), *looks, ("DELETE", "cn1")]


MGMT = NETWORK + "uplink-mtu"


@pytest.mark.parametrize(
    ("before", "given", "written"),
    [
        (None, 9000, "9000"),
        (None, 1500, "1500"),
        ("9000", 1500, "1500"),
        ("9000", None, "1500"),
        ("9000", 9000, None),
        ("0", 1500, "1500"),
    ],
)
def test_uplink_mtu_of_mgmt(call: Caller, before: str | None, given: int | None, written: str | None) -> None:
    call.api.state = having(network("mgmt", before), on=lacking("nads/default/mgmt200", on=FREE))
    result = call(name="mgmt", uplink_mtu=given)
    patch = {"metadata": {"annotations": {MGMT: written}}}
    assert call.writes == ([("PATCH", "mgmt", patch)] if written else [])
    mtu = 1500 if given is None else given
    assert result["expect"]["n1"]["devices"] == [{"name": "mgmt-bo", "mtu": mtu}, {"name": "mgmt-br", "mtu": mtu}]
    assert sorted(result["expect"]) == ["n1", "n2", "n3", "w1"]


@pytest.mark.parametrize(("key", "conflict"), [(NETWORK + "vlan-id-set-str", False), (NETWORK + "uplink-mtu", True)])
def test_another_annotation_that_an_agent_writes_meanwhile_is_no_conflict(
    call: Caller, key: str, conflict: bool
) -> None:
    def change() -> None:
        item = merged(call.api.state.get("clusternetworks", "mgmt"), {"metadata": {"annotations": {key: "2000"}}})
        call.api.state = call.api.state.put("clusternetworks", item)

    call.api.before_write = change
    result = call(name="mgmt", uplink_mtu=9000)
    assert result.get("failed", False) is conflict
    if conflict:
        assert result["msg"] == (
            "clusternetworks.network.harvesterhci.io 'mgmt' was changed by others meanwhile (metadata.annotations);"
            " look at it and run again"
        )


def test_vm_networks_of_mgmt_follow_its_mtu(call: Caller) -> None:
    call(name="mgmt", uplink_mtu=9000)
    assert call.api.state.nads["default/mgmt200"].mtu == 9000
    call.api.controllers = False
    result = call(name="mgmt", uplink_mtu=1500)
    assert result["missing"] == ["VM network 'default/mgmt200': mtu 9000 instead of 1500"]


def test_a_refusal_of_harvester_on_the_way_tells_what_was_done(call: Caller) -> None:
    """What the rules did not see coming."""
    call.api.refuses["vlanconfigs"] = "can't create vlanConfig b because so"
    result = call(**NEW)
    assert result["msg"] == (
        "Harvester refuses to create vlanconfigs.network.harvesterhci.io 'vmnet-a': can't create vlanConfig b because"
        " so"
    )
    assert (result["changed"], [item["name"] for item in result["objects"]]) == (True, ["vmnet"])


REFUSED = [
    (
        {"name": "cn1", "uplink": {"mtu": 1500}},
        (
            "cluster network 'cn1': uplink.mtu=1500: its 2 network configurations have MTU 9000, and Harvester lets"
            " none differ from the others; change the MTU with playbook cluster_network_mtu, then run this again"
        ),
    ),
    (
        {"name": "cn1", "uplink_mtu": 9000},
        "cluster network 'cn1': uplink_mtu=9000: it follows the network configurations; give uplink.mtu",
    ),
    (
        {"name": "mgmt", "uplink": {"mtu": 9000}},
        (
            "cluster network 'mgmt': uplink: the uplink of the management network is made on the hosts; use playbook"
            " mgmt_network, and leave this out"
        ),
    ),
    (
        {"name": "mgmt", "configs": []},
        (
            "cluster network 'mgmt': configs: the uplink of the management network is made on the hosts; use playbook"
            " mgmt_network, and leave this out"
        ),
    ),
    (
        {"name": "cn1", "configs": None},
        "cluster network 'cn1': configs=null: it cannot be unset; give state=absent, or an empty list",
    ),
    (
        {"name": "cn1", "uplink": None},
        "cluster network 'cn1': uplink=null: it cannot be unset; leave the option out",
    ),
    (
        {"name": "cn2", "uplink": {"mtu": 9000}},
        (
            "cluster network 'cn2': uplink: it has no network configuration that could have these options; give"
            " configs as well"
        ),
    ),
    (
        {"name": "cn2", "configs": [{"name": "rack-a", "all_nodes": True, "nics": ["eno4"]}]},
        (
            "cluster network 'cn2': configs=rack-a: a network configuration of this name belongs to cluster network"
            " 'cn1'; choose another name, or remove that one first"
        ),
    ),
    (
        {"name": "cn1", "configs": [{"name": "rack-a"}, {"name": "rack-a"}]},
        "cluster network 'cn1': configs=rack-a: the configuration is given twice; merge the two entries",
    ),
    (
        {"name": "cn1", "configs": [{"name": "x"}, {"name": "y", "node": "n9", "nics": ["eno4"]}]},
        (
            "network configuration 'x': nics: it is new and needs this option; give it\n"
            "network configuration 'x': it is new and needs a selection of nodes; give exactly one of all_nodes, node,"
            " node_selector\n"
            "network configuration 'y': node=n9: the cluster has no such node; known are n1, n2, n3, w1"
        ),
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("options", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_bad_options(call: Caller, options: dict[str, Any], message: str, check: bool) -> None:
    call.api.state = TWO
    result = call(check=check, **options)
    assert (result["failed"], result["msg"], call.writes) == (True, message, [])


RULES = [
    ({"name": "mgmt", "state": "absent"}, FREE, ["clusternetwork-delete-mgmt", "clusternetwork-delete-nads"]),
    (
        {"name": "cn1", "state": "absent"},
        BASE,
        ["vlanconfig-vms", "clusternetwork-delete-nads", "vm-left-without-node"],
    ),
    (
        {"name": "cn1", "state": "absent"},
        having(host_config("hosts", "cn1", 30), on=FREE),
        ["config-host-configs", "cluster-network-host-configs"],
    ),
    ({"name": "far-too-long-a-name"}, FREE, ["clusternetwork-name"]),
    ({"name": "mgmt", "uplink_mtu": 0}, FREE, ["cluster-network-mgmt-mtu-explicit"]),
    ({"name": "mgmt", "uplink_mtu": 100}, FREE, ["clusternetwork-mtu-range"]),
    (
        {"name": "cn1", "configs": [{"name": "rack-a"}, {"name": "b", "node": "n2", "nics": ["eno4"]}]},
        FREE,
        ["vlanconfig-overlap"],
    ),
    (
        {"name": "cn1", "configs": [{"name": "rack-a"}, {"name": "b", "node": "n3", "nics": ["eno1"]}]},
        FREE,
        ["config-nic-mgmt"],
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("options", "state", "rules"), RULES, ids=lambda value: str(value)[:50])
def test_objections(call: Caller, options: dict[str, Any], state: Any, rules: list[str], check: bool) -> None:
    call.api.state = state
    result = call(check=check, **options)
    assert [objection["rule"] for objection in result["objections"]] == rules
    assert call.writes == []


def test_bond_options_that_differ_at_the_end_are_refused(call: Caller) -> None:
    """What is changed is unlike what stays as it is by an option that is not named."""
    other = config("rack-b", nics=["eno4"], selector={"rack": "b"}, matched=["n3"], bond={"miimon": 200})
    call.api.state = having(other, on=TWO)
    result = call(name="cn1", uplink={"mode": "balance-xor"})
    assert result["msg"].splitlines() == [
        (
            "network configuration 'rack-a': miimon=100 is unlike 200 of network configuration 'rack-b' of the same"
            " cluster network; give 200, or change all in one go (playbook cluster_network)"
        ),
        (
            "network configuration 'rack-b': miimon=200 is unlike 100 of network configuration 'rack-a' of the same"
            " cluster network; give 100, or change all in one go (playbook cluster_network)"
        ),
    ]
    assert call(name="cn1", uplink={"mode": "balance-xor", "miimon": 200})["changed"] is True


def test_versions_differ_in_what_a_removal_leaves(call: Caller) -> None:
    call.api.state = having(setting("server-version", "v1.7.2"), on=FREE)
    assert call(name="cn1", configs=[])["changed"] is True
    assert call(name="cn1", configs=[])["changed"] is False


LABELLED = {
    "name": "vmnet",
    "configs": [{"name": "vmnet-a", "node_selector": {"example.com/group": "a"}, "nics": ["eno4"]}],
    "labels": {
        "n1": {"example.com/group": "a"},
        "n2": {"example.com/group": None},
        "n3": {"example.com/group": "a"},
    },
}


@pytest.mark.parametrize("check", [True, False])
def test_labels_come_first_and_the_configurations_are_planned_for_them(call: Caller, check: bool) -> None:
    result = call(check=check, **LABELLED)
    assert "failed" not in result, result
    expected = [("PATCH", "n1"), ("PATCH", "n3"), ("POST", "vmnet"), ("POST", "vmnet-a")]
    assert heads(call) == ([] if check else expected)
    assert [(item["kind"], item["name"], item["action"]) for item in result["objects"]] == [
        ("Node", "n1", "changed"),
        ("Node", "n2", "unchanged"),
        ("Node", "n3", "changed"),
        ("ClusterNetwork", "vmnet", "created"),
        ("VlanConfig", "vmnet-a", "created"),
    ]
    assert sorted(result["expect"]) == ["n1", "n3"]


def test_labels_that_are_there_are_no_change(call: Caller) -> None:
    call(**LABELLED)
    second = call(**LABELLED)
    assert (second["changed"], second["diff"], call.writes) == (False, [], [])


def test_labels_are_judged_as_well(call: Caller) -> None:
    result = call(**{**LABELLED, "labels": {"n9": {"a": "b"}}})
    assert result["msg"] == "node 'n9': the cluster has no such node; the cluster has n1, n2, n3 and w1"
    assert call.writes == []


def test_a_node_that_other_labels_take_away_is_waited_for_before_another_configuration_takes_it(call: Caller) -> None:
    configs = [{"name": "rack-a"}, {"name": "spare", "node_selector": {"spare": "yes"}, "nics": ["eno4"]}]
    result = call(name="cn1", configs=configs, labels={"n2": {"rack": None, "spare": "yes"}})
    assert "failed" not in result, result
    looks = [("GET", "nodes"), ("GET", "vlanstatuses")]
    assert call.steps[:4] == [("PATCH", "n2"), *looks, ("POST", "vlanconfigs")]
    assert [item["action"] for item in result["objects"]] == ["changed", "unchanged", "unchanged", "created"]
    assert sorted(result["expect"]) == ["n1", "n2"]
    assert result["expect"]["n2"]["absent"] == []
