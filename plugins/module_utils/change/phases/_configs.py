# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phases in which configurations are taken away, changed and put back as whole objects. Role cluster_network.

This module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...cluster import _nad, _objects
from ...cluster._snapshot import Snapshot
from ...cluster.wanted import _whole
from ...common import _vlans

ROLE = "harvester.network.cluster_network"
WAIT = 300
"""Seconds that the role waits for agents by default."""
UNTAGGED = 1
"""How role path_proof names untagged frames."""
LINKS, PATHS, LEG = 60, 180, 120
"""Seconds for the proof of links, of VLANs between the nodes, and of the legs of one node."""
KINDS = {
    "clusternetworks": "cluster_network",
    "vlanconfigs": "network_config",
    "nads": "vm_network",
    "hostnetworkconfigs": "host_network_config",
}
"""Kind of object -> kind of step of module change_plan."""


def phase(phase_id: str, entries: Mapping[str, Any], until: str = "", **told: Any) -> Dict[str, Any]:
    """One phase.

    entries: ``networks``, ``configs``, ``vm_networks``, ``host_configs`` and ``node_labels`` as module config_objects
    takes them. told: ``expect`` of
    role link_proof by node; ``paths`` with ``nodes``, names in the cluster; ``legs``, whether each leg of the bond is
    proved; ``paths_back``, what is proved once it is undone; ``wait_timeout`` in seconds; ``of``, the phase that it
    takes back; ``interrupts``, what the plan says of it instead of the cluster networks of its configurations.
    """
    wait = int(told.get("wait_timeout") or WAIT)
    paths = told.get("paths") or told.get("paths_back") or ()
    nodes = {node for path in paths for node in path["nodes"]}
    bound = wait + LINKS + (PATHS if paths else 0) + (LEG * len(nodes) if told.get("legs") else 0)
    found = {"id": phase_id, "role": ROLE, "bound": bound, "input": {**entries, **told}}
    return {**found, "until": until} if until else found


def steps(
    phase: Mapping[str, Any], phases: Sequence[Mapping[str, Any]], images: Mapping[str, Any], snapshot: Snapshot
) -> List[Dict[str, Any]]:
    """What the phase does, as module change_plan takes it. What is gone already is not removed again."""
    entries = {kind: phase["input"].get(option) or () for option, kind in _whole.OPTIONS.items()}
    writes: List[Dict[str, Any]] = [
        {"kind": "node_labels", "name": entry["name"], "labels": entry["labels"]}
        for entry in phase["input"].get("node_labels") or ()
    ]
    networks = set()
    for kind, entry in _whole.in_order(entries):
        namespace = _whole.namespace(kind, entry)
        step: Dict[str, Any] = {"kind": KINDS[kind], "name": entry["name"]}
        if namespace:
            step["namespace"] = namespace
        before = snapshot.get(kind, entry["name"], namespace)
        if entry.get("object") is not None:
            step["object"] = _whole_of(before, entry["object"])
        elif before is None:
            continue
        writes.append(step)
        if kind == "vlanconfigs":
            networks.add(str(_objects.dig(entry.get("object") or entry.get("expected"), "spec", "clusterNetwork")))
    texts = ["traffic of cluster network '%s'" % network for network in sorted(networks)]
    stops = [{"kind": "interruption", "text": text} for text in phase["input"].get("interrupts", texts)]
    paths = (phase["input"].get("paths") or ()) if phase["input"].get("prove", True) else ()
    proofs = [{"kind": "proof", "text": text} for text in _proofs(paths)]
    return writes + stops + proofs


def _proofs(paths: Sequence[Mapping[str, Any]]) -> List[str]:
    """In the words of the plan: what is proved between nodes, and what through a router."""
    between: Dict[Tuple[str, int, int], List[int]] = {}
    found = []
    for path in paths:
        if len(path["nodes"]) > 1:
            between.setdefault((path["bridge"], path["mtu"], len(path["nodes"])), []).append(path["vlan_id"])
        if path.get("gateway"):
            size = path.get("target_mtu") or path["mtu"]
            to = "%s through %s" % (path["target"], path["gateway"]) if path.get("target") else path["gateway"]
            senders = "%d node%s" % (len(path["nodes"]), "s" * (len(path["nodes"]) > 1))
            found.append("%d bytes from %s to %s on %s" % (size, senders, to, path["name"]))
    return [
        "%d bytes between %d nodes on %s of %s" % (mtu, count, _ids(vids), bridge[: -len(_nad.BRIDGE_SUFFIX)])
        for (bridge, mtu, count), vids in between.items()
    ] + found


def _ids(vids: Sequence[int]) -> str:
    tagged = _vlans.compress(vid for vid in vids if vid != UNTAGGED)
    return " and ".join((["VLAN " + " ".join(tagged)] if tagged else []) + ["untagged frames"] * (UNTAGGED in vids))


def _whole_of(before: Optional[_objects.Object], wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object as a step takes it, which leaves alone what is not named: what goes from the spec is null."""
    gone = _nulls(_objects.dig(before, "spec") or {}, wanted.get("spec") or {})
    return {**wanted, "spec": _objects.merged(gone, wanted.get("spec") or {})} if gone else wanted


def _nulls(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> Dict[str, Any]:
    """The keys that go, at every depth, with null."""
    found: Dict[str, Any] = {}
    for key, value in before.items():
        if key not in wanted:
            found[key] = None
        elif isinstance(value, Mapping) and isinstance(wanted[key], Mapping):
            below = _nulls(value, wanted[key])
            if below:
                found[key] = below
    return found
