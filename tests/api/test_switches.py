# Copyright: (c) 2026, The harvester.network authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches that are set in the middle of mgmt_mtu: by a task file, by somebody else, and back again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from played_nodes import DOWN, UP, Nodes, everywhere
from stage import good

pytestmark = [pytest.mark.api, pytest.mark.long]

TASKS = """\
- name: Set the ports
  ansible.builtin.lineinfile:
    path: PORTS
    line: "switches={{ switches_mtu }}"
    create: true
    mode: "0600"
  delegate_to: localhost
  run_once: true
  vars:
    ansible_connection: local
"""
NOT_PROVED = {key: value for key, value in UP.items() if key != "switches_ready"}


@pytest.fixture
def nodes(nodes: Nodes, tmp_path: Path) -> Nodes:
    (tmp_path / "switches.yml").write_text(TASKS.replace("PORTS", str(tmp_path / "ports")))
    return nodes


def ports(nodes: Nodes) -> list[str]:
    """What the task file has done, in order."""
    path = nodes.folder / "ports"
    return path.read_text().splitlines() if path.exists() else []


def test_a_task_file_sets_them(nodes: Nodes) -> None:
    """Relative to the working directory. Up: before the hosts; down: after them, and the proof is repeated."""
    good(nodes.run(switch_tasks="switches.yml", **NOT_PROVED))
    assert (nodes.links(), ports(nodes), nodes.states()) == (everywhere(9000), ["switches=9000"], ["done"])
    ran = good(nodes.run(switch_tasks="switches.yml", **DOWN))
    assert (nodes.links(), ports(nodes)) == (everywhere(1500), ["switches=9000", "switches=1500"])
    proofs = [
        line for line in nodes.lines("paths") if "management network|node2 1500" in line and line.startswith("node1")
    ]
    assert len(proofs) == 2, ran.output


def test_a_task_file_that_is_not_there_is_refused_before_anything_stops(nodes: Nodes) -> None:
    vms = nodes.vms()
    for wish, playbook in (
        ("switch_tasks", "mgmt_mtu"),
        ("guest_tasks", "mgmt_mtu"),
        ("guest_tasks", "mgmt_mtu_annotate"),
    ):
        given = NOT_PROVED if playbook == "mgmt_mtu" else {}
        ran = nodes.run(playbook=playbook, **{wish: "other.yml"}, **given)
        assert ran.status != 0
        assert f"change_{wish}=other.yml: there is no such file on the controller." in ran.text, ran.output
    assert (nodes.states(), nodes.vms(), nodes.links()) == ([], vms, everywhere(1500))


def test_nothing_is_set_while_a_node_waits_for_its_confirm(nodes: Nodes) -> None:
    """Seen on the nodes right before, whatever the phases before have said."""
    assert nodes.run(stop_before="switches", **DOWN | {"mtu_from": 1500, "mtu_to": 9000}).status == 0
    # Somebody else's change of that node begins after this run has looked for one.
    (nodes.folder / "node2/case.json").write_text(json.dumps({"waits_after": 1}))
    ran = nodes.run(switch_tasks="switches.yml", **NOT_PROVED)
    assert ran.status != 0
    assert "node2: change 'c1' waits to be confirmed. The switches are not set before it is resolved" in ran.text
    assert ports(nodes) == []
    assert "begun: switches" in ran.text


def test_somebody_else_sets_them(nodes: Nodes) -> None:
    """The run ends before; raising goes on once it is told that they are set."""
    vms = nodes.vms()
    ran = good(nodes.run(stop_before="switches", **NOT_PROVED))
    assert "has stopped: change_stop_before=switches" in ran.text
    assert (nodes.links(), nodes.states()) == (everywhere(1500), ["open"])
    early = nodes.run(**NOT_PROVED)
    assert early.status != 0
    assert (
        "Let every port pass frames of 9000 bytes now, then run the same playbook with change_switches_ready=true"
        in early.text
    )
    good(nodes.run(**UP))
    assert (nodes.links(), nodes.vms(), nodes.states()) == (everywhere(9000), vms, ["done"])


def test_a_rollback_of_a_lowered_mtu_wants_them_back_first(nodes: Nodes) -> None:
    nodes.prepare(9000)
    good(nodes.run(playbook="mgmt_mtu_annotate"))
    killed = nodes.run(
        kill_at="harvester.network.mgmt_annotation : Read what Harvester has#1", switch_tasks="switches.yml", **DOWN
    )
    assert (killed.status, ports(nodes)) == (-9, ["switches=1500"])
    vms = nodes.vms()
    for mode in ([], ["--check"]):
        refused = nodes.run(*mode, playbook="rollback", takeover=True)
        assert refused.status != 0
        assert "the hosts go back to 9000 bytes, which switches drop whose ports were lowered since." in refused.text
        assert "change_switches_ready=true; or give change_switch_tasks, which sets them" in refused.text
    assert (nodes.links(), nodes.vms()) == (everywhere(1500), vms)
    good(nodes.run(playbook="rollback", takeover=True, switch_tasks="switches.yml"))
    assert (nodes.links(), ports(nodes)) == (everywhere(9000), ["switches=1500", "switches=9000"])
