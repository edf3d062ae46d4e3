# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as the modules return it: differences and objects. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from ansible.module_utils.common.yaml import yaml_dump

from . import _objects
from ._kinds import BY_KEY
from ._plan import Step

UNSEEN = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink")
"""Metadata that the API server writes."""


def diff(steps: Sequence[Step]) -> List[Dict[str, str]]:
    """Before and after of every step that writes, as YAML: what users write, without status and the server's own."""
    found = []
    for step in steps:
        if step.writes:
            header = "%s %s" % (BY_KEY[step.kind].kind, _full(step))
            found.append(
                {
                    "before_header": header,
                    "after_header": header,
                    "before": _text(step.before),
                    "after": _text(step.after),
                }
            )
    return found


def objects(steps: Sequence[Step]) -> List[Dict[str, str]]:
    """Kind, namespace, name and action of every step."""
    return [
        {
            "kind": BY_KEY[step.kind].kind,
            "namespace": step.namespace,
            "name": step.name,
            "action": step.action,
        }
        for step in steps
    ]


def _full(step: Step) -> str:
    return "%s/%s" % (step.namespace, step.name) if step.namespace else step.name


def _text(item: Optional[_objects.Object]) -> str:
    if item is None:
        return ""
    shown: Dict[str, Any] = {key: value for key, value in item.items() if key != "status"}
    shown["metadata"] = {key: value for key, value in (item.get("metadata") or {}).items() if key not in UNSEEN}
    return str(yaml_dump(shown, default_flow_style=False, sort_keys=True))
