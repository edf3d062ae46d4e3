# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs and their running instances. This module util is private to the collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from . import _keys, _objects

SUCCEEDED, FAILED = "Succeeded", "Failed"
FINAL = (SUCCEEDED, FAILED)
RUNNING = "Running"
ALWAYS, RERUN_ON_FAILURE, ONCE, MANUAL, HALTED = "Always", "RerunOnFailure", "Once", "Manual", "Halted"
STRATEGIES = (ALWAYS, RERUN_ON_FAILURE, ONCE, MANUAL, HALTED)
STOPPED = "Stopped"
GRACE = 30
"""Seconds that KubeVirt gives a guest whose ``terminationGracePeriodSeconds`` is not set (KubeVirt
pkg/virt-handler)."""
POOL = "VirtualMachinePool"
POD = "pod"
"""The built-in pod network, among VM networks."""


def starts(run_strategy: str, phase: str = "") -> bool:
    """Whether KubeVirt makes a new instance when the one that it has is gone.

    phase: that of the instance that goes; empty when there is none. KubeVirt pkg/virt-controller/watch/vm, by run
    strategy; an unknown strategy counts as one that starts.
    """
    if run_strategy == RERUN_ON_FAILURE:
        return phase != SUCCEEDED
    return run_strategy not in (HALTED, MANUAL)


class Interface(NamedTuple):
    """An interface of a VM.

    mac: as aa:bb:cc:dd:ee:ff; empty where none is said. network: its VM network as "namespace/name", POD, or empty for
    another source.
    """

    name: str
    mac: str
    network: str


@dataclass(frozen=True)
class Guest:
    """What a VM's template and a running instance have in common.

    networks: the VM networks that it uses, as "namespace/name". pod_network: whether it has an interface on the
    built-in pod network, which is no VM network. interfaces: of its networks, without those that are to be unplugged,
    by name; their MACs are those that a template names, and those that KubeVirt shows of an instance. host_devices:
    names of the PCI devices that are passed through. uid: of the object. labels: a VM's own and those of its
    template. grace: seconds (``terminationGracePeriodSeconds``) after which KubeVirt kills a guest that has not shut
    down. owner: kind of the object that manages it; empty for none. deleting: whether the object is being deleted.
    """

    namespace: str
    name: str
    networks: Tuple[str, ...]
    pod_network: bool
    interfaces: Tuple[Interface, ...]
    host_devices: Tuple[str, ...]
    node_selector: Mapping[str, str]
    affinity: Tuple[Mapping[str, Any], ...]
    tolerations: Tuple[Mapping[str, Any], ...]
    uid: str
    labels: Mapping[str, str]
    grace: int
    owner: str
    deleting: bool

    @property
    def guest_cluster(self) -> str:
        """The guest cluster that the VM is a node of; empty for none."""
        return str(self.labels.get(_keys.GUEST_CLUSTER) or "")

    @property
    def reference(self) -> str:
        return "%s/%s" % (self.namespace, self.name)


@dataclass(frozen=True)
class Vmi(Guest):
    """A VirtualMachineInstance.

    node: empty while it waits for one. phase: as KubeVirt has it. paused: why it is paused, the reason of condition
    Paused; empty when it is not. agent: whether the guest agent is connected. unready: why it is not Ready; empty when
    it is. fixed: why it cannot be live-migrated, from condition LiveMigratable; empty when it can, or when KubeVirt has
    not said so.
    """

    node: str = ""
    phase: str = ""
    paused: str = ""
    agent: bool = False
    unready: str = ""
    fixed: str = ""

    @property
    def final(self) -> bool:
        """Whether it has ended by itself; the object still counts for the network webhooks."""
        return self.phase in FINAL

    @classmethod
    def read(cls, item: _objects.Object) -> Vmi:
        guest = _guest(item, _objects.dig(item, "spec"))
        # a guest's own interfaces, which its agent reports, have no name there
        listed = _objects.dig(item, "status", "interfaces") or ()
        shown = {_objects.dig(one, "name"): _objects.dig(one, "mac") for one in listed}
        guest["interfaces"] = tuple(one._replace(mac=_mac(shown.get(one.name))) for one in guest["interfaces"])
        return cls(
            **guest,
            node=str(_objects.dig(item, "status", "nodeName") or ""),
            phase=str(_objects.dig(item, "status", "phase") or ""),
            paused=_paused(item),
            agent=_is_true(item, "AgentConnected"),
            unready=_unready(item),
            fixed=_fixed(item),
        )


