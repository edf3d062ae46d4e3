# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against stopping VMs, and which guests may be killed. This module util is private to the collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ...common._errors import Problem
from .._objects import listed
from .._snapshot import Snapshot
from .._vms import ONCE, POOL, Vm, Vmi
from . import _activity

IO_ERROR = "PausedIOError"
REFUSE, UNPAUSE, KILL, WAIT = "refuse", "unpause", "kill", "wait"


@dataclass(frozen=True)
class Policy:
    """What a stop may do.

    paused_vms: "refuse", "unpause" them before they are stopped, or "kill": KubeVirt ends them when their grace is
    over. busy_vms: whether migrations and backups in progress are waited for ("wait") or refused ("refuse").
    guest_clusters_paused: whether Rancher leaves the nodes of guest clusters alone. min_grace: seconds below which the
    grace of a VM is told. force: whether a guest that outlives its grace is forced off.
    """

    paused_vms: str = REFUSE
    busy_vms: str = WAIT
    guest_clusters_paused: bool = False
    min_grace: int = 120
    force: bool = False

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Policy:
        """From module options of the same names."""
        return cls(**{field: options[field] for field in cls.__dataclass_fields__ if options.get(field) is not None})


class Caution(NamedTuple):
    """A VM whose guest may not end cleanly. reasons: sentence parts about it."""

    namespace: str
    name: str
    reasons: List[str]

    def as_result(self) -> Dict[str, Any]:
        return {"namespace": self.namespace, "name": self.name, "reasons": self.reasons}

    def __str__(self) -> str:
        return "VM '%s/%s': %s" % (self.namespace, self.name, "; ".join(self.reasons))


def refusals(snapshot: Snapshot, references: Iterable[str], policy: Policy) -> List[Problem]:
    """What speaks against stopping these VMs, by reference, then by guest cluster; empty when nothing does."""
    found: List[Problem] = []
    clusters: Dict[str, List[str]] = {}
    going = _activity.going_on(snapshot) if policy.busy_vms == REFUSE else {}
    for reference in references:
        vm, vmi = snapshot.vms.get(reference), snapshot.vmis.get(reference)
        if vm is None:
            found.append(
                Problem(
                    "VM instance '%s'" % reference,
                    "",
                    None,
                    "it has no VM that could start it again",
                    "let its owner%s end it" % (" (%s)" % vmi.owner if vmi and vmi.owner else ""),
                )
            )
            continue
        found += [
            Problem("VM '%s'" % reference, "", None, *text)
            for text in _texts(vm, vmi, policy, going.get(reference, ()))
        ]
        if vm.guest_cluster and not policy.guest_clusters_paused:
            clusters.setdefault(vm.guest_cluster, []).append(reference)
    for cluster, names in sorted(clusters.items()):
        found.append(
            Problem(
                "guest cluster '%s'" % cluster,
                "",
                None,
                "its nodes %s would be stopped, and Rancher may replace nodes that it cannot reach and delete their VMs"
                % listed(names),
                "pause it (in Rancher: the cluster's machine pools and node health checks), then set"
                " guest_clusters_paused=true",
            )
        )
    return found


def _texts(vm: Vm, vmi: Optional[Vmi], policy: Policy, going: Iterable[str]) -> Iterator[Tuple[str, str]]:
    """(rule, remedy) of each objection to stopping one VM."""
    if vm.owner == POOL:
        yield "it belongs to a pool, which would make another", "scale the pool (%s) down instead" % POOL
    if vmi is not None and vmi.final and vm.run_strategy == ONCE:
        yield (
            "its run strategy is Once and its instance has ended (%s): without the instance KubeVirt would boot it"
            % vmi.phase,
            "let its owner set run strategy Halted, or delete it",
        )
    if vmi is not None and vmi.paused and not vmi.final:
        if vmi.paused == IO_ERROR:
            yield "it is paused by an I/O error; its guest cannot shut down", "repair its storage first"
        elif policy.paused_vms == REFUSE:
            yield (
                "it is paused (%s); its guest cannot shut down" % vmi.paused,
                "resume it, or set paused_vms to unpause or kill",
            )
    for text in going:
        yield text, "wait until it has ended, or set busy_vms=wait"


def cautions(snapshot: Snapshot, references: Iterable[str], policy: Policy) -> List[Caution]:
    """The running VMs whose guests may be killed instead of shut down, by reference.

    KubeVirt kills a guest when ``terminationGracePeriodSeconds`` is over, whatever a tool does; without a guest agent
    it only presses the virtual power button, which a guest may ignore.
    """
    found = []
    for reference in references:
        vmi = snapshot.vmis.get(reference)
        if vmi is None or vmi.final:
            continue
        reasons = []
        if not vmi.agent:
            reasons.append("no guest agent is connected, so its guest may ignore the request to shut down")
        if vmi.grace < policy.min_grace:
            reasons.append("it is killed %d s after the request to shut down" % vmi.grace)
        if reasons:
            found.append(Caution(vmi.namespace, vmi.name, reasons))
    return found


def by_guest_cluster(snapshot: Snapshot, references: Iterable[str]) -> Dict[str, List[str]]:
    """Guest cluster -> those of these VMs that are its nodes."""
    found: Dict[str, List[str]] = {}
    for reference in references:
        guest = snapshot.vms.get(reference) or snapshot.vmis.get(reference)
        if guest is not None and guest.guest_cluster:
            found.setdefault(guest.guest_cluster, []).append(reference)
    return found
