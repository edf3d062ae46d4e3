# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook cluster_network_mtu against a real API: its plan, its refusals, there and back, killed anywhere.

The hosts are folders here; what they show is tested in tests/nodes.
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
NETWORK, KUBEVIRT = "network.harvesterhci.io/v1beta1", "kubevirt.io/v1"
UP: dict[str, Any] = {"change_cluster_network": "vmnet", "change_mtu_from": 1500, "change_mtu_to": 9000}
DOWN: dict[str, Any] = {"change_cluster_network": "vmnet", "change_mtu_from": 9000, "change_mtu_to": 1500}
RAISE: dict[str, Any] = {"cluster_network": "vmnet", "mtu_from": 1500, "mtu_to": 9000, "switches_ready": True}


def specs(client: Client) -> dict[str, Any]:
    return {item["metadata"]["name"]: item["spec"] for item in client.list(NETWORK, "VlanConfig")}


def mtu_of(client: Client, name: str, namespace: str = "default") -> int:
    found = client.get("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", name, namespace)
    return int(json.loads(found["spec"]["config"]).get("mtu") or 1500)


class Mtu(Stage):
    def strategies(self) -> dict[str, str]:
        found = self.client.list(KUBEVIRT, "VirtualMachine")
        return {vm["metadata"]["name"]: vm["spec"]["runStrategy"] for vm in found}

    def running(self) -> set[str]:
        found = self.client.list(KUBEVIRT, "VirtualMachineInstance")
        return {vmi["metadata"]["name"] for vmi in found if vmi["status"]["phase"] == "Running"}

    def seen(self) -> tuple[Any, ...]:
        """What has to be afterwards as it was, but for the MTU."""
        return self.strategies(), self.running(), specs(self.client)


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Mtu:
    found = Mtu(running, tmp_path, "mtu")
    found.prepare()
    return found


def at(seen: tuple[Any, ...], mtu: int) -> tuple[Any, ...]:
    """The same with another MTU on vmnet."""
    found = json.loads(json.dumps(seen[2]))
    for spec in found.values():
        if spec["clusterNetwork"] == "vmnet":
            spec["uplink"]["linkAttributes"]["mtu"] = mtu
    return (*seen[:2], found)


def test_the_case_of_the_seeded_cluster(cluster: Cluster, call: Call, requests: Counter[str]) -> None:
    found = call("cluster_network_mtu_info", **RAISE)
    assert [phase["id"] for phase in found["phases"]] == [
        "vms-stop",
        "configs-off",
        "config-change",
        "configs-on",
        "vms-start",
    ]
    assert (found["vms"], found["settings"]) == (["default/web", "production/db"], [])
    paths = found["phases"][2]["input"]["paths"] or found["phases"][3]["input"]["paths"]
    assert [path["vlan_id"] for path in paths] == [1, 100, 200, 300, 310, 400]
    planned = call("change_plan", phases=found["phases"])
    assert not planned.get("failed"), planned
    storage = call(
        "cluster_network_mtu_info", **{**RAISE, "cluster_network": "storage", "mtu_from": 9000, "mtu_to": 1500}
    )
    assert storage["settings"] == ["storage-network"]
    assert storage["vms"] == ["default/shell", "default/web", "production/db"]
    planned = call("change_plan", phases=storage["phases"])
    assert not planned.get("failed"), planned


def test_what_is_refused(cluster: Cluster, call: Call) -> None:
    wrong = call("cluster_network_mtu_info", **{**RAISE, "mtu_from": 4000})
    assert wrong["msg"].splitlines()[0].startswith("change_mtu_from=4000 is not what is there in ")
    assert "network configuration 'vmnet-rack-a'" in wrong["msg"]
    switches = call("cluster_network_mtu_info", **{**RAISE, "switches_ready": False})
    assert switches["msg"] == (
        "cluster_network_mtu: change_switches_ready=false: a larger MTU needs switches and routers that pass it; set"
        " their ports first, then give change_switches_ready=true; it is proved before VMs start again"
    )


def test_check_mode_shows_the_plan_and_changes_nothing(stage: Mtu) -> None:
    before = stage.seen()
    ran = good(stage.run("", "--check", "--diff", **UP))
    assert "-      mtu: 1500" in ran.output and "+      mtu: 9000" in ran.output, ran.output
    for line in (
        "1. vms-stop: at most",
        "stops VMs: default/web, production/db",
        "2. configs-off: at most",
        "3. config-change: at most",
        "4. configs-on: at most",
        "5. vms-start: at most",
    ):
        assert line in ran.text
    assert (stage.seen(), stage.states(), stage.leases()) == (before, [], [])


