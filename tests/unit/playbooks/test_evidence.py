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
API = {"harvester_api": {"kubeconfig": "/kube/config"}}
CLUSTER: dict[str, Any] = {
    "nodes": [
        {"name": name, "machine_id": name, "boot_id": "old", "ready": True, "roles": ["worker"]}
        for name in ("n1", "n2")
    ],
    "versions": {"harvester": None, "running_upgrade": None},
    "vm_networks": [{"reference": "default/office", "cluster_network": "mgmt", "vlan_id": 100}],
    "vms": [{"reference": "default/web", "vm_networks": ["default/office"], "node": "n1", "phase": "Pending"}],
    "gates": "",
}


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


@pytest.mark.long
def test_a_proof_leaves_the_paths_that_it_has_seen(playground: Any) -> None:
    good: dict[str, dict[str, Any]] = {"n1": {"mtu": 9000}, "n2": {"mtu": 9000}}
    small = good | {"n1": {"mtu": 9000, "unproved": {"management network|n2": "mtu_too_small"}}}
    wish = {"playbook": "mgmt_proof", "change_evidence_dir": "evidence"}
    found = playground.run(small, **wish)
    assert found.status == 2, found.output
    folder = playground.folder / "evidence"
    assert sorted(path.name for path in folder.iterdir()) == [f"mgmt_proof.{form}" for form in FORMS]
    report = json.loads((folder / "mgmt_proof.json").read_text())
    assert "management network: n1 to n2: 9000 bytes expected, at most 1500 passed (mtu_too_small)" in report["failed"]
    found = playground.run(good, **wish)
    assert found.status == 0, found.output
    report = json.loads((folder / "mgmt_proof.json").read_text())
    assert (report["failed"], [path["status"] for path in report["paths"]]) == ([], ["proved"] * 2)


def test_a_run_that_comes_to_its_end_is_no_other_for_its_evidence(playground: Any) -> None:
    found = playground.run({"n1": {}}, "--check", playbook="preflight", change_evidence_dir="evidence")
    assert (found.status, found.changed("n1")) == (0, 0), found.output
    report = json.loads((playground.folder / "evidence/preflight.json").read_text())
    assert (report["passed"], report["failed"], list(report["times"])) == (True, [], ["run ended"])
    assert [check["id"] for check in report["checks"]] == ["run"]


def test_the_plan_is_in_the_evidence_in_check_mode_and_twice_the_same(playground: Any) -> None:
    (playground.folder / "cluster.json").write_text(json.dumps(CLUSTER))
    folder = playground.folder / "evidence"
    texts = []
    for _run in range(2):
        found = playground.run({"n1": {}, "n2": {"wanted": False}}, "--check", change_evidence_dir="evidence", **API)
        assert found.status == 0, found.output
        assert sorted(path.name for path in folder.iterdir()) == [f"mgmt_network.{form}" for form in FORMS]
        texts.append([path.read_text().splitlines() for path in sorted(folder.iterdir())])
    differ = [(a, b) for one, two in zip(*texts, strict=True) for a, b in zip(one, two, strict=True) if a != b]
    assert all("run ended" in line for pair in differ for line in pair)
    report = json.loads((folder / "mgmt_network.json").read_text())
    assert [phase["id"] for phase in report["plan"]["phases"]] == ["hosts"]
    assert (report["plan"]["seconds"] > 0, report["not_measured"]) == (True, [])
    assert [item["key"] for item in report["topology"][""]] == ["network default/office", "vm default/web"]


@pytest.mark.long
def test_a_plan_that_comes_true_is_in_the_evidence_and_the_statistics(playground: Any) -> None:
    (playground.folder / "cluster.json").write_text(json.dumps(CLUSTER))
    found = playground.run({"n1": {}, "n2": {"wanted": False}}, change_evidence_dir="evidence", **API)
    assert found.status == 0, found.output
    (path,) = (playground.folder / "evidence").glob("*-mgmt-network.json")
    report = json.loads(path.read_text())
    assert (report["passed"], [phase["id"] for phase in report["plan"]["phases"]]) == (True, ["hosts"])
