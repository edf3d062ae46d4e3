# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbook verify finds in a real API, with the account of examples/rbac/viewer.yml where it only reads.

Hosts are made up to agree with the API: nodes without a VM have no kernel to look at. tests/nodes has the playbook.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.plugin_utils.audit._checks import GATHER, checks
from ansible_collections.harvester.network.plugins.plugin_utils.audit._model import Audit, Check, Host
from lab.apiserver import Client, Cluster

pytestmark = pytest.mark.api

V1BETA1 = "network.harvesterhci.io/v1beta1"
Result = dict[str, Any]


def failed(call: Callable[..., Result], hosts: bool = True) -> list[Check]:
    """The checks that do not hold, with a host for each node that has no links to compare."""
    cluster = call("network_info", gather=list(GATHER))
    assert "msg" not in cluster, cluster["msg"]
    names = [node["name"] for node in cluster["nodes"]] if hosts else []
    return [check for check in checks(Audit(tuple(Host(name, name) for name in names), cluster)) if not check.passed]


def shown(found: list[Check]) -> set[tuple[str, str, str]]:
    """Without what needs a host's kernel."""
    return {(check.id, check.where, check.seen) for check in found if check.id != "links"}


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it has not come to this in time"
        time.sleep(0.5)


def test_the_seeded_cluster_holds(cluster: Cluster, call: Callable[..., Result]) -> None:
    assert shown(failed(call)) == set()


def test_a_deletion_that_an_agent_has_lost_is_found(
    running: Cluster, installed: Client, call: Callable[..., Result]
) -> None:
    config = {"clusterNetwork": "cn1", "uplink": {"nics": ["eno3"], "linkAttributes": {"mtu": 9000}}}
    config["nodeSelector"] = {"kubernetes.io/hostname": "node1"}
    metadata = {"metadata": {"name": "x"}}
    installed.create({"apiVersion": V1BETA1, "kind": "ClusterNetwork", "metadata": {"name": "cn1"}})
    installed.create({"apiVersion": V1BETA1, "kind": "VlanConfig", **metadata, "spec": config})
    until(lambda: shown(failed(call)) == set())
    running.harvester.control.stop_agent("node1")
    until(lambda: running.harvester.control.agent_rests("node1"))
    try:
        installed.delete(V1BETA1, "VlanConfig", "x")
        until(lambda: not installed.find(V1BETA1, "VlanConfig", "x"))
        until(lambda: ("configured", "cluster network cn1", "none") in shown(failed(call)))
        assert ("leftover_label", "node node1 network.harvesterhci.io/cn1", "none") in shown(failed(call))
    finally:
        running.harvester.control.start_agent("node1")


def test_nodes_without_a_host_are_told(cluster: Cluster, client: Client, call: Callable[..., Result]) -> None:
    names = {item["metadata"]["name"] for item in client.list("v1", "Node")}
    assert shown(failed(call, hosts=False)) == {("covered", f"node {name}", "no host") for name in names}
