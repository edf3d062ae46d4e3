# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Multus and whereabouts: interfaces of pods on more networks, and the pools that their addresses come from (5.2, 5.3).

A pod is given its interfaces once, when it starts: a pod without the annotation ``network-status`` is waited for, one
that came up without an interface (#11639) never gets it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from ..kinds import IP_POOL, NAD, POD
from ..moment import Moment
from ..objects import Obj, annotations_of, full_name, is_deleting, nad_config, name, namespace, spec
from ..view import View, get
from ..writes import Create, Patch, Write, patch
from .settings import POOLS, pool_name

ASKED = "k8s.v1.cni.cncf.io/networks"
GIVEN = "k8s.v1.cni.cncf.io/network-status"
WITHOUT = "lab/without-interface"
"""Annotation of a pod whose second interface fails: the stand-in's own."""


class Addresses:
    """Writes for pods and pools."""

    def writes(self, view: View, moment: Moment) -> list[Write]:
        """What new pods are given, and what pods that are gone gave back."""
        pools = {name(item): dict(spec(item).get("allocations") or {}) for item in view.list(IP_POOL)}
        before = {key: dict(item) for key, item in pools.items()}
        ranges: dict[str, str] = {}
        if not moment.faults.leaks_addresses:
            _collect(pools, view)
        found: list[Write] = []
        for pod in sorted(view.list(POD), key=full_name):
            if is_deleting(pod) or ASKED not in annotations_of(pod) or GIVEN in annotations_of(pod):
                continue
            given = _given(pod, view, pools, ranges)
            if given is not None:
                change = {"metadata": {"annotations": {GIVEN: json.dumps(given)}}}
                found.append(patch(POD, pod, change))
        return _pools(pools, before, ranges, view) + found


def asked(pod: Obj) -> list[Obj]:
    """The networks that a pod asks for."""
    return [dict(item) for item in json.loads(annotations_of(pod).get(ASKED) or "[]")]


def given_address(pod: Obj, interface: str) -> str:
    """The address of a pod's interface, '' without one."""
    for item in json.loads(annotations_of(pod).get(GIVEN) or "[]"):
        if item.get("interface") == interface and item.get("ips"):
            return str(item["ips"][0])
    return ""


def _given(pod: Obj, view: View, pools: dict[str, dict[str, Any]], ranges: dict[str, str]) -> list[Obj] | None:
    """The pod's ``network-status``; None while an attachment is not there."""
    found: list[Obj] = [{"name": "k8s-pod-network", "ips": [], "default": True, "dns": {}}]
    for item in asked(pod):
        nad = get(view, NAD, str(item["name"]), str(item.get("namespace") or namespace(pod)))
        if nad is None:
            return None
        if annotations_of(pod).get(WITHOUT) == item.get("interface"):
            continue
        ipam = nad_config(nad).get("ipam") or {}
        key = pool_name(str(ipam["range"]))
        ranges[key] = str(ipam["range"])
        address = _allocate(pod, str(item["interface"]), ipam, pools.setdefault(key, {}))
        if not address:
            return None
        found.append({"name": full_name(nad), "interface": item["interface"], "ips": [address], "dns": {}})
    return found


def _allocate(pod: Obj, interface: str, ipam: Mapping[str, Any], pool: dict[str, Any]) -> str:
    """The lowest free address, neither the network's own nor an excluded one; '' when there is none."""
    network = ipaddress.IPv4Network(str(ipam["range"]), strict=False)
    excluded = [ipaddress.IPv4Network(text, strict=False) for text in ipam.get("exclude") or []]
    for offset in range(1, network.num_addresses - 1):
        address = network[offset]
        if str(offset) not in pool and not any(address in item for item in excluded):
            digest = hashlib.sha256(f"{full_name(pod)} {pod['metadata'].get('uid')}".encode()).hexdigest()
            pool[str(offset)] = {"id": digest, "podref": full_name(pod), "ifname": interface}
            return str(address)
    return ""


def _collect(pools: dict[str, dict[str, Any]], view: View) -> None:
    """Addresses of pods that are gone, or have no such interface any more."""
    there = {full_name(pod): pod for pod in view.list(POD)}
    for pool in pools.values():
        for offset, entry in list(pool.items()):
            pod = there.get(str(entry.get("podref")))
            interfaces = {item.get("interface") for item in asked(pod)} if pod else set()
            if entry.get("ifname", "lhnet1") not in interfaces:
                del pool[offset]


def _pools(
    pools: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]], ranges: dict[str, str], view: View
) -> list[Write]:
    found: list[Write] = []
    for key, allocations in pools.items():
        if key not in before:
            metadata = {"name": key, "namespace": POOLS}
            found.append(
                Create(IP_POOL, {"metadata": metadata, "spec": {"range": ranges[key], "allocations": allocations}})
            )
        elif allocations != before[key]:
            gone = dict.fromkeys(before[key].keys() - allocations.keys())
            found.append(Patch(IP_POOL, key, {"spec": {"allocations": {**allocations, **gone}}}, POOLS))
    return found
