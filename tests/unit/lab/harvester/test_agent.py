# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents over links in memory: VlanStatus, node labels, what a stopped one loses (facts, 1.3, 3.2 and 12)."""

from __future__ import annotations

from typing import Any

import pytest
from standin_objects import P, cluster, config, nad, network, node, obj

from lab.harvester.agent.agent import Agent
from lab.harvester.agent.links import Link
from lab.harvester.agent.node import LinkError, PlayedLinks, played
from lab.harvester.agent.reports import status_name
from lab.harvester.kinds import (
    CLUSTER_NETWORK,
    HOST_NETWORK_CONFIG,
    LINK_MONITOR,
    NAD,
    NODE,
    VLAN_CONFIG,
    VLAN_STATUS,
)
from lab.harvester.manager.readiness import FINALIZER, finalizers
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.view import get
from lab.harvester.writes import apply

NOW = "2026-01-01T00:00:00Z"


class World:
    """A cluster with one agent, whose writes arrive at once; objects get a new resourceVersion when they change."""

    def __init__(self, *objects: Obj, version: str = "1.8") -> None:
        self.view = cluster(*objects)
        self.links = PlayedLinks(played())
        self.count = 0
        self.refuses = False
        self.agent = Agent("node1", self.links, VERSIONS[version], self.write, lambda: NOW)

    def write(self, writes: list[Any]) -> bool:
        self.count += len(writes)
        apply(self.view, writes)
        return not self.refuses

    def put(self, item: Obj) -> None:
        self.count += 1
        kind = {"VlanConfig": VLAN_CONFIG, "ClusterNetwork": CLUSTER_NETWORK}.get(item["kind"], NAD)
        kind = HOST_NETWORK_CONFIG if item["kind"] == "HostNetworkConfig" else kind
        item["metadata"]["resourceVersion"] = f"changed-{self.count}"
        item["metadata"]["generation"] = self.count
        self.view.put(kind, item)

    def look(self) -> bool:
        return self.agent.look(self.view)

    def status(self, cn: str = "cn1") -> Obj | None:
        return get(self.view, VLAN_STATUS, status_name(cn, "node1"))

    def labels(self) -> dict[str, str]:
        found = get(self.view, NODE, "node1")
        assert found
        return {key: value for key, value in found["metadata"]["labels"].items() if key.startswith(P)}

    def names(self) -> set[str]:
        return set(self.links.look().by_name)


def test_a_new_configuration() -> None:
    world = World(config("a", mtu=9000))
    assert world.look() is False
    assert {"cn1-bo", "cn1-br"} <= world.names()
    found = world.status()
    assert found
    assert found["metadata"]["labels"] == {
        f"{P}/clusternetwork": "cn1",
        f"{P}/vlanconfig": "a",
        f"{P}/node": "node1",
    }
    assert found["metadata"]["ownerReferences"] == [
        {"apiVersion": f"{P}/v1beta1", "kind": "VlanConfig", "name": "a", "uid": "uid-a"}
    ]
    assert found["status"] == {
        "clusterNetwork": "cn1",
        "vlanConfig": "a",
        "linkMonitor": "cn1",
        "node": "node1",
        "conditions": [{"type": "ready", "status": "True", "lastTransitionTime": NOW, "lastUpdateTime": NOW}],
    }
    assert world.labels() == {f"{P}/cn1": "true", f"{P}/vlanconfig": "a"}


def test_a_second_look_does_nothing() -> None:
    world = World(config("a"), nad("n"), obj(LINK_MONITOR, "nic", spec={"targetLinkRule": {"typeRule": "device"}}))
    world.look()
    writes, operations = world.count, len(world.links.done)
    world.look()
    assert (world.count, len(world.links.done)) == (writes, operations)


def test_a_write_that_was_not_taken_is_made_again() -> None:
    world = World(config("a"))
    world.refuses = True
    assert world.look() is True
    world.view.remove(VLAN_STATUS, status_name("cn1", "node1"))
    world.refuses = False
    assert world.look() is False
    assert world.status()


def test_nodes_that_do_not_match_are_left_alone() -> None:
    world = World(config("a", nodes=["node2"]))
    world.look()
    assert world.status() is None
    assert world.links.done == []


def test_a_nic_that_is_not_there() -> None:
    world = World(config("a"))
    world.look()
    world.put(config("a", nics=["eno3", "nope0"]))
    assert world.look() is True
    found = world.status()
    assert found
    (condition,) = found["status"]["conditions"]
    assert (condition["status"], condition["message"]) == ("False", "get link nope0 failed, error: Link not found")
    assert "cn1-bo" in world.names()
    assert world.labels() == {f"{P}/cn1": "true", f"{P}/vlanconfig": "a"}
    world.put(config("a"))
    assert world.look() is False
    found = world.status()
    assert found
    assert found["status"]["conditions"][0] == {
        "type": "ready",
        "status": "True",
        "lastTransitionTime": NOW,
        "lastUpdateTime": NOW,
    }


