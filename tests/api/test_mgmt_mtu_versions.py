# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook mgmt_mtu on other versions of Harvester, up and down again; before 1.7 the hosts refuse."""

from __future__ import annotations

import json

import pytest
from played_nodes import DOWN, NODES, UP, Nodes, everywhere
from stage import good

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]


@pytest.fixture(scope="session")
def running(other_version: Cluster) -> Cluster:
    return other_version


def test_up_and_down_again(nodes: Nodes, version: str) -> None:
    vms = nodes.vms()
    if version == "1.6":
        for name in NODES:
            (nodes.folder / name / "case.json").write_text(json.dumps({"old": "[]"}))
        refused = nodes.run(**UP)
        assert refused.status != 0
        told = "node 'node1': harvester=1.6: the management network of Harvester 1.6 and older belongs to wicked"
        assert told in refused.text, refused.output
        assert (nodes.links(), nodes.vms(), nodes.states()) == (everywhere(1500), vms, [])
        return
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(9000), "9000", vms)
    good(nodes.run(**DOWN))
    assert (nodes.links(), nodes.annotation(), nodes.vms()) == (everywhere(1500), "1500", vms)
    assert nodes.states() == ["done", "done"]
