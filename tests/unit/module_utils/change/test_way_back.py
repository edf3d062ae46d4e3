# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rollback, from what is recorded."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from change_samples import BEGUN, STAMP

from ansible_collections.harvester.network.plugins.module_utils.change import _way_back
from ansible_collections.harvester.network.plugins.module_utils.change._effects import EFFECTS
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, Record

ROLE = "harvester.network."
VMS: list[dict[str, Any]] = [
    {"namespace": "default", "name": "on", "uid": "1", "run_strategy": "Always", "phase": "Running"},
    {"namespace": "default", "name": "by-hand", "uid": "2", "run_strategy": "Manual", "phase": "Running"},
    {"namespace": "default", "name": "off", "uid": "3", "run_strategy": "Manual", "phase": ""},
]
CONFIG = {"metadata": {}, "spec": {"clusterNetwork": "data"}}
MTU = {"profiles": [{"id": "vlan-mgmt", "mtu": None}], "links": [{"name": "mgmt-br", "mtu": 1500}]}
MGMT = "the management network of one node after the other, for moments"
PROVED = "proved within that time, before anything else is undone: "


def phase(role: str, told: Any, cluster: Any = None, hosts: Any = None, state: str = "done") -> Phase:
    ended = STAMP if state == "done" else ""
    return Phase("it", ROLE + role, 600, told, {"cluster": cluster, "hosts": hosts or {}}, state, STAMP, ended)


def record(*phases: Phase) -> Record:
    return dataclasses.replace(BEGUN, phases=phases)


