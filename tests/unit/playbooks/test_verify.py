# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook verify: findings of all hosts at once, with and without an API. Runs cost seconds: each proves much."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "plugin_utils/audit"))

from audit_samples import cluster, networks, node, vm_network

pytestmark = pytest.mark.playbook

API = {"kubeconfig": "/kube/config"}


def described(playground: Any, *names: str, **parts: Any) -> None:
    """A cluster of these nodes with one cluster network, mgmt, and nothing else."""
    nodes = [node(name, machine_id=name, boot_id="old") for name in names]
    mgmt = {**networks({"active_nodes": list(names), "mtu": 1500, "uplink_mtu": "1500"})[0]}
    pods = [
        {"name": f"im-{name}", "component": "instance-manager", "node": name, "running": True, "problem": ""}
        for name in names
    ]
    found = cluster(
        nodes=nodes,
        cluster_networks=[mgmt],
        network_configs=[],
        vlan_statuses=[],
        vm_networks=[],
        storage_network={"enabled": False},
        longhorn={"unsettled": [], "pods": pods},
        vms=[],
    )
    (playground.folder / "cluster.json").write_text(json.dumps(found | parts))


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "verify.json").read_text())
    return found


def failed(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(check["id"], check["where"]) for check in found["checks"] if not check["passed"]]


@pytest.mark.oldest
def test_a_healthy_cluster_passes_and_leaves_evidence_twice_the_same(playground: Any) -> None:
    described(playground, "n1", "n2")
    evidence = playground.folder / "evidence"
    texts = []
    for _run in range(2):
        found = playground.run(
            {"n1": {}, "n2": {}}, playbook="verify", harvester_api=API, change_evidence_dir=str(evidence)
        )
        assert found.status == 0, found.output
        assert [found.changed(name) for name in ("n1", "n2")] == [0, 0]
        assert found.log[0] == "cluster info /kube/config"
        assert [sorted(found.log[place : place + 2]) for place in (1, 3, 5)] == [
            ["n1 probe mgmt-br-2017", "n2 probe mgmt-br-2017"],
            ["n1 paths mgmt-br.2017|n2", "n2 paths mgmt-br.2017|n1"],
            ["n1 unprobe", "n2 unprobe"],
        ]
        texts.append({path.name: path.read_text().splitlines() for path in sorted(evidence.iterdir())})
    assert "checks hold, 2 paths are proved." in found.output
    one, other = texts
    assert list(one) == list(other) == ["verify.html", "verify.json", "verify.junit.xml", "verify.md"]
    for name, lines in one.items():
        differing = [(here, there) for here, there in zip(lines, other[name], strict=True) if here != there]
        assert len(differing) <= 2, differing
        assert all("began" in here or "ended" in here for here, _there in differing)
    assert (report(evidence)["passed"], report(evidence)["failed"]) == (True, [])
    assert sorted(report(evidence)["topology"]) == ["n1", "n2"]


def test_everything_that_is_wrong_is_told_and_a_lost_host_is_no_abort(playground: Any) -> None:
    described(playground, "n1", "n2", "n3", "n4", open_changes=["20261126t010203z-mgmt-mtu"])
    (playground.folder / "n1").mkdir()
    (playground.folder / "n1/away").touch()
    evidence = playground.folder / "evidence"
    nodes: dict[str, dict[str, Any]] = {
        "n1": {},
        "n2": {"mtu": 9000},
        "n3": {"unproved": {"mgmt-br.2017|n2": "mtu_too_small"}},
        "n5": {},
    }
    found = playground.run(nodes, playbook="verify", harvester_api=API, change_evidence_dir=str(evidence))
    assert found.status == 2, found.output
    assert failed(report(evidence)) == [
        ("open_change", "cluster"),
        ("reached", "n1"),
        ("mgmt_mtu", "n2"),
        ("member", "n5"),
        ("covered", "node n4"),
    ]
    assert "6 of " in found.output
    text = found.text()
    assert "n1: host is reached and can be read: expected yes, seen not reached:" in text
    assert "n3 to n2: 1500 bytes expected, at most 1500 passed (mtu_too_small)" in text
    assert "n1: it could not be read, so nothing on it was looked at" in text
    assert not [line for line in found.log if line.startswith("n1 ")]


def test_a_host_that_is_lost_while_sending_is_no_abort(playground: Any) -> None:
    evidence = playground.folder / "evidence"
    nodes: dict[str, dict[str, Any]] = {"n1": {"lost_probing": True}, "n2": {}, "n3": {}}
    found = playground.run(nodes, playbook="verify", change_evidence_dir=str(evidence))
    assert found.status == 2, found.output
    assert failed(report(evidence)) == [("wire", "cluster")]
    seen = "n1: did not answer while the paths were proved; see its console"
    assert f"paths between the hosts can be proved: expected yes, seen {seen}; mend what is told" in found.text()
    assert "mgmt-br.2017: nothing was sent from n1" in report(evidence)["not_measured"]
    assert "n2" in {path["source"] for path in report(evidence)["paths"]}, "the others were proved all the same"


