# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Longhorn has of its networks in a report. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict

from . import _storage
from ._kinds import LONGHORN_SYSTEM
from ._objects import Object
from ._report_filter import Filter
from ._snapshot import Snapshot
from .storage import _pods, _wait

Entry = Dict[str, Any]


def longhorn(snapshot: Snapshot, only: Filter) -> Entry:
    """Longhorn's own settings, what it has not taken up of Harvester's, and the pods that move its data."""
    value = _storage.network_of(snapshot, _storage.STORAGE)
    return {
        "vm_networks": {
            name: str(_setting(snapshot, longhorn_name).get("value") or "")
            for name, longhorn_name in _wait.LONGHORN_SETTINGS.items()
        },
        "unsettled": [line for name in _wait.LONGHORN_SETTINGS for line in _wait.unsettled(snapshot, name)],
        "pods": [
            {
                "name": pod.name,
                "component": component,
                "node": pod.node,
                "running": pod.running,
                "addresses": list(pod.addresses),
                "problem": _wait.interface_problem(pod, value) or ("" if pod.running else "is not Running"),
            }
            for component, pod in _pods.data_pods(snapshot)
            if only.node(pod.node)
        ],
    }


def _setting(snapshot: Snapshot, name: str) -> Object:
    return snapshot.get("longhorn_settings", name, LONGHORN_SYSTEM) or {}
