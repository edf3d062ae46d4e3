# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of module change_plan. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict

from ..cluster._storage import SETTINGS
from .steps import STEPS

STEP_ARGSPEC: Dict[str, Dict[str, Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(STEPS)},
    "name": {"type": "str"},
    "object": {"type": "dict"},
    "labels": {"type": "dict"},
    "setting": {"type": "str", "choices": list(SETTINGS)},
    "value": {"type": "str"},
    "vms": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["stopped", "started"]},
    "run_strategies": {"type": "dict"},
    "nodes": {"type": "list", "elements": "str"},
    "cluster_networks": {"type": "list", "elements": "str"},
    "text": {"type": "str"},
}

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "phases": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "id": {"type": "str", "required": True},
            "role": {"type": "str", "default": ""},
            # seconds
            "bound": {"type": "int", "required": True},
            # of the record: one list of phases serves module change too
            "input": {"type": "raw"},
            "until": {"type": "str"},
            "steps": {"type": "list", "elements": "dict", "default": [], "options": STEP_ARGSPEC},
        },
    },
    "window_end": {"type": "str", "default": ""},
}