ROWS: dict[str, tuple[Phase, list[tuple[str, str]], dict[str, list[str]], list[str]]] = {
    "VMs that were stopped": (
        phase("vms", {"state": "stopped"}, {"vms": VMS, "cordoned": ["node2"]}),
        [("Node node2", "uncordoned")],
        {"starts": ["default/on", "default/by-hand"]},
        [],
    ),
    "VMs that were started": (
        phase("vms", {"state": "started", "of": "vms-stop"}, {"vms": VMS}),
        [],
        {"stops": ["default/on", "default/by-hand"]},
        [],
    ),
    "VMs that had moved": (
        phase("vms", {"state": "started", "moved": True}, {"vms": []}),
        [],
        {},
        ["VMs that had come back to their nodes leave them again"],
    ),
    "a setting that was released": (
        phase("storage_network", {"state": "disabled"}, {"recorded": [{"setting": "storage-network", "value": "{}"}]}),
        [("Setting storage-network", "put back")],
        {"interrupts": ["Longhorn restarts its instance managers"]},
        [],
    ),
    "a setting that was put back": (
        phase(
            "storage_network",
            {"state": "recorded", "of": "storage-off"},
            {"recorded": [{"setting": "rwx-network", "value": "{}"}]},
        ),
        [("Setting rwx-network", "released")],
        {"interrupts": ["RWX volumes have no network while it changes"]},
        [],
    ),
    "settings that were written over others": (
        phase(
            "storage_network",
            {"was": {"released": ["storage-network"], "recorded": [{"setting": "rwx-network", "value": "{}"}]}},
            {"recorded": []},
        ),
        [("Setting storage-network", "released"), ("Setting rwx-network", "put back")],
        {"interrupts": ["Longhorn restarts its instance managers", "RWX volumes have no network while it changes"]},
        [],
    ),
    "networks, configurations and labels": (
        phase(
            "cluster_network",
            {"configs": [{"name": "new", "object": {"spec": {"clusterNetwork": "more"}}}]},
            {
                "node_labels": [{"name": "node1", "labels": {"rack": None}}],
                "configs": [{"name": "old", "object": CONFIG}, {"name": "new", "object": None}],
                "vm_networks": [{"namespace": "default", "name": "office", "object": {}}],
            },
        ),
        [
            ("Node node1", "put back"),
            ("VlanConfig new", "removed"),
            ("VlanConfig old", "put back"),
            ("NetworkAttachmentDefinition default/office", "put back"),
        ],
        {"interrupts": ["traffic of cluster network 'data'", "traffic of cluster network 'more'"]},
        [],
    ),
    "the annotation": (
        phase("mgmt_annotation", {"mtu": 9000}, {"mtu": 1500}),
        [("ClusterNetwork mgmt", "put back")],
        {},
        ["annotation uplink-mtu of mgmt becomes 1500, and its VM networks follow"],
    ),
    "devices of hosts": (
        phase("mgmt_mtu", {"layer": "upper"}, None, {"node2": MTU, "node1": MTU}),
        [("Host node1", "put back"), ("Host node2", "put back")],
        {"interrupts": [MGMT]},
        [
            "node1: profile vlan-mgmt MTU unset, device mgmt-br MTU 1500",
            "node2: profile vlan-mgmt MTU unset, device mgmt-br MTU 1500",
        ],
    ),
    "devices with addresses that were raised, on legs": (
        phase("mgmt_mtu", {"mtu_from": 1500, "mtu_to": 9000, "last": False, "legs": True}, None, {"node1": "text"}),
        [("Host node1", "put back")],
        {"interrupts": [MGMT]},
        [
            PROVED + "1500 bytes between all nodes, on each leg of the bonds",
            PROVED + "1450 bytes in the pod network between all nodes",
        ],
    ),
    "devices with addresses that were lowered": (
        phase("mgmt_mtu", {"mtu_from": 9000, "mtu_to": 1500, "last": True, "legs": True}, None, {"node1": "text"}),
        [("Host node1", "put back")],
        {"interrupts": [MGMT]},
        [PROVED + "9000 bytes between all nodes, where the management network has a VLAN"],
    ),
    "a pod network that was lowered": (
        phase("overlay_mtu", {"mtu": 1450, "mtu_from": 8950}, None, {"node1": {"mtu": 8950}}),
        [("Host node1", "put back")],
        {"interrupts": ["the pod network between nodes, for moments"]},
        ["node1: device flannel.1 MTU 8950", PROVED + "8950 bytes in the pod network between all nodes"],
    ),
    "configurations whose VLANs are proved": (
        phase(
            "cluster_network",
            {"legs": True, "paths_back": [{"name": "VLAN 100 of data", "mtu": 9000}]},
            {"configs": [{"name": "old", "object": CONFIG}]},
        ),
        [("VlanConfig old", "put back")],
        {"interrupts": ["traffic of cluster network 'data'"]},
        [PROVED + "VLAN 100 of data at 9000 bytes between its nodes, on each leg of the bonds"],
    ),
    "the proof after reboots": (phase("mgmt_mtu", {"part": "proof"}, None, {"node1": MTU}), [], {}, []),
    "profiles of hosts": (
        phase(
            "mgmt_network",
            {"part": "hosts"},
            None,
            {"node1": {"profiles": [{"id": "a", "state": "absent"}, {"id": "b", "ipv4": {}}]}},
        ),
        [("Host node1", "put back")],
        {"interrupts": [MGMT]},
        ["node1: profile a goes, profile b", "no node reboots for it; one whose kernel cannot follow is named"],
    ),
    "the overlay": (
        phase("overlay_mtu", {}, None, {"node1": {"mtu": 1450}}),
        [("Host node1", "put back")],
        {"interrupts": ["the pod network between nodes, for moments"]},
        ["node1: device flannel.1 MTU 1450"],
    ),
    "the installer's file": (
        phase("installer_config", {}, None, {"node1": {"there": True}, "node2": {"there": False}}),
        [("Host node1", "put back")],
        {},
        [],
    ),
    "switches": (
        phase("switches", {"mtu_from": 1500, "mtu_to": 9000}),
        [],
        {"interrupts": ["what passes the switches, for as long as they need to take another MTU"]},
        ["ports of the switches get 1500 bytes again, by change_switch_tasks or by somebody"],
    ),
    "a turn of reboots that is through": (
        phase("ordered_reboot", {}, {"boot_ids": {"node1": "b"}, "vms": VMS}, {"node1": {"boot_id": "b"}}),
        [("Node node1", "uncordoned")],
        {},
        ["a reboot has no way back; no node reboots again"],
    ),
    "a turn of reboots that has begun": (
        phase("ordered_reboot", {}, {"boot_ids": {"node1": "b"}, "vms": VMS}, {"node1": {"boot_id": "b"}}, "started"),
        [("Node node1", "uncordoned")],
        {"starts": ["default/on", "default/by-hand"]},
        ["a reboot has no way back; no node reboots again"],
    ),
    "a role of somebody else": (
        phase("mine", None, {"any": 1}, {"node1": "text"}),
        [("Host node1", "put back")],
        {},
        [],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_undoing_a_phase_does(name: str) -> None:
    one, objects, effects, details = ROWS[name]
    plan = _way_back.shown(record(one))
    (told,) = plan["phases"]
    places = [(item["kind"], "/".join(filter(None, (item["namespace"], item["name"])))) for item in told["objects"]]
    actions = [item["action"] for item in told["objects"]]
    assert [(" ".join(place), action) for place, action in zip(places, actions, strict=True)] == objects
    assert {field: told[field] for field, _words in EFFECTS if told[field]} == effects
    assert plan["lines"][0] == f"1. it ({one.role}): at most 600 s"
    if details:
        assert plan["lines"][-len(details) :] == [f"   {line}" for line in details]
    if not (objects or effects or details):
        assert plan["lines"][1:] == ["   nothing of it was recorded that changes back"]


def test_the_last_phase_comes_first_and_what_has_not_begun_or_is_undone_is_no_part() -> None:
    states = ("done", "started", "planned", "undone")
    phases = []
    for state in states:
        began, ended = STAMP if state != "planned" else "", STAMP if state in ("done", "undone") else ""
        phases.append(Phase(f"p-{state}", "mine", 60, None, None, state, began, ended, 41.7 if ended else 0.0))
    plan = _way_back.shown(record(*phases))
    assert [(one["id"], one["begins"], one["ends"]) for one in plan["phases"]] == [
        ("p-started", 0, 60),
        ("p-done", 60, 120),
    ]
    assert plan["seconds"] == 120
    assert plan["lines"][2] == "2. p-done (mine): at most 60 s; on the way forth it took 42 s"


@pytest.mark.parametrize(
    ("role", "told", "wait", "bound"),
    [
        ("vms", {"wait_timeout": 300}, 0, 600),
        ("vms", {"wait_timeout": 300}, 200, 600),
        ("vms", {"wait_timeout": 300}, 900, 1800),
        ("vms", None, 301, 602),
        ("ordered_reboot", {"wait_timeout": 600}, 900, 900),
        ("mgmt_mtu", {"layer": "lower"}, 900, 600),
    ],
)
def test_a_longer_wait_for_vms_makes_its_phases_longer(role: str, told: Any, wait: int, bound: int) -> None:
    assert _way_back.shown(record(phase(role, told)), vm_wait=wait)["seconds"] == bound


def test_what_is_recorded_of_a_host_that_is_not_in_the_run_is_left_out() -> None:
    hosts = {"node1": MTU, "node3": MTU}
    found = record(
        phase("mgmt_mtu", {"part": "proof"}, None, {"node4": MTU}),
        phase("mgmt_mtu", {"layer": "upper"}, None, hosts),
    )
    plan = _way_back.shown(found, ("node1", "node2"))
    assert [(item["name"], item["action"]) for item in plan["phases"][0]["objects"]] == [
        ("node1", "put back"),
        ("node3", "left out"),
    ]
    assert "   left out: Host node3" in plan["lines"]
    assert _way_back.left_out(found, ("node1", "node2")) == ["node3"]
    assert _way_back.left_out(found, ()) == []
