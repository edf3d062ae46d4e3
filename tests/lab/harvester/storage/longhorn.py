# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Longhorn's pods: one instance manager per node, with the interface that Longhorn's setting asks for (5.3, 5.6)."""

from __future__ import annotations

import json

from ..kinds import LONGHORN_NODE, LONGHORN_SETTING, LONGHORN_VOLUME, NODE, POD
from ..moment import Moment
from ..objects import Obj, annotations_of, is_deleting, is_true, labels, name, spec, status
from ..view import View, get
from ..writes import Create, Delete, Patch, Write
from .addresses import ASKED, WITHOUT
from .settings import LONGHORN_SYSTEM

INTERFACE = "lhnet1"
COMPONENT = "longhorn.io/component"


class InstanceManagers:
    """Writes for them. Remembers each node's boot: they do not outlive one."""

    def __init__(self) -> None:
        self._boots: dict[str, str] = {}
        self._after_boot: set[str] = set()

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """Pods that are missing, of another boot, or of another network than the setting's."""
        setting = get(view, LONGHORN_SETTING, "storage-network", LONGHORN_SYSTEM)
        wanted = str((setting or {}).get("value") or "")
        idle = all(status(item).get("state") == "detached" for item in view.list(LONGHORN_VOLUME))
        managers = {str(spec(pod).get("nodeName")): pod for pod in view.list(POD) if is_instance_manager(pod)}
        found: list[Write] = []
        pending = False
        for longhorn_node in view.list(LONGHORN_NODE):
            node = get(view, NODE, name(longhorn_node))
            if node is None or not is_true(node, "Ready"):
                continue
            pod = managers.get(name(node))
            rebooted = self._rebooted(node)
            if pod is None:
                found.append(Create(POD, self._pod(name(node), wanted, moment)))
            elif is_deleting(pod):
                continue
            elif rebooted:
                self._after_boot.add(name(node))
                found.append(Delete(POD, name(pod), LONGHORN_SYSTEM, 0))
            elif reference_of(pod) != wanted:
                # Longhorn takes a network only while no volume is attached
                pending = True
                found += [Delete(POD, name(pod), LONGHORN_SYSTEM)] if idle else []
        if setting is not None and status(setting).get("applied", True) == pending:
            change = {"status": {"applied": not pending}}
            found.append(Patch(LONGHORN_SETTING, name(setting), change, LONGHORN_SYSTEM, status=True))
        return found

    def _rebooted(self, node: Obj) -> bool:
        boot = str((status(node).get("nodeInfo") or {}).get("bootID") or "")
        before = self._boots.setdefault(name(node), boot)
        self._boots[name(node)] = boot
        return boot != before

    def _pod(self, node: str, reference: str, moment: Moment) -> Obj:
        after_boot = node in self._after_boot
        self._after_boot.discard(node)
        annotations: dict[str, str] = {}
        if reference:
            place, _, nad_name = reference.partition("/")
            annotations[ASKED] = json.dumps([{"namespace": place, "name": nad_name, "interface": INTERFACE}])
            if after_boot and node in moment.faults.without_lhnet1:
                annotations[WITHOUT] = INTERFACE
        marks = {COMPONENT: "instance-manager", "longhorn.io/node": node}
        metadata = {
            "name": f"instance-manager-{node}",
            "namespace": LONGHORN_SYSTEM,
            "labels": marks,
            "annotations": annotations,
        }
        pod_spec = {
            "nodeName": node,
            "containers": [{"name": "instance-manager", "image": "lab/none"}],
            "tolerations": [{"operator": "Exists"}],
        }
        return {"metadata": metadata, "spec": pod_spec}


def is_instance_manager(pod: Obj) -> bool:
    return labels(pod).get(COMPONENT) == "instance-manager"


def reference_of(pod: Obj) -> str:
    """``namespace/name`` of the network that an instance manager asks lhnet1 of, '' for none."""
    for item in json.loads(annotations_of(pod).get(ASKED) or "[]"):
        if item.get("interface") == INTERFACE:
            return f"{item.get('namespace')}/{item.get('name')}"
    return ""
