# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""virt-launcher pods: one for each instance that has a node; its end is the guest's end, and the other way round."""

from __future__ import annotations

import zlib

from ..kinds import POD, VMI
from ..moment import Moment
from ..objects import Obj, full_name, is_deleting, labels, name, namespace, spec, status
from ..view import View
from ..writes import Create, Delete, Write, patch
from .instances import claims_of, is_final, node_of, owned_by, phase_of, uid_of

LAUNCHER = "virt-launcher"
CREATED_BY = "kubevirt.io/created-by"
JOB = "kubevirt.io/migrationJobUID"
"""Label of the pod to which an instance migrates."""


class Launchers:
    """Writes for all launcher pods. Remembers which instances have one, to tell a pod that went from one to come."""

    def __init__(self) -> None:
        self._launched: set[str] = set()

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """Pods that are missing; pods of guests that are off; guests whose pod has gone."""
        found: list[Write] = []
        vmis = {uid_of(vmi): vmi for vmi in view.list(VMI)}
        pods: dict[str, list[Obj]] = {}
        for pod in view.list(POD):
            if labels(pod).get("kubevirt.io") == LAUNCHER:
                pods.setdefault(labels(pod).get(CREATED_BY, ""), []).append(pod)
        for uid, items in pods.items():
            if uid not in vmis:
                found += [Delete(POD, name(pod), namespace(pod), 0) for pod in items]
        for uid, vmi in sorted(vmis.items(), key=lambda item: full_name(item[1])):
            found += self._launcher(vmi, pods.get(uid, []), moment)
        self._launched &= vmis.keys()
        return found

    def _launcher(self, vmi: Obj, pods: list[Obj], moment: Moment) -> list[Write]:
        uid = uid_of(vmi)
        if is_final(vmi):
            wanted = phase_of(vmi)
            return [
                patch(POD, pod, {"status": {"phase": wanted, "conditions": None}}, status=True)
                for pod in pods
                if status(pod).get("phase") != wanted
            ]
        here = [pod for pod in pods if spec(pod).get("nodeName") == node_of(vmi)]
        if here or not node_of(vmi):
            self._launched.add(uid) if here else None
            return []
        if uid not in self._launched:
            return [Create(POD, launcher(vmi, node_of(vmi)))]
        if phase_of(vmi) != "Running":
            return []
        # the launcher passes the end that it is told on to its guest
        ended = "Failed" if full_name(vmi) in moment.faults.stubborn_guests else "Succeeded"
        return [patch(VMI, vmi, {"status": {"phase": ended}})]


def launcher(vmi: Obj, node: str, job: str = "") -> Obj:
    """The pod of an instance on a node; ``job``: the uid of the migration for which it is."""
    full = {"apiVersion": VMI.api_version, "kind": VMI.kind, **vmi}
    digest = f"{zlib.crc32(f'{uid_of(vmi)} {node} {job}'.encode()):08x}"[:5]
    metadata: Obj = {
        "name": f"{LAUNCHER}-{name(vmi)[:40]}-{digest}",
        "namespace": namespace(vmi),
        "labels": {
            **labels(vmi),
            "kubevirt.io": LAUNCHER,
            CREATED_BY: uid_of(vmi),
            "vm.kubevirt.io/name": name(vmi),
            **({JOB: job} if job else {}),
        },
        "annotations": {"kubevirt.io/domain": name(vmi)},
        "ownerReferences": [owned_by(full)],
    }
    metadata["labels"].pop("kubevirt.io/nodeName", None)
    volumes = [
        {"name": f"disk-{number}", "persistentVolumeClaim": {"claimName": claim}}
        for number, claim in enumerate(claims_of(vmi))
    ]
    return {
        "metadata": metadata,
        "spec": {
            "nodeName": node,
            "containers": [{"name": "compute", "image": "lab/none"}],
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 30,
            **({"volumes": volumes} if volumes else {}),
        },
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def is_launcher(pod: Obj) -> bool:
    return labels(pod).get("kubevirt.io") == LAUNCHER and not is_deleting(pod)