@pytest.mark.long
def test_up_and_down_again(stage: Mtu) -> None:
    before = stage.seen()
    good(stage.run(**UP))
    assert stage.seen() == at(before, 9000)
    assert [mtu_of(stage.client, name) for name in ("vlan100", "untagged", "trunk")] == [9000] * 3
    assert (stage.states(), stage.leases()) == (["done"], [])
    again = good(stage.run(**UP))
    assert stage.seen() == at(before, 9000)
    assert "skipping" in again.text
    good(stage.run(**DOWN))
    assert stage.seen() == before
    assert mtu_of(stage.client, "vlan100") == 1500


@pytest.mark.long
def test_host_network_configurations_are_made_again(stage: Mtu) -> None:
    """Their devices never take another MTU (Harvester issue 11697)."""
    kind = (NETWORK, "HostNetworkConfig", "hosts")
    spec = {"clusterNetwork": "vmnet", "vlanID": 300, "mode": "dhcp", "nodeSelector": {"matchLabels": {ZONE: "rack-b"}}}
    item = make.named(*kind, labels={"team": "storage"}, spec=spec)
    stage.client.put([item])

    def ready() -> bool:
        found = (stage.client.get(*kind).get("status") or {}).get("nodeStatus") or {}
        return {node: one["conditions"][0]["status"] for node, one in found.items()} == {"node3": "True"}

    until = time.monotonic() + 120
    while not ready():
        assert time.monotonic() < until, "the agent has not set it up"
        time.sleep(0.5)
    before, uid = stage.seen(), stage.client.get(*kind)["metadata"]["uid"]
    good(stage.run(**UP))
    now = stage.client.get(*kind)
    assert stage.seen() == at(before, 9000)
    assert (now["spec"], now["metadata"]["labels"]["team"], ready()) == (spec, "storage", True)
    assert now["metadata"]["uid"] != uid
    (record,) = stage.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
    phases = json.loads(record["data"]["record.json"])["phases"]
    recorded = [entry["expected"] for phase in phases for entry in phase["input"].get("host_configs") or ()]
    assert [whole["spec"] for whole in recorded if whole] == [spec]


@pytest.mark.long
def test_down_and_up_with_the_storage_network_on_it(stage: Mtu) -> None:
    before = stage.seen()
    value = stage.client.get("harvesterhci.io/v1beta1", "Setting", "storage-network")["value"]
    lower: dict[str, Any] = {"change_cluster_network": "storage", "change_mtu_from": 9000, "change_mtu_to": 1500}
    good(stage.run(**lower))
    now = stage.client.get("harvesterhci.io/v1beta1", "Setting", "storage-network")
    assert now["value"] == value
    namespace, name = now["metadata"]["annotations"]["storage-network.settings.harvesterhci.io/net-attach-def"].split(
        "/"
    )
    assert mtu_of(stage.client, name, namespace) == 1500
    assert stage.seen()[:2] == before[:2]
    good(stage.run(**{**lower, "change_mtu_from": 1500, "change_mtu_to": 9000}))
    assert stage.seen() == before


WRITE = "harvester.network.cluster_network : Write the configurations and wait for the agents"
AT = (
    "harvester.network.vms : Bring the VMs to their state#2",
    WRITE + "#1",
    "harvester.network.change : Record that the phase is done#2",
    WRITE + "#2",
    "harvester.network.change : Record that the phase begins#4",
    WRITE + "#3",
    "harvester.network.change : Record that the phase begins#5",
    "harvester.network.change : Close the change#1",
)
"""Tasks right before which a run is killed."""


@pytest.mark.fault("cluster_network_mtu", "runner killed", "goes on")
@pytest.mark.long
@pytest.mark.parametrize("where", AT)
def test_killed_and_resumed(stage: Mtu, where: str) -> None:
    before = stage.seen()
    stage.killed(where, **UP)
    good(stage.run(change_takeover=True, **UP))
    assert stage.seen() == at(before, 9000)
    assert (stage.states(), stage.leases()) == (["done"], [])


