# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes that a call names. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterable

from ...common._errors import NetworkError
from ...common._names import suggest
from .. import _objects
from .._snapshot import Snapshot


def known_nodes(snapshot: Snapshot, names: Iterable[str]) -> Snapshot:
    """The snapshot itself. Raises NetworkError for a node that is not in it."""
    for name in names:
        if name not in snapshot.nodes:
            known = sorted(snapshot.nodes)
            raise NetworkError(
                "node '%s' is not in the cluster: %s"
                % (name, suggest(name, known) or "its nodes are %s" % _objects.listed(known))
            )
    return snapshot
