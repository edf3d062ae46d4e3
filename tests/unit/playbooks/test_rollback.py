# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook rollback: its plan, and nodes that are away or gone for good. Runs cost seconds: each proves much."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _record

pytestmark = pytest.mark.playbook

API = {"harvester_api": {"kubeconfig": "/kube/config"}}
STAMP = "2026-11-26T01:02:03Z"
VM = {"namespace": "default", "name": "a", "uid": "u", "run_strategy": "Always", "phase": "Running", "node": "n2"}
STOPPED = {"vms": [VM], "schedules": [], "cordoned": []}
PHASES = (
    _record.Phase(
        "vms-stop",
        "harvester.network.vms",
        60,
        {"state": "stopped"},
        {"cluster": STOPPED, "hosts": {}},
        "done",
        STAMP,
        STAMP,
    ),
    _record.Phase(
        "hosts",
        "harvester.network.mgmt_mtu",
        900,
        # It has nothing to put back, so that this run asks nothing of the hosts.
        {"part": "proof"},
        {"cluster": None, "hosts": {}},
        "started",
        STAMP,
    ),
)


@pytest.fixture
def nodes(playground: Any) -> dict[str, Any]:
    """A change is open in which n1 and n2 take part; n2 has died."""
    found = [
        {"name": name, "machine_id": name, "boot_id": "old", "ready": name == "n1", "roles": ["worker"]}
        for name in ("n1", "n2")
    ]
    cluster = {"nodes": found, "versions": {"harvester": None, "running_upgrade": None}, "vms": []}
    (playground.folder / "cluster.json").write_text(json.dumps(cluster))
    record = _record.Record(
        "20261126t010203z-mgmt-mtu", "mgmt_mtu", STAMP, nodes={"n1": "u1", "n2": "u2"}, phases=PHASES
    )
    (playground.folder / "record.json").write_text(json.dumps(_record.written(record)))
    (playground.folder / "power.json").write_text(json.dumps({"check": STOPPED, "write": STOPPED}))
    (playground.folder / "n2").mkdir()
    (playground.folder / "n2/away").touch()
    return {"n1": {}, "n2": {}}


def test_a_node_that_is_away_is_refused_before_anything_is_asked(playground: Any, nodes: dict[str, Any]) -> None:
    found = playground.run(nodes, playbook="rollback", **API)
    assert found.status != 0
    assert "node 'n2': its host n2 is not reached; bring it back" in found.text()
    assert "if it will never come back, give change_gone_nodes=n2" in found.text()
    assert found.log == []


@pytest.mark.parametrize("check", [True, False])
def test_a_rollback_without_a_node_that_is_gone(playground: Any, nodes: dict[str, Any], check: bool) -> None:
    mode = ["--check"] if check else []
    given = {**API, "change_vm_wait_timeout": 900, "change_evidence_dir": "evidence"}
    # A variable of hosts counts as one of the run does.
    (playground.folder / "group_vars").mkdir()
    (playground.folder / "group_vars/harvester_nodes.yml").write_text("change_gone_nodes: [n2]\n")
    found = playground.run(nodes, *mode, playbook="rollback", **given)
    assert found.status == 0, found.output
    assert "Could not match supplied host pattern" not in found.output
    for line in (
        "2. vms-stop (harvester.network.vms): at most 180 s",
        "starts VMs: default/a",
        "At most 1080 s in all.",
    ):
        assert line in found.text()
    (path,) = (playground.folder / "evidence").glob("*.json")
    plan = json.loads(path.read_text())["plan"]
    assert [(phase["id"], phase["ends"]) for phase in plan["phases"]] == [("hosts", 900), ("vms-stop", 1080)]
    record = json.loads((playground.folder / "record.json").read_text())
    if check:
        assert (record["state"], record["direction"], record["notes"]) == ("open", "forward", {})
        assert found.of("power", "undone", "closed") == []
        return
    assert (record["state"], record["notes"]) == ("rolled-back", {"gone_nodes": "n2", "left_out_hosts": ""})
    assert "is rolled back; gone, and left out: node n2." in found.text()
    (power,) = found.of("power")
    assert json.loads(power.split(" ", 4)[4])["gone_nodes"] == ["n2"]
