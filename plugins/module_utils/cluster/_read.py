# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is. This module util is private to the collection."""

from __future__ import annotations

from typing import Dict, Iterable, List

from ._client import Client, Json
from ._kinds import BY_KEY
from ._snapshot import Snapshot


def read_snapshot(client: Client, keys: Iterable[str]) -> Snapshot:
    """One list request per kind, whatever the number of objects. keys: of _kinds.BY_KEY. Raises ApiError."""
    found: Dict[str, List[Json]] = {}
    for key in keys:
        kind = BY_KEY[key]
        found[key] = client.list(kind, kind.namespace, kind.selector)
    return Snapshot.read(found)
