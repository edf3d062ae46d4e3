# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KubeVirt's VM controller over a cluster in memory, as pkg/virt-controller/watch/vm has it, tick by tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster_objects import thing, vm, vmi

from ansible_collections.harvester.network.plugins.module_utils.cluster import _mutations
from ansible_collections.harvester.network.plugins.module_utils.cluster._objects import dig, merged
from ansible_collections.harvester.network.plugins.module_utils.cluster._placement import placement
from ansible_collections.harvester.network.plugins.module_utils.cluster._snapshot import Snapshot
from ansible_collections.harvester.network.plugins.module_utils.cluster.power._turn import Turn

ENDING = {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}
READY = {"type": "Ready", "status": "True"}
UNREADY = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "compute is not ready"}
AGENT = {"type": "AgentConnected", "status": "True"}


def shown(spec: Mapping[str, Any], kept: bool = True) -> list[dict[str, str]]:
    """What KubeVirt shows of an instance's interfaces. kept: whether they have the MACs that they always have."""
    first = "52" if kept else "02"
    names = [network["name"] for network in spec["networks"]]
    return [{"name": name, "mac": f"{first}:54:00:00:00:{place:02x}"} for place, name in enumerate(names)]


def machine(
    name: str,
    *networks: str,
    strategy: str = "RerunOnFailure",
    phase: str = "Running",
    on: str = "n1",
    agent: bool = False,
    ready: bool = True,
    labels: Mapping[str, str] | None = None,
    conditions: Iterable[Mapping[str, str]] = (),
    grace: int = 120,
    owner: str = "",
    instance_owner: str = "VirtualMachine",
    field: str = "runStrategy",
) -> list[Any]:
    """A VM and, unless it has no phase, its instance."""
    fields = {"terminationGracePeriodSeconds": grace}
    item = merged(vm(name, *networks, strategy=strategy, **fields), {"metadata": {"uid": "uid-" + name}})
    printable = {"Running": "Running", "Succeeded": "Stopped", "": "Stopped"}.get(phase, "Starting")
    item = merged(item, {"status": {"printableStatus": printable, "runStrategy": strategy}})
    if labels:
        item = merged(item, {"metadata": {"labels": dict(labels)}})
    if owner:
        item["metadata"]["ownerReferences"] = [{"kind": owner, "name": "x", "controller": True}]
    if field == "running":
        item = merged(item, {"spec": {"running": strategy == "Always", "runStrategy": None}})
    if not phase:
        return [item]
    found = [*([READY] if ready and phase == "Running" else []), *([AGENT] if agent else []), *conditions]
    instance = merged(vmi(name, *networks, on=on, phase=phase, **fields), {"metadata": {"uid": "i-" + name}})
    instance["metadata"]["ownerReferences"] = [{"kind": instance_owner, "name": name, "controller": True}]
    return [item, merged(instance, {"status": {"conditions": found, "interfaces": shown(instance["spec"])}})]


