# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long tasks have waited for others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.filter.seconds_waited import seconds_waited

CASES: dict[str, tuple[dict[str, Any], float]] = {
    "nobody": ({}, 0.0),
    "a host that has no such variable": ({"h1": {}, "h2": {"a": {"waited": 4.0}}}, 4.0),
    "hosts wait at the same time": ({"h1": {"a": {"waited": 4.0}}, "h2": {"a": {"waited": 6.5}}}, 6.5),
    "tasks wait one after the other": ({"h1": {"a": {"waited": 4.0}, "b": {"elapsed": 60}}}, 64.0),
    "one that was skipped": ({"h1": {"a": {"skipped": True}, "b": {}}}, 0.0),
    "one that is no result": ({"h1": {"a": None, "b": "text"}}, 0.0),
}


@pytest.mark.parametrize("name", CASES)
def test_seconds(name: str) -> None:
    hostvars, wanted = CASES[name]
    assert seconds_waited(list(hostvars), hostvars, ["a", "b"]) == wanted


def test_hosts_in_turn() -> None:
    hostvars = {"h1": {"a": {"waited": 4.0}}, "h2": {"a": {"waited": 6.5}}, "h3": {"a": {"skipped": True}}}
    assert seconds_waited(list(hostvars), hostvars, ["a"], in_turn=True) == 10.5


def test_pauses_between_looks() -> None:
    hostvars: dict[str, dict[str, Any]] = {"h1": {"a": {"attempts": 4}}, "h2": {"a": {"attempts": 1, "waited": 3.0}}}
    assert seconds_waited(list(hostvars), hostvars, ["a"], pause=2) == 6.0
    assert seconds_waited(list(hostvars), hostvars, ["a"]) == 3.0
    assert seconds_waited(["h1"], {"h1": {"a": {"attempts": 2, "waited": 3.0}}}, ["a"], pause=5) == 8.0
