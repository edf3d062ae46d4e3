# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""network_config: what it writes, what it waits for, what it returns, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cluster_modules import Caller
from cluster_objects import BASE, IDLE, config, having, lacking, node, setting, status

from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import merged
from ansible_collections.harvester.network.plugins.module_utils.cluster.wanted._network_config import KINDS

FREE = lacking("vms/default/idle", "vms/default/vm1", on=IDLE)
"""The cluster with no VM that would be left without a node."""
NEW = {"name": "rack-b", "cluster_network": "cn1", "node_selector": {"rack": "b"}, "nics": ["eno4", "eno6"]}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller("network_config", BASE, monkeypatch, capsys)


def test_a_new_one_is_created_with_the_mtu_of_its_siblings(call: Caller) -> None:
    result = call(**NEW)
    assert call.writes == [
        (
            "POST",
            "vlanconfigs",
            {
                "apiVersion": "network.harvesterhci.io/v1beta1",
                "kind": "VlanConfig",
                "metadata": {"name": "rack-b"},
                "spec": {
                    "clusterNetwork": "cn1",
                    "nodeSelector": {"rack": "b"},
                    "uplink": {"linkAttributes": {"mtu": 9000}, "nics": ["eno4", "eno6"]},
                },
            },
        )
    ]
    assert result["changed"] is True
    assert result["objects"] == [{"kind": "VlanConfig", "namespace": "", "name": "rack-b", "action": "created"}]
    assert result["expect"] == {
        "n3": {
            "devices": [
                {
                    "name": "cn1-bo",
                    "mtu": 9000,
                    "mode": "active-backup",
                    "ports": ["eno4", "eno6"],
                    "controller": "cn1-br",
                    "up": True,
                    "vlans": ["100"],
                },
                {"name": "cn1-br", "mtu": 9000},
            ],
            "absent": [],
        }
    }
    assert (result["warnings_found"], "warnings" in result) == ([], False)


def test_the_second_run_changes_nothing_and_reads_each_kind_once(call: Caller) -> None:
    first = call(**NEW)
    second = call(**NEW)
    assert (second["changed"], call.writes, second["diff"]) == (False, [], [])
    assert second["objects"][0]["action"] == "unchanged"
    assert second["expect"] == first["expect"]
    call.lists(KINDS)


def test_check_mode_tells_the_same_and_writes_nothing(call: Caller) -> None:
    before = call.api.state
    told = call(check=True, **NEW)
    assert call.writes == []
    assert call.api.state is before
    call.lists(KINDS)
    done = call(**NEW)
    assert {key: told[key] for key in ("changed", "diff", "objects", "expect")} == {
        key: done[key] for key in ("changed", "diff", "objects", "expect")
    }


def test_the_first_one_of_a_cluster_network_has_mtu_1500_explicitly(call: Caller) -> None:
    call(name="first", cluster_network="cn2", node="n3", nics=["eno4"])
    assert call.writes[0][2]["spec"] == {
        "clusterNetwork": "cn2",
        "nodeSelector": {"kubernetes.io/hostname": "n3"},
        "uplink": {"linkAttributes": {"mtu": 1500}, "nics": ["eno4"]},
    }


def test_a_new_one_takes_the_bond_options_of_its_siblings(call: Caller) -> None:
    call.api.state = having(
        config(
            "rack-a", selector={"rack": "a"}, matched=["n1", "n2"], bond={"mode": "802.3ad", "miimon": 200}, txQLen=500
        )
    )
    call(**NEW)
    assert call.writes[0][2]["spec"]["uplink"] == {
        "bondOptions": {"mode": "802.3ad", "miimon": 200},
        "linkAttributes": {"mtu": 9000, "txQLen": 500},
        "nics": ["eno4", "eno6"],
    }


