# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which VMs a call is about. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, FrozenSet, List, Mapping, Optional, Tuple

from ...common._errors import Problem, ValidationError
from .. import _keys, _selectors
from .._attachments import attachment, guests
from .._snapshot import Snapshot
from .._vms import Guest

SELECTORS = ("cluster_networks", "pod_network", "namespaces", "labels", "names", "node", "nodes", "all_vms")


@dataclass(frozen=True)
class Selection:
    """What selects VMs; all that is given has to hold, and None selects nothing and excludes nothing.

    cluster_networks: VMs that are attached to one of them, mgmt included. pod_network: VMs on the built-in pod network,
    beside those of cluster_networks. namespaces: of the VM. labels: of the VM or its template. names: as
    "namespace/name". nodes: where the instance runs. all_vms: every VM.
    """

    cluster_networks: Optional[FrozenSet[str]] = None
    pod_network: bool = False
    namespaces: Optional[FrozenSet[str]] = None
    labels: Optional[Mapping[str, str]] = None
    names: Optional[FrozenSet[str]] = None
    nodes: Optional[FrozenSet[str]] = None
    all_vms: bool = False

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Selection:
        """From module options. Raises ValidationError when nothing selects."""
        if not any(options.get(name) for name in SELECTORS):
            problem = Problem("vm_power", "", None, "nothing selects VMs", "give one of %s" % ", ".join(SELECTORS))
            raise ValidationError([problem])
        nodes = [*(options.get("nodes") or ()), *([options["node"]] if options.get("node") else [])]
        return cls(
            cluster_networks=_set(options.get("cluster_networks")),
            pod_network=bool(options.get("pod_network")),
            namespaces=_set(options.get("namespaces")),
            labels={str(key): str(value) for key, value in (options.get("labels") or {}).items()} or None,
            names=_set(options.get("names")),
            nodes=_set(nodes),
            all_vms=bool(options.get("all_vms")),
        )


def chosen(snapshot: Snapshot, selection: Selection) -> Tuple[str, ...]:
    """The VMs that the selection means and that hold their networks now, by reference.

    A VM that is halted and has no instance is none of them: there is nothing to stop. Raises ValidationError when a
    name, a cluster network or a node is not there.
    """
    _check(snapshot, selection)
    return tuple(guest.reference for guest in guests(snapshot) if _selected(snapshot, guest, selection))


def running(snapshot: Snapshot, selection: Selection) -> Tuple[str, ...]:
    """Those of the chosen VMs whose instance has not ended and is not ending, by reference."""
    found = (snapshot.vmis.get(reference) for reference in chosen(snapshot, selection))
    return tuple(vmi.reference for vmi in found if vmi is not None and not vmi.final and not vmi.deleting)


def _selected(snapshot: Snapshot, guest: Guest, selection: Selection) -> bool:
    networks = attachment(snapshot, guest)
    if not networks.attached:
        return False
    if selection.names is not None and guest.reference not in selection.names:
        return False
    if selection.namespaces is not None and guest.namespace not in selection.namespaces:
        return False
    if selection.labels is not None and not _selectors.matches(selection.labels, guest.labels):
        return False
    if selection.nodes is not None and networks.node not in selection.nodes:
        return False
    if selection.cluster_networks is None and not selection.pod_network:
        return True
    used = {*networks.cluster_networks, *([_keys.MGMT] if networks.mgmt_networks else [])}
    return bool(used & (selection.cluster_networks or frozenset())) or (selection.pod_network and networks.pod_network)


def _check(snapshot: Snapshot, selection: Selection) -> None:
    problems: List[Problem] = []
    known = {guest.reference for guest in guests(snapshot)}
    for name in sorted((selection.names or frozenset()) - known):
        problems.append(Problem("vm_power", "names", name, "there is no such VM", "give it as namespace/name"))
    for name in sorted(selection.cluster_networks or ()):
        if snapshot.get("clusternetworks", name) is None:
            problems.append(
                Problem("vm_power", "cluster_networks", name, "there is no such cluster network", "see network_info")
            )
    for name in sorted((selection.nodes or frozenset()) - set(snapshot.nodes)):
        problems.append(Problem("vm_power", "node", name, "there is no such node", "give its name in the cluster"))
    if problems:
        raise ValidationError(problems)


def _set(given: Any) -> Optional[FrozenSet[str]]:
    return frozenset(str(item) for item in given) if given else None
