# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook cluster_network_change against a real API: its plan, its refusals, each kind of change, killed anywhere.

The hosts are folders here; what they show is tested in tests/nodes. Cluster network vmnet has a configuration per rack,
whose second NIC is free; VM web runs on node1 and db on node3, both on vmnet, shell runs on the pod network.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from played_nodes import NODES, Nodes
from stage import SYSTEM, Ran, Stage, good

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab.apiserver import Client, Cluster
from lab.apiserver import objects as make
from lab.apiserver.cluster import INSTALLED
from lab.apiserver.seed import ZONE

pytestmark = pytest.mark.api

Call = Callable[..., dict[str, Any]]
Racks = Sequence[tuple[str, str, dict[str, str], list[str]]]
KUBEVIRT = "kubevirt.io/v1"
HOSTNAME = "kubernetes.io/hostname"
RACKS = (
    ("vmnet-rack-a", "eno3", {ZONE: "rack-a"}, ["node1", "node2"]),
    ("vmnet-rack-b", "ens3f2", {ZONE: "rack-b"}, ["node3"]),
)
"""Configuration, NIC, selector and nodes."""
APART = (
    ("vmnet-node1", "eno3", {HOSTNAME: "node1"}, ["node1"]),
    ("vmnet-node2", "eno3", {HOSTNAME: "node2"}, ["node2"]),
    RACKS[1],
)
"""With one for each node."""
LABELS = [f"{make.PREFIX}/vmnet"]
NIC: dict[str, Any] = {"configs": [{"name": "vmnet-rack-b", "nics": ["ens3f3"]}]}
MODE: dict[str, Any] = {"uplink": {"mode": "802.3ad"}}
SPLIT: dict[str, Any] = {
    "configs": [
        *({"name": f"vmnet-node{place}", "node": f"node{place}", "nics": ["eno3"]} for place in (1, 2)),
        {"name": "vmnet-rack-b"},
    ],
    "exclusive": True,
}
FAST = {"example.com/uplink": "fast"}
MOVED: dict[str, Any] = {
    "labels": {"node1": FAST},
    "configs": [
        {"name": "vmnet-rack-a", "node_selector": FAST},
        {"name": "vmnet-node2", "node": "node2", "nics": ["eno4"]},
    ],
}
OTHER_NICS: dict[str, Any] = {
    "configs": [{"name": f"vmnet-node{place}", "nics": ["eno4"]} for place in (1, 2)],
    "affected_vms": "migrate",
}


def given(wish: dict[str, Any]) -> dict[str, Any]:
    """A wish in the words of the playbook."""
    names = {"labels": "change_node_labels"}
    return {
        "change_cluster_network": "vmnet",
        **{names.get(key, f"change_{key}"): value for key, value in wish.items()},
    }


def build(client: Client, configs: Racks) -> None:
    """The configurations, a VM in each rack, and one that is not on the cluster network."""
    client.put([make.cluster_network("vmnet")])
    client.put([make.vlan_config(name, "vmnet", [nic], selector, nodes) for name, nic, selector, nodes in configs])
    client.put([make.attachment("vlan300", "vmnet", 300)])
    wait_for(lambda: placed(client) == {node: config[0] for config in configs for node in config[3]})
    pins = {"web": {ZONE: "rack-a"}, "db": {ZONE: "rack-b"}}
    vms = [make.vm(name, ["default/vlan300"], strategy="Always", required_labels=LABELS) for name in pins]
    for vm in vms:
        vm["spec"]["template"]["spec"]["nodeSelector"] = pins[vm["metadata"]["name"]]
    vms.append(make.vm("shell", strategy="Always"))
    client.put([{key: value for key, value in vm.items() if key != "status"} for vm in vms])
    wait_for(lambda: running_vms(client) == {"web", "db", "shell"})


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while not what():
        assert time.monotonic() < until
        time.sleep(0.5)


def placed(client: Client) -> dict[str, str]:
    """Node -> configuration, of those that are ready."""
    return {
        item["status"]["node"]: item["status"]["vlanConfig"]
        for item in client.list(make.NETWORK, "VlanStatus")
        if [entry for entry in item["status"]["conditions"] if entry["type"] == "ready" and entry["status"] == "True"]
    }


def running_vms(client: Client) -> set[str]:
    found = client.list(KUBEVIRT, "VirtualMachineInstance")
    return {vmi["metadata"]["name"] for vmi in found if (vmi.get("status") or {}).get("phase") == "Running"}


