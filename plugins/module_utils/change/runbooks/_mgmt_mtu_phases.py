# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a change of the management network's MTU, as role change takes them.

Raising goes from the switch inward, lowering outward, so that no node sends what another one cannot receive. A reboot
sets all devices of a node at once; TCP agrees on the smaller size meanwhile. This module util is private to the
collection.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from ...cluster import _keys, _nad
from ...cluster._attachments import attachments
from ...cluster._snapshot import Snapshot
from ...cluster.storage._volumes import attached
from ..phases import _mgmt, _settings, _switches, _vms, with_steps
from ..phases._mgmt import ALL, FILES, LOWER, PROOF, UPPER
from . import _mgmt_mtu_paths
from ._mgmt_mtu import ELSEWHERE, Case, Wish

Phase = Dict[str, Any]

HEALTHY, DETACHED, ANY = "healthy", "detached", "any"
"""What Longhorn's volumes have to be while the hosts change: their replicas may talk over mgmt."""
VXLAN = 50
NODE_BOUND, PROOF_BOUND, SMALL_BOUND, CANAL_BOUND = 900, 300, 300, 300
"""Seconds: one node, proofs on the wire, one object, canal's pods that begin anew on all nodes at once."""


def phases(snapshot: Snapshot, wish: Wish, found: Case, moment: datetime) -> List[Mapping[str, Any]]:
    """The phases in their order, with steps for the plan.

    moment: the beginning of the window, in UTC and naive. Raises ValidationError for VMs that cannot be stopped.
    """
    pods = wish.stop_pod_network_vms and not wish.annotate_only
    selection: Dict[str, Any] = {"cluster_networks": [_keys.MGMT], "pod_network": pods}
    if found.every_vm:
        selection = {"all": True}
    entries = _vms.stopping(snapshot, {**selection, **wish.vms}, moment)
    stop, start = _vms.phases(snapshot, selection, wish.vms, entries)
    _vms.looked_into(start, _inside(snapshot, [entry.reference for entry in entries]), wish.mtu_to)
    _vms.ends_on(start, _keys.MGMT + _nad.BRIDGE_SUFFIX, wish.mtu_to)
    off, on = _settings.phases(wish.settings, found.settings)
    nodes = len(snapshot.nodes)
    told = {
        **_told(wish, found, selection),
        "paths": _mgmt_mtu_paths.paths(snapshot),
        "paths_back": _mgmt_mtu_paths.paths_back(snapshot),
    }
    if wish.reboots:
        hosts = [_around_reboots(wish, found, part, nodes, told) for part in (FILES, PROOF)]
    else:
        hosts = [_hosts(wish, found, layer, nodes, told) for layer in (LOWER, UPPER)]
    overlay = _overlay(wish, selection)
    # An overlay that is larger than its path loses packets silently, so it is never the larger one.
    if wish.raises:
        hosts = [*hosts, overlay]
    else:
        hosts = [overlay, *(hosts if wish.reboots else reversed(hosts))]
    if wish.annotate_only:
        hosts = []
    elif wish.switches_phase:
        hosts = _switches.around(hosts, wish.mtu_from, wish.mtu_to, wish.switches_bound)
    # The network of a setting reads the annotation when it is made only.
    before, after = ([off], [on]) if found.settings else ([], [])
    # A file that a regeneration alone reads waits until the VMs run again.
    last = [_installer_config(wish)] if wish.installer_config and not wish.annotate_only else []
    ordered = [stop, *before, *hosts, _annotation(wish), *after, start, *last]
    return with_steps(ordered, snapshot, {})


def _inside(snapshot: Snapshot, stopped: Sequence[str]) -> List[str]:
    """Those whose interfaces follow: on bridge networks of mgmt. Overlays and pods have MTUs of their own."""
    found = []
    for one in attachments(snapshot):
        own = [name for name in one.mgmt_networks if snapshot.nads[name].network_type != _nad.OVERLAY_TYPE]
        if own and one.guest in stopped:
            found.append(one.guest)
    return found


