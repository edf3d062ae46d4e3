# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Longhorn volumes before a reboot. This module util is private to the collection.

The rule is that of Harvester's upgrade (HV package/upgrade/upgrade_node.sh, wait_longhorn_engines): it looks at the
volumes with a running engine. A detached volume is used by nobody, and its replicas come back with their nodes.
"""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, Mapping, Tuple

from .. import _keys, _objects
from .._kinds import LONGHORN_SYSTEM
from .._snapshot import Snapshot

MANAGED = "harvesterhci.io/managed"
VOLUME = "longhornvolume"
"""Label of an engine: its volume."""
READ_WRITE = "RW"
"""Mode of a replica that has all of the data."""


def unhealthy(snapshot: Snapshot) -> Iterator[str]:
    """What the volumes in use lack, a line each.

    With more than two nodes that hold volumes every one has to be healthy. With fewer it cannot be, and two readable
    replicas are enough; one, where the volume is to have no more.
    """
    strict = len(_holding(snapshot)) > 2
    for name, engine, volume in _running(snapshot):
        robustness = str(_objects.dig(volume, "status", "robustness") or "unknown")
        count = len(_readable(engine))
        needed = 1 if _objects.dig(volume, "spec", "numberOfReplicas") == 1 else 2
        if strict and robustness != "healthy":
            yield "volume %s is %s, not healthy" % (_title(name, volume), robustness)
        elif not strict and count < needed:
            yield "volume %s has %d readable replicas, of %d needed" % (_title(name, volume), count, needed)


def exposed(snapshot: Snapshot, turn: Iterable[str]) -> Iterator[str]:
    """The volumes in use that would have no readable replica left without these nodes, a line each."""
    going = frozenset(turn)
    places = {_objects.name(item): str(_objects.dig(item, "spec", "nodeID") or "") for item in snapshot.all("replicas")}
    for name, engine, volume in _running(snapshot):
        nodes = {places.get(replica, "") for replica in _readable(engine)}
        if nodes and nodes <= going:
            yield (
                "volume %s has its only healthy replica on node %s, which is to be rebooted. Give it another replica,"
                " or stop who uses it"
            ) % (_title(name, volume), _objects.listed(sorted(nodes)))


def fragile(snapshot: Snapshot) -> Iterator[str]:
    """The volumes in use that do not bear that one node is cut off for moments, a line each: those that are to have a
    single replica, and those that are not healthy, as during a rebuild."""
    for name, _engine, volume in _running(snapshot):
        robustness = str(_objects.dig(volume, "status", "robustness") or "unknown")
        if _objects.dig(volume, "spec", "numberOfReplicas") == 1:
            yield "volume %s has a single replica" % _title(name, volume)
        elif robustness != "healthy":
            yield "volume %s is %s, not healthy" % (_title(name, volume), robustness)


def _holding(snapshot: Snapshot) -> Tuple[str, ...]:
    nodes = snapshot.nodes.values()
    return tuple(
        node.name for node in nodes if node.labels.get(MANAGED) == "true" and node.labels.get(_keys.WITNESS) != "true"
    )


def _running(snapshot: Snapshot) -> Iterator[Tuple[str, _objects.Object, _objects.Object]]:
    """(volume, engine, volume's object) of the volumes in use, by name."""
    found: Dict[str, _objects.Object] = {}
    for engine in snapshot.all("engines"):
        if _objects.dig(engine, "status", "currentState") == "running":
            found[_objects.labels_of(engine).get(VOLUME) or _objects.name(engine)] = engine
    for name in sorted(found):
        yield name, found[name], snapshot.get("volumes", name, LONGHORN_SYSTEM) or {}


def _readable(engine: Mapping[str, object]) -> Tuple[str, ...]:
    modes = _objects.dig(engine, "status", "replicaModeMap") or {}
    return tuple(sorted(replica for replica, mode in modes.items() if mode == READ_WRITE))


def _title(name: str, volume: _objects.Object) -> str:
    """With its claim, by which its owner knows it."""
    status = _objects.dig(volume, "status", "kubernetesStatus") or {}
    claim = "%s/%s" % (status.get("namespace"), status.get("pvcName")) if status.get("pvcName") else ""
    return "%s (claim %s)" % (name, claim) if claim else name