class Change(Stage):
    configs: Racks = RACKS

    def prepare(self) -> None:
        """Built once, then brought back."""
        super().prepare()
        state = "-".join(name for name, _nic, _selector, _nodes in self.configs)
        if state not in self.cluster.states():
            self.cluster.reset(INSTALLED)
            build(self.client, self.configs)
            self.cluster.settle()
            self.cluster.keep(state)
        self.cluster.reset(state)

    def change(self, wish: dict[str, Any], *arguments: str, **options: Any) -> Ran:
        return self.run("", *arguments, **given(wish), **options)

    def specs(self) -> dict[str, Any]:
        return {item["metadata"]["name"]: item["spec"] for item in self.client.list(make.NETWORK, "VlanConfig")}

    def uids(self) -> dict[str, str]:
        """Of the instances: a VM that was started again has another one."""
        found = self.client.list(KUBEVIRT, "VirtualMachineInstance")
        return {vmi["metadata"]["name"]: vmi["metadata"]["uid"] for vmi in found}

    def hosts(self) -> dict[str, str]:
        found = self.client.list(KUBEVIRT, "VirtualMachineInstance")
        return {vmi["metadata"]["name"]: vmi["status"].get("nodeName", "") for vmi in found}

    def cordoned(self) -> list[str]:
        found = self.client.list("v1", "Node")
        return [node["metadata"]["name"] for node in found if node["spec"].get("unschedulable")]

    def labels(self, node: str) -> dict[str, str]:
        """Without those of agents, which say what they have set up."""
        found: dict[str, str] = self.client.get("v1", "Node", node)["metadata"]["labels"]
        return {key: value for key, value in found.items() if not key.startswith(make.PREFIX)}

    def seen(self) -> tuple[Any, ...]:
        """What has to be as it was after a rollback."""
        strategies = {
            vm["metadata"]["name"]: vm["spec"]["runStrategy"] for vm in self.client.list(KUBEVIRT, "VirtualMachine")
        }
        nodes = {node: self.labels(node) for node in ("node1", "node2", "node3")}
        return self.specs(), strategies, running_vms(self.client), nodes, placed(self.client), self.cordoned()


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Change:
    found = Change(running, tmp_path, "network_change")
    found.prepare()
    return found


@pytest.fixture
def apart(running: Cluster, tmp_path: Path) -> Change:
    found = Change(running, tmp_path, "network_change")
    found.configs = APART
    found.prepare()
    return found


def test_the_case_of_the_seeded_cluster(cluster: Cluster, call: Call, requests: Counter[str]) -> None:
    """NICs are all in use there, so bond modes: on vmnet, and on the cluster network of the storage network."""
    wish = {"uplink": {"mode": "balance-alb"}}
    found = call("cluster_network_change_info", cluster_network="vmnet", **wish)
    assert [phase["id"] for phase in found["phases"]] == [
        "vms-stop",
        "config-vmnet-rack-b",
        "config-vmnet-rack-a",
        "vms-start",
    ]
    assert (found["vms"], found["settings"]) == (["default/web", "production/db"], [])
    assert max(Counter(requests).values()) < 40
    planned = call("change_plan", phases=found["phases"])
    assert not planned.get("failed"), planned
    storage = call("cluster_network_change_info", cluster_network="storage", **wish)
    assert [phase["id"] for phase in storage["phases"]][:2] == ["vms-stop", "storage-off"]
    assert storage["vms"] == ["default/shell", "default/web", "production/db"]
    planned = call("change_plan", phases=storage["phases"])
    assert not planned.get("failed"), planned


