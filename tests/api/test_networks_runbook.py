# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cluster networks as declared, as a change: made, changed, removed, killed, resumed, rolled back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from stage import Stage, away, good, killed_in, until

from lab.apiserver import Cluster
from lab.apiserver import objects as make
from lab.apiserver.cluster import INSTALLED

pytestmark = [pytest.mark.api, pytest.mark.long]

MULTUS = "k8s.cni.cncf.io/v1"
WRITE = "harvester.network.cluster_network : Write the configurations and wait for the agents#1"
DONE = "harvester.network.change : Record that the phase is done#1"
NEW: dict[str, Any] = {
    "name": "tenant",
    "description": "of tenants",
    "configs": [
        {"name": "tenant-node1", "node": "node1", "nics": ["eno4"]},
        {"name": "tenant-node2", "node": "node2", "nics": ["eno4"]},
    ],
    "vm_networks": [
        {"name": "vlan500", "vlan_id": 500, "description": "first"},
        {"name": "trunk", "namespace": "production", "vlan_ids": ["510-512"]},
    ],
}
LESS: dict[str, Any] = {
    **NEW,
    "description": "",
    "uplink": {"mode": "balance-alb"},
    "vm_networks": [{"name": "vlan500", "vlan_id": 501}, {**NEW["vm_networks"][1], "state": "absent"}],
}
GONE: dict[str, Any] = {**NEW, "state": "absent"}


class Networks(Stage):
    def seen(self) -> dict[str, Any]:
        """Everything of cluster network tenant, without what Harvester writes into it."""
        found: dict[str, Any] = {}
        for api, kind in ((make.NETWORK, "ClusterNetwork"), (make.NETWORK, "VlanConfig")):
            for item in self.client.list(api, kind):
                if item["metadata"]["name"].startswith("tenant"):
                    found[f"{kind}/{item['metadata']['name']}"] = [described(item), item.get("spec")]
        for item in self.client.list(MULTUS, "NetworkAttachmentDefinition"):
            config = json.loads(item["spec"]["config"])
            if config.get("bridge") == "tenant-br":
                found[f"VM network/{item['metadata']['name']}"] = [described(item), config]
        return found

    def declare(self, network: dict[str, Any], *arguments: str, **variables: Any) -> Any:
        return self.run("", *arguments, harvester_cluster_networks=[network], **variables)


def described(item: dict[str, Any]) -> str:
    return str((item["metadata"].get("annotations") or {}).get("field.cattle.io/description") or "")


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> Networks:
    found = Networks(running, tmp_path, "networks")
    # On the seeded one every NIC has its use.
    found.prepare(INSTALLED)
    return found


@pytest.fixture
def made(stage: Networks) -> Networks:
    """With the network there already."""
    good(stage.declare(NEW))
    return stage


def test_made_changed_and_removed(stage: Networks) -> None:
    refused = stage.declare({**NEW, "configs": [{"name": "tenant-node1", "node": "node1", "nics": ["eno1"]}]})
    assert refused.status != 0
    assert "eno1" in refused.text
    assert (stage.seen(), stage.states(), stage.leases()) == ({}, [], [])

    check = good(stage.declare(NEW, "--check", "--diff"))
    for line in (
        "created cluster network 'tenant'",
        "created network configuration 'tenant-node1'",
        "created VM network 'default/vlan500'",
        "created VM network 'production/trunk'",
        "+  nodeSelector:",
    ):
        assert line in check.output, check.output
    assert (stage.seen(), stage.states(), stage.leases()) == ({}, [], [])

    good(stage.declare(NEW))
    there = stage.seen()
    assert sorted(there) == [
        "ClusterNetwork/tenant",
        "VM network/trunk",
        "VM network/vlan500",
        "VlanConfig/tenant-node1",
        "VlanConfig/tenant-node2",
    ]
    again = good(stage.declare(NEW))
    assert "Plan the change" not in again.output
    assert stage.states() == ["done"]

    good(stage.declare(LESS))
    less = stage.seen()
    assert sorted(set(there) - set(less)) == ["VM network/trunk"]
    assert (less["ClusterNetwork/tenant"][0], less["VM network/vlan500"][1]["vlan"]) == ("", 501)

    good(stage.declare(GONE))
    assert (stage.seen(), stage.states(), stage.leases()) == ({}, ["done"] * 3, [])


@pytest.mark.fault("cluster_network", "runner killed", "goes on")
@pytest.mark.parametrize("at", [WRITE, DONE])
@pytest.mark.parametrize("wish", [LESS, GONE], ids=["changed", "gone"])
def test_killed_and_resumed(made: Networks, wish: dict[str, Any], at: str) -> None:
    before = made.seen()
    made.killed(at, harvester_cluster_networks=[wish])
    assert (made.seen() == before) is (at == WRITE)
    good(made.declare(wish, change_takeover=True))
    assert sorted(made.seen()) == ([] if wish is GONE else [key for key in sorted(before) if key != "VM network/trunk"])
    assert "Plan the change" not in good(made.declare(wish, "--check")).output
    assert (made.states(), made.leases()) == (["done", "done"], [])


