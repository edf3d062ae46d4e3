# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reboots around which nodes are emptied: in which order what is asked of whom, and what a failure leaves behind.

Every run costs many seconds, so one run proves what it can.
"""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.harvester.network.plugins.module_utils.change import _record

pytestmark = pytest.mark.playbook

API = {"harvester_api": {"kubeconfig": "/kube/config"}}
WAITS: dict[str, Any] = {"pending": [{"name": "mgmt-bo", "how": "reboot", "why": "MTU 1500 to 9000"}]}
EMPTIED = " upgrade,nodes,etcd"
BACK = " nodes,etcd,networks"
RECORD = ("open", "started", "done", "closed", "back", "undone", "released")
"""What is asked of module change."""


def vm(node: str, name: str, action: str, start: str = "", why: str = "") -> dict[str, Any]:
    found = {"node": node, "namespace": "default", "name": name, "reference": "default/" + name}
    return {**found, "action": action, "start": start, "reasons": [why] if why else []}


def entry(name: str) -> dict[str, str]:
    return {"namespace": "default", "name": name, "uid": "u-" + name, "run_strategy": "Always"}


def cluster(playground: Any, roles: dict[str, str], *vms: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The cluster, whose nodes all wait for a reboot; those that are stopped are recorded. Gives the nodes' cases."""
    nodes = [
        {"name": name, "machine_id": name, "boot_id": "old", "ready": True, "roles": [role]}
        for name, role in roles.items()
    ]
    versions = {"harvester": None, "running_upgrade": None}
    found = {"nodes": nodes, "versions": versions, "vms": [], "plan": vms, **more}
    (playground.folder / "cluster.json").write_text(json.dumps(found))
    names = [item["name"] for item in vms if item["action"] != "move"]
    record = {"vms": [entry(name) for name in names], "schedules": [], "cordoned": []}
    (playground.folder / "power.json").write_text(json.dumps({"check": record, "write": record}))
    return dict.fromkeys(roles, WAITS)


def run(playground: Any, nodes: dict[str, Any], *arguments: str, **variables: Any) -> Any:
    given = {"ordered_reboot_delay": 1}
    return playground.run(nodes, *arguments, playbook="reboot", **{**API, **given, **variables})


def asked(found: Any) -> list[str]:
    """What was asked of cluster and nodes, in order; of the power of VMs its state and their names."""
    lines = []
    for line in found.of("gates", "cordoned", "drained", "uncordoned", "power", "boot", *RECORD):
        words = line.split(" ", 4)
        if words[1] in RECORD:
            line = f"change {words[1]}"
        if words[1] == "power":
            given = json.loads(words[4])
            names = given.get("names") or ["default/" + item["name"] for item in given.get("vms", [])]
            line = f"{words[2]} {words[3]} {' '.join(names)}"
        lines.append(line.removeprefix("cluster "))
    return lines


def phases(playground: Any) -> list[dict[str, Any]]:
    """Those of the record in the cluster."""
    found: list[dict[str, Any]] = json.loads((playground.folder / "record.json").read_text())["phases"]
    return found


def recorded(playground: Any) -> list[str]:
    """The VMs that the record of the first turn names."""
    return [item["name"] for item in phases(playground)[0]["before"]["cluster"]["vms"]]


def kept(playground: Any, before: dict[str, Any]) -> None:
    """A change is open in which VMs have been stopped. before: what its phase has recorded of the cluster."""
    phase = _record.Phase("vms", "harvester.network.vms", 60, {"state": "stopped"}, {"cluster": before, "hosts": {}})
    begun = dataclasses.replace(phase, state="started", started="2026-11-26T01:02:03Z")
    record = _record.Record("20261126t010203z-storage-network", "storage_network", "2026-11-26T01:02:03Z")
    found = _record.written(dataclasses.replace(record, phases=(begun,)))
    (playground.folder / "record.json").write_text(json.dumps(found))


