# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change of the management network's MTU: its phases, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import having, held_volume, host_config
from mgmt_mtu_cases import (
    CLUSTER,
    DOWN,
    JUMBO,
    MIGRATION,
    NODES,
    NOW,
    ON_CN1,
    ON_MGMT,
    PORTS,
    TOLD,
    UP,
    VALUE,
    WHERE,
    by_id,
)

from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu import Wish, case
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_info import _ports as ports_of
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_phases import lines, phases
from ansible_collections.harvester.network.plugins.module_utils.change.runbooks._mgmt_mtu_refusals import (
    refusals,
)
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

RAISING = ["hosts-lower", "hosts-upper", "overlay", "annotation"]
LOWERING = ["overlay", "hosts-upper", "hosts-lower", "annotation"]
SWITCHED = Wish(1500, 9000, switches_phase=True)
BOOTED = ["hosts-profiles", "hosts-proof"]
"""The turns of the reboots come between them; role mgmt_mtu puts them there."""


@pytest.mark.parametrize(
    ("snapshot", "wish", "ids"),
    [
        (ON_CN1, UP, ["vms-stop", *RAISING, "vms-start"]),
        (ON_CN1, DOWN, ["vms-stop", *LOWERING, "vms-start"]),
        (ON_MGMT, UP, ["vms-stop", "storage-off", *RAISING, "storage-on", "vms-start"]),
        (ON_MGMT, DOWN, ["vms-stop", "storage-off", *LOWERING, "storage-on", "vms-start"]),
        (MIGRATION, UP, ["vms-stop", "storage-off", *RAISING, "storage-on", "vms-start"]),
        (ON_CN1, UP._replace(installer_config=True), ["vms-stop", *RAISING, "vms-start", "installer-config"]),
        (ON_CN1, SWITCHED, ["vms-stop", "switches", *RAISING, "vms-start"]),
        (
            ON_CN1,
            DOWN._replace(switches_phase=True),
            ["vms-stop", "overlay", "hosts-upper", "hosts-lower", "switches", "annotation", "vms-start"],
        ),
        (ON_CN1, UP._replace(apply="reboot"), ["vms-stop", *BOOTED, "overlay", "annotation", "vms-start"]),
        (ON_CN1, DOWN._replace(apply="reboot"), ["vms-stop", "overlay", *BOOTED, "annotation", "vms-start"]),
        (
            ON_MGMT,
            UP._replace(apply="reboot"),
            ["vms-stop", "storage-off", *BOOTED, "overlay", "annotation", "storage-on", "vms-start"],
        ),
        (
            ON_CN1,
            SWITCHED._replace(apply="reboot"),
            ["vms-stop", "switches", *BOOTED, "overlay", "annotation", "vms-start"],
        ),
        (
            ON_CN1,
            DOWN._replace(apply="reboot", switches_phase=True),
            ["vms-stop", "overlay", *BOOTED, "switches", "annotation", "vms-start"],
        ),
    ],
    ids=[
        "up",
        "down",
        "up, storage",
        "down, storage",
        "up, migration network",
        "up, installer",
        "up, switches",
        "down, switches",
        "up, reboots",
        "down, reboots",
        "up, reboots, storage",
        "up, reboots, switches",
        "down, reboots, switches",
    ],
)
def test_the_phases_in_their_order(snapshot: Snapshot, wish: Wish, ids: list[str]) -> None:
    assert [phase["id"] for phase in phases(snapshot, wish, case(snapshot, wish), NOW)] == ids


BESIDE: dict[str, Any] = {
    "paths": [{"name": "VLAN 60", "vlan_id": 60, "uplink": "mgmt-bo"}, {"name": "VLAN 200", "vlan_id": 200}],
    "paths_back": [{"name": "VLAN 200", "vlan_id": 200}],
}


