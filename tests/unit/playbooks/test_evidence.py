# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of runs that come to their end and of runs that fail. Runs cost seconds: each proves much."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

FORMS = ["html", "json", "junit.xml", "md"]


@pytest.mark.long
def test_a_run_that_fails_leaves_evidence_too(playground: Any) -> None:
    nodes: dict[str, dict[str, Any]] = {"n1": {"unproved": {"management network|n2": "mtu_too_small"}}, "n2": {}}
    found = playground.run(nodes, change_without_cluster=True, change_evidence_dir="evidence")
    assert found.status == 2, found.output
    folder = playground.folder / "evidence"
    assert sorted(path.name for path in folder.iterdir()) == [f"mgmt_network.{form}" for form in FORMS]
    report = json.loads((folder / "mgmt_network.json").read_text())
    assert report["failed"] == [
        "n1: the run has come to its end: expected yes, seen no, its log says why",
        "n2: the run has come to its end: expected yes, seen no, its log says why",
        "management network: n1 to n2: 9000 bytes expected, at most 1500 passed (mtu_too_small)",
    ]
    assert sorted(report["topology"]) == ["n1", "n2"]


def test_a_run_that_comes_to_its_end_is_no_other_for_its_evidence(playground: Any) -> None:
    found = playground.run({"n1": {}}, "--check", playbook="preflight", change_evidence_dir="evidence")
    assert (found.status, found.changed("n1")) == (0, 0), found.output
    report = json.loads((playground.folder / "evidence/preflight.json").read_text())
    assert (report["passed"], report["failed"], list(report["times"])) == (True, [], ["run ended"])
    assert [check["id"] for check in report["checks"]] == ["run"]
