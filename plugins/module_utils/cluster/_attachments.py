# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VM uses which VM network, cluster network and configuration. This module util is private to the collection.

Three things are told apart: VM networks of a custom cluster network; VM networks of cluster network mgmt (overlays
included, their label says mgmt); and the built-in pod network, which runs over mgmt but which no webhook looks at.
"""

from __future__ import annotations

from typing import Iterable, List, NamedTuple, Optional, Tuple

from . import _keys
from ._config import NetworkConfig
from ._snapshot import Snapshot
from ._vms import Guest, Vmi, starts


class Attachment(NamedTuple):
    """The networks of one VM.

    guest: "namespace/name". cluster_networks: without mgmt. networks: VM networks of those. mgmt_networks: VM networks
    of mgmt. pod_network: whether it is on the built-in pod network. missing: VM networks that do not exist. node:
    where it runs; empty when it does not. attached: whether it holds these networks: it has an instance, in any phase
    and with or without a node, or its run strategy will start it. A VM that is neither has the networks of its
    template.
    """

    guest: str
    cluster_networks: Tuple[str, ...]
    networks: Tuple[str, ...]
    mgmt_networks: Tuple[str, ...]
    pod_network: bool
    missing: Tuple[str, ...]
    node: str
    attached: bool


def attachment(snapshot: Snapshot, guest: Guest) -> Attachment:
    """The networks of a VM: those of its instance, and those of its template where KubeVirt will start from that.

    The two differ after a change that waits for a restart. A running VM that would not be started again, with run
    strategy Manual for one, has those of its instance alone.
    """
    vm, running = snapshot.vms.get(guest.reference), snapshot.vmis.get(guest.reference)
    faces: List[Guest] = [running] if running else []
    if vm and (not running or starts(vm.run_strategy, running.phase)):
        faces.append(vm)
    faces = faces or [guest]
    found = {name: snapshot.nads.get(name) for face in faces for name in face.networks}
    custom = {name: nad for name, nad in found.items() if nad and nad.cluster_network != _keys.MGMT}
    return Attachment(
        guest=guest.reference,
        cluster_networks=tuple(sorted({nad.cluster_network for nad in custom.values() if nad.cluster_network})),
        networks=tuple(sorted(custom)),
        mgmt_networks=tuple(sorted(name for name, nad in found.items() if nad and name not in custom)),
        pod_network=any(face.pod_network for face in faces),
        missing=tuple(sorted(name for name, nad in found.items() if nad is None)),
        node=running.node if running else "",
        attached=running is not None or (vm is not None and vm.starts(None)),
    )


def guests(snapshot: Snapshot) -> Tuple[Guest, ...]:
    """Every VM once, by reference: its running instance where it has no VM object, else the VM."""
    found = {**snapshot.vmis, **snapshot.vms}
    return tuple(found[reference] for reference in sorted(found))


def attachments(snapshot: Snapshot) -> Tuple[Attachment, ...]:
    """The networks of every VM, by reference."""
    return tuple(attachment(snapshot, guest) for guest in guests(snapshot))


def blocking(snapshot: Snapshot, cluster_network: str, nodes: Optional[Iterable[str]] = None) -> Tuple[Vmi, ...]:
    """The running instances that stop a change of a cluster network, by reference.

    As NC pkg/utils/vmi.go finds them: every VirtualMachineInstance object, in any phase, Succeeded and Failed too,
    that uses a VM network whose label names the cluster network. nodes: only instances on these (``status.nodeName``;
    one that waits for a node is on none); None for all, also those without a node.
    """
    wanted = None if nodes is None else frozenset(nodes)
    found = {
        vmi.reference: vmi
        for nad in snapshot.nads_of(cluster_network)
        for vmi in snapshot.vmis_of(nad.reference)
        if wanted is None or vmi.node in wanted
    }
    return tuple(found[reference] for reference in sorted(found))


def on_virtual_functions(snapshot: Snapshot, nodes: Iterable[str], nics: Iterable[str]) -> Tuple[Vmi, ...]:
    """The running instances on these nodes that were given a virtual function of one of these NICs, by reference.

    Harvester does not count them. SR-IOV devices are named "<node>-<NIC>" and list the PCI devices of their virtual
    functions (pcidevices, SRIOVNetworkDevice ``status.vfPCIDevices``).
    """
    places = {"%s-%s" % (node, nic) for node in nodes for nic in nics}
    functions = {
        str(device)
        for item in snapshot.all("sriov_devices")
        if (item.get("metadata") or {}).get("name") in places
        for device in (item.get("status") or {}).get("vfPCIDevices") or ()
    }
    found = [vmi for vmi in snapshot.vmis.values() if functions.intersection(vmi.host_devices)]
    return tuple(sorted(found, key=lambda vmi: vmi.reference))


def of_config(snapshot: Snapshot, config: NetworkConfig) -> Tuple[Vmi, ...]:
    """The running instances that a change of a configuration's uplink interrupts, by reference."""
    found = {vmi.reference: vmi for vmi in blocking(snapshot, config.cluster_network, config.nodes)}
    found.update({vmi.reference: vmi for vmi in on_virtual_functions(snapshot, config.nodes, config.nics or ())})
    return tuple(found[reference] for reference in sorted(found))


def on_pod_network(snapshot: Snapshot) -> Tuple[Vmi, ...]:
    """The running instances on the built-in pod network, by reference: a change of mgmt interrupts them too."""
    return tuple(vmi for _reference, vmi in sorted(snapshot.vmis.items()) if vmi.pod_network)


def names(found: Iterable[Guest]) -> List[str]:
    """References for a message."""
    return [guest.reference for guest in found]