@pytest.fixture
def etcd() -> Iterator[Callable[[Callable[[], str]], dict[str, Any]]]:
    """Serves the metrics of etcd's members; ``leads`` names the one that leads. Gives the variable for the role."""
    servers: list[ThreadingHTTPServer] = []

    def serve(leads: Callable[[], str]) -> dict[str, Any]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                leader = int(self.path.strip("/") == leads())
                body = f"# TYPE etcd_server_is_leader gauge\netcd_server_is_leader {leader}\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Nobody reads it."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{servers[-1].server_port}/{{{{ inventory_hostname }}}}"
        return {"ordered_reboot_etcd_metrics": url, "ordered_reboot_vip_port": servers[-1].server_port}

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.long
def test_nodes_are_empty_while_they_reboot(playground: Any) -> None:
    nodes = cluster(
        playground,
        {"n1": "worker", "n2": "witness"},
        vm("n1", "a", "move"),
        vm("n1", "b", "refuse", why="no GPU"),
        vm("n1", "c", "stop", "after_drain"),
        vm("n1", "d", "stop", "never"),
    )
    found = run(playground, nodes, change_non_migratable_vms="stop")
    assert found.status == 0, found.output
    stopped = "default/b default/c default/d"
    assert asked(found) == [
        "change open",
        "gates n1|",
        "change started",
        "cordoned n1",
        "migrated write default/a",
        "stopped check " + stopped,
        "change started",
        "stopped write " + stopped,
        "drained n1",
        "started write default/c",
        "gates n1|" + EMPTIED,
        "n1 boot",
        "gates |n1=old" + BACK,
        "uncordoned n1",
        "gates | nodes,storage_network",
        "started write default/b default/c",
        "change done",
        "gates n2|n1=old",
        "change started",
        "n2 boot",
        "gates |n1=old,n2=old",
        "change done",
        "change closed",
    ], found.output
    text = found.text()
    assert (
        "Node n1: default/a moves; default/b stops, and starts again with its node (no GPU); default/c stops, and"
        " starts again on another node; default/d stops, and stays off" in text
    )
    assert "as their label harvesterhci.io/maintain-mode-strategy wants it: default/d" in text
    assert recorded(playground) == ["b", "c", "d"]


def test_check_mode_shows_what_becomes_of_the_vms(playground: Any) -> None:
    nodes = cluster(playground, {"n1": "worker"}, vm("n1", "a", "move"), vm("n1", "b", "stop", "never", "its label"))
    found = run(playground, nodes, "--check")
    assert found.status == 0, found.output
    assert "Node n1: default/a moves; default/b stops, and stays off (its label)" in found.text()
    assert (asked(found), (playground.folder / "record.json").exists()) == (["change open"], False)


