# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Longhorn's volumes, engines and replicas (7.2 of the facts).

A volume is attached to the node of a pod that has its claim, and detaches when the last such pod has ended. A replica
whose node is away or has rebooted meanwhile is rebuilt once the node is back, and the volume is degraded until then.
Volumes without claim or without replicas are the tests' own: what they say is left alone.
"""

from __future__ import annotations

from ..kinds import LONGHORN_ENGINE, LONGHORN_REPLICA, LONGHORN_VOLUME, NODE, POD
from ..moment import Moment, Timers
from ..objects import Obj, full_name, is_true, labels, name, namespace, spec, status
from ..view import View
from ..writes import Create, Patch, Write
from .settings import LONGHORN_SYSTEM

FINAL = ("Succeeded", "Failed")


class Volumes:
    """Writes for all volumes. Remembers each node's boot."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers or Timers()
        self._boots: dict[str, str] = {}

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """What is due."""
        users: dict[tuple[str, str], list[Obj]] = {}
        for pod in view.list(POD):
            if status(pod).get("phase") in FINAL or not spec(pod).get("nodeName"):
                continue
            for volume in spec(pod).get("volumes") or []:
                claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
                if claim:
                    users.setdefault((namespace(pod), str(claim)), []).append(pod)
        nodes = {name(node): node for node in view.list(NODE)}
        rebooted = {key for key, node in nodes.items() if self._boots.get(key, _boot(node)) != _boot(node)}
        self._boots = {key: _boot(node) for key, node in nodes.items()}
        away = {key for key, node in nodes.items() if not is_true(node, "Ready")}
        found: list[Write] = []
        for volume in sorted(view.list(LONGHORN_VOLUME), key=name):
            claim = status(volume).get("kubernetesStatus") or {}
            on = str(status(volume).get("currentNodeID") or "")
            if claim.get("pvcName"):
                pods = users.get((str(claim.get("namespace")), str(claim["pvcName"])), [])
                on, writes = self._attachment(volume, pods, moment)
                found += writes
            replicas = [item for item in view.list(LONGHORN_REPLICA) if spec(item).get("volumeName") == name(volume)]
            if replicas:
                found += self._health(volume, on, replicas, view, rebooted, away, moment)
        return found

    def _attachment(self, volume: Obj, pods: list[Obj], moment: Moment) -> tuple[str, list[Write]]:
        """The node where the volume is from now on, '' for none, and what says so."""
        there = str(status(volume).get("currentNodeID") or "") if status(volume).get("state") == "attached" else ""
        claim = dict(status(volume).get("kubernetesStatus") or {})
        key = ("detach", name(volume))
        if pods:
            self._timers.forget(key)
            # while a VM migrates its volume is where it comes from
            nodes = sorted(str(spec(pod)["nodeName"]) for pod in pods)
            on = there if there in nodes else nodes[0]
            wanted = {**claim, "workloadsStatus": [_workload(pod) for pod in sorted(pods, key=full_name)]}
            wanted["lastPodRefAt"] = ""
        else:
            wanted = {**claim, "lastPodRefAt": claim.get("lastPodRefAt") or moment.now}
            held = name(volume) in moment.faults.held_volumes
            leaves = there and not held and self._timers.due(key, moment.delays.detach, moment.clock)
            on = "" if leaves else there
        change: Obj = {"kubernetesStatus": wanted} if wanted != claim else {}
        if on != there or status(volume).get("state") not in ("attached", "detached"):
            change |= {"state": "attached" if on else "detached", "currentNodeID": on}
            change |= {} if on else {"robustness": "unknown"}
        found: list[Write] = []
        if on != spec(volume).get("nodeID", ""):
            found.append(Patch(LONGHORN_VOLUME, name(volume), {"spec": {"nodeID": on}}, LONGHORN_SYSTEM))
        if change:
            found.append(_status(volume, change))
        return on, found

    def _health(
        self,
        volume: Obj,
        on: str,
        replicas: list[Obj],
        view: View,
        rebooted: set[str],
        away: set[str],
        moment: Moment,
    ) -> list[Write]:
        found: list[Write] = []
        modes: dict[str, str] = {}
        healthy = [item for item in replicas if not spec(item).get("failedAt")]
        for replica in sorted(replicas, key=name):
            node = str(spec(replica).get("nodeID") or "")
            key = ("rebuild", name(replica))
            if on and not spec(replica).get("failedAt") and (node in rebooted or node in away):
                self._timers.forget(key)
                change = {"spec": {"failedAt": moment.now, "healthyAt": ""}}
                found.append(Patch(LONGHORN_REPLICA, name(replica), change, LONGHORN_SYSTEM))
                healthy.remove(replica)
            elif spec(replica).get("failedAt"):
                if not on or node in away:
                    self._timers.forget(key)
                    continue
                # without any other the last one is taken as it is
                seconds = moment.delays.rebuild if healthy else 0.0
                modes[name(replica)] = "WO"
                if not moment.faults.rebuilding_never_ends and self._timers.due(key, seconds, moment.clock):
                    change = {"spec": {"failedAt": "", "healthyAt": moment.now}}
                    found.append(Patch(LONGHORN_REPLICA, name(replica), change, LONGHORN_SYSTEM))
            else:
                modes[name(replica)] = "RW"
        found += _engine(volume, on, modes, view)
        good = list(modes.values()).count("RW")
        count = int(spec(volume).get("numberOfReplicas") or len(replicas))
        robustness = "unknown" if not on else "healthy" if good >= count else "degraded" if good else "faulted"
        if status(volume).get("robustness") != robustness:
            found.append(_status(volume, {"robustness": robustness}))
        return found


