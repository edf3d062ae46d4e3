# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook cluster_network_mtu on other versions of Harvester: a plan that nothing speaks against, and one run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage import Stage, good

from lab.apiserver import Cluster

pytestmark = [pytest.mark.api, pytest.mark.long]

Call = Callable[..., dict[str, Any]]
NETWORK = "network.harvesterhci.io/v1beta1"
RAISE = {"cluster_network": "vmnet", "mtu_from": 1500, "mtu_to": 9000, "switches_ready": True}
LOWER = {"cluster_network": "storage", "mtu_from": 9000, "mtu_to": 1500}


@pytest.fixture(scope="session")
def running(other_version: Cluster) -> Cluster:
    return other_version


@pytest.mark.parametrize("wish", [RAISE, LOWER], ids=["raise", "with the storage network"])
def test_nothing_speaks_against_the_plan(running: Cluster, call: Call, wish: dict[str, Any]) -> None:
    running.reset()
    found = call("cluster_network_mtu_info", **wish)
    assert "failed" not in found, found["msg"]
    planned = call("change_plan", phases=found["phases"])
    assert "failed" not in planned, planned["msg"]


def test_up(running: Cluster, tmp_path: Path) -> None:
    stage = Stage(running, tmp_path, "mtu")
    stage.prepare()
    good(stage.run(change_cluster_network="vmnet", change_mtu_from=1500, change_mtu_to=9000))
    mtus = {
        item["spec"]["uplink"]["linkAttributes"]["mtu"]
        for item in stage.client.list(NETWORK, "VlanConfig")
        if item["spec"]["clusterNetwork"] == "vmnet"
    }
    assert mtus == {9000}
    assert stage.states() == ["done"]