REFUSED = [
    (
        {"cluster_network": "mgmt", **MODE},
        (
            "cluster network 'mgmt': the uplink of the management network is made on the hosts; use playbook"
            " harvester.network.mgmt_network"
        ),
    ),
    (
        {"cluster_network": "storage", "uplink": {"mtu": 1500}},
        (
            "cluster_network_change: uplink.mtu=1500: cluster network 'storage' has MTU 9000, and changing it is a"
            " procedure of its own; use playbook harvester.network.cluster_network_mtu first, or leave it out"
        ),
    ),
    (
        {"cluster_network": "vmnet", "configs": [{"name": "vmnet-rack-a", "nics": ["eno3"]}], **MODE},
        "\n".join(
            f"cluster_network_change: change_switches_ready=false: network configuration 'vmnet-rack-{rack}' gets bond"
            " mode 802.3ad instead of active-backup, for which the switch ports have to be set up; set them up as one"
            " group with LACP, then give change_switches_ready=true"
            for rack in "ab"
        ),
    ),
    (
        {"cluster_network": "storage", "uplink": {"mode": "balance-alb"}, "affected_vms": "migrate"},
        (
            "cluster_network_change: change_affected_vms=migrate: setting storage-network has its network on cluster"
            " network 'storage', and has to let go of it, for which VMs stop; give change_affected_vms=stop"
        ),
    ),
]


def test_what_is_refused(cluster: Cluster, call: Call) -> None:
    for wish, message in REFUSED:
        assert call("cluster_network_change_info", **wish)["msg"] == message
    taken = call(
        "cluster_network_change_info",
        cluster_network="vmnet",
        configs=[{"name": "vmnet-rack-b", "nics": ["ens3f3"]}],
    )
    planned = call("change_plan", phases=taken["phases"])
    assert "NIC 'ens3f3' cannot be used on node node3" in planned["msg"]


def test_check_mode_shows_the_plan_and_changes_nothing(stage: Change) -> None:
    before = stage.seen()
    ran = good(stage.change(NIC, "--check"))
    for line in (
        "1. vms-stop: at most",
        "stops VMs: default/db",
        "2. config-vmnet-rack-b: at most",
        "changed network configuration 'vmnet-rack-b'",
        "interrupts: traffic of cluster network 'vmnet' on node3",
        "3. vms-start: at most",
    ):
        assert line in ran.text
    assert "default/web" not in ran.text
    assert (stage.seen(), stage.states(), stage.leases()) == (before, [], [])


@pytest.mark.long
def test_a_nic_is_replaced_and_the_second_run_changes_nothing(stage: Change) -> None:
    before, uids = stage.seen(), stage.uids()
    good(stage.change(NIC))
    after = stage.seen()
    assert after[0]["vmnet-rack-b"]["uplink"]["nics"] == ["ens3f3"]
    assert (after[0]["vmnet-rack-a"], after[1:]) == (before[0]["vmnet-rack-a"], before[1:])
    now = stage.uids()
    assert (now["web"], now["shell"]) == (uids["web"], uids["shell"]), "they are not in the way"
    assert now["db"] != uids["db"]
    assert (stage.states(), stage.leases()) == (["done"], [])
    again = good(stage.change(NIC))
    assert (stage.seen(), stage.states()) == (after, ["done"])
    assert "skipping" in again.text


@pytest.mark.long
def test_a_bond_mode(stage: Change) -> None:
    before = stage.seen()
    good(stage.change(MODE))
    after = stage.seen()
    assert {spec["uplink"]["bondOptions"]["mode"] for spec in after[0].values()} == {"802.3ad"}
    assert after[1:] == before[1:]


@pytest.mark.long
def test_a_configuration_is_split_into_one_per_node(stage: Change) -> None:
    before = stage.seen()
    good(stage.change(SPLIT))
    after = stage.seen()
    assert after[4] == {"node1": "vmnet-node1", "node2": "vmnet-node2", "node3": "vmnet-rack-b"}
    assert sorted(after[0]) == ["vmnet-node1", "vmnet-node2", "vmnet-rack-b"]
    assert (after[1:4], after[5]) == (before[1:4], [])


@pytest.mark.long
def test_a_selector_moves_to_a_label(stage: Change) -> None:
    before = stage.seen()
    good(stage.change(MOVED))
    after = stage.seen()
    assert after[4] == {"node1": "vmnet-rack-a", "node2": "vmnet-node2", "node3": "vmnet-rack-b"}
    assert after[0]["vmnet-rack-a"]["nodeSelector"] == FAST
    assert after[3] == {**before[3], "node1": {**before[3]["node1"], **FAST}}
    assert after[1:3] == before[1:3]


@pytest.mark.long
def test_vms_move_off_the_nodes_one_after_the_other(apart: Change) -> None:
    before, uids = apart.seen(), apart.uids()
    good(apart.change(OTHER_NICS))
    after = apart.seen()
    assert [after[0][f"vmnet-node{place}"]["uplink"]["nics"] for place in (1, 2)] == [["eno4"]] * 2
    assert after[1:] == before[1:]
    assert apart.uids() == uids, "no VM was stopped"


