# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a report, by name. Pure; private to the collection."""

from __future__ import annotations

from . import _html, _json, _junit, _markdown
from ._model import Report

FORMS = {
    "json": _json.text,
    "junit.xml": _junit.text,
    "md": _markdown.text,
    "html": _html.text,
}
"""Ending of the name -> what makes the text."""


def files(report: Report) -> dict[str, str]:
    """Name -> text; names carry the report's id."""
    return {f"{report.id}.{ending}": make(report) for ending, make in FORMS.items()}
