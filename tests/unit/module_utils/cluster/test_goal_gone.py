# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of nodes that are gone for good nothing is waited for."""

from __future__ import annotations

import pytest
from cluster_objects import BASE

from ansible_collections.harvester.network.plugins.module_utils.cluster._goal import Goal, lacking


@pytest.mark.parametrize(
    "goal",
    [
        Goal(up=frozenset({("cn1", "other", "n1"), ("cn1", "other", "n2")})),
        Goal(down=frozenset({("cn1", "n1"), ("cn1", "n2")})),
        Goal(hosts=frozenset({("none", "n1"), ("none", "n2")})),
    ],
    ids=["up", "down", "hosts"],
)
def test_their_part_of_the_goal_is_left_out(goal: Goal) -> None:
    def nodes(*gone: str) -> set[str]:
        return {line.partition(":")[0] for line in lacking(goal, BASE, gone)}

    assert nodes() == {"node n1", "node n2"}
    assert nodes("n2") == {"node n1"}
    assert nodes("n1", "n2") == set()
