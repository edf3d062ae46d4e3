# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence as JSON. Pure; private to the collection."""

from __future__ import annotations

import json

from ._model import Report

SCHEMA = 1


def text(report: Report) -> str:
    """One object; the times are its last key."""
    found = {
        "schema": SCHEMA,
        **report.summary(),
        "checks": [check._asdict() for check in report.checks],
        "paths": [path._asdict() for path in report.paths],
        "topology": {host: [item._asdict() for item in items] for host, items in report.topology.items()},
        "times": dict(report.times),
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