def _engine(volume: Obj, on: str, modes: dict[str, str], view: View) -> list[Write]:
    engines = [item for item in view.list(LONGHORN_ENGINE) if labels(item).get("longhornvolume") == name(volume)]
    if not engines:
        if not on:
            return []
        metadata = {
            "name": f"{name(volume)}-e-0",
            "namespace": LONGHORN_SYSTEM,
            "labels": {"longhornvolume": name(volume)},
        }
        return [Create(LONGHORN_ENGINE, {"metadata": metadata, "spec": {"volumeName": name(volume), "nodeID": on}})]
    (engine, *_) = engines
    shown = modes if on else {}
    said = {"currentState": "running" if on else "stopped", "replicaModeMap": shown}
    found: list[Write] = []
    if spec(engine).get("nodeID", "") != on:
        found.append(Patch(LONGHORN_ENGINE, name(engine), {"spec": {"nodeID": on}}, LONGHORN_SYSTEM))
    if any((status(engine).get(key) or {}) != value for key, value in said.items()):
        gone = dict.fromkeys((status(engine).get("replicaModeMap") or {}).keys() - shown.keys())
        change = {"status": {**said, "replicaModeMap": {**shown, **gone}}}
        found.append(Patch(LONGHORN_ENGINE, name(engine), change, LONGHORN_SYSTEM, status=True))
    return found


def _status(volume: Obj, change: Obj) -> Write:
    return Patch(LONGHORN_VOLUME, name(volume), {"status": change}, LONGHORN_SYSTEM, status=True)


def _workload(pod: Obj) -> Obj:
    """As Longhorn notes a pod: with the name and kind of its owner."""
    owners = [item for item in pod["metadata"].get("ownerReferences") or [] if item.get("controller")]
    owner = owners[0] if owners else {}
    return {
        "podName": name(pod),
        "podStatus": str(status(pod).get("phase") or "Pending"),
        "workloadName": str(owner.get("name") or ""),
        "workloadType": str(owner.get("kind") or ""),
    }


def _boot(node: Obj) -> str:
    return str((status(node).get("nodeInfo") or {}).get("bootID") or "")