def test_what_the_phases_are_told() -> None:
    found = by_id(ON_MGMT, UP)
    assert found["vms-stop"]["input"] == {"state": "stopped", "all": True}
    assert found["storage-off"]["input"] == {"state": "disabled", "settings": ["storage-network"]}
    assert found["storage-on"]["steps"] == [
        {"kind": "storage_network", "setting": "storage-network", "value": VALUE % "mgmt"}
    ]
    assert found["overlay"]["input"] == {"mtu": 8950, "mtu_from": 1450, "canal_restarts": [], "vms": {"all": True}}
    assert found["annotation"]["input"] == {"mtu": 9000}
    layers = {name: found[name]["input"] for name in ("hosts-lower", "hosts-upper")}
    both = {
        "mtu_from": 1500,
        "mtu_to": 9000,
        "turn_bound": 900,
        "legs": False,
        "ports_up": {},
        "vms": {"all": True},
        "volumes": "detached",
        **BESIDE,
    }
    assert layers == {
        "hosts-lower": {"layer": "lower", "last": False, "nodes": [], **both},
        "hosts-upper": {"layer": "upper", "last": True, "nodes": [], "host_configs": [], **both},
    }


@pytest.mark.parametrize(
    ("wish", "last"),
    [
        (UP, "hosts-upper"),
        (UP._replace(mtu_from=9000, mtu_to=1500), "hosts-lower"),
        (UP._replace(apply="reboot"), "hosts-proof"),
    ],
)
def test_host_network_configurations_are_recorded_whole_by_the_phase_that_proves_them(wish: Wish, last: str) -> None:
    state = {"nodeStatus": {"n1": {"conditions": [{"type": "ready", "status": "True"}]}}}
    item = {**host_config("backup", ips={"n1": "192.0.2.1/24"}), "status": state}
    item["metadata"] = {**item["metadata"], "managedFields": [{"manager": "ui"}], "annotations": {"a": "b"}}
    found = by_id(having(item, host_config("other", "cn1"), on=ON_CN1), wish)
    recorded = {name: one["input"].get("host_configs") for name, one in found.items() if name.startswith("hosts-")}
    assert {name for name, configs in recorded.items() if configs is not None} == {last}
    metadata = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    assert recorded[last] == [{**item, "metadata": metadata}]


def test_restarts_of_canal_are_told_and_have_their_time() -> None:
    usual = by_id(ON_CN1, UP)["overlay"]
    found = by_id(ON_CN1, UP._replace(canal_restarts=("n2", "n1")))["overlay"]
    told = "pods of %s: canal's is restarted, unless flannel.1 is on the device with the node's address by then"
    assert found["steps"] == usual["steps"] + [{"kind": "interruption", "text": told % name} for name in ("n1", "n2")]
    assert (usual["bound"], found["bound"], found["input"]["canal_restarts"]) == (300, 600, ["n1", "n2"])


def test_what_the_phases_around_reboots_are_told() -> None:
    wish = UP._replace(apply="reboot")
    found = by_id(ON_MGMT, wish)
    both = {
        "layer": "all",
        "mtu_from": 1500,
        "mtu_to": 9000,
        "turn_bound": 900,
        "legs": False,
        "ports_up": {},
        "vms": {"all": True},
        "volumes": "detached",
        **BESIDE,
    }
    files, proof = (found[name] for name in BOOTED)
    assert (files["input"], proof["input"]) == (
        {**both, "part": "profiles", "last": False, "nodes": []},
        {**both, "part": "proof", "last": True, "nodes": [], "host_configs": []},
    )
    assert (files["bound"], proof["bound"]) == (len(NODES) * 900 + 300, 600)
    assert (files["steps"], proof["steps"]) == (
        [],
        [{"kind": "proof", "text": "links and paths of the management network between all nodes"}],
    )
    assert by_id(ON_CN1, DOWN._replace(apply="reboot", switches_phase=True))["switches"]["input"]["proves"] == (
        "hosts-proof"
    )


