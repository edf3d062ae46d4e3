# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module cluster_network_change_info: its options, and its result. This module util is private to the
collection."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional

from ...cluster._client import Client
from ...cluster._config import MODES
from ...cluster._kinds import SYSTEM
from ...cluster._read import read_snapshot
from ...cluster.wanted._network_config import CONFIG_ARGSPEC
from ...cluster.wanted._uplink import UPLINK_ARGSPEC
from .. import phases
from ._change_refusals import RUNBOOK
from ._cluster_network import KINDS, SUBNET
from ._cluster_network_change import AFFECTED_VMS, Wish, analyse
from ._going_on import going_on

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "cluster_network": {"type": "str", "required": True},
    "uplink": {"type": "dict", "options": UPLINK_ARGSPEC},
    "configs": {"type": "list", "elements": "dict", "options": CONFIG_ARGSPEC},
    "exclusive": {"type": "bool", "default": False},
    "labels": {"type": "dict"},
    "mode_from": {"type": "str", "choices": list(MODES)},
    "nics_from": {"type": "dict"},
    "affected_vms": {"type": "str", "choices": list(AFFECTED_VMS), "default": AFFECTED_VMS[0]},
    "switches_ready": {"type": "bool", "default": False},
    "gitops_paused": {"type": "bool", "default": False},
    "legs": {"type": "bool", "default": True},
    "subnet": {"type": "str", "default": SUBNET},
    "vms": {"type": "dict", "default": {}},
    "settings": {"type": "dict", "default": {}},
    "wait_timeout": {"type": "int", "default": 300},
    "namespace": {"type": "str", "default": SYSTEM},
}


def read(
    client: Client, params: Mapping[str, Any], given: Mapping[str, Any], moment: Optional[datetime] = None
) -> Dict[str, Any]:
    """The case of the cluster, or the phases of the open change.

    params: the parsed options. given: without those that the user did not name, since null and omitted are two things
    in an uplink and in a configuration. moment: now, in UTC and naive. Raises NetworkError.
    """
    snapshot = read_snapshot(client, KINDS)
    record = going_on(client, params["namespace"], RUNBOOK)
    if record is not None:
        empty: Dict[str, Any] = {"nodes": [], "settings": [], "vms": [], "links": {}, "cautions": []}
        recorded = phases.recorded(record, snapshot, (params["vms"] or {}).get("wait_timeout"))
        return {"change": record.id, "phases": recorded, **empty}
    wish = Wish(
        cluster_network=params["cluster_network"],
        uplink=given.get("uplink") or {},
        configs=given.get("configs"),
        labels=given.get("labels") or {},
        exclusive=params["exclusive"],
        mode_from=params["mode_from"] or "",
        nics_from=params["nics_from"] or {},
        affected_vms=params["affected_vms"],
        switches_ready=params["switches_ready"],
        gitops_paused=params["gitops_paused"],
        legs=params["legs"],
        subnet=params["subnet"],
        vms=params["vms"],
        settings=params["settings"],
        wait=params["wait_timeout"],
    )
    case = analyse(snapshot, wish, moment or datetime.now(timezone.utc).replace(tzinfo=None))
    return {
        "change": "",
        "phases": list(case.phases),
        "nodes": list(case.nodes),
        "settings": list(case.settings),
        "vms": list(case.vms),
        "links": dict(case.links),
        "cautions": list(case.cautions),
    }
