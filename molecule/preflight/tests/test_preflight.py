# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence says that nothing speaks against the change, nothing was written, and nothing is on the nodes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from leftovers import in_cluster, on_node

from lab import Lab

testinfra_hosts = ["ansible://harvester_nodes"]


def test_no_check_has_failed() -> None:
    folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "evidence"
    report = json.loads((folder / "preflight.json").read_text(encoding="utf-8"))
    assert report["checks"]
    assert [check["what"] for check in report["checks"] if not check["passed"]] == []
    assert {"preflight.html", "preflight.junit.xml", "preflight.md"} <= {path.name for path in folder.iterdir()}


def test_nothing_was_written_into_the_cluster() -> None:
    client = Lab().cluster.client()
    networks = client.list("network.harvesterhci.io/v1beta1", "ClusterNetwork")
    assert [item["metadata"]["name"] for item in networks] == ["mgmt"]
    assert client.list("network.harvesterhci.io/v1beta1", "VlanConfig") == []


def test_nothing_is_left_on_the_node(host: Any) -> None:
    assert on_node(host) == []


def test_nothing_is_left_in_the_cluster() -> None:
    assert in_cluster(Lab().cluster.client()) == []