def test_legs_are_proved_by_the_ports_that_had_a_link_when_it_was_planned() -> None:
    told = by_id(ON_CN1, UP._replace(ports=PORTS))["hosts-upper"]["input"]
    assert (told["legs"], told["ports_up"]) == (True, {"n1": ["eno1"], "n2": ["eno1", "eno2"]})
    wish = UP._replace(ports=PORTS)
    dead = "n1: eno2 of mgmt-bo carries no traffic, so its leg is not proved"
    assert dead in lines(ON_CN1, wish, case(ON_CN1, wish), ())
    left = wish._replace(prove_legs=False)
    assert by_id(ON_CN1, left)["hosts-upper"]["input"]["legs"] is False
    assert dead not in lines(ON_CN1, left, case(ON_CN1, left), ())


@pytest.mark.parametrize("sides", [{}, {"up": ["eno1"]}, {"up": "eno1", "down": []}, None], ids=str)
def test_ports_that_are_none(sides: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        ports_of({"n1": sides})
    assert str(caught.value) == (
        f"management network: ports.n1={sides}: it is no dictionary of the lists up and down; give what filter"
        " bond_ports says"
        if sides is not None
        else "management network: ports.n1: it is no dictionary of the lists up and down; give what filter bond_ports"
        " says"
    )


def test_volumes_that_stay_attached_are_told() -> None:
    claim = held_volume("pvc-1", "prometheus-db", ("p-0", "StatefulSet", "p"))
    claim["status"]["kubernetesStatus"]["namespace"] = "cattle-monitoring-system"
    told = (
        "cattle-monitoring-system/prometheus-db is held by pod p-0 of StatefulSet p, and stays attached: Harvester's"
        " monitoring bears that its replicas are apart for moments"
    )
    cluster = having(claim, on=CLUSTER)
    assert told in lines(cluster, UP, case(cluster, UP), ())
    cluster = having(claim, on=ON_CN1)
    assert told not in lines(cluster, UP, case(cluster, UP), ())


def test_the_layer_that_is_proved_last_depends_on_the_direction() -> None:
    found = by_id(ON_CN1, DOWN)
    assert found["hosts-lower"]["input"]["last"] is True
    assert found["hosts-upper"]["input"]["last"] is False


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (SWITCHED, {"mtu_from": 1500, "mtu_to": 9000, "proves": ""}),
        (DOWN._replace(switches_phase=True), {"mtu_from": 9000, "mtu_to": 1500, "proves": "hosts-lower"}),
    ],
    ids=["up", "down"],
)
def test_switches_that_are_set_in_the_middle(wish: Wish, told: dict[str, Any]) -> None:
    """Ports that shrink are proved by a repeated proof of what the hosts have; nothing is sent yet when they grow."""
    found = by_id(ON_CN1, wish._replace(switches_bound=60))["switches"]
    assert (found["role"], found["bound"], found["input"]) == ("harvester.network.switches", 60, told)
    assert found["steps"] == [
        {"kind": "interruption", "text": "what passes the switches, for as long as they need to take another MTU"}
    ]


@pytest.mark.parametrize(
    ("snapshot", "vms", "ids"),
    [
        (CLUSTER, ["default/m1"], ["vms-stop", "annotation", "vms-start"]),
        (ON_CN1, ["default/m1"], ["vms-stop", "annotation", "vms-start"]),
        (
            ON_MGMT,
            ["default/m1", "default/pod1", "default/vm1"],
            ["vms-stop", "storage-off", "annotation", "storage-on", "vms-start"],
        ),
    ],
    ids=["no storage network", "storage network elsewhere", "storage network on mgmt"],
)
def test_harvester_alone_is_told(snapshot: Snapshot, vms: list[str], ids: list[str]) -> None:
    found = case(snapshot, TOLD)
    assert [one.vm for one in found.stops] == vms
    assert [phase["id"] for phase in phases(snapshot, TOLD, found, NOW)] == ids
    assert refusals(snapshot, JUMBO, TOLD, found) == []
    assert [str(problem) for problem in refusals(snapshot, JUMBO | {"n2": {"mgmt-bo": 1500}}, TOLD, found)] == [
        WHERE + "mtu=9000: n2 has mgmt-bo 1500; bring it to that MTU with playbook mgmt_network"
    ]
