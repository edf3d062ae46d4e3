# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module mgmt_mtu_info: options and result. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Tuple

from ...common._errors import Problem, ValidationError
from .._snapshot import Snapshot
from ._case import RUNNING_VMS, Wish, case
from ._phases import lines, phases
from ._refusals import WHERE, managed, refusals

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    # bytes
    "mtu_from": {"type": "int", "required": True},
    "mtu_to": {"type": "int", "required": True},
    "hosts": {"type": "dict", "required": True},
    "running_vms": {"type": "str", "choices": list(RUNNING_VMS), "default": RUNNING_VMS[0]},
    "stop_pod_network_vms": {"type": "bool", "default": True},
    "pod_network_mtu_ready": {"type": "bool", "default": False},
    "switches_ready": {"type": "bool", "default": False},
    "prove_legs": {"type": "bool", "default": True},
    "gitops_paused": {"type": "bool", "default": False},
}


def answer(snapshot: Snapshot, params: Mapping[str, Any]) -> Tuple[Dict[str, Any], Tuple[Problem, ...]]:
    """(the result, what speaks against the change). params: the parsed options. Raises ValidationError."""
    wish = Wish(**{name: params[name] for name in Wish._fields})
    hosts = _hosts(params["hosts"])
    found = case(snapshot, wish)
    result = {
        "longhorn": found.longhorn,
        "vms": [{"vm": one.vm, "reasons": list(one.reasons)} for one in found.stops],
        "settings": list(found.settings),
        "host_network_configs": [config.name for config in found.host_configs],
        "lines": lines(snapshot, wish, found, managed(snapshot, found)),
        "phases": phases(snapshot, wish, found),
    }
    return result, tuple(refusals(snapshot, hosts, wish, found))


def _hosts(given: Mapping[str, Any]) -> Dict[str, Dict[str, int]]:
    hosts: Dict[str, Dict[str, int]] = {}
    problems = []
    for node, devices in given.items():
        try:
            hosts[str(node)] = {str(name): int(mtu) for name, mtu in devices.items()}
        except (AttributeError, TypeError, ValueError):
            rule = "it is no dictionary of devices with their MTUs in bytes"
            problems.append(Problem(WHERE, "hosts.%s" % node, devices, rule))
    if problems:
        raise ValidationError(problems)
    return hosts