def test_vlans_are_proved_under_the_lease_which_is_given_back(playground: Any) -> None:
    described(playground, "n1", "n2", vm_networks=[vm_network("prod", "mgmt", vlan_id=100, mtu=1500)])
    found = playground.run(
        {"n1": {}, "n2": {"blind": True}}, playbook="verify", harvester_api=API, change_verify_probe=True
    )
    assert found.status == 2
    assert "paths between the hosts can be proved: expected yes, seen n2: the stub cannot send" in found.text()
    asked = found.of("leased", "unleased", "probe", "unprobe")
    assert (asked[:2], asked[-1]) == (["cluster leased", "cluster leased r1"], "cluster unleased r1")
    assert [sorted(asked[2:4]), sorted(asked[4:6])] == [
        ["n1 probe mgmt-br-2017 vlan100", "n2 probe mgmt-br-2017 vlan100"],
        ["n1 unprobe", "n2 unprobe"],
    ]


@pytest.mark.long
def test_who_has_lost_the_lease_stops_probing_and_says_so(playground: Any) -> None:
    """More VLANs than are proved at a time: the Lease is asked for anew before the second part."""
    networks = [vm_network(f"v{vid}", "mgmt", vlan_id=vid, mtu=1500) for vid in range(101, 123)]
    described(playground, "n1", "n2", vm_networks=networks, overtaken=2)
    evidence = playground.folder / "evidence"
    wish = {"harvester_api": API, "change_verify_probe": True, "change_evidence_dir": str(evidence)}
    found = playground.run({"n1": {}, "n2": {}}, playbook="verify", **wish)
    assert found.status == 2, found.output
    asked = found.of("leased", "unleased", "probe", "unprobe")
    assert [line for line in asked if line.startswith("cluster")] == [
        "cluster leased",
        "cluster leased r1",
        "cluster leased r1",
        "cluster unleased r1",
    ]
    assert len(found.of("probe")) == len(found.of("unprobe")) == 2
    text = found.text()
    rule = "nobody else changes the network while paths are proved: expected yes, seen this run was overtaken by 'x/y'"
    assert rule in text
    assert "VLAN 120, VLAN 121, VLAN 122: not proved to its end" in report(evidence)["not_measured"]
    assert ("lease", "cluster") in failed(report(evidence))
    assert {path["network"] for path in report(evidence)["paths"]} == {
        "mgmt-br.2017",
        *(f"VLAN {vid}" for vid in range(101, 120)),
    }


@pytest.mark.long
def test_check_mode_makes_nothing_and_does_not_say_that_it_had(playground: Any) -> None:
    described(playground, "n1", "n2", vm_networks=[vm_network("prod", "mgmt", vlan_id=100, mtu=1500)])
    wish = {"harvester_api": API, "change_verify_probe": True, "change_verify_legs": True}
    found = playground.run({"n1": {}, "n2": {}}, "--check", playbook="verify", **wish)
    assert found.status == 2
    why = "can be proved: expected yes, seen check mode makes no endpoints and changes no active port"
    assert f"VLANs of VM networks {why}" in found.text()
    assert f"legs of bonds {why}" in found.text()
    assert "VLAN 100 of mgmt: no hosts have addresses there" in found.text()
    assert found.of("leased", "unleased") == []


@pytest.mark.long
def test_without_the_lease_nothing_is_made(playground: Any) -> None:
    described(playground, "n1", "n2", held="x/y", vm_networks=[vm_network("prod", "mgmt", vlan_id=100, mtu=1500)])
    found = playground.run({"n1": {}, "n2": {}}, playbook="verify", harvester_api=API, change_verify_probe=True)
    assert found.status == 2
    assert (
        "VLANs of VM networks can be proved: expected yes, seen the network is being changed by 'x/y'" in found.text()
    )
    assert sorted(found.of("probe")) == ["n1 probe mgmt-br-2017", "n2 probe mgmt-br-2017"]


@pytest.mark.long
def test_hosts_alone(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {}}, playbook="verify", change_required=False)
    assert found.status == 0, found.output
    assert "no access to its API is configured (harvester_api), so only the hosts were looked at" in found.text()


def test_some_nodes_alone_are_refused(playground: Any) -> None:
    found = playground.run({"n1": {}, "n2": {}}, "--limit", "n1", playbook="verify")
    assert found.status != 0
    assert "not in this run: n2. Run it without --limit." in found.text()
