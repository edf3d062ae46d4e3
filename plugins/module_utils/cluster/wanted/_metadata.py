# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions and annotations of objects that users write. This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from ...common._errors import Problem
from .. import _keys, _objects


def annotated(item: _objects.Object, key: str, value: Optional[str]) -> _objects.Object:
    """The object with an annotation; None takes it away, and a map that is empty then stays.

    A map that is taken away would take along what others write into it meanwhile.
    """
    if _objects.annotations_of(item).get(key) == value:
        return item
    found: Dict[str, str] = {word: text for word, text in _objects.annotations_of(item).items() if word != key}
    if value is not None:
        found[key] = value
    return {**item, "metadata": {**item["metadata"], "annotations": found}}


def described(item: _objects.Object, given: Mapping[str, Any]) -> _objects.Object:
    """The object with the description that is given; null and an empty text take it away."""
    if "description" not in given:
        return item
    text: Optional[str] = given["description"] or None
    if (_objects.annotations_of(item).get(_keys.DESCRIPTION) or None) == text:
        return item
    return annotated(item, _keys.DESCRIPTION, text)


def deleting(before: Optional[_objects.Object], where: str) -> List[Problem]:
    """An object that is being deleted is not changed any more."""
    if before is None or not _objects.deleting(before):
        return []
    return [Problem(where, "", None, "it is being deleted", "wait until it is gone, and run again")]
