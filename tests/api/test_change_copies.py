# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runner and nodes keep of a change, and the rollback of the hosts while the API does not answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from played_nodes import NODES, UP, Nodes, everywhere
from stage import SYSTEM, good
from test_change_role import NEW, OLD, TryOut

from ansible_collections.harvester.network.plugins.module_utils.change import _configmap
from lab.apiserver import Cluster

pytestmark = pytest.mark.api

APPLYING = "host_file : Write the file#1"
DEAD: dict[str, Any] = {
    "harvester_api": {"host": "https://127.0.0.1:9", "api_key": "none", "validate_certs": False},
}


@pytest.fixture
def stage(running: Cluster, tmp_path: Path) -> TryOut:
    found = TryOut(running, tmp_path)
    found.prepare()
    return found


def record(stage: TryOut) -> dict[str, Any]:
    (found,) = stage.client.list("v1", "ConfigMap", SYSTEM, labelSelector=_configmap.CHANGE_LABEL)
    read: dict[str, Any] = json.loads(found["data"]["record.json"])
    return read


@pytest.mark.long
def test_copies_last_as_long_as_the_change(stage: TryOut) -> None:
    """Also: without a control-plane node there is no snapshot of etcd, and the record says why."""
    assert stage.run(kill_at=APPLYING).status == -9
    (copy,) = (stage.folder / "copies").iterdir()
    assert json.loads(copy.read_text()) == record(stage)
    for host in ("node1", "node2"):
        (kept,) = (stage.folder / f"kept-{host}").iterdir()
        (phase,) = json.loads((kept / "phases.json").read_text())
        assert (kept.name, phase["id"], phase["place"]) == (copy.stem, "on-hosts", 1)
        assert phase["before"] == OLD[host]
        assert sorted(path.name for path in kept.iterdir()) == ["live.json", "phases.json", "profiles"]
    assert record(stage)["notes"]["etcd_snapshot"].startswith("not taken, because node1: there is no rke2 on this node")
    good(stage.run(change_takeover=True))
    assert stage.seen() == NEW
    assert list((stage.folder / "copies").iterdir()) == []
    assert not [path for path in stage.folder.iterdir() if path.name.startswith("kept")]


@pytest.mark.fault("role change", "API server gone", "goes back on the hosts")
@pytest.mark.long
def test_hosts_are_rolled_back_without_the_api(stage: TryOut) -> None:
    assert stage.run(kill_at="harvester.network.change : Close the change#1").status == -9
    shown = good(stage.run("rollback", "--check", change_scope="hosts", **DEAD))
    assert "to be undone on the hosts, in this order: on-hosts" in shown.text
    assert stage.seen() == NEW
    good(stage.run("rollback", change_scope="hosts", **DEAD))
    assert stage.seen() == {**OLD, "value": "new"}
    good(stage.run("rollback", change_takeover=True))
    assert (stage.seen(), stage.states(), stage.leases()) == (OLD, ["rolled-back"], [])
    none = stage.run("rollback", change_scope="hosts", **DEAD)
    assert none.status != 0
    assert "the nodes keep nothing of an open change, so there is nothing to undo on them." in none.text


@pytest.mark.long
def test_a_snapshot_that_has_to_be_there(stage: TryOut) -> None:
    ran = stage.run(change_etcd_snapshot="require")
    assert ran.status != 0
    assert "change_etcd_snapshot=require: not taken, because node1: there is no rke2 on this node" in ran.text
    assert stage.seen() == OLD
    good(stage.run(change_etcd_snapshot="skip"))
    assert record(stage)["notes"] == {}


@pytest.mark.fault("mgmt_mtu", "API server gone", "goes back on the hosts")
@pytest.mark.long
def test_the_management_network_is_rolled_back_without_the_api(nodes: Nodes) -> None:
    """Up to the pod network; the annotation and the VMs follow once the API answers."""
    before = (nodes.profiles(), nodes.vms())
    killed = nodes.run(kill_at="harvester.network.mgmt_annotation : Read what Harvester has#1", **UP)
    assert (killed.status, nodes.links()) == (-9, everywhere(9000))
    calls = {"harvester_api": DEAD["harvester_api"]}
    good(nodes.run("-e", json.dumps(calls), playbook="rollback", scope="hosts"))
    assert (nodes.links(), nodes.profiles()) == (everywhere(1500), before[0])
    assert nodes.states() == ["open"]
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.profiles(), nodes.vms(), nodes.states()) == (*before, ["rolled-back"])
    assert [name for name in NODES if (nodes.folder / name / "kept").exists()] == []


@pytest.mark.fault("mgmt_mtu", "API server and a node gone", "goes back on the other hosts, then on that one")
@pytest.mark.long
def test_a_node_that_is_away_does_not_keep_the_others_without_the_api(nodes: Nodes) -> None:
    before = (nodes.profiles(), nodes.vms())
    killed = nodes.run(kill_at="harvester.network.mgmt_annotation : Read what Harvester has#1", **UP)
    assert (killed.status, nodes.links()) == (-9, everywhere(9000))
    away = nodes.folder / "node3/away"
    away.touch()
    calls = ("-e", json.dumps({"harvester_api": DEAD["harvester_api"]}))
    others = nodes.run(*calls, playbook="rollback", scope="hosts")
    assert others.status != 0
    assert "lost on the way: node3, so that not all of it is undone there." in others.text, others.output
    assert nodes.links() == {**everywhere(1500), "node3": everywhere(9000)["node3"]}
    away.unlink()
    good(nodes.run(*calls, "--limit", "node3", playbook="rollback", scope="hosts"))
    assert (nodes.links(), nodes.profiles()) == (everywhere(1500), before[0])
    good(nodes.run(playbook="rollback", takeover=True))
    assert (nodes.profiles(), nodes.vms(), nodes.states()) == (*before, ["rolled-back"])
    assert [name for name in NODES if (nodes.folder / name / "kept").exists()] == []
