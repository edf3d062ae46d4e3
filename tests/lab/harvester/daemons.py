# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DaemonSets: a pod on every node that their template fits, made anew when it goes."""

from __future__ import annotations

from .kinds import DAEMON_SET, NODE, POD
from .manager.placement import selects
from .moment import Moment
from .objects import Obj, full_name, is_true, name, namespace, spec, status
from .view import View
from .vms.instances import owned_by
from .writes import Create, Delete, Patch, Write


class Daemons:
    """Writes for all of them."""

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """Pods that are missing or on a node too many, and how many there are."""
        found: list[Write] = []
        for daemon in sorted(view.list(DAEMON_SET), key=full_name):
            template = spec(daemon).get("template") or {}
            nodes = [name(node) for node in view.list(NODE) if selects(template.get("spec") or {}, node)]
            pods = {str(spec(pod).get("nodeName")): pod for pod in view.list(POD) if _is_of(pod, daemon)}
            found += [Create(POD, _pod(daemon, node)) for node in nodes if node not in pods]
            found += [Delete(POD, name(pod), namespace(pod)) for on, pod in pods.items() if on not in nodes]
            ready = sum(is_true(pods[node], "Ready") for node in nodes if node in pods)
            wanted = {
                "desiredNumberScheduled": len(nodes),
                "currentNumberScheduled": len(nodes),
                "numberMisscheduled": 0,
                "numberReady": ready,
                "numberAvailable": ready,
            }
            if any(status(daemon).get(key) != value for key, value in wanted.items() if value):
                found.append(Patch(DAEMON_SET, name(daemon), {"status": wanted}, namespace(daemon), status=True))
        return found


def _is_of(pod: Obj, daemon: Obj) -> bool:
    owners = pod["metadata"].get("ownerReferences") or []
    return any(item.get("uid") == daemon["metadata"].get("uid") for item in owners)


def _pod(daemon: Obj, node: str) -> Obj:
    template = spec(daemon).get("template") or {}
    owner = owned_by({"apiVersion": DAEMON_SET.api_version, "kind": DAEMON_SET.kind, **daemon})
    metadata = {
        **{key: value for key, value in (template.get("metadata") or {}).items() if key in ("labels", "annotations")},
        "name": f"{name(daemon)}-{node}",
        "namespace": namespace(daemon),
        "ownerReferences": [owner],
    }
    pod_spec = {
        **{key: value for key, value in (template.get("spec") or {}).items() if key != "affinity"},
        "nodeName": node,
        "tolerations": [{"operator": "Exists"}],
    }
    return {"metadata": metadata, "spec": pod_spec}
