# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON merge patches (RFC 7386). This module util is private to the collection."""

from __future__ import annotations

from typing import Any, Dict, Mapping


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> Dict[str, Any]:
    """What makes ``after`` of ``before``; empty when they are equal. _objects.merged() is the way back.

    A key that goes is null, a list is replaced whole. ``after`` holds no null, which a merge patch cannot say.
    """
    patch: Dict[str, Any] = {}
    for key in {**before, **after}:
        if key not in after:
            patch[key] = None
        elif key not in before or before[key] != after[key]:
            old, new = before.get(key), after[key]
            if isinstance(old, Mapping) and isinstance(new, Mapping):
                new = merge_patch(old, new)
            patch[key] = new
    return patch
