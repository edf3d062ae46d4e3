# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search for the largest size: which sizes are tried next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.harvester.network.plugins.module_utils.probe._prove import ROUNDS, WIDEST
from ansible_collections.harvester.network.plugins.module_utils.probe._search import COMMON, bracket, spread


@pytest.mark.parametrize(
    ("passed", "failed", "limit", "expected"),
    [
        ({84}, set(), 9000, (84, 9000)),
        ({84, 1500}, {1501, 4000}, 9000, (1500, 1501)),
        ({84, 1500}, {1400, 1501}, 9000, (1500, 1501)),  # 1400 was lost
        ({84, 9001}, set(), 9000, (84, 9000)),
        (set(), {84}, 9000, (0, 84)),
    ],
)
def test_bracket(passed: set[int], failed: set[int], limit: int, expected: tuple[int, int]) -> None:
    assert bracket(passed, failed, limit) == expected


@pytest.mark.parametrize(
    ("low", "high", "width", "hints", "expected"),
    [
        (84, 85, 16, (), []),
        (84, 87, 16, (), [85, 86]),
        (84, 9000, 4, (1500,), [1500, 1501, 3056, 6028]),
        (84, 9000, 2, (1500, 1400), [1500, 1501]),
        (84, 9000, 0, (9000,), [3056, 6028]),  # a hint that is known already
        (1500, 9000, 3, (1500,), [1501, 4000, 6500]),
    ],
)
def test_spread(low: int, high: int, width: int, hints: tuple[int, ...], expected: list[int]) -> None:
    assert spread(low, high, width, hints) == expected


RANGE = st.integers(0, 65534).flatmap(lambda low: st.tuples(st.just(low), st.integers(low + 1, 65535)))


@given(RANGE, st.integers(2, 32), st.lists(st.integers(0, 65535), max_size=6))
def test_sizes_lie_inside_and_are_no_more_than_asked_for(span: tuple[int, int], width: int, hints: list[int]) -> None:
    low, high = span
    found = spread(low, high, width, hints)
    assert found == sorted(set(found))
    assert all(low < size < high for size in found)
    assert len(found) <= width
    assert found or high == low + 1


@given(RANGE, st.integers(0, 65535))
def test_every_answer_is_found_before_the_rounds_are_over(span: tuple[int, int], true: int) -> None:
    low, high = span
    true = min(max(true, low), high - 1)
    rounds = 0
    while high > low + 1:
        rounds += 1
        for size in spread(low, high, WIDEST, COMMON):
            if size <= true:
                low = max(low, size)
            else:
                high = min(high, size)
    assert (low, high) == (true, true + 1)
    assert rounds < ROUNDS