@pytest.mark.long
def test_a_vm_that_cannot_move_is_told_before_anything_begins(stage: Change) -> None:
    before = stage.seen()
    ran = stage.change({**MODE, "affected_vms": "migrate"})
    assert ran.status != 0
    assert "VM 'default/db': it cannot leave node 'node3': no other node could run it" in ran.text
    assert "stop it, or give change_affected_vms=stop" in ran.text
    assert (stage.seen(), stage.states()) == (before, [])


@pytest.mark.long
def test_the_storage_network_lets_go_and_comes_back(running: Cluster, tmp_path: Path) -> None:
    """Cluster network storage of the seeded cluster: all VMs stop, and the setting is as it was, to the byte."""
    stage = Stage(running, tmp_path, "network_change")
    stage.prepare()

    def setting() -> str:
        return str(stage.client.get(make.HARVESTER, "Setting", "storage-network")["value"])

    value, before = setting(), running_vms(stage.client)
    assert before == {"web", "db", "shell"}
    ran = good(stage.run(change_cluster_network="storage", change_uplink={"mode": "balance-alb"}))
    assert {SETTING + "#1", SETTING + "#3"} <= set(ran.tasks), "once off, once on"
    modes = {
        item["metadata"]["name"]: item["spec"]["uplink"]["bondOptions"]["mode"]
        for item in stage.client.list(make.NETWORK, "VlanConfig")
    }
    assert {name for name, mode in modes.items() if mode == "balance-alb"} == {"storage-rack-a", "storage-rack-b"}
    assert (setting(), running_vms(stage.client)) == (value, before)
    assert (stage.states(), stage.leases()) == (["done"], [])


SETTING = "harvester.network.storage_network : Change the setting and wait for the whole cluster"
WRITE = "harvester.network.cluster_network : Write the configurations and wait for the agents"
POWER = "harvester.network.vms : Bring the VMs to their state"
ROLE = "harvester.network.change : "
ROWS: list[tuple[str, dict[str, Any], str]] = [
    *(
        ("stage", MODE, where)
        for where in (
            POWER + "#2",
            WRITE + "#1",
            ROLE + "Record that the phase is done#2",
            WRITE + "#2",
            ROLE + "Record that the phase begins#4",
            ROLE + "Close the change#1",
        )
    ),
    ("stage", MOVED, WRITE + "#2"),
    ("stage", SPLIT, ROLE + "Record that the phase is done#2"),
    ("apart", OTHER_NICS, WRITE + "#2"),
    ("apart", OTHER_NICS, ROLE + "Close the change#1"),
]
"""Stage, what changes, and the task right before which a run is killed."""


@pytest.mark.fault("cluster_network_change", "runner killed", "goes on")
@pytest.mark.long
@pytest.mark.parametrize(("where", "wish", "at"), ROWS)
def test_killed_and_resumed(request: pytest.FixtureRequest, where: str, wish: dict[str, Any], at: str) -> None:
    stage: Change = request.getfixturevalue(where)
    before = stage.seen()
    stage.killed(at, **given(wish))
    good(stage.change({**wish, "takeover": True}))
    after = stage.seen()
    assert after[0] != before[0]
    assert (after[1:3], after[5]) == (before[1:3], [])
    assert (stage.states(), stage.leases()) == (["done"], [])


@pytest.mark.fault("cluster_network_change", "runner killed", "goes back")
@pytest.mark.long
@pytest.mark.parametrize(("where", "wish", "at"), ROWS)
def test_killed_and_rolled_back(request: pytest.FixtureRequest, where: str, wish: dict[str, Any], at: str) -> None:
    stage: Change = request.getfixturevalue(where)
    before = stage.seen()
    stage.killed(at, **given(wish))
    good(stage.run("rollback", change_takeover=True))
    assert stage.seen() == before
    assert (stage.states(), stage.leases()) == (["rolled-back"], [])


