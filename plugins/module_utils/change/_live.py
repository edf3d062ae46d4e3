# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is everything as the change says that it starts from? Pure; this module util is private to the collection."""

from __future__ import annotations

from typing import Any, Callable, List, Mapping, NamedTuple, Sequence

from ._record import ChangeError


class Difference(NamedTuple):
    """One place whose value is not the expected one. where: "node1, mgmt-bo", "network configuration 'rack-a'"."""

    where: str
    expected: str
    live: str


def same(one: Any, other: Any) -> bool:
    """Equal in value: extra variables are texts, what is read from a host is a number."""
    return one == other or (one is not None and other is not None and str(one) == str(other))


def differences(expected: Any, live: Mapping[str, Any], equal: Callable[[Any, Any], bool] = same) -> List[Difference]:
    """The places, in their order, where something else is than expected. live: place -> value, None when unset."""
    return [
        Difference(where, _shown(expected), _shown(value))
        for where, value in live.items()
        if not equal(expected, value)
    ]


def table(found: Sequence[Difference]) -> str:
    """Differences in columns, with a heading; empty when there are none."""
    if not found:
        return ""
    rows = [("where", "expected", "live"), *found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows)


def require(option: str, expected: Any, live: Mapping[str, Any], equal: Callable[[Any, Any], bool] = same) -> None:
    """Raises ChangeError with the table when a place differs. option: the variable that says what is expected."""
    found = differences(expected, live, equal)
    if found:
        raise ChangeError(
            "%s=%s is not what is there in %d of %d places:\n%s\nBring them to one value, or correct %s"
            % (option, expected, len(found), len(live), table(found), option)
        )


def _shown(value: Any) -> str:
    return "not set" if value is None else str(value)
