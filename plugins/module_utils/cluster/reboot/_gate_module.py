# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How module reboot_gate_info goes about it. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from ...common._errors import NetworkError
from ...common._wait import WAIT_ARGSPEC
from .. import _objects
from .._carry_out import Pace
from .._client import Client
from .._kinds import BY_KEY, SYSTEM
from .._module import ClusterModule
from .._read import read_snapshot
from .._snapshot import Snapshot
from ._gates import OF_A_REBOOT, WAITING, Before, kinds, vip_holder
from ._turns import known_nodes
from ._wait import Waited, wait

__all__ = ["GATE_ARGSPEC", "run"]

VIP_CONFIG = "vip"
"""ConfigMap of Harvester's chart with the virtual address (HV deploy/charts/harvester/templates)."""
GATE_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "nodes": {"type": "list", "elements": "str", "default": []},
    "boot_ids": {"type": "dict", "default": {}},
    "cordoned": {"type": "list", "elements": "str", "default": []},
    "gates": {"type": "list", "elements": "str", "choices": list(WAITING), "default": list(OF_A_REBOOT)},
    **WAIT_ARGSPEC,
}


class _Looks:
    """Looks at the cluster. Raises NetworkError, also for a node of the turn that is not there."""

    def __init__(self, client: Client, before: Before) -> None:
        self._client = client
        self._before = before

    def __call__(self) -> Snapshot:
        return known_nodes(read_snapshot(self._client, kinds(self._before)), self._before.turn)


def run(module: ClusterModule) -> None:
    """Carry out a module's call and exit."""
    params = module.params
    boots = {str(node): str(boot) for node, boot in params["boot_ids"].items()}
    before = Before(boots, tuple(params["nodes"]), frozenset(params["cordoned"]), tuple(params["gates"]))
    pace = Pace(params["wait"], params["wait_timeout"], params["wait_sleep"])
    try:
        client = module.client()
        waited = wait(_Looks(client, before), before, pace)
        result = {**_result(waited), "vip": _vip_address(client)}
    except NetworkError as error:
        module.fail_json(msg=str(error))
    what = _what(before.turn)
    if waited.refuses:
        module.fail_json(msg="%s:\n%s" % (what, "\n".join(waited.refuses)), **result)
    if waited.waits_for:
        how = "waited %d s in vain for" % pace.timeout if pace.wait else "what is missing"
        module.fail_json(msg="%s; %s:\n%s" % (what, how, "\n".join(waited.waits_for)), **result)
    module.exit_json(changed=False, **result)


def _what(turn: Tuple[str, ...]) -> str:
    if not turn:
        return "the cluster is not as it was"
    words = "nodes %s are" if len(turn) > 1 else "node %s is"
    return words % _objects.listed(turn) + " not rebooted"


def _vip_address(client: Client) -> str:
    """The cluster's virtual address as Harvester's chart notes it in its ConfigMap; empty where it is not there."""
    found = client.get(BY_KEY["config_maps"], VIP_CONFIG, SYSTEM)
    return str(_objects.dig(found, "data", "ip") or "")


def _result(waited: Waited) -> Dict[str, Any]:
    return {
        "gates": [
            {
                "name": gate.name,
                "holds": gate.holds,
                "waits_for": list(gate.waits_for),
                "refuses": list(gate.refuses),
            }
            for gate in waited.gates
        ],
        "boot_ids": {name: node.boot_id for name, node in sorted(waited.snapshot.nodes.items())},
        "vip_holder": vip_holder(waited.snapshot),
        "progress": [look._asdict() for look in waited.progress],
    }
