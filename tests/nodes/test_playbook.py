# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook mgmt_network on the fleet: refusals, check mode, change, idempotent; a cut session, a failing node."""

from __future__ import annotations

import json
import pathlib
import subprocess
import time
from typing import Any

import pytest
from runs import Ansible, Run
from state import DEVICES, STRANGER, files, mtus, nmcli_wrapped, vids

from lab import Lab, Node
from lab.bystanders import VmPing, capture, compare

pytestmark = pytest.mark.nodes

PLAYBOOK = "harvester.network.mgmt_network"
GUARD = {"change_without_cluster": True}


def desired(**options: Any) -> dict[str, Any]:
    return {"harvester_mgmt": {"vlan_id": 2017, **options}}


def extra(values: dict[str, Any]) -> list[str]:
    return ["--extra-vars", json.dumps(values)]


def changed(run: Run, host: str) -> bool:
    return any(task.changed for task in run.tasks if task.host == host and task.status == "ok")


@pytest.mark.long
def test_the_fleet_is_changed_node_by_node(lab: Lab, nodes: dict[str, Node], ansible: Ansible) -> None:
    others = {name: capture(node) for name, node in nodes.items()}
    texts = {name: files(node) for name, node in nodes.items()}
    wanted = desired(mtu=9000, secondary_vlans=[2018, "2100-2103"])

    bad = ansible.play(PLAYBOOK, *extra({"harvester_mgmt": {"secondary_vlans": [2018]}}))
    assert bad.status != 0
    assert "vlan_id" in bad.output
    unguarded = ansible.play(PLAYBOOK, *extra(wanted))
    assert unguarded.status != 0
    assert "change_without_cluster=true" in unguarded.output
    single = ansible.play(PLAYBOOK, *extra({**wanted, **GUARD}), "--tags", "x")
    assert single.status != 0
    assert "this playbook runs as a whole" in single.output

    check = ansible.play(PLAYBOOK, *extra({**wanted, **GUARD}), "--check", "--diff")
    assert check.status == 0, check.output
    assert {name: files(node) for name, node in nodes.items()} == texts
    for name in nodes:
        assert changed(check, name)

    with VmPing(nodes["node2"], nodes["node3"]) as ping:
        run = ansible.play(PLAYBOOK, *extra({**wanted, **GUARD}))
    assert run.status == 0, run.output
    assert run.warnings() == []
    assert ping.lost == 0, ping
    for name, node in nodes.items():
        now = mtus(node)
        assert {now[device] for device in (*DEVICES, *node.spec.nics[:2])} == {9000}
        assert {2017, 2018, 2100, 2103} <= vids(node, "mgmt-bo") & vids(node, "mgmt-br")
        assert compare(others[name], capture(node)) == []

    again = ansible.play(PLAYBOOK, *extra({**wanted, **GUARD}))
    assert again.status == 0, again.output
    for name in nodes:
        assert not changed(again, name)


@pytest.mark.long
def test_a_cut_session_is_survived_and_the_run_goes_on(
    nodes: dict[str, Node], ansible: Ansible, tmp_path: pathlib.Path
) -> None:
    """sshd's session dies while node1 changes; its unit goes on, the run reconnects and fetches the result."""
    node = nodes["node1"]
    wanted = {**desired(secondary_vlans=[2018], secondary_vlan_devices=True), **GUARD}
    with nmcli_wrapped(node, 'case "$*" in *"connection load"*) sleep 10;; esac'):
        command = ansible.command(PLAYBOOK, *extra(wanted), "--limit", "node1,node2")
        runner = subprocess.Popen(
            command,
            env=ansible.environment(tmp_path / "record"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        end = time.monotonic() + 180
        while node.run("systemctl is-active harvester-network-live", check=False).stdout.strip() != "active":
            assert runner.poll() is None, runner.stdout and runner.stdout.read()
            assert time.monotonic() < end, "the unit did not start"
            time.sleep(0.1)
        node.run("pkill -KILL -u rancher", check=False)
        output, _errors = runner.communicate(timeout=400)
    assert runner.returncode == 0, output
    assert "UNREACHABLE" in output
    for name in ("node1", "node2"):
        assert "mgmt-br.2018" in mtus(nodes[name])
    assert "mgmt-br.2018" not in mtus(nodes["node3"]), "left out by --limit"


@pytest.mark.long
def test_a_node_that_fails_ends_the_run_before_the_next_one(nodes: dict[str, Node], ansible: Ansible) -> None:
    node = nodes["node1"]
    texts = {name: files(node) for name, node in nodes.items()}
    node.run(STRANGER)
    wanted = {**desired(secondary_vlans=[2018], secondary_vlan_devices=True), **GUARD}
    run = ansible.play(PLAYBOOK, *extra(wanted))
    assert run.status != 0
    assert "node1 could not be changed: going live failed" in run.output
    assert "Nodes still to come were not touched" in run.output.replace("\n", " ")
    assert {name: files(node) for name, node in nodes.items()} == texts
