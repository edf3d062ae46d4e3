# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runbooks of cluster networks on other versions of Harvester: plans that nothing speaks against, and a run of each."""

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
MODE: dict[str, Any] = {"uplink": {"mode": "balance-alb"}}
LOWER = {"cluster_network": "storage", "mtu_from": 9000, "mtu_to": 1500}
STAYS_DOWN = (
    "network configuration '%s': NIC '%s' cannot be used on node node3: it is down; look at its cable and switch port,"
    " or leave it out; before 1.7 a NIC that Harvester released stays down until it is set up on the node"
)
"""What speaks on Harvester 1.6 against a configuration that is put back; its hosts run no modules either."""


@pytest.fixture(scope="session")
def running(other_version: Cluster) -> Cluster:
    return other_version


@pytest.mark.parametrize(
    ("module", "wish"),
    [
        ("cluster_network_mtu_info", RAISE),
        ("cluster_network_mtu_info", LOWER),
        ("cluster_network_change_info", {"cluster_network": "vmnet", **MODE}),
        ("cluster_network_change_info", {"cluster_network": "storage", **MODE}),
    ],
    ids=["raise", "lower with the storage network", "bond mode", "bond mode with the storage network"],
)
def test_nothing_speaks_against_the_plan(
    running: Cluster, call: Call, version: str, module: str, wish: dict[str, Any]
) -> None:
    running.reset()
    found = call(module, **wish)
    assert "failed" not in found, found["msg"]
    planned = call("change_plan", phases=found["phases"])
    if version == "1.6" and module == "cluster_network_mtu_info":
        config, nic = ("vmnet-rack-b", "ens3f2") if wish is RAISE else ("storage-rack-b", "ens3f3")
        assert planned["msg"] == STAYS_DOWN % (config, nic)
        return
    assert "failed" not in planned, planned["msg"]


def uplinks(stage: Stage) -> list[dict[str, Any]]:
    """Of the configurations of cluster network vmnet."""
    found = stage.client.list(NETWORK, "VlanConfig")
    return [item["spec"]["uplink"] for item in found if item["spec"]["clusterNetwork"] == "vmnet"]


def test_up(running: Cluster, version: str, tmp_path: Path) -> None:
    stage = Stage(running, tmp_path, "mtu")
    stage.prepare()
    wish = {"change_cluster_network": "vmnet", "change_mtu_from": 1500, "change_mtu_to": 9000}
    if version == "1.6":
        before = uplinks(stage)
        refused = stage.run(**wish)
        assert refused.status != 0
        assert STAYS_DOWN % ("vmnet-rack-b", "ens3f2") in refused.text
        assert (uplinks(stage), stage.states(), stage.leases()) == (before, [], [])
        return
    good(stage.run(**wish))
    assert [uplink["linkAttributes"]["mtu"] for uplink in uplinks(stage)] == [9000, 9000]
    assert stage.states() == ["done"]


def test_a_bond_mode(running: Cluster, tmp_path: Path) -> None:
    stage = Stage(running, tmp_path, "network_change")
    stage.prepare()
    good(stage.run(change_cluster_network="vmnet", change_uplink=MODE["uplink"]))
    assert [uplink["bondOptions"]["mode"] for uplink in uplinks(stage)] == ["balance-alb", "balance-alb"]
    assert stage.states() == ["done"]
