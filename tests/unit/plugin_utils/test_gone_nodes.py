# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are away, and nodes that are called gone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.filter import gone_refusals
from ansible_collections.harvester.network.plugins.plugin_utils import _gone_nodes

HERE, AWAY = ("node1", True), ("node2", False)
NOT_REACHED = (
    "node 'node2': its host h2 is not reached; bring it back, then roll back again; with change_scope=hosts and --limit"
    " those that are reached do not wait for it; if it will never come back, give change_gone_nodes=node2"
)
REACHED = (
    "node 'node1': change_gone_nodes=node1: its host h1 is reached, and only a node that is away is left out; take it"
    " off the list"
)


@pytest.mark.parametrize(
    ("hosts", "gone", "lines"),
    [
        ({"h1": HERE}, [], []),
        ({"h1": HERE, "h2": AWAY}, ["node2"], []),
        ({"h1": HERE, "h2": AWAY}, " node2 ,node9", []),
        ({"h1": HERE, "h2": AWAY}, [], [NOT_REACHED]),
        ({"h1": HERE, "h2": AWAY}, ["h2"], [NOT_REACHED]),
        ({"h1": HERE, "h2": AWAY}, ["node1"], [REACHED, NOT_REACHED]),
        # Of one that is in no inventory the cluster alone knows.
        ({"h1": HERE}, ["node9"], []),
        (
            {"h2": AWAY},
            ["node2"],
            ["no host is reached, so there is nothing to roll back on; see that one of them answers"],
        ),
    ],
)
def test_who_is_refused(hosts: dict[str, tuple[str, bool]], gone: Any, lines: list[str]) -> None:
    assert _gone_nodes.refusals(hosts, gone) == lines


def test_hosts_alone_are_rolled_back_with_a_limit() -> None:
    assert _gone_nodes.refusals({"h1": HERE}, [], True) == []
    assert _gone_nodes.refusals({"h1": HERE}, ["node2"], True) == [
        (
            "node 'node2': change_gone_nodes=node2: it does not go with change_scope=hosts; leave it out, and name the"
            " others with --limit"
        )
    ]


def test_the_filter_reads_what_the_run_has_seen() -> None:
    hostvars: dict[str, dict[str, Any]] = {
        "h1": {"harvester_node_name": "node1", "rollback_reached": {"ping": "pong"}},
        "h2": {"harvester_node_name": "node2", "rollback_reached": {"unreachable": True}},
        "node3": {"rollback_reached": {"failed": True}},
    }
    assert gone_refusals.gone_refusals(list(hostvars), hostvars, []) == [NOT_REACHED]
    assert gone_refusals.gone_refusals(list(hostvars), hostvars, ["node2"]) == []
    assert len(gone_refusals.gone_refusals(list(hostvars), hostvars, ["node2", "node3"])) == 1