class Kubevirt:
    """The cluster and what KubeVirt makes of it.

    stubborn: guests that do not shut down, by name, and are killed after ``grace`` ticks. failing: VMs whose
    migrations fail. without: VMs that do not start. unready: VMs that run and do not get Ready. agentless: those whose
    guest agent does not come. forgetful: those that get new MACs. boots_orphans: whether a VM with RerunOnFailure
    whose instance was deleted is booted, as KubeVirt did before it kept the run strategy in the status. hears_force:
    whether a forced stop works.
    """

    def __init__(
        self,
        state: Snapshot,
        stubborn: Iterable[str] = (),
        failing: Iterable[str] = (),
        without: Iterable[str] = (),
        grace: int = 3,
        boots_orphans: bool = False,
    ) -> None:
        self.state = state
        self.stubborn, self.failing, self.without = set(stubborn), set(failing), set(without)
        self.unready: set[str] = set()
        self.agentless: set[str] = set()
        self.forgetful: set[str] = set()
        self.grace = grace
        self.boots_orphans = boots_orphans
        self.hears_force = True
        self._ticks: dict[str, int] = {}

    def apply(self, turn: Turn) -> None:
        """Write what a turn says, as the webhooks let it through."""
        for write in turn.writes:
            step = write.step
            if step.after is None:
                item = self.state.get(step.kind, step.name, step.namespace)
                if item is not None:
                    self.state = self.state.put(step.kind, merged(item, ENDING))
            else:
                changed = _mutations.mutated(self.state, step.change, self.state.version)
                self.state = self.state.put(step.kind, changed or step.after)
        for call in turn.calls:
            if call.verb == "unpause":
                item = self.state.get("vmis", call.name, call.namespace) or {}
                kept = [one for one in item["status"]["conditions"] if one["type"] != "Paused"]
                self.state = self.state.put("vmis", merged(item, {"status": {"conditions": kept}}))
            elif self.hears_force:
                self.stubborn.discard(call.name)

    def tick(self) -> None:
        for item in list(self.state.all("vms")):
            self._vm(item)
        for item in list(self.state.all("migrations")):
            self._migration(item)

    def _vm(self, item: Mapping[str, Any]) -> None:
        name, namespace = item["metadata"]["name"], item["metadata"]["namespace"]
        strategy = item["spec"].get("runStrategy") or ("Always" if item["spec"].get("running") else "Halted")
        seen = dig(item, "status", "runStrategy")
        instance = self.state.get("vmis", name, namespace)
        printable = "Stopped"
        if instance is not None:
            printable = self._instance(instance, strategy)
        elif name not in self.without and (
            strategy in ("Always", "Once")
            or (strategy == "RerunOnFailure" and (self.boots_orphans or seen != strategy))
        ):
            printable = "Starting"
            made = thing("vmis", name, namespace, spec=item["spec"]["template"]["spec"], status={"phase": "Pending"})
            self.state = self.state.put("vmis", merged(made, {"metadata": {"uid": "new-" + name}}))
        status = {"status": {"printableStatus": printable, "runStrategy": strategy}}
        self.state = self.state.put("vms", merged(item, status))

    def _instance(self, instance: Mapping[str, Any], strategy: str) -> str:
        name, namespace = instance["metadata"]["name"], instance["metadata"]["namespace"]
        phase = instance["status"]["phase"]
        if "deletionTimestamp" in instance["metadata"]:
            return self._ending(instance)
        if strategy == "Halted" or (strategy == "Always" and phase in ("Succeeded", "Failed")):
            self.state = self.state.put("vmis", merged(instance, ENDING))
            return "Stopping"
        if strategy == "RerunOnFailure" and phase == "Failed":
            self.state = self.state.put("vmis", merged(instance, ENDING))
            return "CrashLoopBackOff"
        if phase == "Pending":
            nodes = placement(self.state, self.state.vmis["%s/%s" % (namespace, name)]).nodes
            if not nodes:
                return "ErrorUnschedulable"
            conditions = [UNREADY if name in self.unready else READY, *([] if name in self.agentless else [AGENT])]
            interfaces = shown(instance["spec"], kept=name not in self.forgetful)
            running = {"phase": "Running", "nodeName": nodes[0], "conditions": conditions, "interfaces": interfaces}
            self.state = self.state.put("vmis", merged(instance, {"status": running}))
        return "Stopped" if phase == "Succeeded" else "Running"

    def _ending(self, instance: Mapping[str, Any]) -> str:
        name, namespace = instance["metadata"]["name"], instance["metadata"]["namespace"]
        ticks = self._ticks[name] = self._ticks.get(name, 0) + 1
        if name in self.stubborn and ticks < self.grace:
            return "Stopping"
        if instance["status"]["phase"] in ("Succeeded", "Failed"):
            self.state = self.state.without("vmis", name, namespace)
            self._ticks.pop(name)
            return "Stopped"
        phase = "Failed" if name in self.stubborn else "Succeeded"
        self.state = self.state.put("vmis", merged(instance, {"status": {"phase": phase}}))
        return "Stopping"

    def _migration(self, item: Mapping[str, Any]) -> None:
        name, namespace = item["spec"]["vmiName"], item["metadata"]["namespace"]
        if dig(item, "status", "phase") in ("Succeeded", "Failed"):
            return
        phase = "Failed" if name in self.failing else "Succeeded"
        instance = self.state.get("vmis", name, namespace)
        if phase == "Succeeded" and instance is not None:
            guest = self.state.vmis["%s/%s" % (namespace, name)]
            target = next(node for node in placement(self.state, guest).nodes if node != guest.node)
            self.state = self.state.put("vmis", merged(instance, {"status": {"nodeName": target}}))
        self.state = self.state.put("migrations", merged(item, {"status": {"phase": phase}}))
