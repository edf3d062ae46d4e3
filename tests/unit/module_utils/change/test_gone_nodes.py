# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollback without nodes that are gone for good: who may be left out, what is noted of it, and what is said."""

from __future__ import annotations

import dataclasses

import pytest
from change_samples import BEGUN, ID, NOW, STAMP

from ansible_collections.harvester.network.plugins.module_utils.change import _gone_nodes, _phases, _way_back
from ansible_collections.harvester.network.plugins.module_utils.change._record import Phase, check
from ansible_collections.harvester.network.plugins.module_utils.common._errors import ValidationError

TURN = {"cluster": {"boot_ids": {"node2": "b"}, "vms": []}, "hosts": {"h2": {"boot_id": "b"}}}
RECORD = dataclasses.replace(
    BEGUN,
    phases=(
        Phase("hosts", "mine", 60, None, {"cluster": None, "hosts": {"h1": 1, "h2": 1}}, "done", STAMP, STAMP),
        Phase("reboot-1", "harvester.network.ordered_reboot", 60, {}, TURN, "done", STAMP, STAMP),
        Phase("later", "mine", 60),
    ),
)
BACK = _phases.turned_back(RECORD)
READY = {"node1": True, "node2": False}
REPORT = (
    "gone, and left out: node node2.\nnot put back on: h2; its profiles are still those of phases hosts. Before it"
    " joins again run ansible-playbook harvester.network.rollback -i INVENTORY -e change_scope=hosts --limit h2, or"
    " install it anew\na cordon of this change stays on node node2"
)


@pytest.mark.parametrize(
    ("gone", "line"),
    [
        (
            "node1",
            (
                "node 'node1': change_gone_nodes=node1: it is Ready, and only a node that is not, or that is no longer"
                " in the cluster, is left out; take it off the list, and let the run reach its host"
            ),
        ),
        (
            "h2",
            (
                f"node 'h2': change_gone_nodes=h2: it is no node of change '{ID}', which has node1, node2; see its"
                " spelling, or take it off the list"
            ),
        ),
    ],
)
def test_who_is_refused(gone: str, line: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _gone_nodes.left_out(BACK, ["node2", gone], ["h1"], READY)
    assert str(refused.value) == line


@pytest.mark.parametrize("ready", [READY, {"node1": True}], ids=["not Ready", "not in the cluster"])
def test_what_is_noted(ready: dict[str, bool]) -> None:
    found = _gone_nodes.left_out(BACK, ["node2"], ["h1"], ready)
    assert found.notes == {"gone_nodes": "node2", "left_out_hosts": "h2"}
    assert dataclasses.replace(found, notes={}) == BACK
    check(found, "it")
    assert _gone_nodes.noted(found) == ["node2"]


def test_nothing_is_noted_without_one() -> None:
    assert _gone_nodes.left_out(BACK, [], ["h1"], {}) is BACK
    assert _gone_nodes.report(BACK) == ""


def test_a_later_run_of_the_rollback_keeps_what_an_earlier_one_has_left_out() -> None:
    first = _gone_nodes.left_out(BACK, ["node2"], ["h1"], READY)
    undone = _phases.undone(_phases.undone(first, "reboot-1", NOW), "hosts", NOW)
    assert _gone_nodes.left_out(undone, ["node2"], ["h1"], READY).notes == first.notes
    assert _gone_nodes.left_out(undone, [], ["h1", "h2"], {"node1": True, "node2": True}).notes == first.notes
    assert _gone_nodes.report(_phases.closed(undone, NOW)) == REPORT


def test_the_plan_says_what_is_left_out() -> None:
    found = _gone_nodes.left_out(BACK, ["node2"], ["h1"], READY)
    plan = _way_back.shown(found, ("h1",), 0, _gone_nodes.noted(found))
    assert plan["lines"] == [
        "1. reboot-1 (harvester.network.ordered_reboot): at most 60 s",
        "   left out: Node node2",
        "   a reboot has no way back; no node reboots again",
        "2. hosts (mine): at most 60 s",
        "   put back: Host h1",
        "   left out: Host h2",
    ]
