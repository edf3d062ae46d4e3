# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for the largest size that passes: what to try next. This module util is private to the collection."""

from __future__ import annotations

from typing import Iterable, List, Set, Tuple

COMMON = (1500, 9000, 1450, 8950, 1400, 1492, 1480, 1420, 4000, 2000, 8000, 1280, 9216)
"""MTUs that are met often, the likeliest first: tried first, so that most searches end after one round."""


def bracket(passed: Iterable[int], failed: Iterable[int], limit: int) -> Tuple[int, int]:
    """The largest size below ``limit`` that passed, and the smallest above it that did not; ``limit`` counts as failed.

    A size that failed below one that passed was a lost packet.
    """
    low = max((size for size in passed if size < limit), default=0)
    return low, min((size for size in failed if low < size < limit), default=limit)


def spread(low: int, high: int, width: int, hints: Iterable[int] = ()) -> List[int]:
    """At most ``width`` (and at least two) sizes between a size that passes and one that does not, ascending.

    Each hint is a guess of the answer, so it is tried together with one byte more: both together prove it.
    """
    inside = high - low - 1
    width = max(2, width)
    if inside <= width:
        return list(range(low + 1, high))
    found: Set[int] = set()
    for hint in hints:
        pair = {size for size in (hint, hint + 1) if low < size < high}
        if len(found | pair) <= width:
            found |= pair
    rest = width - len(found)
    step = (high - low) / (rest + 1)
    found.update(low + int(step * number) for number in range(1, rest + 1))
    return sorted(size for size in found if low < size < high)
