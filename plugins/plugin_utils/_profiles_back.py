# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What puts changed profiles back. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

SAME = ("unchanged", "loaded")
"""Actions of module profiles that leave a profile as it was."""

Profile = dict[str, Any]


def back(changes: Iterable[Mapping[str, Any]]) -> list[Profile]:
    """The profiles for module ``profiles`` that undo its changes, in their order.

    changes: its result ``profiles``. A profile that was new goes, one that was removed comes back whole. Of a changed
    one only what the change had touched is named, with null for what was not set, so that what somebody else has
    changed meanwhile stays.
    """
    found = []
    for change in changes:
        before, after = change["before"], change["after"]
        if change["action"] in SAME:
            continue
        if before is None:
            found.append({"id": change["id"], "state": "absent"})
        elif after is None:
            found.append(dict(before))
        else:
            found.append({"id": change["id"], **_touched(before, after)})
    return found


def _touched(before: Mapping[str, Any], after: Mapping[str, Any]) -> Profile:
    """Options that differ, as they were."""
    found: Profile = {}
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(new, Mapping) and (old is None or isinstance(old, Mapping)):
            found[name] = _touched(old or {}, new)
        else:
            found[name] = old
    return found