@dataclass(frozen=True)
class Vm(Guest):
    """A VirtualMachine.

    run_strategy: with the deprecated ``spec.running`` read as Always or Halted. running_field: whether the VM uses that
    field, which excludes the other. settled: whether KubeVirt has seen this run strategy already; one that is settled
    and RerunOnFailure starts no VM that has no instance.
    """

    run_strategy: str = ""
    printable_status: str = ""
    running_field: bool = False
    settled: bool = False

    @property
    def halted(self) -> bool:
        return self.run_strategy == HALTED

    @classmethod
    def read(cls, item: _objects.Object) -> Vm:
        strategy = _objects.dig(item, "spec", "runStrategy")
        if not strategy:
            strategy = "Always" if _objects.dig(item, "spec", "running") else HALTED
        return cls(
            **_guest(item, _objects.dig(item, "spec", "template", "spec")),
            run_strategy=str(strategy),
            printable_status=str(_objects.dig(item, "status", "printableStatus") or ""),
            running_field=not _objects.dig(item, "spec", "runStrategy")
            and _objects.dig(item, "spec", "running") is not None,
            settled=_objects.dig(item, "status", "runStrategy") == strategy
            and not _objects.dig(item, "status", "stateChangeRequests"),
        )

    def starts(self, instance: Optional[Vmi]) -> bool:
        """Whether KubeVirt will start it by itself: it has no instance, or one that has ended."""
        if instance is not None and not instance.final:
            return False
        if instance is None and self.settled and self.run_strategy == RERUN_ON_FAILURE:
            return False
        return starts(self.run_strategy, instance.phase if instance else "")

    def stopped(self, instance: Optional[Vmi]) -> bool:
        """Stopped as setting storage-network means it (HV pkg/util/virtualmachine/virtualmachine.go)."""
        if self.printable_status != STOPPED:
            return False
        return self.halted or instance is None or instance.final


def _guest(item: _objects.Object, spec: Any) -> Dict[str, Any]:
    namespace = _objects.namespace(item)
    networks = _objects.dig(spec, "networks") or ()
    grace = _objects.dig(spec, "terminationGracePeriodSeconds")
    names = [_objects.dig(network, "multus", "networkName") for network in networks]
    terms = _objects.dig(
        spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    )
    return {
        "namespace": namespace,
        "name": _objects.name(item),
        "networks": tuple(str(name) if "/" in name else "%s/%s" % (namespace, name) for name in names if name),
        "pod_network": any(isinstance(network, Mapping) and "pod" in network for network in networks),
        "interfaces": _interfaces(namespace, spec),
        "host_devices": _host_devices(item, spec),
        "node_selector": _objects.dig(spec, "nodeSelector") or {},
        "affinity": tuple(terms or ()),
        "tolerations": tuple(_objects.dig(spec, "tolerations") or ()),
        "uid": str(_objects.dig(item, "metadata", "uid") or ""),
        "labels": {
            **(_objects.dig(item, "spec", "template", "metadata", "labels") or {}),
            **_objects.labels_of(item),
        },
        "grace": GRACE if grace is None else int(grace),
        "owner": _owner(item),
        "deleting": _objects.deleting(item),
    }


def _interfaces(namespace: str, spec: Any) -> Tuple[Interface, ...]:
    listed = _objects.dig(spec, "domain", "devices", "interfaces") or ()
    devices = {_objects.dig(one, "name"): one for one in listed}
    found = []
    for network in _objects.dig(spec, "networks") or ():
        device = devices.get(_objects.dig(network, "name"))
        if _objects.dig(device, "state") == "absent":
            continue
        place = str(_objects.dig(network, "multus", "networkName") or "")
        if place and "/" not in place:
            place = "%s/%s" % (namespace, place)
        if _objects.dig(network, "pod") is not None:
            place = POD
        mac = _mac(_objects.dig(device, "macAddress"))
        found.append(Interface(str(_objects.dig(network, "name") or ""), mac, place))
    return tuple(sorted(found))


def _mac(text: Any) -> str:
    return str(text or "").lower().replace("-", ":")


def _owner(item: _objects.Object) -> str:
    """The kind of the object that manages it."""
    for owner in _objects.dig(item, "metadata", "ownerReferences") or ():
        if owner.get("controller"):
            return str(owner.get("kind") or "")
    return ""


def _is_true(item: _objects.Object, kind: str) -> bool:
    found = _objects.condition(item, kind)
    return found is not None and found.true


def _unready(item: _objects.Object) -> str:
    found = _objects.condition(item, "Ready")
    if found is None:
        return "no condition Ready"
    return "" if found.true else ": ".join(filter(None, (found.reason, found.message))) or "no reason given"


def _paused(item: _objects.Object) -> str:
    found = _objects.condition(item, "Paused")
    return (found.reason or "Paused") if found is not None and found.true else ""


def _fixed(item: _objects.Object) -> str:
    found = _objects.condition(item, "LiveMigratable")
    return (found.message or found.reason or "no reason given") if found is not None and found.false else ""


def _host_devices(item: _objects.Object, spec: Any) -> Tuple[str, ...]:
    """PCI devices by the names that Harvester's PCI device controller gives them."""
    found = {
        str(device.get("name")) for device in _objects.dig(spec, "domain", "devices", "hostDevices") or () if device
    }
    try:
        details = json.loads(_objects.annotations_of(item).get(_keys.DEVICE_ALLOCATION) or "{}")
    except ValueError:
        details = {}
    for names in (_objects.dig(details, "hostdevices") or {}).values():
        found.update(str(name) for name in names)
    return tuple(sorted(found))
