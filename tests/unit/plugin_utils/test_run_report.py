# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run, from the variables of its hosts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils.report._model import report
from ansible_collections.harvester.network.plugins.plugin_utils.report._run import of_run

WARNING = {"severity": "warning", "check": "link", "node": "n1", "message": "eno2 has no link", "next_step": "see it"}
ERROR = {"severity": "error", "check": "mtu", "node": "", "message": "the MTU differs", "next_step": "make it one"}
PATH = {"name": "mgmt|n2", "mtu": 9000, "status": "proved", "largest": 9000}
LINK = {"name": "mgmt-bo", "kind": "bond", "mtu": 9000, "operstate": "up"}
N1: dict[str, Any] = {
    "evidence_through": True,
    "preflight_findings": [ERROR, WARNING],
    "link_proof_findings": ["mgmt-bo: MTU 1500"],
    "path_proof_seen": {"paths": [PATH]},
    "link_proof_links": {"links": [LINK]},
    "preflight_profiles": {"links": []},
}


def test_what_a_run_has_to_show() -> None:
    found = report(of_run({"n1": N1, "n2": {"link_proof_findings": [], "preflight_profiles": {"skipped": True}}}, "x"))
    assert (found.id, found.title) == ("x", "x")
    assert {(check.id, check.where): (check.seen, check.passed) for check in found.checks} == {
        ("mtu", "cluster"): ("the MTU differs", False),
        ("link", "n1"): ("eno2 has no link", True),
        ("run", "n1"): ("yes", True),
        ("run", "n2"): ("no, its log says why", False),
        ("links", "n1"): ("mgmt-bo: MTU 1500", False),
        ("links", "n2"): ("as expected", True),
    }
    assert [(path.source, path.target, path.passed) for path in found.paths] == [("n1", "n2", True)]
    assert {host: [item.key for item in items] for host, items in found.topology.items()} == {"n1": ["mgmt-bo"]}
    assert "cluster: preflight: mtu: expected nothing, seen the MTU differs; make it one" in found.summary()["failed"]


def test_names_of_files_carry_the_change() -> None:
    assert of_run({}, "mgmt_mtu", "20261126T010203Z-mgmt-mtu")["id"] == "20261126t010203z-mgmt-mtu"


PHASES = [
    {"id": "vms-stop", "state": "done", "started": "2026-11-26T01:00:00Z", "ended": "2026-11-26T01:01:00Z"}
    | {"took": 60.2, "waited": 45.0},
    {"id": "hosts", "state": "started", "started": "2026-11-26T01:01:01Z", "ended": "", "took": 0.0, "waited": 0.0},
    {"id": "vms-start", "state": "planned", "started": "", "ended": "", "took": 0.0, "waited": 0.0},
]


def test_phases_of_a_change_that_has_stopped() -> None:
    stopped = {"change": {"state": "open", "direction": "forward", "phases": PHASES}}
    known = {"change_closed": {"skipped": True}, "change_stopped": stopped}
    found = of_run({"n1": known, "n2": known}, "mgmt_mtu", "20261126T010000Z-mgmt-mtu")
    assert found["times"] == {
        "vms-stop started": "2026-11-26T01:00:00Z",
        "vms-stop ended": "2026-11-26T01:01:00Z",
        "hosts started": "2026-11-26T01:01:01Z",
        "phases took": "60 s; 45 s of that they waited for the cluster, the nodes or people, beyond that 15 s (25 %)",
    }
    stopped["change"]["direction"] = "back"
    assert "phases took" not in of_run({"n1": known}, "rollback")["times"]
    phases = [check for check in report(found).checks if check.id == "phase"]
    assert {(check.where, check.seen, check.passed) for check in phases} == {
        ("vms-stop", "done", True),
        ("hosts", "started", False),
        ("vms-start", "planned", False),
    }
    assert {check.remedy for check in phases} == {"", "the same playbook goes on; playbook rollback goes back"}


def test_the_plan_of_a_change_without_what_depends_on_the_time() -> None:
    planned = {"phases": [], "seconds": 0, "lines": ["the window ends in 3 h"], "diff": []}
    found = of_run({"n1": {"change_planned": {"skipped": True}}, "n2": {"change_planned": planned}}, "mgmt_mtu")
    assert found["plan"] == {"phases": [], "seconds": 0, "objections": []}
    refused = {**planned, "failed": True, "msg": "x", "objections": ["against it"]}
    assert of_run({"n1": {"change_planned": refused}}, "mgmt_mtu")["plan"]["objections"] == ["against it"]
    for known in ({}, {"change_planned": {"failed": True, "msg": "a step cannot be"}}):
        assert of_run({"n1": known}, "mgmt_mtu")["plan"] is None


def test_networks_and_vms_that_the_api_has_told_of() -> None:
    office = {"reference": "default/office", "cluster_network": "mgmt", "vlan_id": 100}
    broken = {"reference": "default/broken", "cluster_network": None}
    web = {"reference": "default/web", "vm_networks": ["default/office"], "node": "node1"}
    known = {**N1, "evidence_cluster_read": {"vm_networks": [office, broken], "vms": [web]}}
    found = report(of_run({"n1": known}, "mgmt_mtu")).topology
    assert {place: [item.key for item in items] for place, items in found.items()} == {
        "n1": ["mgmt-bo"],
        "": ["network default/office", "vm default/web"],
    }
    assert report(of_run({"n1": known}, "mgmt_mtu")).not_measured == ()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"skipped": True}, None),
        ({"failed": False, "msg": "the API does not answer: refused\nmore"}, "the API does not answer: refused"),
        ({"failed": False}, "the API could not be read"),
    ],
)
def test_networks_and_vms_that_the_api_has_not_told_are_named(answer: dict[str, Any], why: str | None) -> None:
    found = report(of_run({name: {**N1, "evidence_cluster_read": answer} for name in ("n1", "n2")}, "mgmt_mtu"))
    assert list(found.topology) == ["n1", "n2"]
    assert found.not_measured == (() if why is None else (f"VM networks and VMs for the topology: {why}",))


def test_a_phase_that_a_rollback_had_not_to_undo() -> None:
    known = {"change_closed": {"change": {"state": "rolled-back", "direction": "back", "phases": PHASES[2:]}}}
    assert [check["passed"] for check in of_run({"n1": known}, "rollback")["checks"] if check["id"] == "phase"] == [
        True
    ]
