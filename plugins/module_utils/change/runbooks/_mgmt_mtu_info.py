# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module mgmt_mtu_info: options and result. This module util is private to the collection."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ...cluster._client import Client
from ...cluster._kinds import SYSTEM
from ...cluster._read import read_snapshot
from ...cluster.power._run import KINDS as POWER_KINDS
from ...cluster.wanted._storage_network import KINDS as SETTING_KINDS
from ...common._errors import Problem, ValidationError
from .. import phases as shared
from ..phases import _switches
from ..phases._mgmt import LOWER, UPPER
from ._going_on import going_on
from ._mgmt_mtu import APPLIES, RUNNING_VMS, Wish, case
from ._mgmt_mtu import KINDS as CASE_KINDS
from ._mgmt_mtu_phases import lines, phases
from ._mgmt_mtu_refusals import WHERE, managed, reached, refusals

RUNBOOKS = {False: "mgmt_mtu", True: "mgmt_mtu_annotate"}
"""Whether Harvester alone is told -> playbook."""
KINDS = tuple(dict.fromkeys((*CASE_KINDS, *POWER_KINDS, *SETTING_KINDS)))
"""What is looked at, keys of _kinds.BY_KEY."""

REACHED = "every node and the cluster have the MTU already; nothing is to be done"

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    # bytes
    "mtu_from": {"type": "int", "required": True},
    "mtu_to": {"type": "int", "required": True},
    "hosts": {"type": "dict", "required": True},
    "ports": {"type": "dict", "default": {}},
    "profiles": {"type": "dict", "default": {}},
    "turns": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "node": {"type": "str", "required": True},
            # device -> bytes
            "lower": {"type": "dict", "required": True},
            "upper": {"type": "dict", "required": True},
        },
    },
    "apply": {"type": "str", "choices": list(APPLIES), "default": APPLIES[0]},
    "running_vms": {"type": "str", "choices": list(RUNNING_VMS), "default": RUNNING_VMS[0]},
    "stop_pod_network_vms": {"type": "bool", "default": True},
    "pod_network_mtu_ready": {"type": "bool", "default": False},
    "switches_ready": {"type": "bool", "default": False},
    "switches_phase": {"type": "bool", "default": False},
    # seconds
    "switches_bound": {"type": "int", "default": _switches.BOUND},
    "prove_legs": {"type": "bool", "default": True},
    "installer_config": {"type": "bool", "default": False},
    "canal_restarts": {"type": "list", "elements": "str", "default": []},
    "gitops_paused": {"type": "bool", "default": False},
    "annotate_only": {"type": "bool", "default": False},
    "vms": {"type": "dict", "default": {}},
    "settings": {"type": "dict", "default": {}},
    "namespace": {"type": "str", "default": SYSTEM},
}


def read(
    client: Client, params: Mapping[str, Any], moment: Optional[datetime] = None
) -> Tuple[Dict[str, Any], List[str]]:
    """(the result, what speaks against the change), or the phases of the open change, half of which is live.

    params: the parsed options. moment: now, in UTC and naive. Raises NetworkError.
    """
    snapshot = read_snapshot(client, KINDS)
    record = going_on(client, params["namespace"], RUNBOOKS[params["annotate_only"]])
    empty: Dict[str, Any] = {key: [] for key in ("vms", "settings", "host_network_configs", "lines")}
    if record is not None:
        recorded = shared.recorded(record, snapshot, params["vms"].get("wait_timeout"))
        return {"change": record.id, "longhorn": "", **empty, "phases": recorded}, []
    given = {name: params[name] for name in Wish._fields}
    given.update(ports=_ports(params["ports"]), profiles=_profiles(params["profiles"]), turns=_turns(params["turns"]))
    wish, hosts = Wish(**given), _hosts(params["hosts"])
    if reached(snapshot, hosts, wish):
        return {"change": "", "longhorn": "", **empty, "lines": [REACHED], "phases": []}, []
    found = case(snapshot, wish)
    against = [str(problem) for problem in refusals(snapshot, hosts, wish, found)]
    result: Dict[str, Any] = {
        "change": "",
        "longhorn": found.longhorn,
        "vms": [{"vm": one.vm, "reasons": list(one.reasons)} for one in found.stops],
        "settings": list(found.settings),
        "host_network_configs": [config.name for config in found.host_configs],
        "lines": lines(snapshot, wish, found, managed(snapshot, wish, found)),
        "phases": [],
    }
    try:
        now = moment or datetime.now(timezone.utc).replace(tzinfo=None)
        result["phases"] = phases(snapshot, wish, found, now)
    except ValidationError as error:
        against.append(str(error))
    return result, against


def _hosts(given: Mapping[str, Any], option: str = "hosts") -> Dict[str, Dict[str, int]]:
    hosts: Dict[str, Dict[str, int]] = {}
    problems = []
    for node, devices in given.items():
        try:
            hosts[str(node)] = {str(name): int(mtu) for name, mtu in devices.items()}
        except (AttributeError, TypeError, ValueError):
            rule = "it is no dictionary of devices with their MTUs in bytes"
            problems.append(Problem(WHERE, "%s.%s" % (option, node), devices, rule))
    if problems:
        raise ValidationError(problems)
    return hosts


def _turns(given: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    layers = {layer: _hosts({turn["node"]: turn[layer] for turn in given}, "turns") for layer in (LOWER, UPPER)}
    return [{"node": turn["node"], **{layer: layers[layer][turn["node"]] for layer in layers}} for turn in given]


def _profiles(given: Mapping[str, Any]) -> Dict[str, Dict[str, Optional[int]]]:
    profiles: Dict[str, Dict[str, Optional[int]]] = {}
    problems = []
    for node, mtus in given.items():
        try:
            profiles[str(node)] = {str(name): None if mtu is None else int(mtu) for name, mtu in mtus.items()}
        except (AttributeError, TypeError, ValueError):
            rule = "it is no dictionary of profiles with their MTUs in bytes, null for one without"
            problems.append(Problem(WHERE, "profiles.%s" % node, mtus, rule))
    if problems:
        raise ValidationError(problems)
    return profiles


def _ports(given: Mapping[str, Any]) -> Dict[str, Dict[str, List[str]]]:
    problems = []
    for node, sides in given.items():
        if not isinstance(sides, Mapping) or not all(isinstance(sides.get(side), list) for side in ("up", "down")):
            rule = "it is no dictionary of the lists up and down"
            problems.append(Problem(WHERE, "ports.%s" % node, sides, rule, "give what filter bond_ports says"))
    if problems:
        raise ValidationError(problems)
    return {
        str(node): {side: [str(port) for port in sides[side]] for side in ("up", "down")}
        for node, sides in given.items()
    }
