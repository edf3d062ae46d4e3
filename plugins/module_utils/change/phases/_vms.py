# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases in which VMs stop or move, and start again. Role vms. This module util is private to the collection."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ...cluster._snapshot import Snapshot
from ...cluster.power import _migrate, _record
from ...cluster.power._order import Order
from ...cluster.power._procedures import MARGIN, Stop
from ...cluster.power._record import Entry
from ...cluster.power._selection import Selection, running

ROLE = "harvester.network.vms"
STOP, START = "vms-stop", "vms-start"
WAIT = 300
"""Seconds after the last write that role vms waits for unless the phase's input has wait_timeout."""
BATCH = 10
"""VMs of one node that may be starting at a time by default."""
SELECTION = {
    "cluster_networks": "cluster_networks",
    "pod_network": "pod_network",
    "namespaces": "namespaces",
    "labels": "labels",
    "names": "names",
    "nodes": "nodes",
    "all": "all_vms",
}
NARROWER = {"pod_network", "namespaces", "labels", "names", "all"}
"""Keys of SELECTION besides cluster networks and nodes."""
OPTIONS = {
    "paused": "paused_vms",
    "busy": "busy_vms",
    "guest_clusters_paused": "guest_clusters_paused",
    "min_grace": "min_grace",
    "force": "force",
    "window": "window",
    "infrastructure": "infrastructure_vms",
    "order": "order",
    "order_label": "order_label",
    "start_batch": "start_batch",
    "canary": "canary",
    "cordon": "cordon",
    "non_migratable": "non_migratable_vms",
    "wait_timeout": "wait_timeout",
}
"""Key of a phase's input, an option of role vms without its prefix -> option of module vm_power."""


def stopping(snapshot: Snapshot, told: Mapping[str, Any], moment: datetime) -> Tuple[Entry, ...]:
    """The VMs that the input of a phase means and that have to be stopped, as they are now.

    moment: the beginning of the window, in UTC and naive. Raises ValidationError for VMs that cannot be stopped, as
    paused ones.
    """
    options = {name: told[key] for key, name in {**SELECTION, **OPTIONS}.items() if key in told}
    procedure = Stop(options, moment)
    procedure.judge(snapshot)
    return procedure.entries


def phases(
    snapshot: Snapshot, selection: Mapping[str, Any], options: Mapping[str, Any], entries: Sequence[Entry]
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """The phase that stops VMs, and the one that starts them.

    selection: keys of SELECTION. options: keys of OPTIONS. entries: of stopping().
    """
    stop = {
        "id": STOP,
        "role": ROLE,
        "bound": _stop_bound(snapshot, entries, options),
        "input": {"state": "stopped", **selection, **options},
        "until": START,
    }
    start = {
        "id": START,
        "role": ROLE,
        "bound": _start_bound(snapshot, entries, options),
        "input": {"state": "started", "of": STOP, **options},
    }
    return stop, start


def restoring(
    snapshot: Snapshot, source: Mapping[str, Any], change: str, image: Mapping[str, Any], options: Mapping[str, Any]
) -> Dict[str, Any]:
    """The phase that brings VMs, jobs and nodes back that another change has stopped, moved and closed.

    source: the input of that change's phase. change: its id. image: what it has recorded. options: keys of OPTIONS.
    """
    told: Dict[str, Any] = {"state": "started", "record": dict(image), "record_of": change, **options}
    if source["state"] == "migrated":
        # Its undoing empties the nodes again, which takes the selection.
        told.update({key: source[key] for key in SELECTION if key in source}, moved=True)
    bound = _start_bound(snapshot, _record.read(image.get("vms") or ()), options)
    return {"id": START, "role": ROLE, "bound": bound, "input": told}


def looked_into(start: Dict[str, Any], vms: Sequence[str], mtu: int) -> None:
    """Have the phase that starts VMs look into the guests among these: their interfaces have another MTU since.

    vms: "namespace/name", on VM networks that have changed. mtu: bytes. Role guest_check knows which are guests.
    """
    if vms:
        start["input"]["guests"] = {"vms": list(vms), "mtu": mtu}


def ends_on(start: Dict[str, Any], bridge: str, mtu: int) -> None:
    """Have the phase that starts VMs prove the hosts' ends of their interfaces on a bridge.

    mtu: bytes, of every port that the bridge did not have before the phase.
    """
    start["input"]["ends"] = {"bridge": bridge, "mtu": mtu}


def moving(snapshot: Snapshot, told: Mapping[str, Any]) -> Tuple[str, ...]:
    """The VMs that the input of a phase moves off its nodes, by reference."""
    return running(snapshot, Selection.read({name: told[key] for key, name in SELECTION.items() if key in told}))


def emptied(
    snapshot: Snapshot, phase_id: str, selection: Mapping[str, Any], options: Mapping[str, Any]
) -> Dict[str, Any]:
    """The phase that moves VMs off nodes and keeps them off.

    selection: ``nodes``, and more keys of SELECTION. options: keys of OPTIONS.
    """
    vmis = [snapshot.vmis[reference] for reference in moving(snapshot, selection)]
    bound = _wait(options) + math.ceil(sum(_migrate.bound(snapshot, vmi) for vmi in vmis))
    told = {"state": "migrated", **selection, **options, "wait_timeout": _wait(options)}
    return {"id": phase_id, "role": ROLE, "bound": bound, "input": told}


def migration(
    snapshot: Snapshot, ids: Tuple[str, str], selection: Mapping[str, Any], options: Mapping[str, Any]
) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """The phase that moves VMs off nodes and keeps them off, and the one that opens the nodes again.

    ids: of the two. selection: ``nodes`` and ``cluster_networks``. options: keys of OPTIONS.
    """
    told = {"wait_timeout": _wait(options)}
    away = {**emptied(snapshot, ids[0], selection, told), "until": ids[1]}
    # Its undoing empties the nodes again, which takes the selection.
    opened = {"state": "started", "of": ids[0], "moved": True, **selection, **told}
    return away, {"id": ids[1], "role": ROLE, "bound": away["bound"], "input": opened}


def steps(
    phase: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], images: Mapping[str, Any], snapshot: Snapshot
) -> List[Dict[str, Any]]:
    """What the phase does, as module change_plan takes it; of an earlier run's record where there is one."""
    told = phase["input"]
    if told["state"] == "migrated":
        if "cluster_networks" in told and not set(told) & NARROWER:
            # Which VMs those are depends on what has moved before.
            return [{"kind": "vm_migration", **{key: list(told[key]) for key in ("nodes", "cluster_networks")}}]
        names = _leaving(snapshot, told)
        return [{"kind": "vm_migration", "nodes": list(told["nodes"]), "vms": names}] if names else []
    if told.get("moved"):
        return []
    stops = told["state"] == "stopped"
    image = told.get("record") or images.get(phase["id"] if stops else told["of"])
    found: Dict[str, str] = {}
    if image is None or stops:
        # No backup job is looked at here, so that any moment does.
        selecting = {**(told if stops else _input(phases, told["of"])), "window": 0}
        found = {entry.reference: entry.run_strategy for entry in stopping(snapshot, selecting, datetime.min)}
    for item in (image or {}).get("vms") or ():
        found["%s/%s" % (item["namespace"], item["name"])] = item["run_strategy"]
    names = sorted(name for name in found if name in snapshot.vms)
    if not names:
        return []
    step: Dict[str, Any] = {"kind": "vm_power", "vms": names, "state": told["state"]}
    if not stops:
        step["run_strategies"] = {name: found[name] for name in names}
    return [step]