REFUSED = {
    "VMs that cannot move": (
        vm("n1", "b", "refuse"),
        {},
        (
            "VMs stand in the way of the reboots: VM 'default/b' on node 'n1'. With"
            " ordered_reboot_non_migratable_vms=stop (change_non_migratable_vms) those that cannot move are stopped,"
            " and started again with their node; with ordered_reboot_allow_running_vms=true"
            " (change_allow_running_vms) those that are left end with it. No further node was touched."
        ),
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_before_anything_is_touched(playground: Any, name: str) -> None:
    item, more, message = REFUSED[name]
    nodes = cluster(playground, {"n1": "worker"}, item, **more)
    found = run(playground, nodes)
    assert found.status != 0
    assert message in found.text()
    assert asked(found) == []


@pytest.mark.long
def test_vms_end_with_their_node_where_that_is_allowed(playground: Any) -> None:
    nodes = cluster(playground, {"n1": "worker"}, vm("n1", "a", "move"), vm("n1", "b", "refuse"))
    found = run(playground, nodes, change_allow_running_vms=True)
    assert found.status == 0, found.output
    assert asked(found)[3:5] == ["cordoned n1", "migrated write default/a"]
    assert "n1 boot" in asked(found)


@pytest.mark.long
def test_a_drain_that_fails_leaves_the_node_as_it_was(playground: Any) -> None:
    failure = "node 'n1' is not drained: waited 600 s in vain"
    nodes = cluster(
        playground,
        {"n1": "worker", "n2": "worker"},
        vm("n1", "b", "stop", "after_uncordon"),
        vm("n1", "d", "stop", "never"),
        drains={"n1 drained": failure},
    )
    found = run(playground, nodes)
    assert found.status != 0
    assert asked(found)[-4:] == [
        "drained n1",
        "uncordoned n1",
        "started write default/b default/d",
        "change released",
    ]
    assert f"n1: {failure}" in found.text()
    assert "keeps the cordon" not in found.text()
    assert "may be off" not in found.text()
    assert not found.of("boot")


@pytest.mark.long
def test_vms_that_do_not_start_again_are_named_with_their_record(playground: Any) -> None:
    nodes = cluster(
        playground,
        {"n1": "worker", "n2": "worker"},
        vm("n1", "b", "stop", "after_uncordon"),
        drains={"n1 drained": "it takes too long"},
    )
    power = json.loads((playground.folder / "power.json").read_text())
    (playground.folder / "power.json").write_text(json.dumps({**power, "write started": {"msg": "no node for it"}}))
    # what is asked once is asked by the first host, which is none of the turn
    found = run(playground, {"n2": nodes["n2"], "n1": nodes["n1"]}, change_reboot_order=["n1", "n2"])
    assert found.status != 0
    assert asked(found)[-3:] == ["uncordoned n1", "started write default/b", "change released"]
    assert "n1: it takes too long VMs that were stopped for it may be off: default/b." in found.text()


@pytest.mark.long
def test_an_upgrade_that_starts_while_a_node_is_emptied(playground: Any) -> None:
    failure = "node n2 is not rebooted: upgrade: upgrade 'u1' is running"
    nodes = cluster(playground, {"n1": "worker", "n2": "worker"}, refused={"n2|" + EMPTIED: failure})
    # what is asked once is asked by the first host, which is none of the turn
    found = run(playground, nodes, change_reboot_order=["n2", "n1"])
    assert found.status != 0
    assert asked(found) == [
        "change open",
        "gates n2|",
        "change started",
        "cordoned n2",
        "drained n2",
        "gates n2|" + EMPTIED,
        "uncordoned n2",
        "change released",
    ]
    assert f"n1: {failure}" in found.text()


@pytest.mark.long
def test_a_node_that_does_not_come_back_keeps_its_cordon(playground: Any) -> None:
    nodes = cluster(playground, {"n1": "worker", "n2": "worker"}, vm("n1", "b", "stop", "after_uncordon"))
    found = run(playground, {**nodes, "n1": WAITS | {"stuck": True}}, change_reboot_timeout=2)
    assert found.status != 0
    assert asked(found)[-2:] == ["n1 boot", "change released"]
    assert (
        "n1 keeps the cordon of this run; module node_drain takes it away (state=uncordoned). VMs that were stopped for"
        " it may be off: default/b." in found.text()
    )
    assert recorded(playground) == ["b"]


@pytest.mark.long
def test_a_leader_that_moves_comes_last_all_the_same(playground: Any, etcd: Any) -> None:
    nodes = cluster(playground, {"c1": "etcd", "c2": "etcd", "c3": "etcd"}, vip_holder="c1")
    booted: Path = playground.folder / "c3/booted"
    # when c3 goes, the lead moves from c2 to c1, which has the virtual address already
    found = run(playground, nodes, **etcd(lambda: "c1" if booted.exists() else "c2"))
    assert found.status == 0, found.output
    assert "Will be rebooted, in this order: c3, then c1, then c2" in found.text()
    assert [line.split()[0] for line in found.of("boot")] == ["c3", "c2", "c1"]


@pytest.mark.long
def test_the_virtual_address_is_looked_for_on_the_hosts(playground: Any, etcd: Any) -> None:
    address = "127.0.0.1"
    nodes = cluster(playground, {"n1": "worker", "n2": "worker"}, vip=address)
    given = {**etcd(lambda: ""), "ordered_reboot_vip_looks": 2}
    both = {name: case | {"vip": address} for name, case in nodes.items()}
    found = run(playground, both, **given)
    assert found.status != 0
    port = given["ordered_reboot_vip_port"]
    assert (
        f"The virtual address {address} has to be on one host and to answer at port {port}; it is on n1 and n2 and"
        " answers after 2 looks. See the pods of kube-vip in harvester-system. No further node was touched."
        in found.text()
    )
    assert asked(found) == ["change open", "gates n1|", "change released"]
    deaf = {**given, "ordered_reboot_vip_port": 1}
    found = run(playground, {**nodes, "n2": both["n2"]}, **deaf)
    assert found.status != 0
    assert "it is on n2 and does not answer after 2 looks." in found.text()
    found = run(playground, {**nodes, "n2": both["n2"]}, **given)
    assert found.status == 0, found.output


def test_vms_that_no_run_has_stopped_are_not_called_gone(playground: Any) -> None:
    nodes = cluster(playground, {"n1": "worker"}, vm("n1", "a", "stop", "after_uncordon"))
    message = "VM 'default/x': gone=default/x: it is not in the record of stopped VMs"
    (playground.folder / "power.json").write_text(json.dumps({"check": {"msg": message}, "write": {}}))
    found = run(playground, nodes, "--check", change_gone_vms="default/x")
    assert found.status != 0
    assert message in found.text()
    assert found.of("power") == ['cluster power started check {"gone": "default/x"}']


@pytest.mark.parametrize("check", [True, False])
def test_a_rollback_leaves_out_vms_that_are_gone(playground: Any, check: bool) -> None:
    nodes = cluster(playground, {"n1": "worker"})
    before = {"vms": [entry("a"), {**entry("b"), "uid": "v"}], "schedules": [], "cordoned": []}
    kept(playground, before)
    answer = {**before, "left_out": ["default/a"], "missing": [], "failures": []}
    (playground.folder / "power.json").write_text(json.dumps({"check": answer, "write": answer}))
    given = {**API, "change_gone_vms": "default/a", "change_accepted_vms": "default/b"}
    found = playground.run(nodes, *(["--check"] if check else []), playbook="rollback", **given)
    assert found.status == 0, found.output
    assert "Left out, since they are gone: default/a." in found.text()
    assert "May come back otherwise than they were: default/b." in found.text()
    calls = [line.split(" ", 4) for line in found.of("power")]
    powers = [(state, mode, json.loads(told)) for _, _, state, mode, told in calls]
    judged = ("started", "check", {"gone": "default/a", "vms": before["vms"]})
    undone = ("started", "write", {"accepted": ["default/b"], "gone": ["default/a"], "vms": before["vms"]})
    assert powers == ([judged] if check else [judged, undone])
    assert ("cluster noted r1" in found.log) is not check


def test_a_rollback_says_what_is_wrong_with_vms_that_are_gone_before_it_undoes_anything(playground: Any) -> None:
    nodes = cluster(playground, {"n1": "worker"})
    kept(playground, {"vms": [entry("a")]})
    message = "VM 'default/x': gone=default/x: it is not in the record of stopped VMs"
    (playground.folder / "power.json").write_text(json.dumps({"check": {"msg": message}, "write": {}}))
    found = playground.run(nodes, playbook="rollback", **API, change_gone_vms=["default/x"])
    assert found.status != 0
    assert message in found.text()
    assert found.of("noted", "undone", "closed") == []


def test_a_rollback_refuses_accepted_vms_that_are_in_no_record(playground: Any) -> None:
    nodes = cluster(playground, {"n1": "worker"})
    kept(playground, {"vms": [entry("a")], "schedules": []})
    found = playground.run(nodes, playbook="rollback", **API, change_accepted_vms="default/a,default/x")
    assert found.status != 0
    assert "VM 'default/x': change_accepted_vms=default/x: this change has not recorded it" in found.text()
    assert "VM 'default/a'" not in found.text()
    assert found.of("noted", "undone", "closed", "power") == []


def test_what_is_accepted_is_kept_for_the_next_run(playground: Any) -> None:
    """It needs no variable then, and waits for VMs as long as it is told now."""
    nodes = cluster(playground, {"n1": "worker"})
    before = {"vms": [entry("a")], "schedules": [], "cordoned": []}
    kept(playground, before)
    answer = {**before, "msg": "not yet"}
    (playground.folder / "power.json").write_text(json.dumps({"check": before, "write": answer}))
    found = playground.run(nodes, playbook="rollback", **API, change_accepted_vms="default/a")
    assert found.status != 0
    note = json.loads((playground.folder / "record.json").read_text())["notes"]
    assert note["accepted_vms"] == "default/a"
    (playground.folder / "power.json").write_text(json.dumps({"check": before, "write": before}))
    found = playground.run(nodes, playbook="rollback", **API, change_vm_wait_timeout=900)
    assert found.status == 0, found.output
    assert "Waiting at most 900 s, anew after each step, for VMs to be started." in found.text()
    assert found.of("power")[-1] == "cluster power started write " + json.dumps(
        {"accepted": ["default/a"], "vms": before["vms"]}, sort_keys=True
    )
