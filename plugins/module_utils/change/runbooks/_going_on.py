# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The change of a runbook that is open already. This module util is private to the collection."""

from __future__ import annotations

from typing import Optional

from ...cluster._client import Client
from .._record import FORWARD, Record
from .._store import Store


def going_on(client: Client, namespace: str, runbook: str) -> Optional[Record]:
    """The change of this runbook that goes on; None when none does. Role change judges those that cannot.

    namespace: of the records. Raises ApiError.
    """
    found = [stored.record for stored in Store(client, namespace).records("open")]
    return next((record for record in found if record.runbook == runbook and record.direction == FORWARD), None)
