# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks, agents and manager over objects in memory: they come to rest, and one's writes pass the other's rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from standin_objects import ALL, P, cluster, config, nad, network, status, vm

from lab.harvester.agent.agent import Agent
from lab.harvester.agent.node import PlayedLinks, played
from lab.harvester.controllers import Controllers
from lab.harvester.kinds import CLUSTER_NETWORK, NAD, NODE, VLAN_CONFIG, VLAN_STATUS, VM, VMI, Kind
from lab.harvester.manager import link_monitors, mtu, readiness
from lab.harvester.manager.matched_nodes import NodeChanges, mgmt_labels
from lab.harvester.moment import Moment
from lab.harvester.objects import Obj
from lab.harvester.versions import VERSIONS
from lab.harvester.view import get
from lab.harvester.webhooks.admission import CONTROLLERS, Request, patched
from lab.harvester.webhooks.configuration import served
from lab.harvester.writes import Create, Delete, Patch, Write, apply, merged

NOW = "2026-01-01T00:00:00Z"
NODES = ("node1", "node2", "node3")


class Together:
    """A cluster in memory with everything that the stand-in runs, each write judged as the API would have it judged."""

    def __init__(self, version: str, *objects: Obj) -> None:
        self.version = VERSIONS[version]
        self.view = cluster(*objects)
        self.links = {node: PlayedLinks(played(number=int(node[-1]))) for node in NODES}
        self.agents = [Agent(node, self.links[node], self.version, self.write, lambda: NOW) for node in NODES]
        self.changes = NodeChanges()
        self.controllers = Controllers()
        self.writes = 0
        self.user = CONTROLLERS

    def write(self, writes: list[Any]) -> bool:
        for item in writes:
            self.writes += 1
            apply(self.view, [self.judged(item)])
            if isinstance(item, Create | Patch):
                there = get(self.view, item.kind, *_place(item))
                if there:
                    there["metadata"]["resourceVersion"] = str(self.writes + 100)
        return True

    def judged(self, item: Write) -> Write:
        """The write with what the mutators make of it. Raises Refusal, as the API does."""
        old = get(self.view, item.kind, *_place(item))
        if isinstance(item, Patch) and item.status and item.kind == NODE:
            return item
        if isinstance(item, Delete):
            self._judge(item.kind, Request("DELETE", old, None, self.user))
            return item
        new = dict(item.obj) if isinstance(item, Create) else merged(old or {}, item.patch)
        new = self._judge(item.kind, Request("UPDATE" if old else "CREATE", old, new, self.user))
        return Create(item.kind, new)

    def _judge(self, kind: Kind, request: Request) -> Obj:
        hooks = [hook for hook in served(self.version) if hook.kind == kind]
        for hook in hooks:
            if hook.mutate and request.operation in hook.mutated:
                request = replace(request, new=patched(request.object, hook.mutate(request, self.view, self.version)))
        for hook in hooks:
            if hook.validate and request.operation in hook.validated:
                hook.validate(request, self.view, self.version)
        return request.object

    def put(self, kind: Kind, item: Obj) -> None:
        self.user = "admin"
        self.write([Create(kind, item)])
        self.user = CONTROLLERS

    def settle(self) -> None:
        for _ in range(12):
            before = self.writes
            for agent in self.agents:
                agent.look(self.view)
            for found in (
                mtu.writes(self.view, self.version),
                readiness.conditions(self.view, NOW),
                readiness.nad_labels(self.view),
                readiness.vlan_id_sets(self.view, self.version),
                readiness.finalizers(self.view, NODES),
                mgmt_labels(self.view),
                self.changes.writes(self.view),
                link_monitors.writes(self.view),
                *self.controllers.writes(self.view, Moment(0.0, NOW, version=self.version)),
            ):
                self.write(found)
            self._collect()
            if self.writes == before:
                return
        raise AssertionError("never at rest")

    def _collect(self) -> None:
        """What the API server and its garbage collector do: objects without finalizer and dependents go."""
        for item in self.view.list(VMI):
            if item["metadata"].get("deletionTimestamp") and not item["metadata"].get("finalizers"):
                self.view.remove(VMI, *_place(Delete(VMI, item["metadata"]["name"], item["metadata"]["namespace"])))
        for item in self.view.list(VLAN_CONFIG):
            if item["metadata"].get("deletionTimestamp") and not item["metadata"].get("finalizers"):
                self.view.remove(VLAN_CONFIG, item["metadata"]["name"])
                for found in self.view.list(VLAN_STATUS):
                    if found["status"]["vlanConfig"] == item["metadata"]["name"]:
                        self.view.remove(VLAN_STATUS, found["metadata"]["name"])


def _place(item: Write) -> tuple[str, str]:
    if isinstance(item, Create):
        return item.obj["metadata"]["name"], item.obj["metadata"].get("namespace", "")
    return item.name, item.namespace


@pytest.mark.parametrize("version", ALL)
def test_from_nothing_to_a_vm_and_back(version: str) -> None:
    world = Together(version)
    world.settle()
    world.put(VLAN_CONFIG, config("a", nodes=None, mtu=9000, labels={}))
    world.settle()
    world.put(NAD, nad("n", labels={}))
    world.put(VM, vm("v", ["n"], strategy="Always"))
    world.settle()
    annotations = get(world.view, CLUSTER_NETWORK, "cn1")["metadata"]["annotations"]  # type: ignore[index]
    assert (annotations[f"{P}/uplink-mtu"], annotations[f"{P}/mtu-source-vc"]) == ("9000", "a")
    running = get(world.view, VMI, "v", "default")
    assert running
    assert running["status"]["phase"] == "Running"
    assert len([item for item in world.view.list(VLAN_STATUS) if item["status"]["clusterNetwork"] == "cn1"]) == 3
    for links in world.links.values():
        assert links.look().vids["cn1-bo"] == {1, 100}
    stopped = get(world.view, VM, "v", "default")
    assert stopped
    stopped["spec"]["runStrategy"] = "Halted"
    world.settle()
    gone = get(world.view, VLAN_CONFIG, "a")
    assert gone
    gone["metadata"]["deletionTimestamp"] = NOW
    gone["metadata"]["resourceVersion"] = "deleting"
    world.settle()
    assert get(world.view, VLAN_CONFIG, "a") is None
    for node in NODES:
        assert "cn1-bo" not in world.links[node].look().by_name
        assert f"{P}/cn1" not in get(world.view, NODE, node)["metadata"]["labels"]  # type: ignore[index]


@pytest.mark.parametrize("version", ALL)
def test_a_cluster_as_found_comes_to_rest(version: str) -> None:
    found = [
        network("cn1", "1500", ready=True, source="a"),
        config("a", nodes=["node1", "node2"]),
        status("s", "a", "node1"),
        nad("n"),
        nad("m", "mgmt", 2019),
        vm("v", ["n"], strategy="RerunOnFailure"),
    ]
    world = Together(version, *found)
    world.settle()
