# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: what its plan names."""

from __future__ import annotations

from typing import Any

from mgmt_mtu_cases import NODES, NOW, ON_CN1, UP, by_id

from ansible_collections.harvester.network.plugins.module_utils.change._plan import plan, shown
from ansible_collections.harvester.network.plugins.module_utils.change.phases import with_steps
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import case
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_phases import lines, phases
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot

TURNS = (
    {"node": "n2", "lower": {"mgmt-bo": 1500, "mgmt-br": 1500}, "upper": {"mgmt-br.2017": 1500, "mgmt-br.30": 9000}},
    {"node": "n1", "lower": {"mgmt-bo": 1500}, "upper": {"mgmt-br": 1500}},
)
TURNING = UP._replace(turns=TURNS, installer_config=True)


def planned(cluster: Snapshot, given: Any) -> dict[str, dict[str, Any]]:
    """The plan of these phases, by phase."""
    found = plan(cluster, given)
    assert found.all_objections == []
    return {phase["id"]: phase for phase in shown(found)["phases"]}


def values(phase: dict[str, Any]) -> list[tuple[str, ...]]:
    return [tuple(one.values()) for one in phase["sets"]]


ON_ALL = [("Node", "", name, "MTU of flannel.1", "1450", "8950") for name in NODES]


def test_the_plan_names_nodes_devices_and_objects() -> None:
    """The nodes in the order of their turns; a device that has the MTU already does not change."""
    given = phases(ON_CN1, TURNING, case(ON_CN1, TURNING), NOW)
    found = planned(ON_CN1, given)
    assert list(found["hosts-lower"]["sets"][0]) == ["kind", "namespace", "name", "field", "from", "to"]
    assert values(found["hosts-lower"]) == [
        ("Node", "", "n2", "MTU of mgmt-bo", "1500", "9000"),
        ("Node", "", "n2", "MTU of mgmt-br", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-bo", "1500", "9000"),
    ]
    assert values(found["hosts-upper"]) == [
        ("Node", "", "n2", "MTU of mgmt-br.2017", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-br", "1500", "9000"),
    ]
    assert values(found["overlay"]) == ON_ALL
    assert values(found["annotation"]) == [
        ("ClusterNetwork", "", "mgmt", "annotation network.harvesterhci.io/uplink-mtu", "", "9000"),
        ("NetworkAttachmentDefinition", "default", "mgmt200", "mtu", "", "9000"),
    ]
    assert found["annotation"]["objects"] == [
        {"kind": "ClusterNetwork", "namespace": "", "name": "mgmt", "action": "changed"}
    ]
    assert values(found["installer-config"]) == [
        ("Node", "", name, "MTU in /oem/harvester.config", "", "9000") for name in NODES
    ]
    told = shown(plan(ON_CN1, given))["lines"]
    at = next(number for number, line in enumerate(told) if "hosts-lower" in line)
    assert told[at + 1 : at + 3] == [
        "   sets on Node n2: MTU of mgmt-bo from 1500 to 9000, MTU of mgmt-br from 1500 to 9000",
        "   sets on Node n1: MTU of mgmt-bo from 1500 to 9000",
    ]
    assert "   sets on Node n1: MTU in /oem/harvester.config to 9000" in told


def test_before_reboots_the_plan_names_what_the_boots_bring() -> None:
    wish = TURNING._replace(apply="reboot")
    found = planned(ON_CN1, phases(ON_CN1, wish, case(ON_CN1, wish), NOW))
    assert values(found["hosts-profiles"]) == [
        ("Node", "", "n2", "MTU of mgmt-bo with its next boot", "1500", "9000"),
        ("Node", "", "n2", "MTU of mgmt-br with its next boot", "1500", "9000"),
        ("Node", "", "n2", "MTU of mgmt-br.2017 with its next boot", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-bo with its next boot", "1500", "9000"),
        ("Node", "", "n1", "MTU of mgmt-br with its next boot", "1500", "9000"),
    ]
    assert found["hosts-profiles"]["interrupts"] == found["hosts-proof"]["sets"] == []


def test_a_change_that_goes_on_shows_what_is_left() -> None:
    """By its record alone, in which the nodes are; done phases do nothing any more."""
    given = phases(ON_CN1, TURNING, case(ON_CN1, TURNING), NOW)
    before = planned(ON_CN1, given)
    done = ["vms-stop", "hosts-lower"]
    bare = [{key: value for key, value in phase.items() if key != "steps"} for phase in given]
    stopped = plan(ON_CN1, given[:1]).end
    left = planned(stopped, with_steps(bare, stopped, {}, done))
    assert [name for name, phase in left.items() if phase["sets"]] == [
        "hosts-upper",
        "overlay",
        "annotation",
        "installer-config",
    ]
    assert {name: left[name]["sets"] for name in ("hosts-upper", "overlay", "annotation")} == {
        name: before[name]["sets"] for name in ("hosts-upper", "overlay", "annotation")
    }


def test_a_record_that_names_no_nodes_can_go_on() -> None:
    """Of a version before this was kept; and a node that is gone since is left out."""
    given = by_id(ON_CN1, TURNING)["hosts-lower"]
    old = {**given, "input": {key: value for key, value in given["input"].items() if key != "nodes"}}
    text = "the management network of one node after the other, for moments (MTU of bond and bridge: 1500 to 9000)"
    interruption = {"kind": "interruption", "text": text}
    assert with_steps([old], ON_CN1, {})[0]["steps"] == [interruption]
    without = ON_CN1.without("nodes", "n2")
    assert [step.get("name") for step in with_steps([given], without, {})[0]["steps"]] == ["n1", None]


def test_the_order_of_the_nodes_is_told() -> None:
    told = "Nodes change in the order of the plan, but for the holder of the VIP and etcd's leader, which are last."
    assert told in lines(ON_CN1, TURNING, case(ON_CN1, TURNING), ())
    for wish in (UP, TURNING._replace(apply="reboot"), TURNING._replace(annotate_only=True)):
        assert told not in lines(ON_CN1, wish, case(ON_CN1, wish), ())


def test_what_reboots_mean_is_told() -> None:
    told = (
        "Every node reboots, one after the other, and has the MTU from its boot on. Until the last one has it, TCP"
        " agrees on the smaller size; larger UDP packets are lost between nodes of both."
    )
    assert told in lines(ON_CN1, UP._replace(apply="reboot"), case(ON_CN1, UP), ())
    assert told not in lines(ON_CN1, UP, case(ON_CN1, UP), ())
