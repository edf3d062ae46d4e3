# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Harvester's webhook for VirtualMachines, as far as networks go: node affinity and the run strategy (2.7)."""

from __future__ import annotations

import copy
from typing import Any

from ..kinds import NAD, VM, VM_BACKUP
from ..objects import (
    CLUSTER_NETWORK_LABEL,
    PREFIX,
    Obj,
    annotations_of,
    full_name,
    is_deleting,
    labels,
    name,
    namespace,
    network_names,
    spec,
    status,
    template_spec,
)
from ..versions import Version
from ..view import View, get
from .admission import Patch, Refusal, Request, Webhook, replace

RUN_STRATEGY = "harvesterhci.io/vmRunStrategy"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def mutate(request: Request, view: View, version: Version) -> Patch:
    """Node affinity for the cluster networks of the VM's NADs; a start brings the recorded run strategy back."""
    vm = request.object
    if is_deleting(vm):
        return []
    patch: Patch = []
    affinity = wanted_affinity(vm, view)
    if affinity != template_spec(vm).get("affinity"):
        patch += replace("/spec/template/spec/affinity", affinity)
    before, after = spec(request.before).get("runStrategy"), spec(vm).get("runStrategy")
    if request.operation == "UPDATE" and before == "Halted" and after not in (None, "Halted"):
        strategy = annotations_of(vm).get(RUN_STRATEGY) or "RerunOnFailure"
        if strategy != after:
            patch += replace("/spec/runStrategy", strategy)
    return patch


def wanted_affinity(vm: Obj, view: View) -> dict[str, Any] | None:
    """The affinity with Harvester's expressions in every term, and without any of the user's under the same prefix."""
    cluster_networks = set()
    for full in network_names(template_spec(vm), namespace(vm)):
        place, _, nad_name = full.partition("/")
        nad = get(view, NAD, nad_name, place)
        if nad is None:
            raise Refusal(f'network-attachment-definitions.k8s.cni.cncf.io "{nad_name}" not found')
        if CLUSTER_NETWORK_LABEL in labels(nad):
            cluster_networks.add(labels(nad)[CLUSTER_NETWORK_LABEL])
    ours = [{"key": f"{PREFIX}/{item}", "operator": "In", "values": ["true"]} for item in sorted(cluster_networks)]
    affinity = copy.deepcopy(template_spec(vm).get("affinity") or {})
    node_affinity = affinity.get("nodeAffinity") or {}
    terms = (node_affinity.get(REQUIRED) or {}).get("nodeSelectorTerms") or []
    found = []
    for term in terms or [{}]:
        kept = [item for item in term.get("matchExpressions") or [] if not item["key"].startswith(PREFIX)]
        new = {key: value for key, value in term.items() if key != "matchExpressions"}
        if kept or ours:
            new["matchExpressions"] = kept + ours
        # an empty term matches no node
        if new:
            found.append(new)
    node_affinity = {key: value for key, value in node_affinity.items() if key != REQUIRED}
    if found:
        node_affinity[REQUIRED] = {"nodeSelectorTerms": found}
    affinity.pop("nodeAffinity", None)
    if node_affinity:
        affinity["nodeAffinity"] = node_affinity
    return affinity if affinity or "affinity" in template_spec(vm) else None


def validate(request: Request, view: View, version: Version) -> None:
    """A VM is not stopped while a backup of it is in progress (2.7)."""
    before, after = run_strategy(request.before), run_strategy(request.object)
    if before == "Halted" or after != "Halted" or is_deleting(request.object):
        return
    for backup in view.list(VM_BACKUP):
        source = spec(backup).get("source") or {}
        ended = status(backup).get("readyToUse") or status(backup).get("error")
        if namespace(backup) == namespace(request.object) and source.get("name") == name(request.object) and not ended:
            raise Refusal(
                f"there is vmbackup in progress for vm {full_name(request.object)}, please wait for the vmbackup or "
                "remove it before stop/restart the vm",
                422,
                "Invalid",
            )


def run_strategy(vm: Obj) -> str:
    """The run strategy, with the older field ``running`` read as one."""
    return str(spec(vm).get("runStrategy") or ("Always" if spec(vm).get("running") else "Halted"))


WEBHOOKS = (
    Webhook(VM, "harvester", validate=validate, validated=("UPDATE",), mutate=mutate, mutated=("CREATE", "UPDATE")),
)
