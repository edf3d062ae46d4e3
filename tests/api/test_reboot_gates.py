# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""reboot_gate_info against a real API: what the gates wait for and refuse, as the controllers behind it do it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from lab.apiserver import Client, Cluster
from lab.apiserver import objects as make

pytestmark = [pytest.mark.api, pytest.mark.long]

LONGHORN = "longhorn-system"
Call = Callable[..., dict[str, Any]]


def until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)
    return found


def looked(call: Call, *gates: str, **options: Any) -> str:
    """The message of one look; empty when the gates hold."""
    asked = {"gates": list(gates)} if gates else {}
    return str(call("reboot_gate_info", wait=False, **asked, **options).get("msg", ""))


def boot(client: Client, node: str, boot_id: str = "another") -> str:
    """Boot a played node; its boot id before."""
    before: str = client.get("v1", "Node", node)["status"]["nodeInfo"]["bootID"]
    client.patch("v1", "Node", node, {"status": {"nodeInfo": {"bootID": boot_id}}}, status=True)
    return before


def test_an_upgrade_refuses_and_one_that_has_ended_does_not(client: Client, call: Call) -> None:
    client.put([make.upgrade("u")])
    assert looked(call, nodes=["node1"]) == (
        "node node1 is not rebooted:\nupgrade: upgrade 'u' is running; it reboots nodes itself. Run again when it has"
        " ended"
    )
    client.put([make.upgrade("u", completed=True)])
    assert until(lambda: looked(call, "upgrade", nodes=["node1"]) == "")


def test_etcd(cluster: Cluster, client: Client, call: Call) -> None:
    assert looked(call, "etcd", nodes=["node1", "node2"]) == (
        "nodes node1 and node2 are not rebooted:\netcd: node1 and node2 would be away, and etcd's 3 members (node1,"
        " node2 and node3) bear the loss of 1"
    )
    cluster.harvester.control.fault(etcd_learners=["node2"])
    learner = (
        "node node1 is not rebooted; what is missing:\netcd: node node2: its etcd member is no voter (condition"
        " EtcdIsVoter is False)"
    )
    assert until(lambda: looked(call, "etcd", nodes=["node1"]) == learner)
    cluster.harvester.control.fault(etcd_learners=[])
    found = call("reboot_gate_info", gates=["etcd"], nodes=["node1"])
    assert "failed" not in found, found["msg"]


def test_a_node_that_comes_back_without_lhnet1(cluster: Cluster, client: Client, call: Call) -> None:
    """Harvester #11639, mended as the message of module storage_network says: the pod is deleted."""
    cluster.harvester.control.fault(without_lhnet1=["node2"])
    before = boot(client, "node2")
    lacking = (
        "the cluster is not as it was; what is missing:\nstorage_network: node node2: instance-manager"
        " instance-manager-node2 has no lhnet1"
    )
    assert until(lambda: looked(call, "storage_network", boot_ids={"node2": before}) == lacking)
    cluster.harvester.control.fault(without_lhnet1=[])
    client.delete("v1", "Pod", "instance-manager-node2", LONGHORN)
    found = call("reboot_gate_info", gates=["storage_network"], boot_ids={"node2": before})
    assert "failed" not in found, found["msg"]


def test_a_rebuild_is_waited_for(cluster: Cluster, client: Client, call: Call) -> None:
    cluster.harvester.control.fault(rebuilding_never_ends=True)
    before = boot(client, "node2")
    degraded = "volume pvc-web (claim default/web-disk) is degraded, not healthy"
    until(lambda: degraded in looked(call, "volumes"))
    found = call("reboot_gate_info", gates=["volumes"], nodes=["node3"], boot_ids={"node2": before}, wait_timeout=3)
    assert found["msg"].startswith("node node3 is not rebooted; waited 3 s in vain for:\n")
    assert degraded in found["msg"]
    cluster.harvester.control.fault(rebuilding_never_ends=False)
    found = call("reboot_gate_info", gates=["volumes"], nodes=["node3"], boot_ids={"node2": before})
    assert "failed" not in found, found["msg"]
    assert found["progress"][-1]["missing"] == []


def test_the_only_healthy_replica(client: Client, call: Call) -> None:
    client.put([make.volume("pvc-one", "node2", 1), make.replica("pvc-one", 0, "node2")])
    client.put([make.engine("pvc-one", "node2", ["node2"])])
    assert looked(call, "volumes", nodes=["node2"]) == (
        "node node2 is not rebooted:\nvolumes: volume pvc-one has its only healthy replica on node node2, which is to"
        " be rebooted. Give it another replica, or stop who uses it"
    )
    assert looked(call, "volumes", nodes=["node1"]) == ""


def test_a_node_that_has_not_booted_and_one_that_is_away(cluster: Cluster, client: Client, call: Call) -> None:
    before = client.get("v1", "Node", "node2")["status"]["nodeInfo"]["bootID"]
    assert looked(call, "nodes", boot_ids={"node2": before}) == (
        "the cluster is not as it was; what is missing:\nnodes: node node2 has not reported a new boot id: it is still"
        f" '{before}'"
    )
    boot(client, "node2")
    assert looked(call, "nodes", boot_ids={"node2": before}) == ""
    cluster.harvester.control.fault(vip_holder="node2")
    assert until(lambda: call("reboot_gate_info", gates=["vip"], wait=False).get("vip_holder") == "node2")
