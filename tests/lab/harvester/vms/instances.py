# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of VMs: as made from a VM, and what is said of them once they run."""

from __future__ import annotations

from ..kinds import VM
from ..moment import Moment
from ..objects import Obj, full_name, name, namespace, spec, status, template_spec

FINAL = ("Succeeded", "Failed")
FINALIZER = "foregroundDeleteVirtualMachine"
"""KubeVirt's: an instance stays until its guest is off."""
GRACE = 30
"""Seconds until a guest is killed whose instance names none (KubeVirt pkg/virt-handler)."""
DISKS = "persistentVolumeClaim", "dataVolume"


def phase_of(vmi: Obj) -> str:
    return str(status(vmi).get("phase") or "Pending")


def is_final(vmi: Obj) -> bool:
    return phase_of(vmi) in FINAL


def uid_of(obj: Obj) -> str:
    return str(obj["metadata"].get("uid") or "")


def node_of(vmi: Obj) -> str:
    return str(status(vmi).get("nodeName") or "")


def grace_of(vmi: Obj) -> int:
    """Seconds."""
    given = spec(vmi).get("terminationGracePeriodSeconds")
    return GRACE if given is None else int(given)


def owned_by(owner: Obj) -> Obj:
    """An ownerReference of a controller."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name(owner),
        "uid": owner["metadata"].get("uid", ""),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def made_of(vm: Obj) -> Obj:
    """The new instance of a VM."""
    template = spec(vm).get("template") or {}
    metadata = {
        key: value for key, value in (template.get("metadata") or {}).items() if key in ("labels", "annotations")
    }
    return {
        "metadata": {
            **metadata,
            "name": name(vm),
            "namespace": namespace(vm),
            "finalizers": [FINALIZER],
            "ownerReferences": [owned_by({"apiVersion": VM.api_version, "kind": VM.kind, **vm})],
        },
        "spec": template_spec(vm),
        "status": {"phase": "Pending"},
    }


def claims_of(vmi: Obj) -> list[str]:
    """Names of the claims whose volumes it uses."""
    found = []
    for volume in spec(vmi).get("volumes") or []:
        claim = (volume.get(DISKS[0]) or {}).get("claimName") or (volume.get(DISKS[1]) or {}).get("name")
        if claim:
            found.append(str(claim))
    return found


def first_conditions(vmi: Obj, moment: Moment) -> list[Obj]:
    """The conditions of an instance that has just begun to run; later ones are the tests' and the guest's."""
    found = [_condition("Ready", "True", moment.now), _live_migratable(vmi, moment.now)]
    if full_name(vmi) not in moment.faults.without_agent:
        found.append(_condition("AgentConnected", "True", moment.now))
    return found


def _live_migratable(vmi: Obj, now: str) -> Obj:
    """KubeVirt pkg/virt-handler: devices of the node, and a bridge on the pod network, hold an instance where it is."""
    devices = (spec(vmi).get("domain") or {}).get("devices") or {}
    if devices.get("hostDevices") or devices.get("gpus"):
        return _condition("LiveMigratable", "False", now, "HostDeviceNotLiveMigratable", "VMI uses a PCI host devices")
    pod_networks = {item.get("name") for item in spec(vmi).get("networks") or [] if "pod" in item}
    if any("bridge" in item and item.get("name") in pod_networks for item in devices.get("interfaces") or []):
        said = "cannot migrate VMI which does not use masquerade to connect to the pod network"
        return _condition("LiveMigratable", "False", now, "InterfaceNotLiveMigratable", said)
    return _condition("LiveMigratable", "True", now)


def _condition(kind: str, value: str, now: str, reason: str = "", message: str = "") -> Obj:
    found: Obj = {"type": kind, "status": value, "lastProbeTime": None, "lastTransitionTime": now}
    return found | ({"reason": reason} if reason else {}) | ({"message": message} if message else {})