@pytest.mark.long
def test_a_configuration_that_somebody_changes_in_between_stops_the_run(stage: Change) -> None:
    before = stage.seen()
    stage.killed(POWER + "#2", **given(MODE))
    name = "vmnet-rack-b"
    stage.client.patch(make.NETWORK, "VlanConfig", name, {"spec": {"description": "of another hand"}})
    ran = stage.change({**MODE, "takeover": True})
    assert ran.status != 0
    assert (
        f"network configuration '{name}': somebody has changed it since it was recorded: spec.description" in ran.text
    )
    assert running_vms(stage.client) == {"shell"}
    stage.client.patch(make.NETWORK, "VlanConfig", name, {"spec": {"description": None}})
    good(stage.run("rollback"))
    assert stage.seen() == before


@pytest.mark.fault("cluster_network_change", "a VM is started by somebody else", "stops, then goes on")
@pytest.mark.long
def test_a_vm_that_somebody_starts_in_between_stops_the_run(stage: Change) -> None:
    stage.killed(WRITE + "#1", **given(NIC))
    stage.client.patch(KUBEVIRT, "VirtualMachine", "db", {"spec": {"runStrategy": "Always"}}, "default")
    wait_for(lambda: "db" in running_vms(stage.client))
    ran = stage.change({**NIC, "takeover": True})
    assert ran.status != 0
    # The phase that stops VMs is done, so the plan says it, before anything of the run is done.
    assert (
        "network configuration 'vmnet-rack-b': can't update vlanConfig vmnet-rack-b because it is blocked by VM(s)"
        " default/db which must be stopped at first; stop these VMs, or migrate them to nodes that are not affected"
    ) in ran.text
    assert running_vms(stage.client) == {"web", "db", "shell"}
    assert stage.specs()["vmnet-rack-b"]["uplink"]["nics"] == ["ens3f2"]
    # The plan has refused before the change was taken over.
    good(stage.run("rollback", change_takeover=True))


def test_the_record_holds_configurations_and_labels_as_they_were(stage: Change) -> None:
    wanted = stage.specs()
    stage.killed(ROLE + "Record that the phase begins#1", **given(MOVED))
    (record,) = stage.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
    phases = json.loads(record["data"]["record.json"])["phases"]
    entries = [entry for phase in phases for entry in phase["input"].get("configs") or () if entry["expected"]]
    assert {entry["name"]: entry["expected"]["spec"] for entry in entries} == {"vmnet-rack-a": wanted["vmnet-rack-a"]}
    labels = [entry for phase in phases for entry in phase["input"].get("node_labels") or ()]
    assert labels == [{"name": "node1", "labels": FAST, "expected": {}}]


# --- the playbook itself, with nodes that are folders


@pytest.mark.long
def test_the_playbook_takes_the_wish_from_the_inventory(nodes: Nodes) -> None:
    """As far as check mode goes; what it does is tested above, and on nodes."""
    for name in NODES:
        nic = "ens3f2" if name == "node3" else "eno3"
        bond = {"name": "vmnet-bo", "kind": "bond", "mtu": 1500, "operstate": "up", "controller": "vmnet-br"}
        bridge = {"name": "vmnet-br", "kind": "bridge", "mtu": 1500, "operstate": "up"}
        port = {"name": nic, "kind": "", "mtu": 1500, "operstate": "up", "controller": "vmnet-bo"}
        nodes.write(name, {**nodes.node(name), "devices": [bond, bridge, port]})
    configs = [
        {"name": f"vmnet-{zone}", "node_selector": {ZONE: zone}, "nics": [nic]}
        for zone, nic in (("rack-a", "eno3"), ("rack-b", "ens3f2"))
    ]
    wanted = {"name": "vmnet", "uplink": {"mode": "balance-alb", "mtu": 1500}, "configs": configs}
    inventory = ["-e", json.dumps({"harvester_cluster_networks": [wanted]})]
    ran = good(nodes.run("--check", *inventory, playbook="cluster_network_change", cluster_network="vmnet"))
    for line in ("stops VMs: default/web, production/db", "changed network configuration 'vmnet-rack-b'", "At most"):
        assert line in ran.text
    wanted["uplink"] = {"mode": "active-backup"}
    inventory = ["-e", json.dumps({"harvester_cluster_networks": [wanted]})]
    same = good(nodes.run("--check", *inventory, playbook="cluster_network_change", cluster_network="vmnet"))
    assert "everything is as wanted; nothing is to be done" in same.text
    nothing = nodes.run("--check", playbook="cluster_network_change", cluster_network="vmnet")
    assert nothing.status != 0
    assert "nothing is asked for; describe 'vmnet' in harvester_cluster_networks" in nothing.text
