# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses the management network, and so has to stop for a change of its MTU.

Longhorn is the reason to stop more than the VMs on mgmt: its replicas use the storage network, and the pod network
where there is none (harvester docs, advanced/storagenetwork). Both may run over mgmt. This module util is private to
the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ...cluster import _keys, _nad, _storage
from ...cluster._attachments import Attachment, attachments
from ...cluster._host_config import HostConfig
from ...cluster._snapshot import Snapshot

KINDS = (
    "nodes",
    "clusternetworks",
    "nads",
    "vms",
    "vmis",
    "settings",
    "hostnetworkconfigs",
    "volumes",
    "engines",
    "replicas",
)
"""What is looked at, keys of _kinds.BY_KEY."""

STOP, KEEP = "stop", "keep"
RUNNING_VMS = (STOP, KEEP)
LIVE, REBOOT = "live", "reboot"
APPLIES = (LIVE, REBOOT)
ON_MGMT, ON_PODS, ELSEWHERE = "mgmt", "pod_network", "elsewhere"


class Wish(NamedTuple):
    """What the operator asks for. mtu_from, mtu_to: bytes. annotate_only: the hosts have mtu_to, and Harvester does not
    know it. ports: node -> ports of its bond that carry traffic (``up``) and that do not (``down``). profiles: node ->
    profile -> its MTU, None where it names none. turns: the nodes in their order, each with ``node`` and, of the layers
    ``lower`` and ``upper``, device -> its MTU. The others are the options of module mgmt_mtu_info."""

    mtu_from: int
    mtu_to: int
    apply: str = LIVE
    running_vms: str = STOP
    stop_pod_network_vms: bool = True
    pod_network_mtu_ready: bool = False
    switches_ready: bool = False
    switches_phase: bool = False
    switches_bound: int = 1800
    prove_legs: bool = True
    installer_config: bool = False
    canal_restarts: Sequence[str] = ()
    gitops_paused: bool = False
    annotate_only: bool = False
    ports: Mapping[str, Mapping[str, Sequence[str]]] = {}
    profiles: Mapping[str, Mapping[str, Optional[int]]] = {}
    turns: Sequence[Mapping[str, Any]] = ()
    vms: Mapping[str, Any] = {}
    settings: Mapping[str, Any] = {}

    @property
    def raises(self) -> bool:
        return self.mtu_to > self.mtu_from

    @property
    def reboots(self) -> bool:
        return self.apply == REBOOT


class Stop(NamedTuple):
    """A VM that stops ("namespace/name"), and why, a sentence part each."""

    vm: str
    reasons: Tuple[str, ...]


class Case(NamedTuple):
    """What the change means for this cluster.

    longhorn: where the replicas talk, ON_MGMT, ON_PODS (over mgmt too) or ELSEWHERE. why: that as a sentence, with what
    follows. every_vm: whether every VM stops. stops: the VMs that hold networks now, by name. settings: those whose
    networks are on mgmt and are released and put back. host_configs: host network configurations on mgmt. overlay: VMs
    on overlay networks, by name.
    """

    longhorn: str
    why: str
    every_vm: bool
    stops: Tuple[Stop, ...]
    settings: Tuple[str, ...]
    host_configs: Tuple[HostConfig, ...]
    overlay: Tuple[str, ...]


_WHY = {
    ON_MGMT: "The storage network is on mgmt: it is switched off meanwhile, for which every VM stops.",
    ON_PODS: (
        "There is no storage network, so Longhorn's replicas talk over the pod network, which runs over mgmt: every VM"
        " stops."
    ),
    ELSEWHERE: "The storage network is on cluster network '%s': only VMs on mgmt stop.",
}
_ANNOTATED = "The hosts stay as they are: only VMs on VM networks of mgmt stop, as Harvester wants for its annotation."
_KEPT = (
    "There is no storage network, so Longhorn's replicas talk over the pod network, which runs over mgmt. VMs that are"
    " not on mgmt keep running, one node changes at a time, and volumes are healthy before the first and after each."
)


def case(snapshot: Snapshot, wish: Wish) -> Case:
    """The case of this cluster; a VM that neither runs nor will be started has nothing to stop."""
    longhorn, network = _longhorn(snapshot)
    keeps = wish.annotate_only or wish.running_vms == KEEP
    every_vm = longhorn == ON_MGMT or (longhorn == ON_PODS and not keeps)
    why = _KEPT if longhorn == ON_PODS and not every_vm else _WHY[longhorn]
    if wish.annotate_only and not every_vm:
        why = _ANNOTATED
    held = [one for one in attachments(snapshot) if one.attached]
    reasons: Dict[str, List[str]] = {one.guest: _reasons(snapshot, one, wish, every_vm) for one in held}
    for found in reasons.values():
        if every_vm:
            found.append(
                "Longhorn's replicas use the %s" % ("storage network on mgmt" if longhorn == ON_MGMT else "pod network")
            )
    configs = [HostConfig.read(item) for item in snapshot.all("hostnetworkconfigs")]
    return Case(
        longhorn=longhorn,
        why=why % network if why == _WHY[ELSEWHERE] else why,
        every_vm=every_vm,
        stops=tuple(Stop(vm, tuple(found)) for vm, found in sorted(reasons.items()) if found),
        settings=tuple(name for name in _storage.SETTINGS if _network(snapshot, name) == _keys.MGMT),
        host_configs=tuple(
            sorted((one for one in configs if one.cluster_network == _keys.MGMT), key=lambda one: one.name)
        ),
        overlay=tuple(sorted(one.guest for one in held if _overlays(snapshot, one))),
    )


def _network(snapshot: Snapshot, setting: str) -> str:
    """The cluster network of a setting; empty where it has none of its own."""
    found = _storage.network_of(snapshot, setting)
    return found.cluster_network if found else ""


def _longhorn(snapshot: Snapshot) -> Tuple[str, str]:
    """Where Longhorn's replicas talk, and the cluster network of the storage network."""
    network = _network(snapshot, _storage.STORAGE)
    if not network:
        return ON_PODS, ""
    return (ON_MGMT if network == _keys.MGMT else ELSEWHERE), network


def _reasons(snapshot: Snapshot, one: Attachment, wish: Wish, every_vm: bool) -> List[str]:
    overlays = _overlays(snapshot, one)
    found = ["overlay network %s" % name for name in overlays if name in one.mgmt_networks]
    found += ["VM network %s" % name for name in one.mgmt_networks if name not in overlays]
    if one.pod_network and ((wish.stop_pod_network_vms and not wish.annotate_only) or every_vm):
        found.append("built-in pod network")
    return found


def _overlays(snapshot: Snapshot, one: Attachment) -> List[str]:
    """The overlay networks of a VM, on whichever cluster network."""
    names = sorted({*one.networks, *one.mgmt_networks})
    return [name for name in names if snapshot.nads[name].network_type == _nad.OVERLAY_TYPE]