def mode(stage: Networks) -> str | None:
    """Of the bond of the configuration that is written first."""
    found = stage.client.get(make.NETWORK, "VlanConfig", "tenant-node1")["spec"]["uplink"]
    value: str | None = (found.get("bondOptions") or {}).get("mode")
    return value


@pytest.mark.fault("cluster_network", "API server down for 30 s", "goes on")
def test_an_api_that_is_away_for_half_a_minute(made: Networks) -> None:
    """Right before configurations are written."""
    before = made.seen()
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(made.run, "", pause_at=WRITE, harvester_cluster_networks=[LESS])
        made.wait_for("tasks", WRITE)
        made.cluster.stop()
        (made.folder / "tasks.go").touch()
        away(made.cluster)
        good(ran.result())
    assert sorted(made.seen()) == [key for key in sorted(before) if key != "VM network/trunk"]
    assert (mode(made), made.states(), made.leases()) == ("balance-alb", ["done", "done"], [])


@pytest.mark.fault("cluster_network", "runner killed in a wait", "goes on; goes back")
@pytest.mark.parametrize("way", ["on", "back"])
@pytest.mark.parametrize("wish", [NEW, GONE], ids=["made", "gone"])
def test_killed_while_the_agents_are_waited_for(stage: Networks, wish: dict[str, Any], way: str) -> None:
    """Nodes that join or leave: of what else changes on a node, no VlanStatus tells when its agent has seen it."""
    if wish is GONE:
        good(stage.declare(NEW))
    before, ended, control = stage.seen(), stage.states(), stage.cluster.harvester.control
    control.fault(busy_agents=("node1", "node2"))

    def leaving() -> bool:
        return any("deletionTimestamp" in item["metadata"] for item in stage.client.list(make.NETWORK, "VlanConfig"))

    def begun() -> bool:
        return leaving() if wish is GONE else len(stage.seen()) == 5

    killed_in(stage, WRITE, begun, harvester_cluster_networks=[wish])
    control.fault(busy_agents=())
    if way == "on":
        # The plan names an object that goes between its two looks at the cluster as missing; the next run goes on.
        until(lambda: not leaving(), "the agents have not done their part")
        good(stage.declare(wish, change_takeover=True))
        assert "Plan the change" not in good(stage.declare(wish)).output
        assert len(stage.seen()) == (0 if wish is GONE else 5)
    else:
        good(stage.run("rollback", change_takeover=True))
        assert stage.seen() == before
    assert (stage.states(), stage.leases()) == ([*ended, "done" if way == "on" else "rolled-back"], [])


@pytest.mark.fault("cluster_network", "runner killed", "goes back")
@pytest.mark.parametrize("wish", [LESS, GONE], ids=["changed", "gone"])
def test_killed_and_rolled_back(made: Networks, wish: dict[str, Any]) -> None:
    before = made.seen()
    made.killed(DONE, harvester_cluster_networks=[wish])
    assert made.seen() != before
    good(made.run("rollback", change_takeover=True))
    assert made.seen() == before
    assert (sorted(made.states()), made.leases()) == (["done", "rolled-back"], [])


def test_what_was_made_is_taken_back(stage: Networks) -> None:
    stage.killed(DONE, harvester_cluster_networks=[NEW])
    assert len(stage.seen()) == 5
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), stage.states(), stage.leases()) == ({}, ["rolled-back"], [])


@pytest.mark.fault("cluster_network", "a VM network is changed by somebody else", "stops")
def test_a_vm_network_that_somebody_changes_in_between_stops_the_run(made: Networks) -> None:
    before = made.seen()
    made.killed(WRITE, harvester_cluster_networks=[LESS])
    item = made.client.get(MULTUS, "NetworkAttachmentDefinition", "vlan500", "default")
    config = json.dumps({**json.loads(item["spec"]["config"]), "promiscMode": False})
    patch = {"spec": {"config": config}}
    made.client.patch(MULTUS, "NetworkAttachmentDefinition", "vlan500", patch, "default")
    ran = made.declare(LESS, change_takeover=True)
    assert ran.status != 0
    assert "VM network 'default/vlan500': somebody has changed it since it was recorded: spec.config" in ran.text
    assert {key: value for key, value in made.seen().items() if key != "VM network/vlan500"} == {
        key: value for key, value in before.items() if key != "VM network/vlan500"
    }