def test_no_label_before_the_first_success() -> None:
    world = World(config("a", nics=["eno1"]))
    assert world.look() is True
    assert world.labels() == {}


def test_drift_is_not_looked_for_until_a_change_or_a_start() -> None:
    world = World(config("a", mtu=9000))
    world.look()
    seen = world.links.look()
    world.links = PlayedLinks(seen.without("cn1-bo"))
    world.agent.links = world.links
    world.look()
    assert "cn1-bo" not in world.names()
    world.agent.start()
    world.look()
    assert "cn1-bo" in world.names()


@pytest.mark.parametrize(
    "change",
    [config("a", deleting=True), config("a", nodes=["node2"]), config("a", "cn2", nics=["eno4"])],
    ids=["deleted", "node no longer matched", "moved to another cluster network"],
)
def test_teardown(change: Obj) -> None:
    world = World(config("a"), network("cn2"))
    world.look()
    world.put(change)
    world.look()
    assert not {"cn1-bo", "cn1-br"} & world.names()
    assert world.status("cn1") is None
    assert f"{P}/cn1" not in world.labels()


def test_a_move_sets_up_the_other_cluster_network() -> None:
    world = World(config("a"), network("cn2"))
    world.look()
    world.put(config("a", "cn2"))
    assert world.look() is True
    world.look()
    assert {"cn2-bo", "cn2-br"} <= world.names()
    assert world.labels() == {f"{P}/cn2": "true", f"{P}/vlanconfig": "a"}


def test_a_stopped_agent_loses_a_deletion() -> None:
    world = World(config("a", nodes=["node1", "node2"], finalizers=[FINALIZER]))
    world.look()
    world.put(config("a", nodes=["node1", "node2"], finalizers=[FINALIZER], deleting=True))
    # the agent of node1 is stopped: another one takes the finalizer off
    (write,) = finalizers(world.view, ["node2"])
    assert write.patch == {"metadata": {"finalizers": None}}  # type: ignore[union-attr]
    # what the API server and its garbage collector do then
    world.view.remove(VLAN_CONFIG, "a")
    world.view.remove(VLAN_STATUS, status_name("cn1", "node1"))
    world.agent.start()
    world.look()
    assert {"cn1-bo", "cn1-br"} <= world.names()
    assert world.labels() == {f"{P}/cn1": "true", f"{P}/vlanconfig": "a"}


def test_creating_it_again_repairs_the_orphan() -> None:
    world = World(config("a", mtu=9000, nics=["eno3", "eno4"]))
    world.look()
    world.view.remove(VLAN_CONFIG, "a")
    world.view.remove(VLAN_STATUS, status_name("cn1", "node1"))
    world.look()
    world.put(config("b", mtu=1500, nics=["eno3"]))
    world.look()
    links = world.links.look()
    assert links.by_name["cn1-bo"].mtu == 1500
    assert [port.name for port in links.ports("cn1-bo")] == ["eno3"]
    assert world.labels() == {f"{P}/cn1": "true", f"{P}/vlanconfig": "b"}


@pytest.mark.parametrize(("running", "waits"), [(["node1", "node2"], True), (["node2"], False), ([], True)])
def test_the_finalizer_waits_for_running_agents(running: list[str], waits: bool) -> None:
    world = World(config("a", finalizers=[FINALIZER]))
    world.look()
    world.put(config("a", finalizers=[FINALIZER], deleting=True))
    assert (finalizers(world.view, running) == []) is waits


def test_the_finalizer_comes_with_the_first_agent() -> None:
    view = cluster(config("a", finalizers=["other"]))
    (write,) = finalizers(view, ["node1"])
    assert write.patch == {"metadata": {"finalizers": ["other", FINALIZER]}}  # type: ignore[union-attr]


# --- VLAN ids


def test_ids_by_hand_go_at_the_agents_start_and_not_before() -> None:
    world = World()
    world.look()
    world.links = PlayedLinks(
        world.links.look().with_vids("mgmt-bo", frozenset({1, 2018})).with_vids("mgmt-br", frozenset({1, 2018}))
    )
    world.agent.links = world.links
    world.look()
    assert 2018 in world.links.look().vids["mgmt-bo"]
    world.agent.start()
    world.look()
    assert world.links.look().vids == {"mgmt-bo": frozenset({1}), "mgmt-br": frozenset({1, 2018})}


