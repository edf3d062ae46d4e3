# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kubelets and the controller manager do with pods: deleted and evicted ones go, disruption budgets are counted.

A kubelet whose node is not Ready does nothing: pods there stay as they are, and a drain of it never ends.
"""

from __future__ import annotations

from .kinds import DISRUPTION_BUDGET, NODE, POD
from .moment import Moment, Timers
from .objects import Obj, full_name, is_deleting, is_true, label_selected, labels, name, namespace, spec, status
from .view import View
from .writes import Delete, Patch, Write

FINAL = ("Succeeded", "Failed")


class Kubelets:
    """Writes of all kubelets."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers or Timers()

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """Pods that have had their time to end, pods that begin to run, and the budgets."""
        nodes = {name(node): node for node in view.list(NODE)}
        found: list[Write] = []
        for pod in view.list(POD):
            on = str(spec(pod).get("nodeName") or "")
            gone = on and on not in nodes
            if gone or (is_deleting(pod) and on and is_true(nodes[on], "Ready") and self._is_over(pod, moment)):
                found.append(Delete(POD, name(pod), namespace(pod), 0))
            elif on and not gone and not is_deleting(pod) and status(pod).get("phase", "Pending") == "Pending":
                found += _started(pod, nodes[on])
        return found + budgets(view)

    def _is_over(self, pod: Obj, moment: Moment) -> bool:
        if full_name(pod) in moment.faults.pods_that_stay:
            return False
        return self._timers.due((full_name(pod), pod["metadata"].get("uid")), moment.delays.pod_stop, moment.clock)


def _started(pod: Obj, node: Obj) -> list[Write]:
    if not is_true(node, "Ready"):
        return []
    conditions = [{"type": kind, "status": "True"} for kind in ("Ready", "ContainersReady")]
    wanted = {"phase": "Running", "conditions": conditions}
    return [Patch(POD, name(pod), {"status": wanted}, namespace(pod), status=True)]


def budgets(view: View) -> list[Write]:
    """The status of PodDisruptionBudgets, by which the API answers an eviction with 429.

    Of the ways to write one only ``minAvailable`` and ``maxUnavailable`` as numbers are counted.
    """
    found: list[Write] = []
    for budget in view.list(DISRUPTION_BUDGET):
        pods = [
            pod
            for pod in view.list(POD)
            if namespace(pod) == namespace(budget)
            and status(pod).get("phase") not in FINAL
            and label_selected(spec(budget).get("selector"), labels(pod))
        ]
        healthy = sum(is_true(pod, "Ready") and not is_deleting(pod) for pod in pods)
        if "maxUnavailable" in spec(budget):
            desired = len(pods) - int(spec(budget)["maxUnavailable"])
        else:
            desired = int(spec(budget).get("minAvailable") or 0)
        wanted = {
            "observedGeneration": budget["metadata"].get("generation", 1),
            "disruptionsAllowed": max(healthy - desired, 0),
            "currentHealthy": healthy,
            "desiredHealthy": max(desired, 0),
            "expectedPods": len(pods),
        }
        if any(status(budget).get(key) != value for key, value in wanted.items()):
            # disruptedPods: the API notes evictions there until the controller has counted them
            change = {**wanted, "disruptedPods": None}
            found.append(Patch(DISRUPTION_BUDGET, name(budget), {"status": change}, namespace(budget), status=True))
    return found