def lines(snapshot: Snapshot, wish: Wish, found: Case, managed: Tuple[str, ...]) -> List[str]:
    """The case in words, for the operator."""
    told = [found.why]
    told += ["stops %s: %s" % (one.vm, ", ".join(one.reasons)) for one in found.stops]
    told += ["setting %s lets go of mgmt and gets it back" % name for name in found.settings]
    told += [
        "%s of host network configuration %s follows in the kernel" % (config.device, config.name)
        for config in found.host_configs
        if not wish.annotate_only
    ]
    networks = ", ".join(nad.reference for nad in snapshot.nads_of(_keys.MGMT)) or "none"
    told.append("annotation uplink-mtu of mgmt becomes %d, and its VM networks follow: %s" % (wish.mtu_to, networks))
    told += ["managed by others: %s" % one for one in managed]
    if wish.annotate_only:
        return told
    told += _mgmt_mtu_paths.told(snapshot)
    told += [
        "%s: %s of mgmt-bo carries no traffic, so its leg is not proved" % (node, port)
        for node, ports in sorted(wish.ports.items())
        for port in ports["down"]
        if wish.prove_legs
    ]
    told += [
        "%s, and stays attached: Harvester's monitoring bears that its replicas are apart for moments" % volume.holder
        for volume in attached(snapshot)
        if found.every_vm and volume.at_rest
    ]
    if wish.turns and not wish.reboots:
        told.append(
            "Nodes change in the order of the plan, but for the holder of the VIP and etcd's leader, which are last."
        )
    told.append(
        "Switches and routers in between have to pass frames of %d bytes: what is too large for them is lost silently."
        % max(wish.mtu_from, wish.mtu_to)
    )
    if wish.reboots:
        told.append(
            "Every node reboots, one after the other, and has the MTU from its boot on. Until the last one has it, TCP"
            " agrees on the smaller size; larger UDP packets are lost between nodes of both."
        )
    told.append(
        "Pods keep the MTU that they have until they are made anew, which a reboot does; guest clusters run overlays"
        " with MTUs of their own."
    )
    return told


def _hosts(wish: Wish, found: Case, layer: str, nodes: int, told: Mapping[str, Any]) -> Phase:
    """told: what every phase of the hosts is told."""
    return {
        "id": "hosts-" + layer,
        "role": _mgmt.HOSTS,
        "bound": nodes * NODE_BOUND + PROOF_BOUND,
        "input": {
            **told,
            **_last(found, (layer == UPPER) == wish.raises),
            "nodes": _devices(wish, layer),
            "layer": layer,
        },
    }


def _around_reboots(wish: Wish, found: Case, part: str, nodes: int, told: Mapping[str, Any]) -> Phase:
    """FILES comes right before the turns of the reboots, PROOF right after them. told: as above."""
    return {
        "id": "hosts-" + part,
        "role": _mgmt.HOSTS,
        # On its way back each node changes live.
        "bound": nodes * NODE_BOUND + PROOF_BOUND if part == FILES else 2 * PROOF_BOUND,
        "input": {
            **told,
            **_last(found, part == PROOF),
            "nodes": _devices(wish, LOWER, UPPER) if part == FILES else [],
            "layer": ALL,
            "part": part,
        },
    }


def _devices(wish: Wish, *layers: str) -> List[Dict[str, Any]]:
    """The nodes in the order of their turns, with the MTU of what each changes."""
    return [
        {
            "name": turn["node"],
            "devices": {name: mtu for layer in layers for name, mtu in turn[layer].items()},
        }
        for turn in wish.turns
    ]


def _told(wish: Wish, found: Case, vms: Mapping[str, Any]) -> Dict[str, Any]:
    """What every phase of the hosts is told, paths apart.

    vms: the selection of those that are stopped, for whoever sees that none was started meanwhile.
    """
    return {
        "mtu_from": wish.mtu_from,
        "mtu_to": wish.mtu_to,
        "turn_bound": NODE_BOUND,
        "legs": wish.prove_legs and bool(wish.ports),
        "ports_up": {node: list(ports["up"]) for node, ports in sorted(wish.ports.items())},
        "vms": dict(vms),
        "volumes": DETACHED if found.every_vm else ANY if found.longhorn == ELSEWHERE else HEALTHY,
    }


def _last(found: Case, last: bool) -> Dict[str, Any]:
    """Whether a phase of the hosts is the last one, which proves host network configurations to be as they are now.

    They are recorded whole, status included: a change that goes wrong may leave somebody to make them again.
    """
    if not last:
        return {"last": False}
    return {"last": True, "host_configs": [_whole(config.raw) for config in found.host_configs]}


def _whole(item: Mapping[str, Any]) -> Dict[str, Any]:
    metadata = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    return {**item, "metadata": metadata}


def _overlay(wish: Wish, vms: Mapping[str, Any]) -> Phase:
    """vms: as of the hosts."""
    return {
        "id": "overlay",
        "role": _mgmt.OVERLAY,
        "bound": PROOF_BOUND + (CANAL_BOUND if wish.canal_restarts else 0),
        "input": {
            "mtu": wish.mtu_to - VXLAN,
            "mtu_from": wish.mtu_from - VXLAN,
            "canal_restarts": sorted(wish.canal_restarts),
            "vms": dict(vms),
        },
    }


def _installer_config(wish: Wish) -> Phase:
    return {
        "id": "installer-config",
        "role": _mgmt.INSTALLER,
        "bound": SMALL_BOUND,
        "input": {"mtu_from": wish.mtu_from, "mtu_to": wish.mtu_to},
    }


def _annotation(wish: Wish) -> Phase:
    return {
        "id": "annotation",
        "role": _mgmt.ANNOTATION,
        "bound": SMALL_BOUND,
        "input": {"mtu": wish.mtu_to},
    }
