# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call of module change_info: its options, and its result. This module util is private to the collection."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Dict, Mapping, Optional

from ..cluster._client import Client
from ..cluster._kinds import SYSTEM
from . import _lease, _texts, _time
from ._record import STATES, Record
from ._store import Store

ARGUMENT_SPEC: Dict[str, Dict[str, Any]] = {
    "namespace": {"type": "str", "default": SYSTEM},
    "id": {"type": "str"},
    "state": {"type": "str", "choices": list(STATES)},
    "full": {"type": "bool", "default": False},
}


def read(client: Client, given: Mapping[str, Any], moment: Optional[datetime] = None) -> Dict[str, Any]:
    """Changes and Lease. given: the module's options. moment: now when None. Raises NetworkError."""
    store = Store(client, given["namespace"])
    stored = [store.load(given["id"])] if given["id"] else store.records(given["state"] or "")
    records = [one.record for one in stored if given["state"] in (None, one.record.state)]
    lease = _lease.read(store.lease())
    return {
        "changes": [_change(record, given["full"]) for record in records],
        "lease": {
            "holder": lease.holder,
            "expires": _time.stamp(lease.expires) if lease.expires else "",
            "held": lease.held(moment or _time.now()),
        },
    }


def _change(record: Record, full: bool) -> Dict[str, Any]:
    found = {**_texts.compact(record), "progress": _texts.progress(record), "commands": _texts.commands(record)}
    if full:
        found["phases"] = [dataclasses.asdict(phase) for phase in record.phases]
    return found
