# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of module vm_power. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict

INTERFACE_OPTIONS: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "mac": {"type": "str", "default": ""},
    "network": {"type": "str", "default": ""},
}
VM_OPTIONS: Dict[str, Dict[str, Any]] = {
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "uid": {"type": "str", "required": True},
    "run_strategy": {"type": "str", "required": True},
    "running_field": {"type": "bool", "default": False},
    "phase": {"type": "str", "default": ""},
    "node": {"type": "str", "default": ""},
    "agent": {"type": "bool", "default": False},
    "outcome": {"type": "str", "default": ""},
    "ready": {"type": "bool", "default": False},
    "instance": {"type": "str", "default": ""},
    "interfaces": {"type": "list", "elements": "dict", "options": INTERFACE_OPTIONS},
}
SCHEDULE_OPTIONS: Dict[str, Dict[str, Any]] = {
    "kind": {"type": "str", "required": True, "choices": ["ScheduleVMBackup", "CronJob"]},
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "uid": {"type": "str", "required": True},
}
VM_POWER_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "state": {"type": "str", "required": True, "choices": ["stopped", "started", "migrated"]},
    "cluster_networks": {"type": "list", "elements": "str"},
    "pod_network": {"type": "bool", "default": False},
    "namespaces": {"type": "list", "elements": "str"},
    "labels": {"type": "dict"},
    "names": {"type": "list", "elements": "str"},
    "node": {"type": "str"},
    "nodes": {"type": "list", "elements": "str"},
    "all_vms": {"type": "bool", "default": False},
    "vms": {"type": "list", "elements": "dict", "options": VM_OPTIONS},
    "schedules": {"type": "list", "elements": "dict", "options": SCHEDULE_OPTIONS},
    "cordoned": {"type": "list", "elements": "str"},
    "gone": {"type": "list", "elements": "str"},
    "accepted": {"type": "list", "elements": "str"},
    "gone_nodes": {"type": "list", "elements": "str"},
    "paused_vms": {"type": "str", "choices": ["refuse", "unpause", "kill"], "default": "refuse"},
    "busy_vms": {"type": "str", "choices": ["wait", "refuse"], "default": "wait"},
    "guest_clusters_paused": {"type": "bool", "default": False},
    "min_grace": {"type": "int", "default": 120},
    "force": {"type": "bool", "default": False},
    "window": {"type": "int", "default": 14400},
    "infrastructure_vms": {"type": "list", "elements": "str"},
    "order": {"type": "list", "elements": "str"},
    "order_label": {"type": "str"},
    "start_batch": {"type": "int", "default": 10},
    "canary": {"type": "bool", "default": True},
    "cordon": {"type": "bool", "default": True},
    "non_migratable_vms": {"type": "str", "choices": ["refuse", "leave"], "default": "refuse"},
    "check_timeout": {"type": "int", "default": 0},
}
