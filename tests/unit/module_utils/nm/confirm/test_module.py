# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module checkpoint: a confirm that depends on what the node reaches."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

import pytest
from confirm_node import Node

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _module
from ansible_collections.harvester.network.plugins.module_utils.probe import _reach

EARLIER = [
    {"name": "gateway", "kind": "ping", "address": "192.0.2.1", "reached": True, "required": False},
    {"name": "API", "kind": "tcp", "address": "192.0.2.10", "port": 6443, "reached": False, "required": True},
    {"name": "other", "kind": "ping", "address": "192.0.2.7", "reached": False, "required": False},
]


class Answers:
    """What is reached at each look, the last of them from then on."""

    def __init__(self, *looks: set[str]) -> None:
        self.looks = list(looks)
        self.asked: list[list[str]] = []

    def reach(self, targets: Sequence[_reach.Target], _timeout: float) -> list[dict[str, Any]]:
        self.asked.append([target.name for target in targets])
        good = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return [{"name": item.name, "why": "" if item.name in good else "no answer"} for item in targets]


@pytest.fixture
def node(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(_reach, "PAUSE", 0)
    made = Node(tmp_path)
    made.arm()
    return made


def confirm(node: Node, check: bool = False) -> tuple[bool, dict[str, Any]]:
    options = {"state": "confirmed", "id": "one", "earlier": EARLIER}
    return _module.carry_out(node.run, options, check=check, root=str(node.root), missing=_reach.missing)


@pytest.mark.parametrize(
    "looks", [[{"gateway", "API"}], [set(), {"gateway", "API"}], [set(), {"API"}, {"gateway", "API"}]]
)
def test_what_was_reached_or_is_required_is_asked_up_to_three_times(
    node: Node, monkeypatch: pytest.MonkeyPatch, looks: list[set[str]]
) -> None:
    answers = Answers(*looks)
    monkeypatch.setattr(_reach, "reach", answers.reach)
    changed, result = confirm(node)
    assert changed and result["checkpoint"]["state"] == "confirmed"
    assert answers.asked == [["gateway", "API"]] * len(looks)
    assert node.checkpoint().found().state == ""


@pytest.mark.parametrize("check", [True, False])
def test_nothing_is_confirmed_when_something_does_not_answer(
    node: Node, monkeypatch: pytest.MonkeyPatch, check: bool
) -> None:
    monkeypatch.setattr(_reach, "reach", Answers({"gateway"}).reach)
    with pytest.raises(NetworkError) as error:
        confirm(node, check)
    assert str(error.value) == "not reached any more: API (no answer)"
    assert node.checkpoint().found().state == "armed"


def test_without_a_checkpoint_nothing_is_asked(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.checkpoint().confirm("one")
    answers = Answers(set())
    monkeypatch.setattr(_reach, "reach", answers.reach)
    assert confirm(node)[0] is False
    assert not answers.asked


def extend(node: Node, seconds: int, check: bool = False) -> tuple[bool, dict[str, Any]]:
    options = {"state": "extended", "id": None, "timeout": seconds}
    return _module.carry_out(node.run, options, check=check, root=str(node.root))


@pytest.mark.parametrize(("seconds", "there"), [(600, 600), (45, 60)])
def test_a_window_begins_anew_and_is_never_shorter_than_it_was(node: Node, seconds: int, there: int) -> None:
    node.commands.clear()
    changed, result = extend(node, seconds, check=True)
    assert (changed, result["checkpoint"]["timeout"], node.commands) == (True, 60, [])
    changed, result = extend(node, seconds)
    assert (changed, result["checkpoint"]["id"], result["checkpoint"]["timeout"]) == (True, "one", there)
    assert "systemctl restart harvester-network-confirm.timer" in node.commands


def test_a_window_is_not_extended_without_limit(node: Node) -> None:
    with pytest.raises(NetworkError) as error:
        extend(node, 86401)
    assert str(error.value) == "checkpoint: timeout=86401: the window to confirm has 30 to 86400 seconds"


def test_without_an_open_window_nothing_is_extended(node: Node) -> None:
    node.break_it()
    node.checkpoint().confirm("one")
    node.commands.clear()
    assert extend(node, 600) == (False, {"checkpoint": {}, "story": "", "summary": "", "leftovers": []})
    assert node.commands == []
