# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module cluster_network_mtu_info: its options, and its result. This module util is private to the
collection."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional

from ...cluster._client import Client
from ...cluster._kinds import SYSTEM
from ...cluster._read import read_snapshot
from .. import phases
from ..phases import _switches
from . import _probe_gateways
from ._cluster_network import KINDS, SUBNET
from ._cluster_network_mtu import Wish, analyse
from ._going_on import going_on
from ._mtu_refusals import RUNBOOK

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "cluster_network": {"type": "str", "required": True},
    # as text, so that what -e gives and what a playbook gives is the same
    "mtu_from": {"type": "str", "required": True},
    "mtu_to": {"type": "str", "required": True},
    "keep": {"type": "str", "default": ""},
    "switches_ready": {"type": "bool", "default": False},
    "switches_phase": {"type": "bool", "default": False},
    # seconds
    "switches_bound": {"type": "int", "default": _switches.BOUND},
    "gitops_paused": {"type": "bool", "default": False},
    "legs": {"type": "bool", "default": True},
    "subnet": {"type": "str", "default": SUBNET},
    "gateways": {"type": "list", "elements": "dict", "default": [], "options": _probe_gateways.ARGUMENT_SPEC},
    "vms": {"type": "dict", "default": {}},
    "settings": {"type": "dict", "default": {}},
    "wait_timeout": {"type": "int", "default": 300},
    "namespace": {"type": "str", "default": SYSTEM},
}


def read(client: Client, given: Mapping[str, Any], moment: Optional[datetime] = None) -> Dict[str, Any]:
    """The case of the cluster, or the phases of the open change. moment: now, in UTC and naive. Raises NetworkError."""
    snapshot = read_snapshot(client, KINDS)
    record = going_on(client, given["namespace"], RUNBOOK)
    if record is not None:
        return {
            "change": record.id,
            "phases": phases.recorded(record, snapshot, given["vms"].get("wait_timeout")),
            "keep": "",
            "settings": [],
            "vms": [],
            "links": {},
            "probes": [],
            "cautions": [],
        }
    wish = Wish(
        cluster_network=given["cluster_network"],
        mtu_from=given["mtu_from"],
        mtu_to=given["mtu_to"],
        keep=given["keep"],
        switches_ready=given["switches_ready"],
        switches_phase=given["switches_phase"],
        switches_bound=given["switches_bound"],
        gitops_paused=given["gitops_paused"],
        legs=given["legs"],
        subnet=given["subnet"],
        gateways=given["gateways"],
        vms=given["vms"],
        settings=given["settings"],
        wait=given["wait_timeout"],
    )
    case = analyse(snapshot, wish, moment or datetime.now(timezone.utc).replace(tzinfo=None))
    return {
        "change": "",
        "phases": list(case.phases),
        "keep": case.keep,
        "settings": list(case.settings),
        "vms": [entry.reference for entry in case.vms],
        "links": dict(case.links),
        "probes": list(case.probes),
        "cautions": list(case.cautions),
    }
