# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A confirm that was sent before the change was live proves nothing, and keeps nothing."""

from __future__ import annotations

import json
import os
import pathlib

import pytest
from confirm_node import BOOT, Node

from ansible_collections.harvester.network.plugins.module_utils.common._errors import NetworkError
from ansible_collections.harvester.network.plugins.module_utils.nm import _live
from ansible_collections.harvester.network.plugins.module_utils.nm._places import LIVE_FOLDER
from ansible_collections.harvester.network.plugins.module_utils.nm.confirm import _fresh, _module

EARLY = (
    "this call began before the change was live, so it does not show that the node is still reached; call again over a"
    " new connection"
)


@pytest.fixture
def node(tmp_path: pathlib.Path) -> Node:
    made = Node(tmp_path)
    made.arm()
    # Ticks of the clock since the boot are the 22nd word; the name of a process may hold anything.
    words = " ".join(["S", *["0"] * 18, str(100 * os.sysconf("SC_CLK_TCK")), "0"])
    made.put(f"proc/{os.getpid()}/stat", f"{os.getpid()} (a) b) {words}")
    return made


def confirm(node: Node) -> str:
    options = {"state": "confirmed", "id": "one", "earlier": []}
    return str(_module.carry_out(node.run, options, root=str(node.root))[1]["checkpoint"]["state"])


def live(node: Node, job: dict[str, object], done: bool) -> None:
    node.put(f"{LIVE_FOLDER.lstrip('/')}/job.json", json.dumps(job))
    if done:
        node.put(f"{LIVE_FOLDER.lstrip('/')}/result.json", json.dumps({"ok": True}))


def test_both_sides_mean_the_same_file() -> None:
    assert _fresh.ENDED == _live.CONFIRM_ENDED


@pytest.mark.parametrize(
    "ended", [None, f"{BOOT} 99.50", f"{BOOT} 100.00", "another 4000.00", f"{BOOT} nonsense", ""], ids=repr
)
def test_a_call_that_began_after_the_change_confirms(node: Node, ended: str | None) -> None:
    if ended is not None:
        node.put(_fresh.ENDED, ended)
    assert confirm(node) == "confirmed"


def test_a_call_that_began_before_the_change_was_live_is_refused(node: Node) -> None:
    """It came by a way that may be gone; what it asks from the node is reached all the same."""
    node.put(_fresh.ENDED, f"{BOOT} 100.01")
    with pytest.raises(NetworkError) as error:
        confirm(node)
    assert str(error.value) == EARLY
    assert node.checkpoint().found().state == "armed"


@pytest.mark.parametrize(("done", "refused"), [(False, True), (True, False)])
def test_a_change_that_is_under_way_is_not_confirmed(node: Node, done: bool, refused: bool) -> None:
    live(node, {"confirm": True}, done)
    if not refused:
        assert confirm(node) == "confirmed"
        return
    with pytest.raises(NetworkError) as error:
        confirm(node)
    assert str(error.value) == EARLY


def test_a_change_that_asks_for_no_confirm_is_none_of_its_business(node: Node) -> None:
    live(node, {}, done=False)
    assert confirm(node) == "confirmed"


def test_where_processes_cannot_be_read_a_call_counts(node: Node) -> None:
    node.put(_fresh.ENDED, f"{BOOT} 100.01")
    node.put(f"proc/{os.getpid()}/stat", "")
    assert confirm(node) == "confirmed"
