# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs and their running instances. This module util is private to the collection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple

from . import _keys, _objects

FINAL = ("Succeeded", "Failed")
HALTED = "Halted"
STOPPED = "Stopped"


@dataclass(frozen=True)
class Guest:
    """What a VM's template and a running instance have in common.

    networks: the VM networks that it uses, as "namespace/name". pod_network: whether it has an interface on the
    built-in pod network, which is no VM network. host_devices: names of the PCI devices that are passed through.
    """

    namespace: str
    name: str
    networks: Tuple[str, ...]
    pod_network: bool
    host_devices: Tuple[str, ...]
    node_selector: Mapping[str, str]
    affinity: Tuple[Mapping[str, Any], ...]
    tolerations: Tuple[Mapping[str, Any], ...]

    @property
    def reference(self) -> str:
        return "%s/%s" % (self.namespace, self.name)


@dataclass(frozen=True)
class Vmi(Guest):
    """A VirtualMachineInstance. node: empty while it waits for one. phase: as KubeVirt has it."""

    node: str = ""
    phase: str = ""

    @property
    def final(self) -> bool:
        """Whether it has ended by itself; the object still counts for the network webhooks."""
        return self.phase in FINAL

    @classmethod
    def read(cls, item: _objects.Object) -> Vmi:
        return cls(
            **_guest(item, _objects.dig(item, "spec")),
            node=str(_objects.dig(item, "status", "nodeName") or ""),
            phase=str(_objects.dig(item, "status", "phase") or ""),
        )


@dataclass(frozen=True)
class Vm(Guest):
    """A VirtualMachine. run_strategy: with the deprecated ``spec.running`` read as Always or Halted."""

    run_strategy: str = ""
    printable_status: str = ""

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
        )

    def stopped(self, instance: Optional[Vmi]) -> bool:
        """Stopped as setting storage-network means it (HV pkg/util/virtualmachine/virtualmachine.go)."""
        if self.printable_status != STOPPED:
            return False
        return self.halted or instance is None or instance.final


def _guest(item: _objects.Object, spec: Any) -> Dict[str, Any]:
    namespace = _objects.namespace(item)
    networks = _objects.dig(spec, "networks") or ()
    names = [_objects.dig(network, "multus", "networkName") for network in networks]
    terms = _objects.dig(
        spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    )
    return {
        "namespace": namespace,
        "name": _objects.name(item),
        "networks": tuple(str(name) if "/" in name else "%s/%s" % (namespace, name) for name in names if name),
        "pod_network": any(isinstance(network, Mapping) and "pod" in network for network in networks),
        "host_devices": _host_devices(item, spec),
        "node_selector": _objects.dig(spec, "nodeSelector") or {},
        "affinity": tuple(terms or ()),
        "tolerations": tuple(_objects.dig(spec, "tolerations") or ()),
    }


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
