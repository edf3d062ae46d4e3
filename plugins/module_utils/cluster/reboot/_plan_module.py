# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How module reboot_plan_info goes about it. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict

from ...common._errors import NetworkError
from .._module import ClusterModule
from .._read import read_snapshot
from ..power._refusals import Policy
from ._turns import known_nodes
from ._vm_plan import KINDS, REFUSE, STOP, plan

__all__ = ["PLAN_ARGSPEC", "run"]

PLAN_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "nodes": {"type": "list", "elements": "str", "required": True},
    "non_migratable_vms": {"type": "str", "choices": [REFUSE, STOP], "default": REFUSE},
    "guest_clusters_paused": {"type": "bool", "default": False},
    "stopped_vms": {"type": "list", "elements": "str", "default": []},
}


def run(module: ClusterModule) -> None:
    """Carry out a module's call and exit."""
    params = module.params
    policy = Policy(guest_clusters_paused=params["guest_clusters_paused"])
    try:
        snapshot = known_nodes(read_snapshot(module.client(), KINDS), params["nodes"])
        vms = plan(snapshot, params["nodes"], params["non_migratable_vms"] == STOP, policy)
        vms = [vm for vm in vms if vm.reference not in params["stopped_vms"]]
    except NetworkError as error:
        module.fail_json(msg=str(error))
    refused = [
        "VM '%s' on node '%s': %s" % (vm.reference, vm.node, "; ".join(vm.reasons)) for vm in vms if vm.action == REFUSE
    ]
    module.exit_json(changed=False, vms=[vm.as_result() for vm in vms], refused=refused)