def _leaving(snapshot: Snapshot, told: Mapping[str, Any]) -> List[str]:
    """The VMs that leave the nodes, without those that cannot."""
    names = moving(snapshot, told)
    found = [_migrate.evacuation(snapshot, node, names, told["nodes"]) for node in told["nodes"]]
    return sorted(vmi.reference for one in found for vmi in (*one.moving, *one.starting))


def _input(phases: Sequence[Mapping[str, Any]], phase_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(phase["input"] for phase in phases if phase["id"] == phase_id)
    return found


def _stop_bound(snapshot: Snapshot, entries: Sequence[Entry], options: Mapping[str, Any]) -> int:
    """Each stage has its guests' grace, and the wait after its last write."""
    graces: Dict[Tuple[int, float], int] = {}
    order = _order(options)
    for entry in entries:
        stage, vmi = order.stage(snapshot, entry.reference), snapshot.vmis.get(entry.reference)
        graces[stage] = max(graces.get(stage, 0), vmi.grace if vmi else 0)
    return sum(grace + MARGIN + _wait(options) for grace in graces.values()) or _wait(options)


def _start_bound(snapshot: Snapshot, entries: Sequence[Entry], options: Mapping[str, Any]) -> int:
    """Each stage has a round for its canaries, and one for each batch of the node with most VMs."""
    stages: Dict[Tuple[int, float], Counter[str]] = {}
    order = _order(options)
    for entry in entries:
        stages.setdefault(order.stage(snapshot, entry.reference), Counter())[entry.node] += 1
    batch = max(1, int(options.get("start_batch") or BATCH))
    rounds = sum(1 + math.ceil(max(nodes.values()) / batch) for nodes in stages.values())
    return max(1, rounds) * _wait(options)


def _order(options: Mapping[str, Any]) -> Order:
    return Order.read({name: options.get(key) for key, name in OPTIONS.items()})


def bound(phase: Mapping[str, Any], wait: int) -> int:
    """Seconds that a recorded phase may take when VMs are waited for as long as this. wait: seconds."""
    planned: int = phase["bound"]
    was = _wait(phase["input"])
    return math.ceil(planned * wait / was) if wait > was else planned


def _wait(options: Mapping[str, Any]) -> int:
    return int(options.get("wait_timeout") or WAIT)
