# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the profiles and devices of nodes, as steps of a plan. Pure; private to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NAMES = ("id",)
"""Properties that only say which profile it is."""


def steps(results: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A step of kind ``host`` per node on which something changes, as module change_plan takes it.

    results: node -> what module profiles returned in check mode.
    """
    found = []
    for node, result in results.items():
        values = [value for profile in result["profiles"] for value in _of_profile(profile)]
        values += [_value(f"device {one['name']}", None, f"{one['how']} ({one['why']})") for one in result["devices"]]
        if values:
            found.append({"kind": "host", "name": node, "values": values})
    return found


def _of_profile(profile: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    name, action = f"profile {profile['id']}", profile["action"]
    if action == "unchanged":
        return
    if action != "changed":
        # Of a new one the properties follow.
        yield _value(name, None, action)
    if action in ("created", "changed"):
        before, after = (dict(_flat(profile[when] or {})) for when in ("before", "after"))
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield _value(f"{name} {key}", before.get(key), after.get(key))


def _flat(options: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in options.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        elif above or key not in NAMES:
            yield above + key, value


def _value(field: str, was: Any, becomes: Any) -> dict[str, str]:
    found = {"field": field, "to": "none" if becomes is None else _text(becomes)}
    return found if was is None else {**found, "from": _text(was)}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_text, value)) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_text(one)}" for key, one in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)
