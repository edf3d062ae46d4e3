# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that were lost within a proof on the wire, or that refused it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.filter.path_failures import path_failures
from ansible_collections.harvester.network.plugins.plugin_utils._path_failures import AWAY

GONE = {"unreachable": True, "msg": "timed out"}
BAD = {"failed": True, "msg": "no route"}


def known(endpoints: Any = None, answer: Any = None, removed: Any = None) -> dict[str, Any]:
    given = {"path_proof_endpoints": endpoints, "path_proof_answer": answer, "path_proof_removed": removed}
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (known(), None),
        (known({"skipped": True}, {"skipped": True}, {"skipped": True}), None),
        (known({"endpoints": []}, {"paths": [{"status": "no_path"}], "failed": False}, {"changed": False}), None),
        (known(GONE), (True, AWAY)),
        (known({"endpoints": []}, GONE), (True, AWAY)),
        (known({"endpoints": []}, {"paths": []}, GONE), (True, AWAY)),
        (known(BAD, {"skipped": True}), (False, "no route")),
        (known({"endpoints": []}, {"failed": True}), (False, "no message")),
        (known({"endpoints": []}, BAD, BAD), (False, "no route")),
        (known({"endpoints": []}, BAD, {"failed": True, "msg": "busy"}), (False, "no route; busy")),
        (known(BAD, GONE), (True, AWAY)),
    ],
    ids=[
        "nothing-ran",
        "skipped",
        "a-path-that-fails-is-no-refusal",
        "lost-at-the-endpoints",
        "lost-while-sending",
        "lost-at-the-end",
        "no-endpoint",
        "without-a-message",
        "the-same-twice",
        "two-refusals",
        "refused-and-then-lost",
    ],
)
def test_of_one_host(variables: dict[str, Any], expected: tuple[bool, str] | None) -> None:
    wanted = [] if expected is None else [{"host": "n2", "lost": expected[0], "why": f"n2: {expected[1]}"}]
    assert path_failures(["n1", "n2"], {"n1": known(), "n2": variables, "n3": known(GONE)}) == wanted


def test_one_that_refuses_hides_none_that_is_lost() -> None:
    found = path_failures(["n1", "n2"], {"n1": known(BAD), "n2": known(GONE)})
    assert [(one["host"], one["lost"]) for one in found] == [("n1", False), ("n2", True)]