def test_a_new_vm_network_brings_its_id() -> None:
    world = World(config("a"))
    world.look()
    world.put(nad("n", vlan=100))
    world.look()
    assert world.links.look().vids["cn1-bo"] == {1, 100}
    world.view.remove(NAD, "n", "default")
    world.look()
    assert world.links.look().vids["cn1-bo"] == {1}


def test_a_bond_made_anew_gets_its_ids_again() -> None:
    world = World(config("a"), nad("n", vlan=100))
    world.look()
    world.put(config("a", mtu=9000))
    world.look()
    assert world.links.look().vids["cn1-bo"] == {1, 100}


# --- HostNetworkConfig, 1.9, LinkMonitor


def test_host_network_config() -> None:
    host = obj(
        HOST_NETWORK_CONFIG,
        "h",
        spec={"clusterNetwork": "mgmt", "vlanID": 2030, "mode": "static", "ips": {"node1": "10.30.0.1/24"}},
    )
    world = World(host)
    world.look()
    assert "mgmt-br.2030" in world.names()
    assert [" ".join(op.argv()) for op in world.links.done][-1] == "ip address replace 10.30.0.1/24 dev mgmt-br.2030"
    found = get(world.view, HOST_NETWORK_CONFIG, "h")
    assert found
    said = found["status"]["nodeStatus"]["node1"]
    assert (said["clusterNetwork"], said["vlanID"], said["mode"]) == ("mgmt", 2030, "static")
    assert (said["conditions"][0]["type"], said["conditions"][0]["status"]) == ("ready", "True")
    assert world.links.look().vids["mgmt-bo"] == {1, 2030}
    world.view.remove(HOST_NETWORK_CONFIG, "h")
    world.look()
    assert "mgmt-br.2030" not in world.names()
    assert world.links.look().vids == {"mgmt-bo": frozenset({1}), "mgmt-br": frozenset({1})}


def test_configurations_of_mgmt_in_1_9() -> None:
    world = World(version="1.9")
    world.look()
    world.look()
    found = get(world.view, VLAN_CONFIG, "mgmt-vlanconfig-node1")
    assert found
    assert found["spec"]["uplink"]["nics"] == ["eno1", "eno2"]
    assert {"mgmt-bo", "mgmt-br"} <= world.names()
    writes = world.count
    world.look()
    assert world.count == writes


@pytest.mark.parametrize(("version", "state"), [("1.7", "down"), ("1.8", "unknown")])
def test_link_monitor(version: str, state: str) -> None:
    monitor = obj(LINK_MONITOR, "cn1", spec={"targetLinkRule": {"nameRule": "cn1(-br|-bo)"}})
    nic = obj(LINK_MONITOR, "nic", spec={"targetLinkRule": {"typeRule": "device"}})
    world = World(monitor, nic, version=version)
    world.links = PlayedLinks(world.links.look().with_link(Link("cn1-bo", 20, "bond", mac="m", state="UNKNOWN")))
    world.agent.links = world.links
    world.look()
    found = {name: get(world.view, LINK_MONITOR, name)["status"]["linkStatus"]["node1"] for name in ("nic", "cn1")}  # type: ignore[index]
    assert found["cn1"] == [{"name": "cn1-bo", "index": 20, "type": "bond", "mac": "m", "state": state}]
    assert [item["name"] for item in found["nic"]] == ["eno1", "eno2", "eno3", "eno4"]
    assert found["nic"][0] == {
        "name": "eno1",
        "index": 2,
        "type": "device",
        "mac": "52:54:00:0a:01:02",
        "state": "up",
        "masterIndex": 6,
    }
    assert "masterIndex" not in found["nic"][2]


def test_a_witness_has_link_monitors_only() -> None:
    nic = obj(LINK_MONITOR, "nic", spec={"targetLinkRule": {"typeRule": "device"}})
    world = World(nic, config("a"), node("node1", witness=True))
    world.look()
    assert world.links.done == []
    found = get(world.view, LINK_MONITOR, "nic")
    assert found
    assert "node1" in found["status"]["linkStatus"]


def test_a_node_that_does_not_answer() -> None:
    class Silent(PlayedLinks):
        def look(self) -> Any:
            raise LinkError("node1: no answer")

    world = World(config("a"))
    world.agent.links = Silent(played())
    assert world.look() is True
    found = world.status()
    assert found
    assert found["status"]["conditions"][0]["message"] == "node1: no answer"


def test_names_of_statuses() -> None:
    assert status_name("cn1", "node1").startswith("cn1-node1-")
    assert len(status_name("cn1", "n" * 80)) == 63
