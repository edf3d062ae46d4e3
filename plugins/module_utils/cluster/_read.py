# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster as it is. This module util is private to the collection."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, Tuple

from ._client import Client, Json
from ._kinds import BY_KEY
from ._snapshot import Snapshot
from ._storage import SETTINGS

READ_SETTINGS = ("server-version", *SETTINGS)
"""Settings that are read, each by its name: the values of others hold secrets (ssl-certificates has a key), and an
account that may list settings could read them all."""

WHEREABOUTS = "ippools.whereabouts.cni.cncf.io"

BY_NAME: Mapping[str, Tuple[str, ...]] = {"settings": READ_SETTINGS, "crds": (WHEREABOUTS,)}
"""Kinds of which some objects are read, each by its name, instead of a list."""


def read_snapshot(client: Client, keys: Iterable[str]) -> Snapshot:
    """One list request per kind, whatever the number of objects; those of BY_NAME are read one by one.

    keys: of _kinds.BY_KEY. Raises ApiError.
    """
    found: Dict[str, List[Json]] = {}
    for key in keys:
        kind = BY_KEY[key]
        if key in BY_NAME:
            named = [client.get(kind, name) for name in BY_NAME[key]]
            found[key] = [item for item in named if item is not None]
        else:
            found[key] = client.list(kind, kind.namespace, kind.selector)
    return Snapshot.read(found)