@pytest.mark.parametrize(
    ("options", "patch"),
    [
        ({"description": "rack A"}, {"spec": {"description": "rack A"}}),
        ({"nics": ["eno3", "eno4"]}, {"spec": {"uplink": {"nics": ["eno3", "eno4"]}}}),
        (
            {"node": "n1"},
            {"spec": {"nodeSelector": {"rack": None, "kubernetes.io/hostname": "n1"}}},
        ),
        ({"uplink": {"mtu": 1500}}, {"spec": {"uplink": {"linkAttributes": {"mtu": 1500}}}}),
        ({"uplink": {"mtu": None}}, {"spec": {"uplink": {"linkAttributes": {"mtu": 1500}}}}),
        ({"uplink": {"mode": "802.3ad"}}, {"spec": {"uplink": {"bondOptions": {"mode": "802.3ad"}}}}),
        ({"uplink": {"tx_queue_length": 500}}, {"spec": {"uplink": {"linkAttributes": {"txQLen": 500}}}}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_change_is_a_merge_patch_of_what_differs(call: Caller, options: dict[str, Any], patch: Any) -> None:
    call.api.state = IDLE
    result = call(name="rack-a", **options)
    assert call.writes == [("PATCH", "rack-a", patch)]
    assert result["objects"][0]["action"] == "changed"
    assert (call(name="rack-a", **options)["changed"], call.writes) == (False, [])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"description": None},
        {"nics": ["eno3"], "node_selector": {"rack": "a"}},
        {"uplink": {"mode": "active-backup", "miimon": 100, "mtu": 9000, "tx_queue_length": -1}},
        {"uplink": {"miimon": None, "tx_queue_length": None, "hardware_address": None}},
    ],
    ids=str,
)
def test_what_means_the_same_is_not_written(call: Caller, options: dict[str, Any]) -> None:
    """Any other spelling is a change of the uplink for Harvester, which running VMs block."""
    assert (call(name="rack-a", **options)["changed"], call.writes) == (False, [])


def test_before_1_7_a_miimon_of_100_is_not_the_default(call: Caller) -> None:
    call.api.state = having(setting("server-version", "v1.6.1"), on=IDLE)
    call(name="rack-a", uplink={"miimon": 100})
    assert call.writes == [("PATCH", "rack-a", {"spec": {"uplink": {"bondOptions": {"miimon": 100}}}})]


