# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KubeVirt's own webhooks that a drain meets: evictions of virt-launcher pods, migrations that cannot be (7.1).

KubeVirt pkg/virt-api/webhooks: the eviction of a pod whose VM can be live-migrated is refused with 429 (Too Many
Requests), which a drain tries again, and marks the instance; the evacuation controller then migrates it.
"""

from __future__ import annotations

from ..kinds import EVICTION, MIGRATION, POD, VMI
from ..objects import Obj, condition, full_name, labels, name, namespace, spec, status
from ..versions import Version
from ..view import View, get
from ..vms.instances import FINAL
from ..vms.launchers import CREATED_BY, LAUNCHER
from ..vms.migrations import is_migratable
from ..writes import Patch as Change
from .admission import Refusal, Request, Webhook

DEFAULT_STRATEGY = "LiveMigrate"
"""Of a VM that names none: as Harvester configures KubeVirt."""


def too_many(message: str, vmi: Obj | None = None, node: str = "") -> Refusal:
    """429; with an instance: it is marked for evacuation from the node."""
    marks = []
    if vmi is not None:
        marks.append(Change(VMI, name(vmi), {"status": {"evacuationNodeName": node}}, namespace(vmi)))
    return Refusal(message, 429, "TooManyRequests", tuple(marks))


def validate_eviction(request: Request, view: View, version: Version) -> None:
    """An eviction of one pod."""
    eviction = request.object
    pod = get(view, POD, name(eviction), namespace(eviction))
    if pod is None or labels(pod).get("kubevirt.io") != LAUNCHER or status(pod).get("phase") in FINAL:
        return
    uid = labels(pod).get(CREATED_BY)
    vmi = next((item for item in view.list(VMI) if item["metadata"].get("uid") == uid), None)
    if vmi is None or status(vmi).get("phase") in FINAL:
        return
    strategy = str(spec(vmi).get("evictionStrategy") or DEFAULT_STRATEGY)
    if strategy == "None" or (strategy == "LiveMigrateIfPossible" and not is_migratable(vmi)):
        return
    if strategy == "LiveMigrate" and not is_migratable(vmi):
        raise too_many(f"VMI {name(vmi)} is configured with an eviction strategy but is not live-migratable")
    node = str(spec(pod).get("nodeName") or "")
    said = f'Eviction triggered evacuation of VMI "{full_name(vmi)}"'
    if status(vmi).get("evacuationNodeName"):
        raise too_many(f"Evacuation in progress: {said}")
    raise too_many(said, vmi, node)


def validate_migration(request: Request, view: View, version: Version) -> None:
    """A new migration."""
    migration = request.object
    vmi_name = str(spec(migration).get("vmiName") or "")
    if not vmi_name:
        raise Refusal("vmiName is missing", 422, "Invalid")
    vmi = get(view, VMI, vmi_name, namespace(migration))
    if vmi is None:
        raise Refusal(f'the VMI "{namespace(migration)}/{vmi_name}" does not exist', 422, "Invalid")
    if status(vmi).get("phase") in FINAL:
        raise Refusal("Cannot migrate VMI in finalized state.", 400, "BadRequest")
    found = condition(vmi, "LiveMigratable")
    if found and found.get("status") == "False":
        said = f"Cannot migrate VMI, Reason: {found.get('reason', '')}, Message: {found.get('message', '')}"
        raise Refusal(said, 400, "BadRequest")
    for other in view.list(MIGRATION):
        same = namespace(other) == namespace(migration) and spec(other).get("vmiName") == vmi_name
        if same and status(other).get("phase") not in FINAL:
            said = (
                f"in-flight migration detected. Active migration job ({other['metadata'].get('uid', '')}) is currently "
            )
            raise Refusal(f"{said}already in progress for VMI {vmi_name}.", 400, "BadRequest")


WEBHOOKS = (
    Webhook(EVICTION, "kubevirt-eviction", validate_eviction, ("CREATE",)),
    Webhook(MIGRATION, "kubevirt-migration", validate_migration, ("CREATE",)),
)
