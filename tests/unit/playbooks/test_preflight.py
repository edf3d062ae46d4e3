# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbook preflight: findings of all nodes at once, with and without an API. Runs cost seconds: each proves much."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.playbook

LINE = {"path": "/etc/sysctl.d/90-lb.conf", "line": 3, "key": "net/ipv4/conf/all/arp_ignore", "value": "2"}
ARP = {"device": "mgmt-br", "own": 0, "all": 2, "effective": 2, "set_by": [LINE]}


def cluster(playground: Any, *names: str, boot_id: str = "old") -> None:
    nodes = [{"name": name, "machine_id": name, "boot_id": boot_id} for name in names]
    found = {"nodes": nodes, "versions": {"harvester": "v1.8.2", "running_upgrade": None}}
    (playground.folder / "cluster.json").write_text(json.dumps(found))


@pytest.mark.oldest
def test_all_findings_are_told_at_once(playground: Any) -> None:
    nodes = {"n1": {"arp_ignore": [ARP]}, "n2": {"mtu": 1500}, "n3": {"mtu": 9000}}
    found = playground.run(nodes, playbook="preflight")
    assert found.status != 0
    text = found.text().replace("\\n", " ")
    assert (
        "The preflight has found what a change must not meet: mgmt-bo: the MTU differs: 1500 on n1 and n2, 9000 on n3;"
        " bring all nodes to one (playbook mgmt_network) mgmt-br: the MTU differs:" in text
    )
    assert (
        "n1: mgmt-br: arp_ignore is 2, set by /etc/sysctl.d/90-lb.conf line 3 (net/ipv4/conf/all/arp_ignore=2); set"
        " it to 0 or 1, for 'all' as well" in text
    )
    assert found.log == []


def test_hosts_and_api_have_to_be_the_same_cluster(playground: Any) -> None:
    cluster(playground, "n1", "n2", "n3")
    nodes: dict[str, dict[str, Any]] = {"n1": {}, "n2": {"machine_id": "elsewhere"}}
    found = playground.run(nodes, playbook="preflight", harvester_api={"kubeconfig": "/kube/config"})
    assert found.status != 0
    assert found.log == ["cluster info /kube/config"]
    assert (
        "n2: the host's machine id is elsewhere, node 'n2' of the cluster reports n2; see whether ansible_host and"
        " kubeconfig mean the same cluster" in found.text()
    )
    assert "warning: not in this run: n3 of the cluster" in found.text()


def test_a_healthy_cluster_passes_also_in_check_mode(playground: Any) -> None:
    cluster(playground, "n1", "n2")
    found = playground.run({"n1": {}, "n2": {}}, "--check", playbook="preflight", harvester_api={})
    assert found.status == 0, found.output
    assert "Nothing speaks against a change." in found.output
    assert found.log == ["cluster info None"]
    assert [found.changed(node) for node in ("n1", "n2")] == [0, 0]


def test_errors_that_are_not_required_to_be_none_are_shown_only(playground: Any) -> None:
    found = playground.run({"n1": {"arp_ignore": [ARP]}}, playbook="preflight", change_required=False)
    assert found.status == 0, found.output
    assert "error: n1: mgmt-br: arp_ignore is 2" in found.text()


def test_single_tasks_are_refused(playground: Any) -> None:
    found = playground.run({"n1": {}}, "--tags", "x", playbook="preflight")
    assert found.status != 0
    assert "this playbook runs as a whole" in found.text()