@pytest.mark.fault("cluster_network_mtu", "runner killed", "goes back")
@pytest.mark.long
@pytest.mark.parametrize("where", AT)
def test_killed_and_rolled_back(stage: Mtu, where: str) -> None:
    before = stage.seen()
    stage.killed(where, **UP)
    good(stage.run("rollback", change_takeover=True))
    assert stage.seen() == before
    assert (stage.states(), stage.leases()) == (["rolled-back"], [])


@pytest.mark.fault("cluster_network_mtu", "a configuration is changed by somebody else", "stops, then goes back")
@pytest.mark.long
def test_a_configuration_that_somebody_changes_in_between_stops_the_run(stage: Mtu) -> None:
    before = stage.seen()
    stage.killed("harvester.network.vms : Bring the VMs to their state#2", **UP)
    name = "vmnet-rack-b"
    stage.client.patch(NETWORK, "VlanConfig", name, {"spec": {"description": "of another hand"}})
    ran = stage.run(change_takeover=True, **UP)
    assert ran.status != 0
    assert (
        f"network configuration '{name}': somebody has changed it since it was recorded: spec.description" in ran.text
    )
    assert stage.running() == {"shell"}
    stage.client.patch(NETWORK, "VlanConfig", name, {"spec": {"description": None}})
    good(stage.run("rollback"))
    assert stage.seen() == before


def test_the_record_holds_every_configuration_whole(stage: Mtu) -> None:
    wanted = specs(stage.client)
    stage.killed("harvester.network.change : Record that the phase begins#1", **UP)
    (record,) = stage.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
    phases = json.loads(record["data"]["record.json"])["phases"]
    entries = [entry for phase in phases for entry in phase["input"].get("configs") or () if entry["expected"]]
    assert {entry["name"]: entry["expected"]["spec"] for entry in entries} == {
        name: spec for name, spec in wanted.items() if spec["clusterNetwork"] == "vmnet"
    }


# --- the manual's own example: cn-data with nc-1 at 1500 is to have 9000; VM network vm100 in 192.168.100.0/24

EXAMPLE: dict[str, Any] = {"change_cluster_network": "cn-data", "change_mtu_from": 1500, "change_mtu_to": 9000}
CONFIGS = (
    ("nc-1", "eno3", {ZONE: "rack-a"}, ["node1", "node2"]),
    ("nc-2", "ens3f2", {ZONE: "rack-b"}, ["node3"]),
)
"""It has nc-1 alone; a second one, so that one is removed and put back. Name, NIC, selector and nodes."""
EACH = tuple(
    (f"nc-{place}", nic, {"kubernetes.io/hostname": f"node{place}"}, [f"node{place}"])
    for place, nic in enumerate(("eno3", "eno3", "ens3f2"), 1)
)
Configs = Sequence[tuple[str, str, dict[str, str], list[str]]]
GATEWAY = {
    "vlan_id": 100,
    "subnet": "192.168.100.0/24",
    "range_start": "192.168.100.100",
    "gateway": "192.168.100.1",
    "target": "8.8.8.8",
    # ping -s 8800
    "target_mtu": 8828,
}


def example(cluster: Cluster, configs: Configs = CONFIGS) -> Client:
    """The cluster of the example, with VM guest on vm100, and one that is not on it."""
    cluster.reset(INSTALLED)
    client = cluster.client()
    client.put([make.cluster_network("cn-data")])
    client.put([make.vlan_config(name, "cn-data", [nic], selector, nodes) for name, nic, selector, nodes in configs])
    client.put([make.attachment("vm100", "cn-data", 100)])
    vms = [
        make.vm("guest", ["default/vm100"], strategy="Always", required_labels=[f"{make.PREFIX}/cn-data"]),
        make.vm("shell", strategy="Always"),
    ]
    until = time.monotonic() + 300
    while len(client.list(NETWORK, "VlanStatus")) < sum(len(nodes) for _name, _nic, _selector, nodes in configs):
        assert time.monotonic() < until, "the agents have made no bonds"
        time.sleep(0.5)
    client.put([{key: value for key, value in vm.items() if key != "status"} for vm in vms])
    wanted = {vm["metadata"]["name"]: "Running" for vm in vms}
    while {name: (vmi.get("status") or {}).get("phase") for name, vmi in instances(client).items()} != wanted:
        assert time.monotonic() < until, "the VMs do not run"
        time.sleep(0.5)
    return client