def test_a_missing_mtu_is_written_when_it_is_given(call: Caller) -> None:
    call.api.state = having(config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"], mtu=0), on=IDLE)
    call(name="rack-a", uplink={"mtu": 1500})
    assert call.writes == [("PATCH", "rack-a", {"spec": {"uplink": {"linkAttributes": {"mtu": 1500}}}})]


def test_a_hardware_address_is_stored_as_base64(call: Caller) -> None:
    options = {"name": "one", "cluster_network": "cn2", "node": "n3", "nics": ["eno4"]}
    call(**options, uplink={"hardware_address": "52:54:00:12:34:56"})
    assert call.writes[0][2]["spec"]["uplink"]["linkAttributes"] == {"hardwareAddr": "UlQAEjRW", "mtu": 1500}
    assert call(**options, uplink={"hardware_address": "52-54-00-12-34-56"})["changed"] is False


def test_diff_shows_what_users_write(call: Caller) -> None:
    call.api.state = IDLE
    (shown,) = call(name="rack-a", description="rack A")["diff"]
    assert shown["before_header"] == shown["after_header"] == "VlanConfig rack-a"
    assert "resourceVersion" not in shown["before"] + shown["after"]
    assert "uid" not in shown["after"]
    added = set(shown["after"].splitlines()) - set(shown["before"].splitlines())
    assert added == {"  description: rack A"}


def test_a_removal_expects_that_bond_and_bridge_are_gone(call: Caller) -> None:
    call.api.state = FREE
    result = call(name="rack-a", state="absent")
    assert [write[:2] for write in call.writes] == [("DELETE", "rack-a")]
    assert call.writes[0][2]["preconditions"] == {"uid": "uid-1"}
    gone = {"devices": [], "absent": ["cn1-bo", "cn1-br"]}
    assert result["expect"] == {"n1": gone, "n2": gone}
    assert result["objects"][0]["action"] == "removed"


def test_what_is_not_there_is_removed_already(call: Caller) -> None:
    result = call(name="none", state="absent")
    assert (result["changed"], result["objects"], result["expect"], call.writes) == (False, [], {}, [])


def test_a_removal_that_leaves_something_says_what_and_where(call: Caller) -> None:
    call.api.state = FREE
    call.api.controllers = False
    result = call(name="rack-a", state="absent")
    assert result["failed"] is True
    assert result["changed"] is True
    assert result["msg"] == (
        "waited 0 s in vain; what is missing:\n"
        "node n1: VlanStatus 'cn1-n1-0' is still there\n"
        "node n1: label network.harvesterhci.io/cn1 is still there\n"
        "node n2: VlanStatus 'cn1-n2-0' is still there\n"
        "node n2: label network.harvesterhci.io/cn1 is still there"
    )
    assert result["missing"] == result["msg"].splitlines()[1:]
    assert result["objects"][0]["action"] == "removed"


def test_a_timeout_says_what_the_agent_says(call: Caller) -> None:
    call.api.controllers = False
    call.api.state = having(status("cn2", "first", "n3", up=False, message="get link eno4 failed"), node("n3"))
    result = call(name="first", cluster_network="cn2", node="n3", nics=["eno4"])
    assert result["msg"].splitlines()[1:] == [
        "cluster network 'cn2': annotation network.harvesterhci.io/uplink-mtu is missing instead of '1500'",
        "node n3: network configuration 'first' is not ready: get link eno4 failed",
        "node n3: label network.harvesterhci.io/cn2 is missing",
    ]


def test_without_waiting_nothing_is_looked_at_afterwards(call: Caller) -> None:
    call.api.controllers = False
    assert call(**NEW, wait=False)["changed"] is True
    call.lists(KINDS)


def test_a_run_after_one_that_was_too_slow_waits_too(call: Caller) -> None:
    call.api.state = having(status("cn1", "rack-a", "n2", up=False, message="no carrier"))
    result = call(name="rack-a", nics=["eno3"])
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["missing"] == ["node n2: network configuration 'rack-a' is not ready: no carrier"]


@pytest.fixture
def meanwhile(call: Caller) -> Callable[..., None]:
    """Has others change configuration rack-a right before the module's first write."""

    def prepare(**changes: Any) -> None:
        def change() -> None:
            item = call.api.state.get("vlanconfigs", "rack-a")
            call.api.state = call.api.state.put("vlanconfigs", merged(item, changes))

        call.api.before_write = change

    return prepare


def test_an_object_that_others_change_meanwhile_is_not_written(call: Caller, meanwhile: Callable[..., None]) -> None:
    call.api.state = IDLE
    meanwhile(spec={"description": "by others"})
    result = call(name="rack-a", nics=["eno3", "eno4"])
    assert result["msg"] == (
        "vlanconfigs.network.harvesterhci.io 'rack-a' was changed by others meanwhile (spec.description); look at it"
        " and run again"
    )
    assert (result["changed"], result["objects"]) == (False, [])


def test_metadata_that_a_controller_writes_meanwhile_is_no_conflict(
    call: Caller, meanwhile: Callable[..., None]
) -> None:
    call.api.state = IDLE
    meanwhile(metadata={"finalizers": ["f"]})
    assert call(name="rack-a", nics=["eno3", "eno4"])["changed"] is True
    assert [write[0] for write in call.writes] == ["PATCH", "PATCH"]


REFUSED = [
    (
        {"name": "x"},
        (
            "network configuration 'x': cluster_network: it is new and needs this option; give it\n"
            "network configuration 'x': nics: it is new and needs this option; give it\n"
            "network configuration 'x': it is new and needs a selection of nodes; give exactly one of all_nodes, node,"
            " node_selector"
        ),
    ),
    (
        {**NEW, "node_selector": {}},
        (
            "network configuration 'rack-b': node_selector={}: an empty selector means all nodes; give all_nodes=true"
            " if that is meant"
        ),
    ),
    (
        {"name": "rack-a", "all_nodes": False},
        (
            "network configuration 'rack-a': all_nodes=false: it says which nodes are not meant, not which are; leave"
            " it out, and give node or node_selector"
        ),
    ),
    (
        {"name": "rack-a", "node": "n11"},
        "network configuration 'rack-a': node=n11: the cluster has no such node; did you mean 'n1'?",
    ),
    (
        {"name": "rack-a", "node": None},
        "network configuration 'rack-a': node=null: a selection cannot be unset; give all_nodes=true for all nodes",
    ),
    (
        {"name": "rack-a", "nics": None},
        "network configuration 'rack-a': nics=null: it cannot be unset; give a value, or leave the option out",
    ),
    (
        {"name": "rack-a", "uplink": {"mtu": 0}},
        (
            "network configuration 'rack-a': uplink.mtu=0: 0 leaves the links at the MTU that they have; give 1500 for"
            " the default"
        ),
    ),
    (
        {"name": "rack-a", "uplink": {"hardware_address": "01:00:00:00:00:01"}},
        (
            "network configuration 'rack-a': uplink.hardware_address=01:00:00:00:00:01: is a multicast address; the"
            " first octet of a device's MAC address is even"
        ),
    ),
    (
        {"name": "rack-a", "node_selector": {"rack": ["a"]}},
        (
            "network configuration 'rack-a': node_selector.rack=['a']: the value of a label is a text; give one text"
            " per label"
        ),
    ),
    ({"name": "rack-a", "uplink": {"mmtu": 1500}}, "options: uplink.mmtu: unknown option; did you mean 'mtu'?"),
    (
        {"name": "rack-a", "node": "n1", "all_nodes": True},
        "network configuration 'rack-a': all_nodes and node exclude one another; give exactly one of them",
    ),
]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(("options", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_bad_options(call: Caller, options: dict[str, Any], message: str, check: bool) -> None:
    result = call(check=check, **options)
    assert (result["failed"], result["msg"]) == (True, message)
    assert call.writes == []


def test_one_that_is_being_deleted_is_not_changed(call: Caller) -> None:
    call.api.state = having(config("rack-a", selector={"rack": "a"}, matched=["n1", "n2"], deleting=True))
    assert call(name="rack-a", nics=["eno4"])["msg"] == (
        "network configuration 'rack-a': it is being deleted; wait until it is gone, and run again"
    )


@pytest.mark.parametrize("check", [False, True])
def test_objections_come_before_anything_is_written(call: Caller, check: bool) -> None:
    result = call(check=check, **{**NEW, "uplink": {"mtu": 1500, "mode": "802.3ad"}, "nics": ["eno4", "nope"]})
    assert call.writes == []
    assert result["msg"].splitlines() == [
        (
            "network configuration 'rack-b': can't create vlanConfig rack-b because the vlanconfig rack-b MTU 1500 is"
            " different with another vlanconfig rack-a MTU 9000, all vlanconfigs on one clusternetwork need to have"
            " same MTU; give MTU 9000; to change it on all, use playbook cluster_network_mtu"
        ),
        (
            "network configuration 'rack-b': NIC 'nope' cannot be used on node n3: the node has no such NIC; make a"
            " configuration of their own for nodes with other NICs"
        ),
        (
            "network configuration 'rack-b': mode=802.3ad is unlike active-backup of network configuration 'rack-a' of"
            " the same cluster network; give active-backup, or change all in one go (playbook cluster_network)"
        ),
    ]
    rules = {objection["rule"]: objection["by"] for objection in result["objections"]}
    assert rules == {
        "vlanconfig-mtu-equal": "harvester",
        "config-bond-options-equal": "ours",
        "config-nic-missing": "ours",
    }


def test_running_vms_block_an_uplink(call: Caller) -> None:
    result = call(name="rack-a", nics=["eno3", "eno4"])
    assert result["msg"] == (
        "network configuration 'rack-a': can't update vlanConfig rack-a because it is blocked by VM(s) default/vm1"
        " which must be stopped at first; stop these VMs, or migrate them to nodes that are not affected"
    )


def test_before_1_7_released_nics_stay_down(call: Caller) -> None:
    call.api.state = having(setting("server-version", "v1.6.1"), on=FREE)
    result = call(name="rack-a", state="absent")
    assert result["warnings_found"] == [
        (
            "network configuration 'rack-a': Harvester 1.6.1 leaves eno3 down on n1 and n2; set the links up there"
            " before they are used again"
        )
    ]


def test_a_node_with_links_left_behind_is_told_and_expected_clean(call: Caller) -> None:
    call.api.state = having(node("n3", "cn1", rack="b"), on=BASE)
    result = call(name="rack-a")
    assert result["changed"] is False
    assert result["expect"]["n3"] == {"devices": [], "absent": ["cn1-bo", "cn1-br"]}
    assert result["warnings_found"] == [
        (
            "cluster network 'cn1': no network configuration is for n3, but label network.harvesterhci.io/cn1 is"
            " there, so bond and bridge are likely there too; an agent that was down has missed a deletion. Create a"
            " configuration for these nodes and delete it while their agents run"
        )
    ]
