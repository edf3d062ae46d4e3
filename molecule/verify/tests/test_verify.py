# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit has left its evidence on the controller, every path is proved, and nothing of it is on the nodes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


def test_every_path_is_proved() -> None:
    folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "evidence"
    report = json.loads((folder / "verify.json").read_text(encoding="utf-8"))
    assert {path["status"] for path in report["paths"]} == {"proved"}
    assert {"verify.html", "verify.junit.xml", "verify.md"} <= {path.name for path in folder.iterdir()}


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
