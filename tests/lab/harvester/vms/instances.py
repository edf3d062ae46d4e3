# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of VMs: as made from a VM, and what is said of them once they run."""

from __future__ import annotations

import json
import zlib

from ..kinds import VM
from ..moment import Moment
from ..objects import Obj, annotations_of, full_name, name, namespace, spec, status, template_spec

FINAL = ("Succeeded", "Failed")
FINALIZER = "foregroundDeleteVirtualMachine"
"""KubeVirt's: an instance stays until its guest is off."""
GRACE = 30
"""Seconds until a guest is killed whose instance names none (KubeVirt pkg/virt-handler)."""
DISKS = "persistentVolumeClaim", "dataVolume"
MACS = "harvesterhci.io/mac-address"
"""Annotation of a VM, JSON: interface -> MAC, of which Harvester's controller takes note while the VM runs (HV
pkg/controller/master/virtualmachine/vmi_network_controller.go)."""


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


def made_of(vm: Obj, moment: Moment) -> Obj:
    """The new instance of a VM. Harvester's webhook gives its interfaces the MACs that they had (HV
    pkg/webhook/resources/virtualmachineinstance/mutator.go)."""
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
        "spec": template_spec(vm) if full_name(vm) in moment.faults.forgets_macs else _with_macs(vm),
        "status": {"phase": "Pending"},
    }


def _with_macs(vm: Obj) -> Obj:
    found, macs = template_spec(vm), noted_macs(vm)
    domain = found.get("domain") or {}
    devices = domain.get("devices") or {}
    interfaces = [
        {**item, "macAddress": macs[item["name"]]} if item["name"] in macs and not item.get("macAddress") else item
        for item in devices.get("interfaces") or []
    ]
    if not interfaces:
        return found
    return {**found, "domain": {**domain, "devices": {**devices, "interfaces": interfaces}}}


def noted_macs(vm: Obj) -> dict[str, str]:
    """Interface -> MAC, as the VM's annotation says."""
    return dict(json.loads(annotations_of(vm).get(MACS) or "{}"))


def shown_macs(vmi: Obj) -> dict[str, str]:
    """Interface -> MAC, as KubeVirt shows them; what the guest has made itself has no name."""
    found = status(vmi).get("interfaces") or []
    return {item["name"]: item["mac"] for item in found if item.get("name") and item.get("mac")}


def first_interfaces(vmi: Obj) -> list[Obj]:
    """What KubeVirt shows of the interfaces of an instance that has just begun to run. It chooses a MAC anew for each
    that names none."""
    devices = (spec(vmi).get("domain") or {}).get("devices") or {}
    given = {item["name"]: item.get("macAddress") for item in devices.get("interfaces") or []}
    found = []
    for network in spec(vmi).get("networks") or []:
        number = zlib.crc32(f"{uid_of(vmi)} {network['name']}".encode())
        chosen = ":".join(f"{byte:02x}" for byte in (2, 0, *number.to_bytes(4, "big")))
        mac = str(given.get(network["name"]) or chosen)
        found.append({"name": network["name"], "mac": mac, "infoSource": "domain, multus-status", "queueCount": 1})
    return found


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
    ready = _condition("Ready", "True", moment.now)
    if full_name(vmi) in moment.faults.not_ready:
        # that of the launcher's pod, as with a readiness probe that fails
        said = "containers with unready status: [compute]"
        ready = _condition("Ready", "False", moment.now, "ContainersNotReady", said)
    found = [ready, _live_migratable(vmi, moment.now)]
    if full_name(vmi) not in moment.faults.without_agent and not moment.delays.agent:
        found.append(agent_connected(moment))
    return found


def agent_connected(moment: Moment) -> Obj:
    return _condition("AgentConnected", "True", moment.now)


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
