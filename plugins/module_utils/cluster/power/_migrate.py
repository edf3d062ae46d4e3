# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emptying a node by live migration. This module util is private to the collection.

A migration is asked for by an object VirtualMachineInstanceMigration; KubeVirt queues what it does not start at once.
Where a VM goes is the scheduler's choice: Harvester has written the VM's cluster networks into its node affinity.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .. import _cordon, _objects
from .._kinds import BY_KEY
from .._placement import placement
from .._plan import Step
from .._snapshot import Snapshot
from .._vms import RUNNING, Vmi
from . import _activity
from ._turn import Turn, Write

ATTEMPTS = 2
"""Migrations that are asked for per VM before it counts as one that cannot move."""
PER_GIB = 150
"""Seconds per GiB of memory after which KubeVirt gives a migration up (its ``completionTimeoutPerGiB``)."""
LABEL = "harvester.network/migration-of"
"""Label of the migrations that this collection has asked for: the name of the node that is emptied."""

_GIB = 1024**3
_UNITS = {"": 1, "m": 0.001, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_UNITS.update({"Ki": 1024, "Mi": 1024**2, "Gi": _GIB, "Ti": 1024**4})
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([A-Za-z]*)\Z")


class Staying(NamedTuple):
    """A VM that cannot leave its node. reasons: sentence parts about it."""

    reference: str
    reasons: Tuple[str, ...]

    def __str__(self) -> str:
        return "VM '%s' cannot move: %s" % (self.reference, "; ".join(self.reasons))


class Evacuation(NamedTuple):
    """What becomes of the VMs of a node.

    moving: those that can be live-migrated, by reference. staying: those that cannot. starting: those of which that
    cannot be said yet.
    """

    node: str
    moving: Tuple[Vmi, ...]
    staying: Tuple[Staying, ...]
    starting: Tuple[Vmi, ...] = ()


def evacuation(
    snapshot: Snapshot, node: str, only: Optional[Iterable[str]] = None, leaving: Iterable[str] = ()
) -> Evacuation:
    """Tell the VMs of a node that can leave it from those that cannot, with the reasons.

    only: VMs by reference; None for all. leaving: other nodes that are emptied too, where none can go. Instances that
    have ended, or are ending, do not count. CPU and memory of the other nodes are not looked at.
    """
    closed = frozenset(leaving)
    wanted = None if only is None else frozenset(only)
    moving: List[Vmi] = []
    staying: List[Staying] = []
    starting: List[Vmi] = []
    for reference, vmi in sorted(snapshot.vmis.items()):
        if vmi.node != node or vmi.final or vmi.deleting or (wanted is not None and reference not in wanted):
            continue
        if vmi.phase != RUNNING:
            starting.append(vmi)
            continue
        reasons = _reasons(snapshot, vmi, closed)
        if reasons:
            staying.append(Staying(reference, tuple(reasons)))
        else:
            moving.append(vmi)
    return Evacuation(node, tuple(moving), tuple(staying), tuple(starting))


def migrate_turn(
    snapshot: Snapshot,
    node: str,
    only: Optional[Iterable[str]] = None,
    cordon: bool = True,
    moved: Iterable[str] = (),
    earlier: Iterable[str] = (),
    leaving: Iterable[str] = (),
) -> Turn:
    """The next look at a node that is to be emptied; what cannot move is not waited for, see evacuation().

    cordon: whether the node takes no new VMs from now on; the cordon stays. moved: VMs, by reference, that were on the
    node when the work began: where they are now has to have their networks. earlier: migrations, by name, that had
    failed before the work began; they do not count as attempts. leaving: as of evacuation().
    Raises KeyError for an unknown node.
    """
    writes: List[Write] = []
    cordoning = _cordon.cordon(snapshot, node) if cordon else None
    if cordoning is not None:
        writes.append(Write(cordoning, "it is emptied, and takes no VMs until its change is proved"))
    found = evacuation(snapshot, node, only, leaving)
    before = frozenset(earlier)
    failures = _misplaced(snapshot, node, moved)
    going = _activity.migrations(snapshot)
    missing = [
        "VM '%s' is starting on node '%s': its instance is %s" % (vmi.reference, node, vmi.phase or "new")
        for vmi in found.starting
    ]
    for vmi in found.moving:
        missing.append("VM '%s' is still on node '%s'" % (vmi.reference, node))
        if vmi.reference in going:
            missing[-1] += ": migration '%s' is in progress" % going[vmi.reference]
            continue
        failed = [item for item in _failed(snapshot, vmi, node) if _objects.name(item) not in before]
        if len(failed) >= ATTEMPTS:
            missing.pop()
            failures.append(
                "VM '%s' did not move: %d migrations have failed, the last with: %s"
                % (vmi.reference, len(failed), _failure(failed[-1]))
            )
            continue
        writes.append(_migration(snapshot, vmi, node))
    moving = {write.step.name for write in writes if write.step.kind == "migrations"}
    return Turn(
        writes=tuple(writes),
        missing=tuple(missing),
        failures=tuple(failures),
        bound=sum(bound(snapshot, vmi) for vmi in found.moving) if moving else 0,
    )


def bound(snapshot: Snapshot, vmi: Vmi) -> float:
    """Seconds after which KubeVirt itself gives the migration of a VM up: by its memory, at least that of one GiB."""
    item = snapshot.get("vmis", vmi.name, vmi.namespace) or {}
    domain = _objects.dig(item, "spec", "domain")
    given = _objects.dig(domain, "memory", "guest") or _objects.dig(domain, "resources", "requests", "memory")
    return PER_GIB * max(1.0, quantity(given) / _GIB)


def quantity(text: Any) -> float:
    """A Kubernetes quantity ("4Gi", "1500M", 1024) as a number; 0 for what is none."""
    match = _QUANTITY.match(str(text).strip())
    if not match or match[2] not in _UNITS:
        return 0.0
    return float(match[1]) * _UNITS[match[2]]


def uncordoning(snapshot: Snapshot, node: str) -> Tuple[Write, ...]:
    """What takes this collection's own cordon from a node; nothing where somebody else has cordoned it."""
    step = _cordon.uncordon(snapshot, node)
    return (Write(step, "its VMs were moved, and the change is done"),) if step is not None else ()


def _reasons(snapshot: Snapshot, vmi: Vmi, closed: FrozenSet[str]) -> List[str]:
    if vmi.paused:
        return ["it is paused (%s)" % vmi.paused]
    found = []
    if vmi.fixed:
        found.append("KubeVirt cannot live-migrate it: %s" % vmi.fixed)
    if vmi.host_devices:
        found.append("it has devices of its node: %s" % _objects.listed(vmi.host_devices))
    where = placement(snapshot, vmi)
    if not [name for name in where.nodes if name != vmi.node and name not in closed]:
        why = {**where.reasons, **dict.fromkeys(closed, ("it is emptied too",))}
        others = ["%s: %s" % (name, why[name][0]) for name in sorted(why) if name != vmi.node]
        found.append("no other node could run it (%s)" % ("; ".join(others) or "there is none"))
    return found


def _misplaced(snapshot: Snapshot, node: str, moved: Iterable[str]) -> List[str]:
    """VMs that were moved to a node on which a network of theirs is not active: they have lost it."""
    found = []
    for reference in moved:
        vmi = snapshot.vmis.get(reference)
        target = snapshot.nodes.get(vmi.node) if vmi and vmi.node != node else None
        if vmi is None or target is None:
            continue
        networks = {nad.cluster_network for nad in map(snapshot.nads.get, vmi.networks) if nad is not None}
        lost = sorted(network for network in networks if network and not target.active(network))
        if lost:
            found.append(
                "VM '%s' has moved to node '%s', where cluster network %s is not active; move it on"
                % (reference, target.name, _objects.listed(lost))
            )
    return found


def _failed(snapshot: Snapshot, vmi: Vmi, node: str) -> Sequence[_objects.Object]:
    """The migrations of this instance that this collection has asked for and that have failed, oldest first."""
    return sorted(
        (
            item
            for item in snapshot.all("migrations")
            if _objects.namespace(item) == vmi.namespace
            and _objects.dig(item, "spec", "vmiName") == vmi.name
            and _objects.name(item).startswith(_stem(vmi))
            and _objects.labels_of(item).get(LABEL) == node
            and _objects.dig(item, "status", "phase") == "Failed"
        ),
        key=_objects.name,
    )


def _failure(item: Mapping[str, Any]) -> str:
    reason = _objects.dig(item, "status", "migrationState", "failureReason")
    return str(reason or "no reason given")


def _stem(vmi: Vmi) -> str:
    """Of the names of an instance's migrations; the digest keeps two VMs with one long beginning apart."""
    digest = hashlib.sha256(("%s %s" % (vmi.reference, vmi.uid)).encode()).hexdigest()[:8]
    return "move-%s-%s-" % (vmi.name[:40].rstrip("-."), digest)


def _migration(snapshot: Snapshot, vmi: Vmi, node: str) -> Write:
    taken = {_objects.name(item) for item in snapshot.all("migrations") if _objects.namespace(item) == vmi.namespace}
    count = next(count for count in range(1, len(taken) + 2) if _stem(vmi) + str(count) not in taken)
    kind = BY_KEY["migrations"]
    item = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "metadata": {"name": _stem(vmi) + str(count), "namespace": vmi.namespace, "labels": {LABEL: node}},
        "spec": {"vmiName": vmi.name},
    }
    return Write(Step("migrations", None, item), "VM '%s' leaves node '%s'" % (vmi.reference, node))
