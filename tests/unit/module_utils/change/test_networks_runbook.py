# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase of playbook cluster_network: what it writes, interrupts and proves, and what is refused before it."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import BASE, IDLE, having, nad, network

from ansible_collections.harvester.network.plugins.module_utils.change import _plan
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._networks import (
    ARGUMENT_SPEC,
    Declared,
    analyse,
    entries,
)
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

CN3 = {"name": "cn3", "configs": [{"name": "cn3-b", "nics": ["eno4"], "all_nodes": True}]}
VLAN = {"name": "vlan300", "cluster_network": "cn3", "vlan_id": 300}
ALL = {"networks": [CN3], "vm_networks": [VLAN]}


def kinds(phase: Any) -> list[tuple[str, str]]:
    return [(step["kind"], step["name"]) for step in phase["steps"] if "name" in step]


@pytest.mark.parametrize(
    "declared",
    [
        Declared(),
        Declared(networks=[{"name": "cn1"}]),
        Declared(vm_networks=[{"name": "vlan100", "vlan_id": 100}, {"name": "nobody", "state": "absent"}]),
    ],
    ids=["nothing", "as it is", "there and gone"],
)
def test_nothing_to_do(declared: Declared) -> None:
    assert analyse(BASE, declared) == []


def test_a_network_from_nothing_is_planned_and_proved() -> None:
    (phase,) = analyse(BASE, Declared(**ALL))
    assert kinds(phase) == [("cluster_network", "cn3"), ("network_config", "cn3-b"), ("vm_network", "vlan300")]
    told = phase["input"]
    assert told["paths"] == [
        {"name": "VLAN 300 of cn3", "vlan_id": 300, "bridge": "cn3-br", "mtu": 1500, "nodes": ["n1", "n2", "n3"]}
    ]
    assert sorted(told["expect"]) == ["n1", "n2", "n3"]
    assert told["interrupts"] == []
    found = _plan.plan(BASE, [phase])
    assert not found.all_objections
    text = "\n".join(_plan.lines(found))
    for line in ("created cluster network 'cn3'", "created VM network 'default/vlan300'", "1500 bytes between 3 nodes"):
        assert line in text
    assert "interrupt" not in text


@pytest.mark.parametrize(
    "options", [{"prove": False}, {"prove_paths": False}], ids=["nothing is proved", "the wire is not"]
)
def test_what_is_not_to_be_proved_is_not(options: dict[str, bool]) -> None:
    (phase,) = analyse(BASE, Declared(**ALL, **options))
    assert (phase["input"]["paths"], phase["input"]["prove"]) == ([], options.get("prove", True))
    assert not [step for step in phase["steps"] if step["kind"] == "proof"]


def test_a_configuration_that_changes_is_an_interruption() -> None:
    wish = Declared(networks=[{"name": "cn1", "configs": [{"name": "rack-a", "nics": ["eno6"]}]}])
    (phase,) = analyse(IDLE, wish)
    assert phase["input"]["interrupts"] == ["traffic of cluster network 'cn1'"]
    (refused,) = [one for one in _plan.plan(BASE, analyse(BASE, wish)).all_objections if "vm1" in str(one)]
    assert refused.object == "network configuration 'rack-a'"


def test_the_vlans_of_mgmt_are_proved_at_its_mtu() -> None:
    cluster = having(network("mgmt", 9000), nad("other", "mgmt", 201))
    (phase,) = analyse(
        cluster,
        Declared(networks=[{"name": "mgmt"}], vm_networks=[{"name": "m3", "cluster_network": "mgmt", "vlan_id": 203}]),
    )
    assert [(path["vlan_id"], path["mtu"], path["nodes"]) for path in phase["input"]["paths"]] == [
        (vid, 9000, ["n1", "n2", "n3"]) for vid in (200, 201, 203)
    ]


def test_what_somebody_else_manages_waits_for_a_word() -> None:
    owned = network("cn2", is_ready=False)
    owned["metadata"]["annotations"] = {"meta.helm.sh/release-name": "nets"}
    cluster = having(owned)
    wish = {"networks": [{"name": "cn2", "description": "mine"}]}
    with pytest.raises(ValidationError) as found:
        analyse(cluster, Declared(**wish))
    assert "cluster network 'cn2': Helm release nets manages it and would put it back" in str(found.value)
    assert "pause that, and give change_gitops_paused=true" in str(found.value)
    assert analyse(cluster, Declared(**wish, gitops_paused=True))


def test_a_configuration_that_moves_needs_two_runs() -> None:
    """It would be removed with its cluster network, and made for the other one."""
    wish = Declared(
        networks=[
            {"name": "cn1", "state": "absent"},
            {"name": "cn3", "configs": [{"name": "rack-a", "nics": ["eno3"], "node_selector": {"rack": "a"}}]},
        ]
    )
    with pytest.raises(ValidationError) as found:
        analyse(IDLE, wish)
    rule = "it would go and come back as another one in the same change; remove it in a run of its own first"
    assert str(found.value) == "network configuration 'rack-a': " + rule


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as found:
        analyse(BASE, Declared(networks=[{"name": "cn4", "uplink": {"mode": "802.3ad"}}], vm_networks=[{"name": "x"}]))
    lines = str(found.value).split("\n")
    assert [line.split(":")[0] for line in lines] == ["cluster network 'cn4'", "VM network 'default/x'"] + [
        "VM network 'default/x'"
    ]


def test_entries_are_parsed_as_their_modules_would() -> None:
    params = {option: ARGUMENT_SPEC[option]["default"] for option in ("networks", "vm_networks")}
    params["networks"] = [{"name": "cn3", "uplink": {"mtu": "9000"}, "description": None}]
    assert entries(params, "networks") == [{"name": "cn3", "uplink": {"mtu": 9000}, "description": None}]
    params["vm_networks"] = [{"vlan_id": 5}, {"name": "a", "vlan": 5}]
    with pytest.raises(ValidationError) as found:
        entries(params, "vm_networks")
    assert str(found.value).startswith("vm_networks[0]: missing required arguments: name\nvm_networks[1]: vlan. ")