def instances(client: Client) -> dict[str, Any]:
    return {vmi["metadata"]["name"]: vmi for vmi in client.list(KUBEVIRT, "VirtualMachineInstance")}


@pytest.mark.long
@pytest.mark.parametrize(
    ("configs", "writes"),
    [(CONFIGS, 3), (CONFIGS[:1], 1), (EACH, 3)],
    ids=["two", "as in the manual, one", "one per node"],
)
def test_the_example_of_the_manual(stage: Mtu, configs: Configs, writes: int) -> None:
    """One that stays is changed; where there are others, all of them go before, and come back after."""
    client = example(stage.cluster, configs)
    before, uids = specs(client), {name: vmi["metadata"]["uid"] for name, vmi in instances(client).items()}
    assert sorted(uids) == ["guest", "shell"]
    ran = good(stage.run(**EXAMPLE))
    assert sum(task.startswith(WRITE) for task in ran.tasks) == writes
    after = specs(client)
    assert {spec["uplink"]["linkAttributes"]["mtu"] for spec in after.values()} == {9000}
    assert {name: spec["nodeSelector"] for name, spec in after.items()} == {
        name: spec["nodeSelector"] for name, spec in before.items()
    }
    vm100 = client.get("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", "vm100", "default")
    # As the manual shows it.
    assert json.loads(vm100["spec"]["config"]) == {
        "cniVersion": "0.3.1",
        "name": "vm100",
        "type": "bridge",
        "bridge": "cn-data-br",
        "promiscMode": True,
        "vlan": 100,
        "ipam": {},
        "mtu": 9000,
    }
    now = instances(client)
    assert {name: vmi["status"]["phase"] for name, vmi in now.items()} == {"guest": "Running", "shell": "Running"}
    assert (now["guest"]["metadata"]["uid"] != uids["guest"], now["shell"]["metadata"]["uid"]) == (True, uids["shell"])
    assert (stage.states(), stage.leases()) == (["done"], [])


@pytest.mark.long
def test_the_playbook_plans_the_example_of_the_manual(running: Cluster, nodes: Nodes) -> None:
    """With its test through a router. As far as check mode goes; what it does is tested above, and on nodes."""
    example(running)
    for name, nic, _zone, places in CONFIGS:
        bond = {"name": "cn-data-bo", "kind": "bond", "mtu": 1500, "operstate": "up", "controller": "cn-data-br"}
        bridge = {"name": "cn-data-br", "kind": "bridge", "mtu": 1500, "operstate": "up"}
        port = {"name": nic, "kind": "", "mtu": 1500, "operstate": "up", "controller": "cn-data-bo"}
        for place in places:
            nodes.write(place, {**nodes.node(place), "devices": [bond, bridge, port]})
        assert name in specs(nodes.client)
    wish = {key.removeprefix("change_"): value for key, value in EXAMPLE.items()} | {"switches_ready": True}

    def plan(gateway: dict[str, Any]) -> Ran:
        return nodes.run("--check", playbook="cluster_network_mtu", **wish, probe_gateways=[gateway])

    shown = good(plan(GATEWAY))
    for line in (
        "stops VMs: default/guest",
        "removed network configuration 'nc-2'",
        "changed network configuration 'nc-1'",
        (
            "proves: 9000 bytes between 2 nodes on VLAN 100 of cn-data, 8828 bytes from 2 nodes to 8.8.8.8 through"
            " 192.168.100.1 on VLAN 100 of cn-data"
        ),
        "proves: 9000 bytes between 3 nodes on VLAN 100 of cn-data, 8828 bytes from 3 nodes to 8.8.8.8",
    ):
        assert line in shown.text, line
    assert sorted(line for line in nodes.lines("calls") if "probe" in line) == [
        f"{name} probe cn-data-100" for name in NODES
    ]
    outside = plan({**GATEWAY, "gateway": "192.168.101.1"})
    assert outside.status != 0
    assert (
        "change_probe_gateways, VLAN 100: gateway=192.168.101.1: is not an address that a host of 192.168.100.0/24 can"
        " have; give one inside the subnet of the VLAN"
    ) in outside.text
    unknown = plan({**GATEWAY, "via": "192.168.100.1"})
    assert unknown.status != 0
    assert "Supported parameters include" in unknown.text
    assert (instances(nodes.client).keys(), specs(nodes.client)["nc-1"]["uplink"]["linkAttributes"]["mtu"]) == (
        {"guest", "shell"},
        1500,
    )
