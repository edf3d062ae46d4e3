# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a change of the management network's MTU, as role change takes them.

Raising goes from the switch inward, lowering outward, so that no node sends what another one cannot receive. This
module util is private to the collection.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from .. import _keys, _storage
from .._snapshot import Snapshot
from ._case import ELSEWHERE, Case, Wish

Phase = Dict[str, Any]

ROLE = "harvester.network."
LOWER, UPPER = "lower", "upper"
"""The kernel's words: bond and bridge below, the devices with addresses on top of them."""
VXLAN = 50
POWER_BOUND, SETTING_BOUND, NODE_BOUND, PROOF_BOUND, SMALL_BOUND = 3600, 1800, 900, 300, 300
"""Seconds: VMs to stop or start, a setting, one node, proofs on the wire, one object."""


def phases(snapshot: Snapshot, wish: Wish, found: Case) -> List[Phase]:
    """The phases in their order, with steps for the plan."""
    overlay = _overlay(wish)
    lower, upper = (_hosts(wish, found, layer, len(snapshot.nodes)) for layer in (LOWER, UPPER))
    # An overlay that is larger than its path loses packets silently, so it is never the larger one.
    hosts = [lower, upper, overlay] if wish.raises else [overlay, upper, lower]
    before, after = _around(snapshot, found)
    return [_stop(wish, found), *before, *hosts, _annotation(wish), *after, _start(found)]


def lines(snapshot: Snapshot, wish: Wish, found: Case, managed: Tuple[str, ...]) -> List[str]:
    """The case in words, for the operator."""
    told = [found.why]
    told += ["stops %s: %s" % (one.vm, ", ".join(one.reasons)) for one in found.stops]
    told += ["setting %s lets go of mgmt and gets it back" % name for name in found.settings]
    told += [
        "%s of host network configuration %s follows in the kernel" % (config.device, config.name)
        for config in found.host_configs
    ]
    networks = ", ".join(nad.reference for nad in snapshot.nads_of(_keys.MGMT)) or "none"
    told.append("annotation uplink-mtu of mgmt becomes %d, and its VM networks follow: %s" % (wish.mtu_to, networks))
    told += ["managed by others: %s" % one for one in managed]
    told.append(
        "Pods keep the MTU that they have until they are made anew, which a reboot does; guest clusters run overlays"
        " with MTUs of their own."
    )
    return told


def _stop(wish: Wish, found: Case) -> Phase:
    chosen: Dict[str, Any] = {"cluster_networks": ["mgmt"], "pod_network": wish.stop_pod_network_vms}
    if found.every_vm:
        chosen = {"all": True}
    return {
        "id": "vms-stop",
        "role": ROLE + "vms",
        "bound": POWER_BOUND,
        "until": "vms-start",
        "input": {"state": "stopped", **chosen},
        "steps": _power(found, "stopped"),
    }


def _start(found: Case) -> Phase:
    return {
        "id": "vms-start",
        "role": ROLE + "vms",
        "bound": POWER_BOUND,
        "input": {"state": "started", "of": "vms-stop"},
        "steps": _power(found, "started"),
    }


def _power(found: Case, state: str) -> List[Dict[str, Any]]:
    names = [one.vm for one in found.stops]
    return [{"kind": "vm_power", "vms": names, "state": state}] if names else []


def _around(snapshot: Snapshot, found: Case) -> Tuple[List[Phase], List[Phase]]:
    """Settings let go of their networks before the hosts, and get them back after the annotation, which a network of a
    setting reads when it is made only."""
    if not found.settings:
        return [], []
    role = ROLE + "storage_network"
    storage = _storage.STORAGE in found.settings
    value = _storage.text_of(snapshot.get("settings", _storage.STORAGE))
    off = {
        "id": "storage-off",
        "role": role,
        "bound": SETTING_BOUND,
        "until": "storage-on",
        "input": {"state": "disabled", "settings": list(found.settings)},
        "steps": [{"kind": "storage_network", "value": ""}] if storage else [],
    }
    on = {
        "id": "storage-on",
        "role": role,
        "bound": SETTING_BOUND,
        "input": {"state": "recorded", "of": "storage-off"},
        "steps": [{"kind": "storage_network", "value": value}] if storage else [],
    }
    return [off], [on]


def _hosts(wish: Wish, found: Case, layer: str, nodes: int) -> Phase:
    what = "bond and bridge" if layer == LOWER else "the devices with addresses"
    text = "the management network of one node after the other, for moments (MTU of %s: %d to %d)" % (
        what,
        wish.mtu_from,
        wish.mtu_to,
    )
    return {
        "id": "hosts-" + layer,
        "role": ROLE + "mgmt_mtu",
        "bound": nodes * NODE_BOUND + PROOF_BOUND,
        "input": {
            "layer": layer,
            "mtu_from": wish.mtu_from,
            "mtu_to": wish.mtu_to,
            "last": (layer == UPPER) == wish.raises,
            "legs": wish.prove_legs,
            "volumes": found.longhorn != ELSEWHERE and not found.every_vm,
        },
        "steps": [{"kind": "interruption", "text": text}],
    }


def _overlay(wish: Wish) -> Phase:
    return {
        "id": "overlay",
        "role": ROLE + "overlay_mtu",
        "bound": PROOF_BOUND,
        "input": {"mtu": wish.mtu_to - VXLAN, "mtu_from": wish.mtu_from - VXLAN},
        "steps": [
            {
                "kind": "interruption",
                "text": "the pod network between nodes, for moments (MTU of flannel.1: %d to %d)"
                % (wish.mtu_from - VXLAN, wish.mtu_to - VXLAN),
            }
        ],
    }


def _annotation(wish: Wish) -> Phase:
    return {
        "id": "annotation",
        "role": ROLE + "mgmt_annotation",
        "bound": SMALL_BOUND,
        "input": {"mtu": wish.mtu_to},
        "steps": [],
    }
